package explain

import (
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

// hanging adds the changes in how the digest is written and where it stands.
func (s *search) hanging(r recipe, t token, changes []Change) ([]Change, int) {
	out := slices.Clone(changes)
	sig, rank := r.sig, 0
	places := hangs(s.contract, mainName(s.contract))
	if t.header == "" { // computed by the receiver: it hangs nowhere
		if want := sig.Encode; t.encoding != want && !(want == "hex" && t.encoding == "hex-upper") {
			out = append(out, encoded(t.encoding, want))
		}
		return out, rank
	}
	name, form := t.fits(places)
	own := name
	if !form {
		// Another contract's header and form, in one change.
		if other := s.placedAs(r.contract, t); other != nil {
			if r.contract == s.contract && !slices.ContainsFunc(out, func(c Change) bool { return c.ID == "contract."+other.Provider }) {
				out = append(out, s.asOther(other))
			}
			name, form = true, true
			if theirs, ok := mainSignature(other); ok {
				sig.Encode = theirs.Encode
			}
		}
	} else if r.contract != s.contract {
		// The other's recipe under this contract's header may keep either encoding.
		if mine, ok := mainSignature(s.contract); ok && t.encoding == mine.Encode {
			sig.Encode = mine.Encode
		}
	}
	if !name {
		rank++
		out = append(out, Change{"header.name", "sent with the signature in the header " + t.header, "Send, or look for, the signature in " + wanted(places, func(h hung) string { return h.header }) + "."})
	}
	if t.encoding != sig.Encode {
		out = append(out, encoded(t.encoding, sig.Encode))
	}
	if !form && (own || !name) {
		shape := strings.Replace(strings.TrimSpace(t.element), t.text, "{"+mainName(s.contract)+"}", 1)
		if want := wanted(places, func(h hung) string { return h.form }); name || shape != want {
			rank++
			out = append(out, Change{"header.form", "sent with the digest written as " + printable(shape) + " in its header", "Write, and read, the digest as " + want + " in its header."})
		}
	}
	return out, rank
}

func encoded(got, want string) Change {
	return Change{"encoding." + got, "signed with the digest in " + encodingWords(got), "Write, and compare, the digest in " + encodingWords(want) + "."}
}

func mainName(c *schemas.Contract) string {
	s, _ := mainSignature(c)
	return s.Name
}

func wanted(places []hung, what func(hung) string) string {
	if len(places) == 0 {
		return "the contract's header"
	}
	return what(places[0])
}

// placedAs is the loaded contract whose header the digest stands in rightly:
// the preferred one if it does.
func (s *search) placedAs(preferred *schemas.Contract, t token) *schemas.Contract {
	fits := func(c *schemas.Contract) bool {
		_, form := t.fits(hangs(c, mainName(c)))
		return form
	}
	if preferred != s.contract && fits(preferred) {
		return preferred
	}
	if s.library == nil {
		return nil
	}
	for _, p := range s.library.Providers() {
		if p.Contract != s.contract && fits(p.Contract) {
			return p.Contract
		}
	}
	return nil
}
