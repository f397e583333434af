package simulator

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
)

var (
	requests  atomic.Uint64
	processID = rand.Text()
)

// NewRequest makes one delivery of an event type as a request, signed with the
// secret, for the unit test of a handler or for an HTTP client: no socket is
// opened. Each call makes a fresh event, dated now; target is a path or a URL.
//
// Faults spoil the delivery on purpose; they are named as in fault.Catalogue,
// as "signature.truncated(8)" and "signature.missing" are. Those that act on
// the wire need a Sender and a connection, and are refused.
func NewRequest(target string, p *schemas.Provider, secret []byte, eventType string, faults ...string) (*http.Request, error) {
	g, err := generate.New(p, generate.Options{Seed: 1, RunID: processID})
	if err != nil {
		return nil, err
	}
	now := time.Now()
	event, err := g.Event(generate.Key{Case: "request", Number: requests.Add(1)}, eventType, now)
	if err != nil {
		return nil, err
	}
	d := Delivery{Event: event, At: now}
	for _, name := range faults {
		f, err := fault.Parse(name)
		if err != nil {
			return nil, err
		}
		if f.Stage == fault.OnWire {
			return nil, fmt.Errorf("fault %s acts on the wire, which a request is not on yet: send it with a Sender", name)
		}
		d.Faults = append(d.Faults, f)
	}
	s := &Sender{Provider: p, Secret: secret, Generator: g}
	draft, err := s.Prepare(d)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(draft.Request.Method, target, bytes.NewReader(draft.Request.Body))
	if err != nil {
		return nil, fmt.Errorf("target %q: %w", target, err)
	}
	for _, f := range draft.Request.Fields {
		r.Header.Add(f.Name, f.Value)
	}
	return r, nil
}
