package conformance

import (
	"context"
	"fmt"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Prober is what a case's probe sends with. Everything that it sends lands in
// the case's observation. Its methods may be called from several goroutines.
type Prober struct {
	ctx    context.Context
	run    *run
	c      *Case
	obs    *Observation
	number counter
	// repetition counts the runs of the case, from 1; 0 is the first too.
	repetition int
}

// key names the next event of this case.
func (p *Prober) key() generate.Key {
	name := p.c.ID
	if p.repetition > 1 {
		name = fmt.Sprintf("%s (run %d)", name, p.repetition)
	}
	if p.run.life.careful {
		name += " (again)" // it may have run before: no id is sent twice
	}
	return generate.Key{Case: name, Number: p.number.next()}
}

// Fresh makes a new event of the run's control type, or of the case's own type
// with its journey's earlier events sent before it as context.
func (p *Prober) Fresh() generate.Event {
	if p.c.Event != "" {
		return p.InContext(p.c.Event)
	}
	return p.Make(p.run.control)
}

// Make makes one event of a type without its context.
func (p *Prober) Make(eventType string) generate.Event {
	e, err := p.run.generator.Event(p.key(), eventType, p.run.now())
	if err != nil {
		p.trouble(err)
	}
	return e
}

// InContext sends the events that come before one of the type in its journey,
// and returns that one unsent.
func (p *Prober) InContext(eventType string) generate.Event {
	events, err := p.run.generator.Context(p.key(), eventType, p.run.now())
	if err != nil || len(events) == 0 {
		p.trouble(fmt.Errorf("no journey leads to %q: %w", eventType, err))
		return generate.Event{}
	}
	for _, e := range events[:len(events)-1] {
		p.Deliver(simulator.Delivery{Role: RoleContext, Class: simulator.Genuine, Event: e})
	}
	return events[len(events)-1]
}

// Control sends the positive twin and tells whether it was acknowledged.
func (p *Prober) Control(faults ...fault.Fault) bool {
	return p.run.terms.acknowledged(p.Deliver(simulator.Delivery{
		Role: RoleControl, Class: simulator.Genuine, Event: p.Fresh(), Faults: faults}))
}

// Genuine sends a delivery that must be acknowledged.
func (p *Prober) Genuine(label string, faults ...fault.Fault) *simulator.Attempt {
	return p.Deliver(simulator.Delivery{
		Role: role(RoleGenuine, label), Class: simulator.Genuine, Event: p.Fresh(), Faults: faults})
}

// Forged sends a delivery that must be rejected.
func (p *Prober) Forged(label string, faults ...fault.Fault) *simulator.Attempt {
	return p.Deliver(simulator.Delivery{
		Role: role(RoleForged, label), Class: simulator.Forged, Event: p.Fresh(), Faults: faults})
}

// Odd sends a rightly signed oddity that must be answered without a 5xx.
func (p *Prober) Odd(label string, faults ...fault.Fault) *simulator.Attempt {
	return p.Deliver(simulator.Delivery{
		Role: role(RoleOdd, label), Class: simulator.Malformed, Event: p.Fresh(), Faults: faults})
}

func role(r, label string) string {
	if label == "" {
		return r
	}
	return r + ":" + label
}

// Deliver sends on a fresh connection, waits out a 429, and records.
func (p *Prober) Deliver(d simulator.Delivery) *simulator.Attempt {
	a, _ := p.deliverOn(nil, d, false)
	return a
}

// DeliverPatiently is Deliver with a longer wait for an answer.
func (p *Prober) DeliverPatiently(d simulator.Delivery) *simulator.Attempt {
	d.Case = p.c.ID
	if p.obs.troubled() || p.ctx.Err() != nil {
		return unsentAttempt(d.Role)
	}
	a, err := p.run.transmitBy(p.ctx, p.run.patient, d.Role, func(s *simulator.Sender) (simulator.Attempt, error) { return s.Send(p.ctx, d) })
	p.trouble(err)
	p.obs.record(a)
	return &a
}

// DeliverOn sends on the given connection (nil, or closed by the server: a
// fresh one) and leaves it open for the next.
func (p *Prober) DeliverOn(c *wire.Conn, d simulator.Delivery) (*simulator.Attempt, *wire.Conn) {
	return p.deliverOn(c, d, true)
}

func (p *Prober) deliverOn(c *wire.Conn, d simulator.Delivery, keep bool) (*simulator.Attempt, *wire.Conn) {
	if d.Case == "" {
		d.Case = p.c.ID
	}
	if p.obs.troubled() || p.ctx.Err() != nil {
		return unsentAttempt(d.Role), nil
	}
	a, conn, err := p.run.deliver(p.ctx, c, d, keep)
	if fault.IsNotApplicable(err) {
		p.obs.Fact("not_applicable", err.Error())
		return unsentAttempt(d.Role), conn
	}
	p.trouble(err)
	p.obs.record(a)
	return &a, conn
}

// unsentAttempt stands for a delivery that was not sent; it is not recorded.
func unsentAttempt(roleName string) *simulator.Attempt {
	return &simulator.Attempt{Role: roleName, Error: &simulator.Failure{Kind: string(wire.Canceled), Message: "not sent"}}
}

// trouble notes the harness's own failure; the first one is kept.
func (p *Prober) trouble(err error) { p.obs.trouble(err) }

// Terms are the run's.
func (p *Prober) Terms() *Terms { return &p.run.terms }

// Pause waits, or returns early when the run is stopped.
func (p *Prober) Pause(d time.Duration) { pause(p.ctx, d) }

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
