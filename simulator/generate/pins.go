package generate

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// pin is a Pin that was read.
type pin struct {
	pointer string
	value   jsondoc.Value
}

// pinned is the identity of an event whose pins were set.
type pinned struct {
	id    []byte
	scope [][]byte
}

var itemToken = regexp.MustCompile(`/[0-9]+(/|$)`)

// general puts * in the place of the numbers of items.
func general(pointer string) string {
	for itemToken.MatchString(pointer) { // neighbours share a slash
		pointer = itemToken.ReplaceAllString(pointer, "/*$1")
	}
	return pointer
}

// preparePins reads the pins and proves that each has a place.
func (c *compiled) preparePins(pins []Pin) ([]pin, error) {
	prepared := make([]pin, 0, len(pins))
	for _, p := range pins {
		cut := strings.LastIndexByte(p.Pointer, '/')
		if cut < 0 || p.Pointer[0] != '/' {
			return nil, fmt.Errorf("pin %q: a JSON pointer begins with a slash, as in /data/amount", p.Pointer)
		}
		value, err := jsondoc.Parse([]byte(p.JSON))
		if err != nil {
			return nil, fmt.Errorf("pin %s: %q is no JSON: %w", p.Pointer, p.JSON, err)
		}
		if key := p.Pointer[cut+1:]; key == "__proto__" || key == "constructor" {
			return nil, fmt.Errorf("pin %s: %w", p.Pointer, checkKey(key))
		}
		if !c.hasObject(general(p.Pointer[:cut])) && !c.hasObject(p.Pointer[:cut]) && !c.hasItems(general(p.Pointer)) {
			return nil, fmt.Errorf("pin %s: no event of %s has an object at %q", p.Pointer, c.file, p.Pointer[:cut])
		}
		prepared = append(prepared, pin{p.Pointer, value})
	}
	return prepared, nil
}

func (c *compiled) hasObject(pointer string) bool {
	for i := range c.journeys {
		for s := range c.journeys[i].steps {
			if c.journeys[i].steps[s].objects[pointer] {
				return true
			}
		}
	}
	return false
}

// hasItems tells whether the pointer is an item of some list.
func (c *compiled) hasItems(pointer string) bool {
	return strings.HasSuffix(pointer, "/*") && c.hasObject(pointer)
}

// pin sets the pins in a body. Where one has no place in it, it has no effect.
func (s *Stream) pin(body []byte) []byte {
	doc, err := jsondoc.Parse(body)
	if err != nil {
		return body // cannot be: the body was made here
	}
	for _, p := range s.g.pins {
		if next, err := doc.With(p.pointer, p.value); err == nil {
			doc = next
		}
	}
	s.pins = pinned{}
	if s.body.id >= 0 {
		s.pins.id = textAt(doc, s.body.idPointer)
	}
	for _, pointer := range s.body.scopePointers {
		s.pins.scope = append(s.pins.scope, textAt(doc, pointer))
	}
	return doc.Compact()
}

// textAt is a string's text, or another value's JSON.
func textAt(doc jsondoc.Value, pointer string) []byte {
	v, ok := doc.Get(pointer)
	switch {
	case !ok:
		return []byte{}
	case v.Kind == jsondoc.String:
		return []byte(v.Text)
	}
	return v.Compact()
}
