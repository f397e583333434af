package conformance

import (
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// place is a member of an event type's body.
type place struct{ event, pointer string }

// documentedEvents are the subscribed types whose data the document shows.
func (s *subject) documentedEvents() []string {
	var out []string
	for _, e := range s.events() {
		if e.Documented && s.takes(e.Type) {
			out = append(out, e.Type)
		}
	}
	return out
}

// freeText is the first documented free-text member of a documented,
// subscribed type; the zero place where there is none.
func (s *subject) freeText() place {
	for _, e := range s.events() {
		if e.Documented && s.takes(e.Type) {
			if p := e.FreeText(); len(p) > 0 {
				// The first item stands for every one.
				return place{e.Type, strings.ReplaceAll(p[0], "/*", "/0")}
			}
		}
	}
	return place{}
}

// number is the first documented member of a documented, subscribed type that
// may hold a fraction; the zero place where there is none.
func (s *subject) number() place {
	for _, e := range s.events() {
		if !e.Documented || !s.takes(e.Type) {
			continue
		}
		for _, m := range e.Members() {
			if slices.Contains(m.Types, "number") && !slices.Contains(m.Types, "string") && m.Provenance.Status == schemas.Documented && !m.WithinInferred && strings.Count(m.Pointer, "*") < 2 {
				return place{e.Type, strings.ReplaceAll(m.Pointer, "/*", "/0")}
			}
		}
	}
	return place{}
}

// optionalMember is the first optional member of a subscribed type.
func (s *subject) optionalMember() place {
	for _, e := range s.events() {
		if s.takes(e.Type) {
			for _, p := range e.Optional() {
				if !strings.Contains(p, "/*") && !strings.Contains(p, "/-") {
					return place{e.Type, p}
				}
			}
		}
	}
	return place{}
}

// header returns the first field of that name, in any casing.
func header(m *simulator.Message, name string) (string, bool) {
	if m != nil {
		for _, h := range m.Headers {
			if strings.EqualFold(h[0], name) {
				return h[1], true
			}
		}
	}
	return "", false
}

// valueAt is the spelled value at a pointer of a body.
func valueAt(body []byte, pointer string) (string, bool) {
	start, end, ok := jsondoc.Find(body, pointer)
	if !ok {
		return "", false
	}
	return string(body[start:end]), true
}
