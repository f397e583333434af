package sign

import (
	"fmt"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// Identify sets the id and the type that are signed to those in the body,
// where no signing header is written with them and the contract puts them
// there. What the body does not hold stays as it is.
func (s *Scheme) Identify(m *Material) {
	c := &s.contract.Identity
	if s.seeksID {
		if text, ok := inBody(m.Body, c.ID...); ok {
			m.ID = text
		}
	}
	if s.seeksType {
		if text, ok := inBody(m.Body, c.Type); ok {
			m.Type = text
		}
	}
}

// identified is Identify for a delivery that came: it fails where the body
// lacks what is signed.
func (s *Scheme) identified(m *Material) error {
	c := &s.contract.Identity
	var ok bool
	if s.seeksID {
		if m.ID, ok = inBody(m.Body, c.ID...); !ok {
			return fmt.Errorf("%w: the id at %s", ErrMissing, places(c.ID...))
		}
	}
	if s.seeksType {
		if m.Type, ok = inBody(m.Body, c.Type); !ok {
			return fmt.Errorf("%w: the type at %s", ErrMissing, places(c.Type))
		}
	}
	return nil
}

// inBody is the text or number at the first of the places that holds one. In a
// body that is no JSON there is none.
func inBody(body []byte, at ...schemas.Location) (string, bool) {
	doc, err := jsondoc.Parse(body)
	if err != nil {
		return "", false
	}
	for _, l := range at {
		if l.Pointer == "" {
			continue
		}
		if v, ok := doc.Get(l.Pointer); ok && (v.Kind == jsondoc.String || v.Kind == jsondoc.Number) {
			return v.Text, true
		}
	}
	return "", false
}

func places(at ...schemas.Location) string {
	var out []string
	for _, l := range at {
		out = append(out, l.String())
	}
	return strings.Join(out, " or ")
}
