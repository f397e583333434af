package schemas

// ownFormats are the "format" values of our own meta-schemas.
var ownFormats = []struct {
	name  string
	check func(string) error
}{
	{"x-location", func(s string) error { _, err := ParseLocation(s); return err }},
	{"x-template", func(s string) error { _, err := ParseTemplate(s); return err }},
	{"x-duration", func(s string) error { _, err := parseDuration(s); return err }},
}

func formatCheck(check func(string) error) func(any) bool {
	return func(v any) bool {
		text, ok := v.(string)
		return !ok || check(text) == nil
	}
}
