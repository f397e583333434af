package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/jsondoc"
	"github.com/hookstone/hookstone/simulator/sign"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Draft is a delivery in the making. Faults of a stage may change what that
// stage owns: Event and Material's time before signing; Material, Mistakes,
// Secrets, Scheme in the signer; Request's method, fields and body after
// signing; the rest of Request on the wire.
type Draft struct {
	Contract *schemas.Contract
	Scheme   *sign.Scheme // that signs; nil: the contract's own, compiled when needed
	Event    generate.Event
	Now      time.Time // the moment of sending
	Material sign.Material
	Mistakes sign.Mistakes
	Secrets  [][]byte // the run's secret; faults may replace it
	Key      string   // what Secrets is: configured, none, empty, another …
	Unsigned bool     // leave out the headers that carry a signature
	Signed   sign.Signed
	Request  wire.Request
}

// Sign makes Signed of Material, Mistakes and Secrets. It returns a
// *NotApplicable where the scheme cannot sign the body.
func (d *Draft) Sign() error {
	if d.Scheme == nil {
		var err error
		if d.Scheme, err = sign.Compile(d.Contract); err != nil {
			return err
		}
	}
	if d.Unsigned {
		d.Key = "none"
		d.Signed = sign.Signed{Fields: d.Scheme.Bare(d.Material)}
		return nil
	}
	signed, err := d.Scheme.Sign(d.Material, d.Mistakes, d.Secrets...)
	if errors.Is(err, sign.ErrUnsignable) {
		return notApplicable("%v", err)
	}
	if err != nil {
		return err
	}
	d.Signed = signed
	return nil
}

// Resign signs anew and puts the new signing headers where the old ones stood.
func (d *Draft) Resign() error {
	old := d.Signed.Fields
	if err := d.Sign(); err != nil {
		return err
	}
	at := slices.IndexFunc(d.Request.Fields, func(f wire.Field) bool { return named(old, f.Name) })
	if at < 0 {
		at = len(d.Request.Fields)
	}
	kept := slices.DeleteFunc(slices.Clone(d.Request.Fields), func(f wire.Field) bool { return named(old, f.Name) })
	d.Request.Fields = slices.Insert(kept, at, d.Signed.Fields...)
	return nil
}

func named(fields []wire.Field, name string) bool {
	return slices.ContainsFunc(fields, func(f wire.Field) bool { return strings.EqualFold(f.Name, name) })
}

// StampBody writes a time into the body where the contract's time lies in the
// body, spelled as the time that stands there is: a number stays a number, a
// text keeps its decimals. Done is false where nothing was there to write to.
func (d *Draft) StampBody(at time.Time) (done bool) {
	pointer := d.Contract.Time.At.Pointer
	if pointer == "" {
		return false
	}
	start, end, ok := jsondoc.Find(d.Event.Body, pointer)
	if !ok {
		return false
	}
	old, err := jsondoc.Parse(d.Event.Body[start:end])
	if err != nil || old.Kind != jsondoc.String && old.Kind != jsondoc.Number {
		return false
	}
	spelled := stampLike(old, d.Contract.Time.Form, at)
	d.Event.Body = slices.Concat(d.Event.Body[:start], spelled, d.Event.Body[end:])
	d.Event.At = at
	return true
}

func stampLike(old jsondoc.Value, form string, at time.Time) []byte {
	if form != "rfc3339" {
		text := string(sign.AppendTime(nil, form, at))
		if old.Kind == jsondoc.Number {
			return []byte(text)
		}
		return jsondoc.Text(text).Compact()
	}
	layout := "2006-01-02T15:04:05"
	if _, decimals, has := strings.Cut(old.Text, "."); has {
		n := len(decimals) - len(strings.TrimLeft(decimals, "0123456789"))
		layout += "." + strings.Repeat("0", n)
	}
	if strings.HasSuffix(old.Text, "+00:00") {
		return jsondoc.Text(at.UTC().Format(layout) + "+00:00").Compact()
	}
	return jsondoc.Text(at.UTC().Format(layout + "Z07:00")).Compact()
}

// main is the signature that a receiver checks: the first that is not legacy.
func main(c *schemas.Contract) (schemas.Signature, error) {
	for _, s := range c.Signing.Signatures {
		if !s.Legacy {
			return s, nil
		}
	}
	return schemas.Signature{}, notApplicable("the contract signs nothing")
}

// signatureHeaders are the names of the headers that carry a signature.
func (d *Draft) signatureHeaders() []sign.Header {
	return slices.DeleteFunc(d.Scheme.Headers(), func(h sign.Header) bool { return !h.Signature })
}

// eachField lets f change every request field of a name; it tells how many.
func (d *Draft) eachField(name string, f func(*wire.Field)) int {
	n := 0
	for i := range d.Request.Fields {
		if strings.EqualFold(d.Request.Fields[i].Name, name) {
			f(&d.Request.Fields[i])
			n++
		}
	}
	return n
}

func (d *Draft) drop(name string) {
	d.Request.Fields = slices.DeleteFunc(d.Request.Fields, func(f wire.Field) bool { return strings.EqualFold(f.Name, name) })
}

// set writes a JSON text at pointer into a body; a member that is not there is
// added to its object as the last.
func set(body []byte, pointer string, spelled []byte) ([]byte, error) {
	if out, err := jsondoc.Replace(body, pointer, spelled); err == nil {
		return out, nil
	}
	i := strings.LastIndexByte(pointer, '/')
	if i < 0 {
		return nil, fmt.Errorf("malformed pointer %q", pointer)
	}
	key := strings.ReplaceAll(strings.ReplaceAll(pointer[i+1:], "~1", "/"), "~0", "~")
	out, err := jsondoc.Insert(body, pointer[:i], key, spelled, false)
	if err != nil {
		return nil, notApplicable("%v", err)
	}
	return out, nil
}
