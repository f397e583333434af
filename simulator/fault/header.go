package fault

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/simulator/wire"
)

// onSignature makes a fault that edits every header line with a signature.
func onSignature(name, summary string, edit func(*Draft, *wire.Field) error) Fault {
	return Fault{Name: "signature." + name, Summary: summary, Stage: AfterSigning, Apply: func(d *Draft) error {
		n := 0
		var failed error
		for _, h := range d.signatureHeaders() {
			n += d.eachField(h.Name, func(f *wire.Field) {
				if err := edit(d, f); err != nil {
					failed = err
				}
			})
		}
		if n == 0 {
			return notApplicable("the delivery carries no signature")
		}
		return failed
	}}
}

// EmptySignature writes the signature header with an empty value.
func EmptySignature() Fault {
	return onSignature("empty", "has a signature header without a value", func(_ *Draft, f *wire.Field) error { f.Value = ""; return nil })
}

// BlankSignature writes spaces for the signature header's value.
func BlankSignature() Fault {
	return onSignature("blank", "has a signature header of spaces", func(_ *Draft, f *wire.Field) error { f.Value = "   "; return nil })
}

// PrefixRenamed writes another algorithm's name before the digest, where the
// header names one there ("sha256=…").
func PrefixRenamed(from, to string) Fault {
	return onSignature("prefix("+to+")", "names the algorithm "+to+" before its digest", func(_ *Draft, f *wire.Field) error {
		if !strings.Contains(f.Value, from+"=") {
			return notApplicable("the header does not name %s", from)
		}
		f.Value = strings.Replace(f.Value, from+"=", to+"=", 1)
		return nil
	})
}

// PrefixDropped leaves out what stands before the digest ("sha256=").
func PrefixDropped(prefix string) Fault {
	return onSignature("prefix-dropped", "has a bare digest", func(_ *Draft, f *wire.Field) error {
		if !strings.Contains(f.Value, prefix+"=") {
			return notApplicable("the header does not name %s", prefix)
		}
		f.Value = strings.Replace(f.Value, prefix+"=", "", 1)
		return nil
	})
}

// OtherHeader moves the genuine signature to another header name.
func OtherHeader(name string) Fault {
	return onSignature("other-header("+name+")", "carries the right signature in the header "+name, func(_ *Draft, f *wire.Field) error {
		if strings.EqualFold(f.Name, name) {
			return notApplicable("it is the contract's own header")
		}
		f.Name = name
		return nil
	})
}

// OtherDelivery carries the signature and the timestamp of another genuine
// delivery, given as that delivery's signing headers (Draft.Signed.Fields).
func OtherDelivery(fields []wire.Field) Fault {
	fields = slices.Clone(fields)
	return Fault{Name: "signature.other-delivery", Summary: "carries another delivery's signature", Stage: AfterSigning, Apply: func(d *Draft) error {
		n := 0
		for _, h := range d.Scheme.Headers() {
			if !h.Signature && !h.Timestamp {
				continue
			}
			for _, other := range fields {
				if strings.EqualFold(other.Name, h.Name) {
					n += d.eachField(h.Name, func(f *wire.Field) { f.Value = other.Value })
				}
			}
		}
		if n == 0 {
			return notApplicable("the other delivery carries no signature")
		}
		return nil
	}}
}

// RepeatedHeader writes the signature header twice, forged and genuine, in
// either order.
func RepeatedHeader(forgedFirst bool) Fault {
	name := "repeated(genuine-forged)"
	if forgedFirst {
		name = "repeated(forged-genuine)"
	}
	return repeated(name, "has a forged and a genuine line of the signature header", func(f wire.Field, forged string) []wire.Field {
		lines := []wire.Field{f, {Name: f.Name, Value: forged}}
		if forgedFirst {
			slices.Reverse(lines)
		}
		return lines
	})
}

// RepeatedForged writes the signature header twice, both forged.
func RepeatedForged() Fault {
	return repeated("repeated(forged-forged)", "has two forged lines of the signature header", func(f wire.Field, forged string) []wire.Field {
		f.Value = forged
		return []wire.Field{f, f}
	})
}

func repeated(name, summary string, lines func(f wire.Field, forged string) []wire.Field) Fault {
	return Fault{Name: "signature." + name, Summary: summary, Stage: AfterSigning, Apply: func(d *Draft) error {
		var out []wire.Field
		n := 0
		for _, f := range d.Request.Fields {
			if !d.isSignature(f.Name) {
				out = append(out, f)
				continue
			}
			n++
			out = append(out, lines(f, d.forge(f.Value))...)
		}
		if n == 0 {
			return notApplicable("the delivery carries no signature")
		}
		d.Request.Fields = out
		return nil
	}}
}

func (d *Draft) isSignature(name string) bool {
	for _, h := range d.signatureHeaders() {
		if strings.EqualFold(h.Name, name) {
			return true
		}
	}
	return false
}

// forge replaces the digests in a header's value by random ones.
func (d *Draft) forge(value string) string {
	for _, digest := range d.Signed.Digest {
		if digest != "" {
			value = strings.ReplaceAll(value, digest, randomLike(digest, d.Event.ID))
		}
	}
	return value
}

// HeaderCase writes the names of the signing headers in "lower", "upper" or
// "mixed" case.
func HeaderCase(how string) Fault {
	return Fault{Name: "header.case(" + how + ")", Summary: "writes its signing headers' names in " + how + " case", Stage: AfterSigning, Apply: func(d *Draft) error {
		for _, h := range d.Scheme.Headers() {
			name := h.Name
			switch how {
			case "lower":
				name = strings.ToLower(name)
			case "upper":
				name = strings.ToUpper(name)
			case "mixed":
				name = mixed(name)
			default:
				return fmt.Errorf("unknown case %q, want lower, upper or mixed", how)
			}
			d.eachField(h.Name, func(f *wire.Field) { f.Name = name })
		}
		return nil
	}}
}

func mixed(name string) string {
	out := []byte(strings.ToLower(name))
	for i := 1; i < len(out); i += 2 {
		if out[i] >= 'a' && out[i] <= 'z' {
			out[i] -= 'a' - 'A'
		}
	}
	return string(out)
}

// HeaderValue sets a header, or adds it.
func HeaderValue(name, value string) Fault {
	return Fault{Name: "header.set(" + name + ")", Summary: "has another value in the header " + name, Stage: AfterSigning, Apply: func(d *Draft) error {
		if d.eachField(name, func(f *wire.Field) { f.Value = value }) == 0 {
			d.Request.Fields = append(d.Request.Fields, wire.Field{Name: name, Value: value})
		}
		return nil
	}}
}

// HeaderRemoved leaves a header out.
func HeaderRemoved(name string) Fault {
	return Fault{Name: "header.without(" + name + ")", Summary: "lacks the header " + name, Stage: AfterSigning, Apply: func(d *Draft) error {
		if d.eachField(name, func(*wire.Field) {}) == 0 {
			return notApplicable("the delivery has no header %s", name)
		}
		d.drop(name)
		return nil
	}}
}

// MediaType declares another media type; "" declares none.
func MediaType(value string) Fault {
	name := value
	if value == "" {
		name = "none"
	}
	return Fault{Name: "header.media-type(" + name + ")", Summary: "declares the media type " + name, Stage: AfterSigning, Apply: func(d *Draft) error {
		if value == "" {
			d.drop("Content-Type")
			return nil
		}
		return HeaderValue("Content-Type", value).Apply(d)
	}}
}

// Method sends with another method.
func Method(name string) Fault {
	return Fault{Name: "method(" + name + ")", Summary: "is sent with " + name, Stage: AfterSigning, Apply: func(d *Draft) error {
		d.Request.Method = name
		return nil
	}}
}
