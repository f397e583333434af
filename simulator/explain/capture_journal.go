package explain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/wire"
)

// ReadJournal reads an attempt of a journal: one simulator.Attempt as JSON a
// line. entry counts from 1; 0 is the first with a body.
func ReadJournal(text []byte, entry int) (Capture, error) {
	if err := bounded(text); err != nil {
		return Capture{}, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	var all []Capture
	for n := 1; ; n++ {
		var a simulator.Attempt
		err := d.Decode(&a)
		if errors.Is(err, io.EOF) {
			return pick(all, entry, "journal")
		}
		if err != nil {
			return Capture{}, fmt.Errorf("malformed journal: attempt %d: %w", n, err)
		}
		c, err := OfAttempt(a)
		if err != nil {
			return Capture{}, fmt.Errorf("malformed journal: attempt %d: %w", n, err)
		}
		all = append(all, c)
	}
}

// OfAttempt is the request of a recorded attempt. It fails where the record
// holds no request that a receiver could have read.
func OfAttempt(a simulator.Attempt) (Capture, error) {
	m := a.Request
	if m.Framing == "raw" {
		return ReadHTTP(m.Body.Decode())
	}
	if m.Method == "" || len(m.Headers) == 0 {
		return Capture{}, fmt.Errorf("it records no request")
	}
	if len(m.Headers) > maxFields {
		return Capture{}, fmt.Errorf("more than %d header lines", maxFields)
	}
	c := Capture{Form: "journal line", Method: m.Method, Target: m.URL, At: a.SentAt, Body: m.Body.Decode()}
	if c.Body == nil && m.Body.Base64 != "" {
		return Capture{}, fmt.Errorf("the body is not base64")
	}
	for _, h := range m.Headers {
		c.Fields = append(c.Fields, wire.Field{Name: simulator.HeaderBytes(h[0]), Value: simulator.HeaderBytes(h[1])})
	}
	if m.Body.Truncated {
		c.Unfinished = true
		c.note("the journal holds the first %d of the body's %d bytes: no signature can be checked over the rest", len(c.Body), m.Body.Length)
		return c, nil
	}
	c.weigh()
	return c, nil
}
