package explain

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/jsondoc"
	"github.com/hookstone/hookstone/simulator/sign"
)

// TimeCheck holds the request's timestamp against now.
type TimeCheck struct {
	// Text is the timestamp as written; "" where the request carries none.
	Text string `json:"text,omitempty"`
	// At is what it says; zero where it could not be read.
	At  time.Time `json:"at,omitzero"`
	Now time.Time `json:"now"`
	// Tolerance is in seconds; 0: the contract states none.
	Tolerance float64 `json:"tolerance_s"`
	Stale     bool    `json:"stale"`
	// Problem says what is wrong with it, if anything is.
	Problem string `json:"problem,omitempty"`

	form  string // the contract's, in words: "unix seconds"
	other bool   // it is in another form
}

// checkTime reads the timestamp where the contract puts it.
func checkTime(c *schemas.Contract, in *Capture, now time.Time) TimeCheck {
	out := TimeCheck{Now: now, form: strings.ReplaceAll(c.Time.Form, "-", " "), Tolerance: c.Time.Tolerance.Seconds(), Text: located(c, c.Time.At, in)}
	if c.Time.At.IsZero() {
		return out
	}
	if out.Text == "" {
		if c.Handshake == nil || located(c, handshakeType(c), in) != c.Handshake.Type {
			out.Problem = "there is no timestamp at " + c.Time.At.String()
		}
		return out
	}
	at, err := sign.ParseTime(c.Time.Form, out.Text)
	if err != nil {
		out.Problem = err.Error()
		out.Stale = out.Tolerance > 0
		return out
	}
	if out.At = at.UTC(); out.At.Year() < 0 || out.At.Year() > 9999 {
		out.At = time.Time{} // no RFC 3339 time, which JSON asks for
	}
	age := now.Sub(at)
	out.Stale = out.Tolerance > 0 && age.Abs() > c.Time.Tolerance.Duration
	if other, ok := instant(out.Text); ok && age.Abs() > 24*365*20*time.Hour && !other.Equal(at) {
		// So far off that it is another unit.
		out.other = true
		out.Problem = fmt.Sprintf("it reads as %s, so it is not in the contract's unit, %s", other.Format(time.RFC3339), out.form)
		return out
	}
	if out.Stale {
		out.Problem = fmt.Sprintf("it is %s, and %s are allowed", out.Age(), c.Time.Tolerance)
	}
	return out
}

func side(age time.Duration) string {
	if age < 0 {
		return "ahead"
	}
	return "old"
}

// Age tells how old the timestamp is: "3s old", "1m0s ahead".
func (t *TimeCheck) Age() string {
	age := t.Now.Sub(t.At)
	return age.Abs().Round(time.Second).String() + " " + side(age)
}

func (t *TimeCheck) words() string {
	if t.Problem != "" {
		return t.Problem
	}
	return "it is within the tolerance"
}

func handshakeType(c *schemas.Contract) schemas.Location {
	if c.Handshake != nil && !c.Handshake.TypeAt.IsZero() {
		return c.Handshake.TypeAt
	}
	return c.Identity.Type
}

// BodyCheck holds the body against the schema of its event.
type BodyCheck struct {
	Event string `json:"event,omitempty"` // its type; "" where none is named
	Known bool   `json:"known"`           // the contract has the type
	// Valid: the body is what the event's schema describes.
	Valid    bool              `json:"valid"`
	Failures []schemas.Failure `json:"failures,omitempty"`
	Problem  string            `json:"problem,omitempty"` // why it could not be held against a schema
}

// maxFailures bounds what is told of one body.
const maxFailures = 20

func checkBody(p *schemas.Provider, in *Capture) BodyCheck {
	text := textOf(in.Body)
	if _, err := jsondoc.Parse(text); err != nil {
		return BodyCheck{Problem: "the body is no JSON: " + err.Error()}
	}
	out := BodyCheck{Event: located(p.Contract, p.Contract.Identity.Type, in)}
	if out.Event == "" {
		out.Event = located(p.Contract, handshakeType(p.Contract), in)
	}
	if out.Event == "" {
		out.Problem = "the request names no event type at " + p.Contract.Identity.Type.String()
		return out
	}
	event, known := p.Event(out.Event)
	if !known {
		out.Problem = "the contract has no such event"
		return out
	}
	out.Known = true
	err := event.Validate(text)
	var invalid *schemas.Invalid
	switch {
	case err == nil:
		out.Valid = true
	case errors.As(err, &invalid):
		out.Failures = slices.Clone(invalid.Failures[:min(len(invalid.Failures), maxFailures)])
	default:
		out.Problem = err.Error()
	}
	return out
}

// stampsIn are the times that the request carries: where the contract puts its
// own, elsewhere in headers, and at the top of the body.
func stampsIn(c *schemas.Contract, in *Capture) []string {
	var out []string
	add := func(text string) {
		text = strings.Trim(text, " \t\"")
		if _, ok := instant(text); ok && !slices.Contains(out, text) && len(out) < 12 {
			out = append(out, text)
		}
	}
	add(located(c, c.Time.At, in))
	for _, f := range in.Fields {
		for _, element := range elements(f.Value) {
			add(element)
			if _, after, ok := strings.Cut(element, "="); ok {
				add(after)
			}
		}
	}
	if doc, err := jsondoc.Parse(textOf(in.Body)); err == nil && doc.Kind == jsondoc.Object {
		for _, m := range doc.Members {
			if m.Value.Kind == jsondoc.String || m.Value.Kind == jsondoc.Number {
				add(m.Value.Text)
			}
		}
	}
	return out
}

func spelledDigest(sum []byte, encoding string) string {
	if encoding == "base64" {
		return base64.StdEncoding.EncodeToString(sum)
	}
	return hex.EncodeToString(sum)
}
