package infer

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// format is the JSON Schema format that every text has; "" for none.
func format(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	for _, f := range formats {
		if !slices.ContainsFunc(texts, func(t string) bool { return !f.holds(t) }) {
			return f.name
		}
	}
	return ""
}

var (
	uuidForm  = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
	emailForm = regexp.MustCompile(`^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9]+(-[A-Za-z0-9]+)*(\.[A-Za-z0-9]+(-[A-Za-z0-9]+)*)+$`)
	timeForm  = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}`)
)

var formats = []struct {
	name  string
	holds func(string) bool
}{
	{"date-time", isTime},
	{"date", func(t string) bool { _, err := time.Parse(time.DateOnly, t); return err == nil }},
	{"uuid", uuidForm.MatchString},
	{"email", func(t string) bool { return len(t) <= 254 && emailForm.MatchString(t) }},
	{"uri", func(t string) bool {
		u, err := url.Parse(t)
		return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.ContainsAny(t, " \"<>\\^`{|}")
	}},
	{"ipv4", func(t string) bool { a, err := netip.ParseAddr(t); return err == nil && a.Is4() }},
}

func isTime(t string) bool {
	_, err := time.Parse(time.RFC3339Nano, t)
	return err == nil && timeForm.MatchString(t)
}

// timeFormOf is the contract's name for how times are written; "" for no times.
func timeFormOf(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	for form, holds := range map[string]func(string) bool{
		"rfc3339":           isTime,
		"unix-seconds":      unixBetween(1e9, 4e9),
		"unix-milliseconds": unixBetween(1e12, 4e12),
	} {
		if !slices.ContainsFunc(texts, func(t string) bool { return !holds(t) }) {
			return form
		}
	}
	return ""
}

// unixBetween tells times from about 2001 to 2096.
func unixBetween(low, high int64) func(string) bool {
	return func(t string) bool {
		n, err := strconv.ParseInt(t, 10, 64)
		return err == nil && n >= low && n < high
	}
}

// isFreeText tells texts that people write: words with spaces between them.
func isFreeText(texts []string) bool {
	return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(strings.TrimSpace(t), " ") })
}

// pattern is a pattern for ids of the texts' form: segments that are alike
// stay, the others become classes. It is "" where the texts are no ids.
func pattern(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	split := make([][]string, len(texts))
	for i, t := range texts {
		if split[i] = segments.FindAllString(t, -1); strings.Join(split[i], "") != t || len(split[i]) != len(split[0]) {
			return ""
		}
	}
	var out strings.Builder
	drawn := 0
	for n, first := range split[0] {
		same := true
		var all strings.Builder
		for i := range split {
			same = same && split[i][n] == first
			all.WriteString(split[i][n])
		}
		hasDigits := strings.ContainsAny(first, "0123456789")
		switch {
		case strings.Trim(first, "_.:-") == "" && same:
			out.WriteString(literal(first))
		case strings.Trim(first, "_.:-") == "":
			return ""
		case same && (len(texts) > 1 || first == "0x" || !hasDigits && len(first) <= 10):
			out.WriteString(literal(first))
		case !isRandom(all.String()):
			return "" // words, not ids
		default:
			drawn += len(first)
			out.WriteString(class(all.String()) + "{" + strconv.Itoa(min(len(first), 256)) + "}")
		}
	}
	if drawn < 5 {
		return ""
	}
	return out.String()
}

// isRandom tells characters that no word has together: digits, or both cases.
func isRandom(text string) bool {
	return strings.ContainsAny(text, "0123456789") || strings.ToLower(text) != text && strings.ToUpper(text) != text
}

var segments = regexp.MustCompile(`0x|[A-Za-z0-9]+|[_.:-]`)

// literal spells text for a pattern.
func literal(text string) string { return strings.ReplaceAll(text, ".", `\.`) }

// class is the narrowest usual class that has all the characters.
func class(text string) string {
	for _, c := range []struct{ class, letters string }{
		{"[0-9]", "0123456789"},
		{"[0-9a-f]", "0123456789abcdef"},
		{"[0-9a-z]", "0123456789abcdefghijklmnopqrstuvwxyz"},
		{"[0-9A-Z]", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
	} {
		if strings.Trim(text, c.letters) == "" {
			return c.class
		}
	}
	return "[0-9A-Za-z]"
}
