package infer

import (
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

// shape is all the values that were seen at one place.
type shape struct {
	seen    map[schemas.ValueKind]int
	texts   []string // distinct, in order of first sight
	numbers []string // likewise, literals
	bools   []string
	items   *shape // of all lists
	lengths []int  // of each list
	members []*member
	objects int
}

// member is one member of an object's shape.
type member struct {
	name  string
	shape *shape
	count int    // of the objects that have it
	file  string // the first that shows it
}

// makeable tells whether journeys.yaml can write the member's name.
func (m *member) makeable() bool {
	if m.name == "__proto__" || m.name == "constructor" || m.name == "" || strings.HasPrefix(m.name, "$") {
		return false
	}
	return strings.Trim(m.name, "0123456789") != ""
}

func newShape() *shape { return &shape{seen: map[schemas.ValueKind]int{}} }

func (s *shape) member(name string) *member {
	for _, m := range s.members {
		if m.name == name {
			return m
		}
	}
	return nil
}

// add takes a value of a file into account.
func (s *shape) add(v *schemas.Value, file string) {
	s.seen[v.Kind]++
	switch v.Kind {
	case schemas.TextValue:
		s.texts = unique(s.texts, v.Text)
	case schemas.NumberValue:
		s.numbers = unique(s.numbers, v.Text)
	case schemas.BoolValue:
		s.bools = unique(s.bools, v.Text)
	case schemas.ListValue:
		s.lengths = append(s.lengths, len(v.Items))
		for i := range v.Items {
			if s.items == nil {
				s.items = newShape()
			}
			s.items.add(&v.Items[i], file)
		}
	case schemas.MapValue:
		s.objects++
		for i := range v.Members {
			m := s.member(v.Members[i].Name)
			if m == nil {
				m = &member{name: v.Members[i].Name, shape: newShape(), file: file}
				s.members = append(s.members, m)
			}
			m.count++
			m.shape.add(&v.Members[i].Value, file)
		}
	}
}

func unique(list []string, text string) []string {
	if slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

// main is the kind that was seen most, null last.
func (s *shape) main() schemas.ValueKind {
	best := schemas.NullValue
	for _, kind := range []schemas.ValueKind{schemas.TextValue, schemas.NumberValue, schemas.BoolValue, schemas.MapValue, schemas.ListValue} {
		if s.seen[kind] > 0 && (best == schemas.NullValue || s.seen[kind] > s.seen[best]) {
			best = kind
		}
	}
	return best
}

// lookup finds the value at a JSON pointer through objects.
func lookup(v *schemas.Value, pointer string) *schemas.Value {
	for _, token := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		if v == nil || v.Kind != schemas.MapValue {
			return nil
		}
		v = v.Member(strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
	}
	return v
}
