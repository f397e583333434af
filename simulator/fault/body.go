package fault

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// added is the name of a member that no document knows.
const added = "hookstone_added"

// ExoticText holds what careless text handling mangles: emoji with joiners,
// right-to-left letters, a combining mark, the line separators that are white
// space to some parsers, and ideographs.
const ExoticText = "👩‍🚀🇺🇳 שלום مرحبا e\u0301 \u2028\u2029 漢字かな 한국어 ﷽ 𝒳"

// before makes a fault of an edit of the body's text.
func before(name, summary string, edit func(*Draft, []byte) ([]byte, error)) Fault {
	return Fault{Name: name, Summary: summary, Stage: BeforeSigning, Apply: func(d *Draft) error {
		body, err := edit(d, d.Event.Body)
		if err == nil {
			d.Event.Body = body
		}
		return err
	}}
}

// Set writes a JSON text at a pointer; a member that is not there is added.
func Set(pointer, json string) Fault {
	return before("body.set("+pointer+")", "sets "+pointer+" to another value", func(_ *Draft, body []byte) ([]byte, error) {
		return set(body, pointer, []byte(json))
	})
}

// Remove leaves a member out.
func Remove(pointer string) Fault {
	return before("body.without("+pointer+")", "leaves "+pointer+" out", func(_ *Draft, body []byte) ([]byte, error) {
		return remove(body, pointer)
	})
}

func remove(body []byte, pointer string) ([]byte, error) {
	doc, err := jsondoc.Parse(body)
	if err != nil {
		return nil, notApplicable("the body is no JSON: %v", err)
	}
	if doc, err = doc.Without(pointer); err != nil {
		return nil, notApplicable("%v", err)
	}
	return doc.Spell(jsondoc.Style{}), nil
}

// Mistype replaces the value at a pointer by one of another type: an object by
// a text, all else by an object.
func Mistype(pointer string) Fault {
	return before("body.mistyped("+pointer+")", "gives "+pointer+" a value of another type", func(_ *Draft, body []byte) ([]byte, error) {
		doc, err := jsondoc.Parse(body)
		if err != nil {
			return nil, notApplicable("the body is no JSON: %v", err)
		}
		v, ok := doc.Get(pointer)
		if !ok {
			return nil, notApplicable("no value at %q", pointer)
		}
		other := `{"unexpected":true}`
		if v.Kind == jsondoc.Object {
			other = `"unexpected"`
		}
		return jsondoc.Replace(body, pointer, []byte(other))
	})
}

// AddMember adds a member with a JSON text as its value to the object at a
// pointer ("": the envelope).
func AddMember(parent, key, json string) Fault {
	return before("body.added("+parent+"/"+jsondoc.Escape(key)+")", "adds a member "+key, func(_ *Draft, body []byte) ([]byte, error) {
		out, err := jsondoc.Insert(body, parent, key, []byte(json), false)
		if err != nil {
			return nil, notApplicable("%v", err)
		}
		return out, nil
	})
}

// UnknownMembers adds a member that no document knows to the envelope and to
// every object directly in it.
func UnknownMembers() Fault {
	return before("body.unknown-members", "adds unknown members to the envelope and the data", func(_ *Draft, body []byte) ([]byte, error) {
		doc, err := jsondoc.Parse(body)
		if err != nil || doc.Kind != jsondoc.Object {
			return nil, notApplicable("the body is no JSON object")
		}
		value := []byte(`{"note":"not in the documentation","level":1}`)
		for _, m := range doc.Members {
			if m.Value.Kind == jsondoc.Object {
				if body, err = jsondoc.Insert(body, "/"+jsondoc.Escape(m.Key), added, value, false); err != nil {
					return nil, err
				}
			}
		}
		return jsondoc.Insert(body, "", added, value, false)
	})
}

// UnknownType gives the event a type that no document knows.
func UnknownType(name string) Fault {
	return before("body.unknown-type", "has an event type that no document knows", func(d *Draft, body []byte) ([]byte, error) {
		return retype(d, body, name)
	})
}

func retype(d *Draft, body []byte, name string) ([]byte, error) {
	d.Event.Type = name
	at := d.Contract.Identity.Type
	for i, part := range d.Contract.Identity.Scope {
		if part == at && i < len(d.Event.Scope) {
			d.Event.Scope = slices.Clone(d.Event.Scope)
			d.Event.Scope[i] = name
		}
	}
	if at.Pointer != "" {
		return set(body, at.Pointer, jsondoc.Text(name).Compact())
	}
	return body, nil
}

// Nulls writes null at every pointer: optional members that are absent.
func Nulls(pointers ...string) Fault {
	return before("body.null-members", "has its optional members present as null", func(_ *Draft, body []byte) ([]byte, error) {
		if len(pointers) == 0 {
			return nil, notApplicable("no optional member")
		}
		for _, p := range pointers {
			var err error
			if body, err = set(body, p, []byte("null")); err != nil {
				return nil, err
			}
		}
		return body, nil
	})
}

// Unicode puts ExoticText at a pointer, or into an added member where pointer is "".
func Unicode(pointer string) Fault {
	return text("body.unicode", "holds emoji, right-to-left and combining characters, line separators and ideographs", pointer, jsondoc.Text(ExoticText).Compact())
}

// NUL puts an escaped U+0000 into the text at a pointer, or into an added
// member where pointer is "".
func NUL(pointer string) Fault {
	return text("body.nul", "holds an escaped U+0000", pointer, jsondoc.Text("before\x00behind").Compact())
}

// LoneSurrogate puts half of a surrogate pair, escaped, into the text at a
// pointer, or into an added member where pointer is "".
func LoneSurrogate(pointer string) Fault {
	return text("body.lone-surrogate", "holds half of a surrogate pair", pointer, []byte(`"half \ud83d of a pair"`))
}

// InvalidUTF8 puts bytes that are not UTF-8 into an added member.
func InvalidUTF8() Fault {
	return text("body.invalid-utf8", "holds bytes that are not UTF-8", "", []byte("\"\xff\xfe\xc3( \xe2\x82\""))
}

func text(name, summary, pointer string, spelled []byte) Fault {
	if pointer != "" {
		name += "(" + pointer + ")"
	} else {
		pointer = "/" + added
	}
	return before(name, summary, func(_ *Draft, body []byte) ([]byte, error) { return set(body, pointer, spelled) })
}

// ExtremeNumbers adds a member with 0, a negative number, 2^53−1 and 1e21,
// each as ECMAScript spells it.
func ExtremeNumbers() Fault {
	return text("body.extreme-numbers", "holds 0, −1, 2^53−1 and 1e+21 in an added member", "", []byte("[0,-1,-0.5,9007199254740991,-9007199254740991,1e+21]"))
}

// NumberForms adds a member with 1.0 and 1e2, spellings that a receiver which
// serialises the body anew loses.
func NumberForms() Fault {
	return text("body.number-forms", "spells numbers as 1.0 and 1e2 in an added member", "", []byte(`{"whole":1.0,"hundred":1e2}`))
}

// CanonicalNumbers adds the same member as NumberForms with the same numbers
// as everybody spells them: its valid twin.
func CanonicalNumbers() Fault {
	return text("body.canonical-numbers", "spells the same numbers as 1 and 100", "", []byte(`{"whole":1,"hundred":100}`))
}

// Large adds data until the body has at least that many KiB.
func Large(kib int) Fault {
	return before(fmt.Sprintf("body.large(%dKiB)", kib), fmt.Sprintf("is %d KiB long", kib), func(_ *Draft, body []byte) ([]byte, error) {
		line := strings.Repeat("All work and no play makes a long body. ", 25)
		var out bytes.Buffer
		out.Grow(kib*1024 + len(line)) // megabytes are not to be held twice while they grow
		out.WriteByte('[')
		for missing := kib*1024 - len(body) - len(added) - 8; missing > 0 || out.Len() == 1; missing -= len(line) + 3 {
			if out.Len() > 1 {
				out.WriteByte(',')
			}
			n := min(len(line), max(missing, 0))
			fmt.Fprintf(&out, "%q", line[:n])
		}
		out.WriteByte(']')
		return set(body, "/"+added, out.Bytes())
	})
}

// ReID gives the event another idempotency key and leaves all else.
func ReID(id string) Fault {
	return before("body.other-id", "has another id", func(d *Draft, body []byte) ([]byte, error) {
		d.Event.ID = id
		at, err := idLocation(d.Contract, body)
		if err != nil || at.Pointer == "" {
			return body, err
		}
		return jsondoc.Replace(body, at.Pointer, jsondoc.Text(id).Compact())
	})
}

// idLocation is the first place of the idempotency key that the delivery has.
func idLocation(c *schemas.Contract, body []byte) (schemas.Location, error) {
	for _, at := range c.Identity.ID {
		if at.Header != "" {
			return at, nil
		}
		if _, _, ok := jsondoc.Find(body, at.Pointer); ok {
			return at, nil
		}
	}
	return schemas.Location{}, notApplicable("the delivery has no id")
}

// WithoutType leaves the event's type out; a header of it is left empty.
func WithoutType() Fault {
	return before("body.without-type", "has no event type", func(d *Draft, body []byte) ([]byte, error) {
		d.Event.Type = ""
		if at := d.Contract.Identity.Type; at.Pointer != "" {
			return remove(body, at.Pointer)
		}
		return body, nil
	})
}

// WithoutID leaves the idempotency key out; a header of it is left empty.
func WithoutID() Fault {
	return before("body.without-id", "has no id", func(d *Draft, body []byte) ([]byte, error) {
		at, err := idLocation(d.Contract, body)
		if err != nil {
			return nil, err
		}
		d.Event.ID = ""
		if at.Pointer != "" {
			return remove(body, at.Pointer)
		}
		return body, nil
	})
}
