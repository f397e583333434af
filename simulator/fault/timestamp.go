package fault

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/jsondoc"
	"github.com/hookstone/hookstone/simulator/sign"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Aged signs rightly at another time: that long ago, or ahead where age is
// negative. A time in the body is dated alike. It is not applicable where a
// delivery carries no time.
func Aged(age time.Duration) Fault {
	summary := fmt.Sprintf("is signed as of %s ago", age)
	if age < 0 {
		summary = fmt.Sprintf("is signed as of %s ahead", -age)
	}
	return Fault{Name: fmt.Sprintf("time.aged(%s)", age), Summary: summary, Stage: BeforeSigning, Apply: func(d *Draft) error {
		return d.age(d.Now.Add(-age))
	}}
}

// age dates signing, and the body where its time lies there.
func (d *Draft) age(at time.Time) error {
	if d.Contract.Time.At.IsZero() {
		return notApplicable("a delivery carries no time")
	}
	if d.Contract.Time.At.Pointer != "" && !d.StampBody(at) {
		return notApplicable("the body has no time at %s", d.Contract.Time.At.Pointer)
	}
	d.Material.At = at
	return nil
}

// TimestampKinds are the wrong spellings that TimestampSpelled knows.
func TimestampKinds() []string {
	return []string{"abc", "now-abc", "plus-now", "now.5", "Infinity", "empty", "milliseconds"}
}

// TimestampSpelled writes the timestamp as no number (or as no date), and signs
// what it writes. The kinds are those of TimestampKinds. It is not applicable
// where a delivery carries no time.
func TimestampSpelled(kind string) Fault {
	return Fault{Name: "time.spelled(" + kind + ")", Summary: "has the malformed timestamp " + kind + ", rightly signed", Stage: BeforeSigning, Apply: func(d *Draft) error {
		at := d.Contract.Time.At
		if at.IsZero() {
			return notApplicable("a delivery carries no time")
		}
		text, number, err := misspell(kind, d.Contract.Time.Form, d.Material.At)
		if err != nil {
			return err
		}
		if at.Pointer == "" {
			d.Material.Timestamp, d.Material.TimestampSet = text, true
			return nil
		}
		spelled := jsondoc.Text(text).Compact()
		if number {
			spelled = []byte(text)
		}
		body, err := set(d.Event.Body, at.Pointer, spelled)
		if err != nil {
			return err
		}
		d.Event.Body = body
		return nil
	}}
}

// misspell makes the text; number tells that in a body it is a JSON number.
func misspell(kind, form string, at time.Time) (text string, number bool, err error) {
	now := string(sign.AppendTime(nil, form, at))
	switch kind {
	case "abc", "Infinity":
		return kind, false, nil
	case "now-abc":
		return now + "abc", false, nil
	case "plus-now":
		return "+" + now, false, nil
	case "now.5":
		if form == "rfc3339" {
			return strconv.FormatInt(at.Unix(), 10) + ".5", true, nil
		}
		return now + ".5", true, nil
	case "empty":
		return "", false, nil
	case "milliseconds":
		if form == "unix-milliseconds" {
			return "", false, notApplicable("the contract counts milliseconds")
		}
		return strconv.FormatInt(at.UnixMilli(), 10), true, nil
	}
	return "", false, fmt.Errorf("unknown timestamp spelling %q, want one of %s", kind, strings.Join(TimestampKinds(), ", "))
}

// TimestampMissing leaves the timestamp out and signs what is left: over the
// empty text where the timestamp is signed content.
func TimestampMissing() Fault {
	return Fault{Name: "time.missing", Summary: "carries no timestamp, rightly signed without", Stage: AfterSigning, Apply: func(d *Draft) error {
		at := d.Contract.Time.At
		switch {
		case at.IsZero():
			return notApplicable("a delivery carries no time")
		case at.Pointer != "":
			body, err := remove(d.Request.Body, at.Pointer)
			if err != nil {
				return err
			}
			d.Request.Body, d.Material.Body = body, body
			return d.Resign()
		}
		d.Material.Timestamp, d.Material.TimestampSet = "", true
		if err := d.Resign(); err != nil {
			return err
		}
		h, element, err := timeHeader(d.Contract)
		if err != nil {
			return err
		}
		if len(h.Value) < 2 {
			d.drop(h.Name)
			return nil
		}
		bare := expandTime(element, "")
		d.eachField(h.Name, func(f *wire.Field) {
			var kept []string
			for _, e := range strings.Split(f.Value, h.Separator) {
				if e != bare {
					kept = append(kept, e)
				}
			}
			f.Value = strings.Join(kept, h.Separator)
		})
		return nil
	}}
}

// timeHeader is the header that carries the timestamp, and its template.
func timeHeader(c *schemas.Contract) (schemas.SigningHeader, schemas.Template, error) {
	for _, h := range c.Signing.Headers {
		for _, v := range h.Value {
			for _, p := range v.Parts {
				if p.Var == "timestamp" {
					return h, v, nil
				}
			}
		}
	}
	if name := c.Time.At.Header; name != "" {
		return schemas.SigningHeader{Name: name}, schemas.Template{}, nil
	}
	return schemas.SigningHeader{}, schemas.Template{}, notApplicable("no header carries a timestamp")
}

func expandTime(t schemas.Template, stamp string) string {
	var out strings.Builder
	for _, p := range t.Parts {
		if p.Var == "timestamp" {
			out.WriteString(stamp)
		} else {
			out.WriteString(p.Literal)
		}
	}
	return out.String()
}

// ReDated carries an old delivery's signature under a fresh timestamp. It is
// not applicable where the timestamp is not signed.
func ReDated(age time.Duration) Fault {
	return Fault{Name: fmt.Sprintf("time.re-dated(%s)", age), Summary: fmt.Sprintf("carries a signature made %s ago under a fresh timestamp", age), Stage: AfterSigning, Apply: func(d *Draft) error {
		if !d.Contract.Time.Signed {
			return notApplicable("the timestamp is not signed")
		}
		fresh := d.Material.At
		old, err := d.signedAt(fresh.Add(-age))
		if err != nil {
			return err
		}
		if d.Contract.Time.At.Pointer != "" {
			if !d.StampBody(fresh) {
				return notApplicable("the body has no time at %s", d.Contract.Time.At.Pointer)
			}
			d.Request.Body = d.Event.Body
			return nil
		}
		right, err := d.signedAt(fresh)
		if err != nil {
			return err
		}
		before := make(map[string]string, len(right))
		for name, digest := range right {
			before[digest] = old[name]
		}
		d.Mistakes.Digest = func(digest string) string { return before[digest] }
		return d.Resign()
	}}
}

// signedAt signs the delivery, its body's time included, as of a time, and
// returns the digests.
func (d *Draft) signedAt(at time.Time) (map[string]string, error) {
	if d.Contract.Time.At.Pointer != "" {
		if !d.StampBody(at) {
			return nil, notApplicable("the body has no time at %s", d.Contract.Time.At.Pointer)
		}
		d.Material.Body, d.Request.Body = d.Event.Body, d.Event.Body
	}
	d.Material.At = at
	if err := d.Resign(); err != nil {
		return nil, err
	}
	return d.Signed.Digest, nil
}

// TwoTimestamps holds a fresh timestamp and an old one that the signature is
// made over, in one header of elements. It is not applicable elsewhere.
func TwoTimestamps(age time.Duration, freshFirst bool) Fault {
	order := "old-fresh"
	if freshFirst {
		order = "fresh-old"
	}
	return Fault{Name: "time.two(" + order + ")", Summary: fmt.Sprintf("holds two timestamps, the signature over the one of %s ago", age), Stage: AfterSigning, Apply: func(d *Draft) error {
		h, element, err := timeHeader(d.Contract)
		if err != nil {
			return err
		}
		if h.Grammar != "elements" && h.Grammar != "list" {
			return notApplicable("the timestamp does not travel in a header of elements")
		}
		fresh := expandTime(element, string(sign.AppendTime(nil, d.Contract.Time.Form, d.Material.At)))
		d.Material.At = d.Material.At.Add(-age)
		old := expandTime(element, string(sign.AppendTime(nil, d.Contract.Time.Form, d.Material.At)))
		if err := d.Resign(); err != nil {
			return err
		}
		both := old + h.Separator + fresh
		if freshFirst {
			both = fresh + h.Separator + old
		}
		d.eachField(h.Name, func(f *wire.Field) { f.Value = strings.Replace(f.Value, old, both, 1) })
		return nil
	}}
}
