package fault

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// after makes a fault of an edit of the signed body.
func after(name, summary string, edit func(*Draft, []byte) ([]byte, error)) Fault {
	return Fault{Name: name, Summary: summary, Stage: AfterSigning, Apply: func(d *Draft) error {
		body, err := edit(d, d.Request.Body)
		if err == nil {
			d.Request.Body = body
		}
		return err
	}}
}

// TamperedValue changes a value after signing: the one at pointer, or with ""
// one of the data that is neither identity nor time, an amount if there is any.
func TamperedValue(pointer string) Fault {
	return after("tampered.value", "has a value that was changed after signing", func(d *Draft, body []byte) ([]byte, error) {
		doc, err := jsondoc.Parse(body)
		if err != nil {
			return nil, notApplicable("the body is no JSON: %v", err)
		}
		at := pointer
		if at == "" {
			if at = leaf(doc, "", reserved(d.Contract), 0, amount); at == "" {
				at = leaf(doc, "", reserved(d.Contract), 0, func(jsondoc.Value) bool { return true })
			}
		}
		v, ok := doc.Get(at)
		if at == "" || !ok || v.Kind != jsondoc.Number && v.Kind != jsondoc.String {
			return nil, notApplicable("the body has no value to change")
		}
		return jsondoc.Replace(body, at, alter(v))
	})
}

// reserved are the pointers that a contract itself names.
func reserved(c *schemas.Contract) []string {
	pointers := []string{c.Identity.Type.Pointer, c.Time.At.Pointer}
	for _, l := range slices.Concat(c.Identity.ID, c.Identity.Scope) {
		pointers = append(pointers, l.Pointer)
	}
	return pointers
}

// leaf finds a number or text within objects of the envelope first, since
// data is worth more to a forger than the envelope.
func leaf(v jsondoc.Value, pointer string, not []string, level int, fits func(jsondoc.Value) bool) string {
	search := func(key string, child jsondoc.Value) string {
		at := pointer + "/" + key
		switch child.Kind {
		case jsondoc.Object, jsondoc.Array:
			return leaf(child, at, not, level+1, fits)
		case jsondoc.Number, jsondoc.String:
			if !slices.Contains(not, at) && fits(child) {
				return at
			}
		}
		return ""
	}
	for i, item := range v.Items {
		if at := search(strconv.Itoa(i), item); at != "" {
			return at
		}
	}
	for pass := range 2 {
		for _, m := range v.Members {
			deep := m.Value.Kind == jsondoc.Object || m.Value.Kind == jsondoc.Array
			if level == 0 && deep != (pass == 0) || level > 0 && pass > 0 {
				continue
			}
			if at := search(jsondoc.Escape(m.Key), m.Value); at != "" {
				return at
			}
		}
	}
	return ""
}

// amount tells a number, or a text that is one.
func amount(v jsondoc.Value) bool {
	_, err := strconv.ParseFloat(v.Text, 64)
	return err == nil
}

// alter spells a value of the same kind that differs: the last digit goes up
// by one, or the last character becomes another.
func alter(v jsondoc.Value) []byte {
	text := []byte(v.Text)
	if i := bytes.LastIndexAny(text, "0123456789"); i >= 0 {
		text[i] = '0' + (text[i]-'0'+1)%10
	} else if n := len(text); n > 0 && text[n-1] < 0x80 && text[n-1] != 'x' {
		text[n-1] = 'x'
	} else {
		text = append(text, 'y')
	}
	if v.Kind == jsondoc.Number {
		return text
	}
	return jsondoc.Text(string(text)).Compact()
}

// TamperedType changes the event type after signing. It is not applicable
// where the type lies in a header that nobody signs.
func TamperedType(other string) Fault {
	return Fault{Name: "tampered.type", Summary: "has an event type that was changed after signing", Stage: AfterSigning, Apply: func(d *Draft) error {
		at := d.Contract.Identity.Type
		if other == d.Event.Type {
			return notApplicable("it is the event's own type")
		}
		if at.Pointer != "" {
			body, err := jsondoc.Replace(d.Request.Body, at.Pointer, jsondoc.Text(other).Compact())
			if err != nil {
				return notApplicable("%v", err)
			}
			d.Request.Body = body
			return nil
		}
		if at.Header == "" || !slices.Contains(d.Contract.Signing.Covers, "type") {
			return notApplicable("the type is not signed")
		}
		return HeaderValue(at.Header, other).Apply(d)
	}}
}

// Appended adds a member after signing.
func Appended() Fault {
	return after("tampered.appended", "has a member that was added after signing", func(_ *Draft, body []byte) ([]byte, error) {
		out, err := jsondoc.Insert(body, "", added, []byte("true"), false)
		if err != nil {
			return nil, notApplicable("%v", err)
		}
		return out, nil
	})
}

// Emptied drops the whole body after signing.
func Emptied() Fault {
	return after("tampered.emptied", "has lost its body after signing", func(_ *Draft, body []byte) ([]byte, error) {
		if len(body) == 0 {
			return nil, notApplicable("the body is empty")
		}
		return []byte{}, nil
	})
}

// RespelledAfterSigning spells the body in another style after it was signed.
// It is not applicable where the contract signs the value and not its bytes.
func RespelledAfterSigning(style jsondoc.Style) Fault {
	return after("tampered.spelled("+style.Name+")", "was spelled in another way after signing: "+style.Name, func(d *Draft, body []byte) ([]byte, error) {
		if d.Contract.Signing.Body == "json-stringify" {
			return nil, notApplicable("the contract signs the value, not its spelling")
		}
		doc, err := jsondoc.Parse(body)
		if err != nil {
			return nil, notApplicable("the body is no JSON: %v", err)
		}
		out := doc.Spell(style)
		if bytes.Equal(out, body) {
			return nil, notApplicable("the style spells it alike")
		}
		return out, nil
	})
}
