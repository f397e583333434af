package schemas

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// ParseLocation reads "body:/pointer", "header:NAME" or "header:NAME#element".
func ParseLocation(text string) (Location, error) {
	if pointer, ok := strings.CutPrefix(text, "body:"); ok {
		if err := checkPointer(pointer); err != nil {
			return Location{}, fmt.Errorf("malformed location %q: %w", text, err)
		}
		return Location{Pointer: pointer}, nil
	}
	if header, ok := strings.CutPrefix(text, "header:"); ok {
		name, element, has := strings.Cut(header, "#")
		if !isToken(name) {
			return Location{}, fmt.Errorf("malformed location %q: %q is no header name", text, name)
		}
		if has && !isToken(element) {
			return Location{}, fmt.Errorf("malformed location %q: %q is no element name", text, element)
		}
		return Location{Header: name, Element: element}, nil
	}
	return Location{}, fmt.Errorf("malformed location %q: want body:/pointer, header:NAME or header:NAME#element", text)
}

// String spells the location as ParseLocation reads it; "" for none.
func (l Location) String() string {
	switch {
	case l.Pointer != "":
		return "body:" + l.Pointer
	case l.Element != "":
		return "header:" + l.Header + "#" + l.Element
	case l.Header != "":
		return "header:" + l.Header
	}
	return ""
}

// UnmarshalYAML reads the location from its text.
func (l *Location) UnmarshalYAML(n *yaml.Node) (err error) {
	*l, err = ParseLocation(n.Value)
	return err
}

// ParseTemplate reads text with {variables}. A variable's name is made of
// a-z, 0-9 and "_"; "{{" and "}}" stand for the braces themselves.
func ParseTemplate(text string) (Template, error) {
	t := Template{Text: text}
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			t.Parts = append(t.Parts, Part{Literal: literal.String()})
			literal.Reset()
		}
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case (c == '{' || c == '}') && i+1 < len(text) && text[i+1] == c:
			literal.WriteByte(c)
			i++
		case c == '{':
			end := strings.IndexByte(text[i:], '}')
			if end < 0 {
				return Template{}, fmt.Errorf("malformed template %q: %q is not closed", text, text[i:])
			}
			name := text[i+1 : i+end]
			if !isVariable(name) {
				return Template{}, fmt.Errorf("malformed template %q: %q is no variable name", text, name)
			}
			flush()
			t.Parts = append(t.Parts, Part{Var: name})
			i += end
		case c == '}':
			return Template{}, fmt.Errorf("malformed template %q: write }} for a brace", text)
		default:
			literal.WriteByte(c)
		}
	}
	flush()
	return t, nil
}

// String spells the template as written.
func (t Template) String() string { return t.Text }

// Vars are the names of the template's variables, in order, repeated as used.
func (t Template) Vars() []string {
	var names []string
	for _, p := range t.Parts {
		if p.Var != "" {
			names = append(names, p.Var)
		}
	}
	return names
}

// Uses tells whether the template holds the variable.
func (t Template) Uses(name string) bool {
	for _, p := range t.Parts {
		if p.Var == name {
			return true
		}
	}
	return false
}

// UnmarshalYAML reads the template from its text.
func (t *Template) UnmarshalYAML(n *yaml.Node) (err error) {
	*t, err = ParseTemplate(n.Value)
	return err
}

// parseDuration reads a duration as time.ParseDuration does, or whole days as
// in "3d". It may not be negative.
func parseDuration(text string) (Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return Duration{}, fmt.Errorf("malformed duration %q", text)
		}
		return Duration{time.Duration(n) * 24 * time.Hour}, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return Duration{}, fmt.Errorf("malformed duration %q", text)
	}
	if d < 0 {
		return Duration{}, fmt.Errorf("malformed duration %q: negative", text)
	}
	return Duration{d}, nil
}

// UnmarshalYAML reads the duration from its text.
func (d *Duration) UnmarshalYAML(n *yaml.Node) (err error) {
	*d, err = parseDuration(n.Value)
	return err
}

// UnmarshalYAML reads the mapping in its written order.
func (e *EventClauses) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: events must be a mapping from event type to clause", n.Line)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		var clause EventClause
		if err := n.Content[i+1].Decode(&clause); err != nil {
			return err
		}
		clause.Type = n.Content[i].Value
		*e = append(*e, clause)
	}
	return nil
}

func isVariable(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_') {
			return false
		}
	}
	return s != ""
}

// isToken tells whether s is a token of RFC 9110 section 5.6.2.
func isToken(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			continue
		}
		if strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}
