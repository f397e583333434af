package simulator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/sign"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Sender makes and sends deliveries of one provider to one target.
// It is safe for concurrent use; its fields must not change meanwhile.
type Sender struct {
	Provider  *schemas.Provider
	Generator *generate.Generator
	Client    *wire.Client
	Secret    []byte
	// Extra are header lines for a gateway in front of the receiver. One named
	// as a header that every delivery has replaces it.
	Extra []wire.Field
	// Clock tells the time to sign with; nil: time.Now.
	Clock func() time.Time
	// UserAgent is the User-Agent of every delivery; "": "Hookstone".
	UserAgent string
	// Alternative is which other form of the signing headers is written, where
	// the contract can be read in several ways; 0: the first form.
	Alternative int
	// Redactor keeps secrets out of attempts; nil: one of Secret alone. Values
	// of Extra that are secret must have been added to it.
	Redactor *Redactor
}

// defaultUserAgent is what deliveries call their sender.
const defaultUserAgent = "Hookstone"

// Delivery is an order to send one event.
type Delivery struct {
	ID         string // of the attempt; "": the next of this process
	Case, Role string
	Class      Class
	Event      generate.Event
	At         time.Time // signing time; zero: the moment of sending
	Attempt    int       // 1 (or 0) for the first; from 2 on attempt headers apply
	Reason     string    // why the attempt before failed, for {reason}; "": http_error
	Faults     []fault.Fault
	Intended   time.Time // zero: now
}

var attempts atomic.Uint64

func (d *Delivery) id() string {
	if d.ID != "" {
		return d.ID
	}
	return fmt.Sprintf("attempt-%06d", attempts.Add(1))
}

func (s *Sender) now() time.Time {
	if s.Clock != nil {
		return s.Clock()
	}
	return time.Now()
}

// Scheme compiles the contract's signing clause in the form that the sender
// was told to use.
func (s *Sender) Scheme() (*sign.Scheme, error) {
	scheme, err := sign.Compile(s.Provider.Contract)
	if err != nil || s.Alternative == 0 {
		return scheme, err
	}
	other := scheme.Alternative(s.Alternative)
	if other == nil {
		return nil, fmt.Errorf("contract %s has no alternative %d of its signing headers", s.Provider.Contract.Provider, s.Alternative)
	}
	return other, nil
}

// Prepare makes the delivery without sending it: body edits, signature,
// headers, wire plan. Faults act stage by stage, whatever the order given. A
// *fault.NotApplicable is returned (wrapped) where a fault has nothing to act
// on, and where the scheme cannot sign the body.
//
// Where the contract renews a delivery's time and that lies in the body, the
// body is dated at the signing time.
func (s *Sender) Prepare(d Delivery) (*fault.Draft, error) {
	scheme, err := s.Scheme()
	if err != nil {
		return nil, err
	}
	c := s.Provider.Contract
	now := s.now()
	at := d.At
	if at.IsZero() {
		at = now
	}
	draft := &fault.Draft{Contract: c, Scheme: scheme, Event: d.Event, Now: now, Secrets: [][]byte{s.Secret}, Key: "configured"}
	draft.Event.Body = slices.Clone(d.Event.Body)
	draft.Material.At = at
	if c.Time.OnRedelivery == "renewed" {
		draft.StampBody(at)
	}
	if err := fault.Apply(draft, fault.BeforeSigning, d.Faults); err != nil {
		return nil, err
	}
	draft.Material.Body, draft.Material.ID, draft.Material.Type = draft.Event.Body, draft.Event.ID, draft.Event.Type
	scheme.Identify(&draft.Material)
	if err := fault.Apply(draft, fault.InSigner, d.Faults); err != nil {
		return nil, err
	}
	if err := draft.Sign(); err != nil {
		return nil, err
	}
	draft.Request = wire.Request{Method: c.Request.Method, Fields: s.fields(d, draft.Signed.Fields), Body: draft.Event.Body}
	if draft.Request.Method == "" {
		draft.Request.Method = "POST"
	}
	if err := fault.Apply(draft, fault.AfterSigning, d.Faults); err != nil {
		return nil, err
	}
	return draft, fault.Apply(draft, fault.OnWire, d.Faults)
}

// fields are the header lines of a delivery, in order.
func (s *Sender) fields(d Delivery, signed []wire.Field) []wire.Field {
	c := s.Provider.Contract
	var out []wire.Field
	add := func(name, value string) {
		if value != "" {
			out = append(out, wire.Field{Name: name, Value: value})
		}
	}
	if s.Client != nil {
		add("Host", s.Client.Host())
	}
	agent := s.UserAgent
	if agent == "" {
		agent = defaultUserAgent
	}
	add("User-Agent", agent)
	add("Accept", "*/*")
	add("Content-Type", c.Request.MediaType)
	for _, h := range c.Request.Headers {
		add(h.Name, expand(h.Value, nil))
	}
	if d.Attempt > 1 {
		reason := d.Reason
		if reason == "" {
			reason = "http_error"
		}
		values := map[string]string{"attempt": strconv.Itoa(d.Attempt), "retry": strconv.Itoa(d.Attempt - 1), "reason": reason}
		for _, h := range c.Request.AttemptHeaders {
			add(h.Name, expand(h.Value, values))
		}
	}
	out = slices.DeleteFunc(out, func(f wire.Field) bool {
		return slices.ContainsFunc(s.Extra, func(e wire.Field) bool { return strings.EqualFold(e.Name, f.Name) })
	})
	return slices.Concat(out, signed, s.Extra)
}

func expand(t schemas.Template, values map[string]string) string {
	var out strings.Builder
	for _, p := range t.Parts {
		if p.Var != "" {
			out.WriteString(values[p.Var])
		} else {
			out.WriteString(p.Literal)
		}
	}
	return out.String()
}

var errNoClient = errors.New("the sender has no target")

// Send prepares and sends on a fresh connection. The error is ours: what the
// receiver does, or fails to do, is in the Attempt.
func (s *Sender) Send(ctx context.Context, d Delivery) (Attempt, error) {
	draft, err := s.Prepare(d)
	if err != nil {
		return Attempt{}, err
	}
	return s.Resend(ctx, d, draft)
}

// SendOn prepares and sends on a connection that the caller owns; a nil or
// spent connection is replaced by a fresh one, which is returned. The
// connection returned is nil where none could be opened.
func (s *Sender) SendOn(ctx context.Context, c *wire.Conn, d Delivery) (Attempt, *wire.Conn, error) {
	draft, err := s.Prepare(d)
	if err != nil {
		return Attempt{}, c, err
	}
	if s.Client == nil {
		return Attempt{}, c, errNoClient
	}
	out, c := s.Client.ExchangeOn(ctx, c, &draft.Request)
	return s.Record(d, draft, out), c, nil
}

// Resend sends the exact bytes of a prepared draft, on a fresh connection: a
// duplicate where they were sent before.
func (s *Sender) Resend(ctx context.Context, d Delivery, draft *fault.Draft) (Attempt, error) {
	if s.Client == nil {
		return Attempt{}, errNoClient
	}
	return s.Record(d, draft, s.Client.Do(ctx, &draft.Request)), nil
}
