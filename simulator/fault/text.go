package fault

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// Respelled spells the body in another style before it is signed: the same
// value, other bytes. It is not applicable where the bytes are the same, as a
// body without a solidus is under EscapedSolidus; AddMember can provide for that.
func Respelled(style jsondoc.Style) Fault {
	return before("body.spelled("+style.Name+")", "spells the same JSON in another way: "+style.Name, func(_ *Draft, body []byte) ([]byte, error) {
		doc, err := jsondoc.Parse(body)
		if err != nil {
			return nil, notApplicable("the body is no JSON: %v", err)
		}
		out := doc.Spell(style)
		if bytes.Equal(out, body) {
			return nil, notApplicable("the style spells this body alike")
		}
		return out, nil
	})
}

// ByteOrderMark puts a byte order mark before the body.
func ByteOrderMark() Fault {
	return before("body.byte-order-mark", "begins with a byte order mark", func(_ *Draft, body []byte) ([]byte, error) {
		return slices.Concat([]byte("\xEF\xBB\xBF"), body), nil
	})
}

// DuplicateKeys adds a member twice, with different values.
func DuplicateKeys() Fault {
	return before("body.duplicate-keys", "holds an added member twice", func(_ *Draft, body []byte) ([]byte, error) {
		body, err := jsondoc.Insert(body, "", added, []byte("1"), false)
		if err != nil {
			return nil, notApplicable("%v", err)
		}
		return jsondoc.Insert(body, "", added, []byte("2"), false)
	})
}

// SecondMember adds a member beside one of the same name, before it or behind
// all others.
func SecondMember(parent, key, json string, first bool) Fault {
	place := "last"
	if first {
		place = "first"
	}
	return before(fmt.Sprintf("body.second(%s/%s,%s)", parent, jsondoc.Escape(key), place), "holds "+key+" twice", func(_ *Draft, body []byte) ([]byte, error) {
		out, err := jsondoc.Insert(body, parent, key, []byte(json), first)
		if err != nil {
			return nil, notApplicable("%v", err)
		}
		return out, nil
	})
}

// SecondType adds a second event type beside the event's own. It is not
// applicable where the type does not lie in the body.
func SecondType(name string, first bool) Fault {
	place := "last"
	if first {
		place = "first"
	}
	return before("body.second-type("+place+")", "holds a second event type", func(d *Draft, body []byte) ([]byte, error) {
		pointer := d.Contract.Identity.Type.Pointer
		i := strings.LastIndexByte(pointer, '/')
		if i < 0 {
			return nil, notApplicable("the type does not lie in the body")
		}
		out, err := jsondoc.Insert(body, pointer[:i], pointer[i+1:], jsondoc.Text(name).Compact(), first)
		if err != nil {
			return nil, notApplicable("%v", err)
		}
		return out, nil
	})
}

// Body replaces the whole body by the bytes given.
func Body(name, summary string, body []byte) Fault {
	return before("body."+name, summary, func(*Draft, []byte) ([]byte, error) { return slices.Clone(body), nil })
}

// EmptyBody sends no byte of a body, rightly signed.
func EmptyBody() Fault { return Body("empty", "has an empty body", []byte{}) }

// Scalar sends a JSON number in place of an object.
func Scalar() Fault { return Body("scalar", "is a JSON number", []byte("42")) }

// Array sends a JSON array in place of an object.
func Array() Fault { return Body("array", "is a JSON array", []byte(`[{"a":1},[]]`)) }

// NullBody sends JSON null in place of an object.
func NullBody() Fault { return Body("null", "is JSON null", []byte("null")) }

// Garbage sends text that is no JSON at all.
func Garbage() Fault {
	return Body("garbage", "is no JSON", []byte("{not json, <html>&amp;\x07\xfe{{{[[["))
}

// Malformed breaks the event's JSON off before its end.
func Malformed() Fault {
	return before("body.malformed", "is JSON that breaks off", func(_ *Draft, body []byte) ([]byte, error) {
		if len(body) < 2 {
			return nil, notApplicable("the body is too short to break off")
		}
		return slices.Clone(body[:len(body)-1-len(body)/8]), nil
	})
}

// DeepNesting adds a member of arrays nested that deep.
func DeepNesting(levels int) Fault {
	return text(fmt.Sprintf("body.deep(%d)", levels), fmt.Sprintf("nests arrays %d deep", levels), "", []byte(strings.Repeat("[", levels)+strings.Repeat("]", levels)))
}

// PrototypeKeys adds members whose names pollute the prototypes of careless
// ECMAScript.
func PrototypeKeys() Fault {
	return before("body.prototype-keys", "holds __proto__ and constructor", func(_ *Draft, body []byte) ([]byte, error) {
		body, err := jsondoc.Insert(body, "", "__proto__", []byte(`{"polluted":true,"isAdmin":true}`), false)
		if err != nil {
			return nil, notApplicable("%v", err)
		}
		return jsondoc.Insert(body, "", "constructor", []byte(`{"prototype":{"polluted":true}}`), false)
	})
}

// Challenge writes a JSON text as the handshake's challenge.
func Challenge(json string) Fault {
	return before("handshake.challenge", "has another challenge", func(d *Draft, body []byte) ([]byte, error) {
		pointer, err := challenge(d)
		if err != nil {
			return nil, err
		}
		return set(body, pointer, []byte(json))
	})
}

// WithoutChallenge leaves the handshake's challenge out.
func WithoutChallenge() Fault {
	return before("handshake.without-challenge", "has no challenge", func(d *Draft, body []byte) ([]byte, error) {
		pointer, err := challenge(d)
		if err != nil {
			return nil, err
		}
		return remove(body, pointer)
	})
}

func challenge(d *Draft) (string, error) {
	if d.Contract.Handshake == nil || d.Contract.Handshake.Challenge.Pointer == "" {
		return "", notApplicable("the contract has no handshake with a challenge in its body")
	}
	return d.Contract.Handshake.Challenge.Pointer, nil
}
