package schedule

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Replay sends recorded attempts again.
type Replay struct {
	Sender *simulator.Sender
	// Resign signs anew, now, what was rightly signed or is wrong by faults that
	// the record names; else every byte is sent as it was but for Host and the
	// headers of a gateway.
	Resign bool
	// Speed is how many times faster than recorded; 0: one after the other, at
	// once.
	Speed float64
	// Only chooses attempts; nil: all.
	Only func(*simulator.Attempt) bool
	// Told is called with every attempt that was sent again, one at a time.
	Told func(Replayed)
}

// Replayed is an attempt with what came of it now.
type Replayed struct {
	Before *simulator.Attempt
	Now    *simulator.Attempt
	// Right tells whether the outcome was what it should be.
	Right bool
	// Expired: it was rightly signed, and its time lies outside the contract's
	// tolerance by now. To refuse it is right, and to accept it is not judged.
	Expired bool
}

// ReplaySummary counts.
type ReplaySummary struct {
	Read     int `json:"read"`
	Chosen   int `json:"chosen"`
	Sent     int `json:"sent"`
	Right    int `json:"right"`
	Wrong    int `json:"wrong"`
	Expired  int `json:"expired"`  // of the right ones
	Same     int `json:"same"`     // the answer's status is the recorded one
	Skipped  int `json:"skipped"`  // not held whole, or cannot be made anew
	Answered int `json:"answered"` // with a complete answer
}

// replays at a time.
const replays = 64

// Run sends the attempts that next gives, until it gives io.EOF.
func (r *Replay) Run(ctx context.Context, next func() (*simulator.Attempt, error)) (ReplaySummary, error) {
	var (
		sum   ReplaySummary
		mu    sync.Mutex
		all   sync.WaitGroup
		slots = make(chan struct{}, replays)
		first time.Time
		began = time.Now()
		fault error
	)
	for ctx.Err() == nil {
		a, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			all.Wait()
			return sum, err
		}
		sum.Read++
		if r.Only != nil && !r.Only(a) {
			continue
		}
		sum.Chosen++
		if first.IsZero() {
			first = a.SentAt
		}
		if r.Speed > 0 {
			due := began.Add(time.Duration(float64(a.SentAt.Sub(first)) / r.Speed))
			select {
			case <-ctx.Done():
			case <-time.After(time.Until(due)):
			}
		}
		if ctx.Err() != nil {
			break
		}
		slots <- struct{}{}
		all.Add(1)
		send := func() {
			defer func() { <-slots; all.Done() }()
			now, expired, err := r.again(ctx, a)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil && fault == nil && !errors.Is(err, errSkipped):
				fault = err
				return
			case err != nil:
				sum.Skipped++
				return
			}
			sum.add(r, a, now, expired)
		}
		if r.Speed > 0 {
			go send()
		} else {
			send()
		}
	}
	all.Wait()
	return sum, fault
}

func (s *ReplaySummary) add(r *Replay, before, now *simulator.Attempt, expired bool) {
	s.Sent++
	done := Replayed{Before: before, Now: now, Expired: expired}
	done.Right = expired || RightOutcome(r.Sender.Provider.Contract, now)
	switch {
	case !done.Right:
		s.Wrong++
	case expired:
		s.Expired++
		s.Right++
	default:
		s.Right++
	}
	if now.Answer != nil {
		s.Answered++
		if before.Answer != nil && before.Answer.Status == now.Answer.Status {
			s.Same++
		}
	}
	if r.Told != nil {
		r.Told(done)
	}
}

// RightOutcome tells whether an attempt's outcome was what its class should
// have: what brings an event, and a handshake, is acknowledged in time; what
// is stale or forged is refused; what is malformed does not break the receiver.
func RightOutcome(c *schemas.Contract, a *simulator.Attempt) bool {
	if a.Answer == nil {
		return false
	}
	o := outcomeOf(c, c.Deadlines.Acknowledge.Duration, a.Answer.Status, time.Duration(a.Phases.Answer*1e6))
	switch a.Class {
	case simulator.Stale, simulator.Forged:
		return o == Refused
	case simulator.Malformed:
		return a.Answer.Status < 500
	}
	return o == Accepted
}

// errSkipped is an attempt that cannot be sent again.
var errSkipped = errors.New("not held whole")

// again sends one attempt.
func (r *Replay) again(ctx context.Context, a *simulator.Attempt) (*simulator.Attempt, bool, error) {
	if a.Request.Body.Truncated || a.Request.Body.Length > 0 && a.Request.Body.Base64 == "" {
		return nil, false, errSkipped
	}
	if r.Resign && len(a.Request.Headers) > 0 {
		d, ok, err := r.delivery(a)
		if err != nil {
			return nil, false, err
		}
		if ok {
			now, err := r.Sender.Send(ctx, d)
			if fault.IsNotApplicable(err) {
				return nil, false, errSkipped
			}
			return &now, false, err
		}
	}
	draft := r.draft(a)
	d := simulator.Delivery{ID: a.ID, Case: a.Case, Role: a.Role, Class: a.Class, Event: draft.Event}
	now := r.Sender.Record(d, draft, r.Sender.Client.Do(ctx, &draft.Request))
	now.Faults, now.Signing.Key = a.Faults, a.Signing.Key
	return &now, r.expired(a), nil
}

// draft is the recorded request as it was.
func (r *Replay) draft(a *simulator.Attempt) *fault.Draft {
	now := time.Now()
	signed := a.SentAt.Add(time.Duration(a.Signing.ClockOffsetMS) * time.Millisecond)
	draft := &fault.Draft{
		Contract: r.Sender.Provider.Contract, Now: now, Key: a.Signing.Key,
		Event: generate.Event{Type: a.Event.Type, ID: a.Event.ID, Scope: a.Event.Scope, Body: a.Request.Body.Decode()},
	}
	draft.Material.At = signed
	draft.Signed.Base, draft.Signed.Time = a.Signing.Base.Decode(), a.Signing.Timestamp
	if a.Request.Framing == "raw" {
		draft.Request = wire.Request{Method: a.Request.Method, Raw: draft.Event.Body}
		return draft
	}
	draft.Request = wire.Request{Method: a.Request.Method, Body: draft.Event.Body}
	switch f := wire.Framing(a.Request.Framing); f {
	case wire.Chunked, wire.Unframed:
		draft.Request.Framing = f
	}
	for _, line := range a.Request.Headers {
		f := wire.Field{Name: simulator.HeaderBytes(line[0]), Value: simulator.HeaderBytes(line[1])}
		ours := slices.ContainsFunc(r.Sender.Extra, func(e wire.Field) bool { return strings.EqualFold(e.Name, f.Name) })
		switch {
		case ours || strings.Contains(f.Value, simulator.Redacted):
			continue
		case strings.EqualFold(f.Name, "Host"):
			f.Value = r.Sender.Client.Host()
		}
		draft.Request.Fields = append(draft.Request.Fields, f)
	}
	draft.Request.Fields = append(draft.Request.Fields, r.Sender.Extra...)
	return draft
}

// delivery is the attempt made anew; false where it is sent as it was, since
// nothing says what was wrong about it.
func (r *Replay) delivery(a *simulator.Attempt) (simulator.Delivery, bool, error) {
	d := simulator.Delivery{
		ID: a.ID, Case: a.Case, Role: a.Role, Class: a.Class,
		Event: generate.Event{Type: a.Event.Type, ID: a.Event.ID, Scope: a.Event.Scope, Body: a.Request.Body.Decode()},
	}
	wrong := a.Class == simulator.Forged || a.Class == simulator.Stale || a.Class == simulator.Malformed
	if wrong && len(a.Faults) == 0 || a.Signing.Key == "none" && len(a.Faults) == 0 {
		return d, false, nil
	}
	for _, name := range a.Faults {
		f, err := fault.Parse(name)
		if err != nil {
			return d, false, nil
		}
		d.Faults = append(d.Faults, f)
	}
	return d, true, nil
}

// expired tells whether a rightly signed attempt is stale by now.
func (r *Replay) expired(a *simulator.Attempt) bool {
	tolerance := r.Sender.Provider.Contract.Time.Tolerance.Duration
	if tolerance == 0 || !delivers(a.Class) {
		return false
	}
	signed := a.SentAt.Add(time.Duration(a.Signing.ClockOffsetMS) * time.Millisecond)
	return time.Since(signed) > tolerance
}

// ParseOnly reads choices of attempts: "failed", "forged" (or another class),
// "id=…" (the attempt's or the event's), "case=…". All of them must hold.
func ParseOnly(c *schemas.Contract, texts []string) (func(*simulator.Attempt) bool, error) {
	var all []func(*simulator.Attempt) bool
	for _, text := range texts {
		key, value, has := strings.Cut(text, "=")
		switch {
		case has && key == "id":
			all = append(all, func(a *simulator.Attempt) bool { return a.ID == value || a.Event.ID == value })
		case has && key == "case":
			all = append(all, func(a *simulator.Attempt) bool { return a.Case == value })
		case has && key == "event":
			all = append(all, func(a *simulator.Attempt) bool { return a.Event.Type == value })
		case text == "failed":
			all = append(all, func(a *simulator.Attempt) bool { return !RightOutcome(c, a) })
		case classOf(simulator.Class(text)) >= 0, text == string(simulator.Handshake), text == string(simulator.Malformed):
			all = append(all, func(a *simulator.Attempt) bool { return a.Class == simulator.Class(text) })
		default:
			return nil, fmt.Errorf("%q: known are failed, a class (genuine, duplicate, redelivery, stale, forged, handshake, malformed), id=…, case=… and event=…", text)
		}
	}
	return func(a *simulator.Attempt) bool {
		for _, is := range all {
			if !is(a) {
				return false
			}
		}
		return true
	}, nil
}
