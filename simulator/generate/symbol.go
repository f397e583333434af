package generate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

type symbolKind uint8

const (
	textSymbol symbolKind = iota
	numberSymbol
	timeSymbol
	boolSymbol
	nullSymbol
)

func (k symbolKind) String() string {
	return [...]string{"a text", "a number", "a time", "a boolean", "null"}[k]
}

// symbol is what a name stands for while a journey is compiled: a register,
// or (reg < 0) a constant.
type symbol struct {
	kind   symbolKind
	reg    int
	text   string  // of a constant text, escaped
	num    int64   // of a constant number or boolean
	scale  int     // decimals of a number
	asText bool    // a number that is a JSON string with all its decimals
	lo, hi float64 // bounds of a number
	form   timeForm
	timed  bool // rests on the journey's times
}

// scope is where names are looked up: the innermost first.
type scope struct {
	parent  *scope
	symbols map[string]*symbol
	bound   map[string]binding // names that a shape was given
}

// binding is a value of the place where a shape is used, seen from within it.
type binding struct {
	value *schemas.Value
	scope *scope
}

func (s *scope) child() *scope {
	return &scope{parent: s, symbols: map[string]*symbol{}, bound: map[string]binding{}}
}

// find returns the symbol or the binding of a name.
func (s *scope) find(name string) (*symbol, *binding) {
	for ; s != nil; s = s.parent {
		if sym, ok := s.symbols[name]; ok {
			return sym, nil
		}
		if b, ok := s.bound[name]; ok {
			return nil, &b
		}
	}
	return nil, nil
}

// names lists what can be named here.
func (s *scope) names() string {
	set := map[string]bool{}
	for ; s != nil; s = s.parent {
		for name := range s.symbols {
			set[name] = true
		}
		for name := range s.bound {
			set[name] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(set)), ", ")
}

// reserved names cannot be given to values.
var reserved = []string{"at", "start", "type", "id", "data", "min", "max"}

// templatePart is literal text, or the name in {name}.
type templatePart struct{ literal, name string }

// parseTemplate splits "Order {number}"; {{ and }} are the braces themselves.
func parseTemplate(text string) ([]templatePart, error) {
	var parts []templatePart
	var literal strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case (c == '{' || c == '}') && i+1 < len(text) && text[i+1] == c:
			literal.WriteByte(c)
			i++
		case c == '{':
			end := strings.IndexByte(text[i:], '}')
			if end < 0 || !isName(text[i+1:i+end]) {
				return nil, fmt.Errorf("%q: { begins a name such as {amount}; write {{ for the brace itself", text)
			}
			if literal.Len() > 0 {
				parts = append(parts, templatePart{literal: literal.String()})
				literal.Reset()
			}
			parts = append(parts, templatePart{name: text[i+1 : i+end]})
			i += end
		case c == '}':
			return nil, fmt.Errorf("%q: } ends no name; write }} for the brace itself", text)
		default:
			literal.WriteByte(c)
		}
	}
	if literal.Len() > 0 || len(parts) == 0 {
		parts = append(parts, templatePart{literal: literal.String()})
	}
	return parts, nil
}
