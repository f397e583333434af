package schemas

// Template is text with {variables}, as in "{timestamp}.{body}". Parts
// alternate freely; a Part is either literal text or a variable's name.
type Template struct {
	Parts []Part
	Text  string // as written
}

// Part is one piece of a Template: Var is "" for literal text.
type Part struct {
	Literal string
	Var     string
}

// Location is a place in a delivery: "body:/pointer", "header:NAME" or
// "header:NAME#element". The zero Location is none.
type Location struct {
	Header  string
	Element string
	Pointer string // RFC 6901
}

// IsZero tells whether the location names no place.
func (l Location) IsZero() bool { return l.Header == "" && l.Pointer == "" }
