package fault

import (
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/wire"
)

// onElements makes a fault that edits the elements of the header that carries
// the signature, where it has any.
func onElements(name, summary string, edit func(d *Draft, h elementHeader, elements []string) ([]string, error)) Fault {
	return Fault{Name: "signature." + name, Summary: summary, Stage: AfterSigning, Apply: func(d *Draft) error {
		h, err := findElements(d.Contract)
		if err != nil {
			return err
		}
		n := d.eachField(h.name, func(f *wire.Field) {
			var out []string
			if out, err = edit(d, h, strings.Split(f.Value, h.separator)); err == nil {
				f.Value = strings.Join(out, h.separator)
			}
		})
		if err == nil && n == 0 {
			return notApplicable("the delivery carries no signature")
		}
		return err
	}}
}

// elementHeader is a header of elements; the signature's element is
// before + digest + after, and before is a version and its mark, as in "v1=".
type elementHeader struct {
	name, grammar, separator string
	before, after            string
	signature                string
}

func findElements(c *schemas.Contract) (elementHeader, error) {
	s, err := main(c)
	if err != nil {
		return elementHeader{}, err
	}
	for _, h := range c.Signing.Headers {
		if h.Grammar != "elements" && h.Grammar != "list" {
			continue
		}
		for _, v := range h.Value {
			out := elementHeader{name: h.Name, grammar: h.Grammar, separator: h.Separator, signature: s.Name}
			seen := false
			for _, p := range v.Parts {
				switch {
				case p.Var == s.Name:
					seen = true
				case seen:
					out.after += p.Literal
				default:
					out.before += p.Literal
				}
			}
			if seen {
				return out, nil
			}
		}
	}
	return elementHeader{}, notApplicable("the signature does not travel in a header of elements")
}

// version writes the element's prefix with another version: "v1=" → "v9=".
func (h elementHeader) version(name string) string {
	mark := strings.TrimLeft(h.before, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
	return name + mark
}

func (h elementHeader) isSignature(element string) bool {
	return strings.HasPrefix(element, h.before) && strings.HasSuffix(element, h.after)
}

// ElementOrder reverses the elements.
func ElementOrder() Fault {
	return onElements("element-order", "has its header's elements in another order", func(_ *Draft, _ elementHeader, elements []string) ([]string, error) {
		if len(elements) < 2 {
			return nil, notApplicable("the header has one element")
		}
		slices.Reverse(elements)
		return elements, nil
	})
}

// Spaces writes a space behind every separator.
func Spaces() Fault {
	return onElements("spaces", "has spaces between its header's elements", func(_ *Draft, h elementHeader, elements []string) ([]string, error) {
		if len(elements) < 2 || strings.TrimSpace(h.separator) == "" {
			return nil, notApplicable("the header has no separator to put a space behind")
		}
		for i := 1; i < len(elements); i++ {
			elements[i] = " " + elements[i]
		}
		return elements, nil
	})
}

// UnknownElement adds an element of an unknown version, v9.
func UnknownElement() Fault {
	return onElements("unknown-element", "has an element of an unknown version beside the right one", func(d *Draft, h elementHeader, elements []string) ([]string, error) {
		return append(elements, h.version("v9")+randomLike(d.Signed.Digest[h.signature], d.Event.ID)+h.after), nil
	})
}

// SecondSignature adds a second, wrong signature before or behind the right
// one, as while a secret is rotated.
func SecondSignature(wrongFirst bool) Fault {
	name := "second-valid(right-wrong)"
	if wrongFirst {
		name = "second-valid(wrong-right)"
	}
	return onElements(name, "holds two signatures of which one is right", func(d *Draft, h elementHeader, elements []string) ([]string, error) {
		i := slices.IndexFunc(elements, h.isSignature)
		if i < 0 {
			return nil, notApplicable("the header holds no signature")
		}
		if !wrongFirst {
			i++
		}
		return slices.Insert(elements, i, h.before+randomLike(d.Signed.Digest[h.signature], d.Event.ID)+h.after), nil
	})
}

// DowngradedScheme names the signature's element v0: a version that the
// contract does not know.
func DowngradedScheme() Fault {
	return onElements("downgraded-scheme", "carries its signature under the version v0 alone", func(_ *Draft, h elementHeader, elements []string) ([]string, error) {
		if h.version("v0") == h.before {
			return nil, notApplicable("v0 is the contract's own version")
		}
		for i, e := range elements {
			if h.isSignature(e) {
				elements[i] = h.version("v0") + strings.TrimPrefix(e, h.before)
			}
		}
		return elements, nil
	})
}
