package reports

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

// members is an event's schema as a table, in the order in which its examples
// have the members.
func members(c *schemas.Contract, e *schemas.Event) Block {
	t := Table{Head: []string{"member", "type", "presence", "what it is", "source"}}
	list := slices.Clone(e.Members())
	order := exampleOrder(e.Examples)
	slices.SortStableFunc(list, func(a, b schemas.Member) int { return comparePlaces(order, a.Pointer, b.Pointer) })
	for _, m := range list {
		presence := "optional"
		if m.Required {
			presence = "required"
		}
		source := m.Provenance.Section
		if m.Provenance.Status == schemas.Inferred || m.WithinInferred {
			source = "inferred"
		} else if d, ok := c.Documents[m.Provenance.Document]; ok && len(c.Documents) > 1 && source != "" {
			source = d.Title + ", " + source
		}
		t.Rows = append(t.Rows, []string{m.Pointer, typeWords(&m), presence, m.Description, source})
	}
	return Block{Table: &t}
}

// shownValues is how many of a member's values are told.
const shownValues = 10

// typeWords are a member's types, with its format and the values it may have.
func typeWords(m *schemas.Member) string {
	words := strings.Join(m.Types, " or ")
	if words == "" && len(m.Values) == 0 {
		words = "any"
	}
	if m.Format != "" {
		words = strings.TrimSpace(words + " (" + m.Format + ")")
	}
	if len(m.Values) == 0 {
		return words
	}
	shown := strings.Join(m.Values[:min(len(m.Values), shownValues)], ", ")
	if more := len(m.Values) - shownValues; more > 0 {
		shown += fmt.Sprintf(" and %d more", more)
	}
	if words == "" {
		return shown
	}
	return words + ": " + shown
}

// exampleOrder numbers the places of examples as they are met; the items of an
// array share the place "*".
func exampleOrder(examples []json.RawMessage) map[string]int {
	order := map[string]int{}
	for _, text := range examples {
		d := json.NewDecoder(bytes.NewReader(text))
		var value func(at string) error
		value = func(at string) error {
			if _, seen := order[at]; !seen {
				order[at] = len(order)
			}
			token, err := d.Token()
			if err != nil {
				return err
			}
			open, nested := token.(json.Delim)
			if !nested {
				return nil
			}
			for d.More() {
				below := at + "/*"
				if open == '{' {
					name, err := d.Token()
					if err != nil {
						return err
					}
					below = at + "/" + schemas.EscapePointer(fmt.Sprint(name))
				}
				if err := value(below); err != nil {
					return err
				}
			}
			_, err = d.Token() // what closes it
			return err
		}
		_ = value("") // a contract's examples were read when it was loaded
	}
	return order
}

// comparePlaces orders two pointers: a parent before what is in it, members as
// the examples have them, those that are in none behind, by their names.
func comparePlaces(order map[string]int, a, b string) int {
	if strings.HasPrefix(b, a+"/") {
		return -1
	}
	if strings.HasPrefix(a, b+"/") {
		return 1
	}
	// Up to the first token that differs.
	ta, tb := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < len(ta) && n < len(tb) && ta[n] == tb[n] {
		n++
	}
	place := func(tokens []string) int {
		if at, ok := order[strings.Join(tokens[:min(n+1, len(tokens))], "/")]; ok {
			return at
		}
		return math.MaxInt
	}
	return cmp.Or(cmp.Compare(place(ta), place(tb)), cmp.Compare(a, b))
}
