package conformance

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Sizes of batches: what a worker pool, a cache or a buffer may hold.
const (
	// batchTime is how long a batch may take; what was sent by then counts, where
	// it is batchLeast at least.
	batchTime  = 20 * time.Second
	batchLeast = 100
	batchSize  = 200
	windowSize = 1000
	distinct   = 10
	// batchPatience is how many of a batch may go unacknowledged before the rest
	// is not sent: nothing more would be learnt.
	batchPatience = 20
)

func (s *subject) duplicateEffects() []Case {
	keyLevel := Must
	if !s.contract.Identity.KeyDocumented {
		keyLevel = Should
	}
	identical := only(s.contract.Time.OnRedelivery == "renewed", "a redelivery is byte-identical")
	stale := only(s.contract.Time.Tolerance.Duration > 0, "the contract states no tolerance")
	scoped := only(len(s.contract.Identity.Scope) > 0, "the id alone is the idempotency key")
	effects := func(c Case) Case {
		c.Evidence = Effects
		return idem(c)
	}
	twice := "An effect that is applied twice pays twice, ships twice, counts twice."
	lost := "What was acknowledged is never sent again: if it was not applied, it is lost."
	poisoned := "A forger who can make a genuine event look like a duplicate can suppress it."
	return []Case{
		effects(Case{ID: "applied-once", lane: exclusive, Summary: "an event delivered four times is applied exactly once", Purpose: twice,
			probe: func(p *prober) {
				e := p.Fresh()
				a, d, draft := p.first(roleControl, e, time.Time{})
				if p.run.terms.acknowledged(a) {
					for range 3 {
						p.again(role(roleTold, "duplicate"), d, draft)
					}
					p.Expect("", e, 1)
				}
			}}),
		effects(Case{ID: "redelivery-applied-once", Level: keyLevel, NotApplicable: identical, Summary: "an event delivered again under a later signature is applied exactly once", Purpose: twice,
			probe: func(p *prober) {
				e, at := p.At(earlier)
				if p.run.terms.acknowledged(p.Deliver(simulator.Delivery{Role: roleControl, Class: simulator.Genuine, Event: e, At: at})) {
					p.redeliver(role(roleTold, "redelivery"), e, 2)
					p.redeliver(role(roleTold, "redelivery"), e, 3)
					p.Expect("", e, 1)
				}
			}}),
		effects(Case{ID: "concurrent-applied-once", lane: exclusive, Summary: "an event of which 16 copies arrive together is applied exactly once", Purpose: twice,
			probe: func(p *prober) {
				if !p.Control() {
					return
				}
				for range 4 {
					e := p.Fresh()
					p.concurrent(role(roleTold, "copy"), e)
					p.redeliver(role(roleTold, "later"), e, 2)
					p.Expect("", e, 1)
				}
			}}),
		effects(Case{ID: "distinct-applied", Summary: "different events are each applied", Purpose: lost,
			probe: func(p *prober) {
				for range distinct {
					e := p.Fresh()
					if p.run.terms.acknowledged(p.Deliver(simulator.Delivery{Role: roleControl, Class: simulator.Genuine, Event: e})) {
						p.Expect("", e, 1)
					}
				}
			}}),
		effects(Case{ID: "ids-differ-in-case", Level: Should, Summary: "two events whose ids differ only in case are each applied", Purpose: lost, Convention: "ids are compared byte by byte", Cites: "",
			probe: probeIDCase}),
		effects(Case{ID: "same-object-other-event", Level: Should, NotApplicable: scoped, Summary: "two kinds of event about the same object are each applied", Purpose: lost,
			Cites: "/identity/scope", probe: probeSameObject(s), judge: judgeSameObject}),
		effects(Case{ID: "acknowledged-applied", lane: exclusive, Summary: fmt.Sprintf("every acknowledged event of a batch of %d is applied exactly once", batchSize), Purpose: lost, needs: needsLoad,
			probe: func(p *prober) {
				p.batch(batchSize, true)
				p.obs.thin("batch", p.Terms())
			}}),
		effects(Case{ID: "forged-does-not-poison", lane: exclusive, Summary: "a forged delivery of an event, and then the genuine one: applied exactly once", Purpose: poisoned, Impact: Security,
			probe: poisoning(simulator.Forged, fault.AnotherSecret())}),
		effects(Case{ID: "unsigned-does-not-poison", lane: exclusive, Summary: "an unsigned delivery of an event, and then the genuine one: applied exactly once", Purpose: poisoned, Impact: Security,
			probe: poisoning(simulator.Forged, fault.Unsigned())}),
		effects(Case{ID: "stale-does-not-poison", NotApplicable: stale, Summary: "a stale delivery of an event, and then the fresh one: applied exactly once", Purpose: poisoned, Impact: Security,
			probe: poisoning(simulator.Stale, fault.Aged(2*time.Hour))}),
		effects(Case{ID: "refused-has-no-effect", lane: wholeRun, Impact: Security, Summary: "no forgery of the whole run has an effect",
			Purpose: "A status alone proves nothing: a receiver can refuse and still have acted.", Cites: "/answers/bad_signature",
			probe: forging(fault.AnotherSecret()), judgeRun: func(r *overview) judgement { return effectsJudgement(r.Own, r.Terms) }}),
		effects(Case{ID: "window", lane: exclusive, needs: needsLoad, Summary: fmt.Sprintf("a duplicate that comes after %d other events is still applied only once", windowSize),
			Purpose: "A retry comes hours later, after thousands of other events: the memory of ids must reach that far.", probe: probeWindow, judge: judgeWindow}),
	}
}

// poisoning sends a bad delivery of an event, and then the genuine one.
func poisoning(class simulator.Class, f fault.Fault) func(*prober) {
	return func(p *prober) {
		if !p.Control() {
			return
		}
		e := p.Fresh()
		p.Deliver(simulator.Delivery{Role: role(roleTold, "before"), Class: class, Event: e, Faults: []fault.Fault{f}})
		p.Deliver(simulator.Delivery{Role: role(roleTold, "genuine"), Class: simulator.Genuine, Event: e})
		p.Expect("", e, 1)
	}
}

func probeIDCase(p *prober) {
	e := p.Fresh()
	swapped := strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, e.ID)
	if swapped == e.ID {
		p.obs.Fact("not_applicable", "the id has no letters")
		return
	}
	if !p.run.terms.acknowledged(p.Deliver(simulator.Delivery{Role: roleControl, Class: simulator.Genuine, Event: e})) {
		return
	}
	other := p.Fresh()
	a := p.Deliver(simulator.Delivery{Role: role(roleTold, "the id in another case"), Class: simulator.Genuine, Event: other, Faults: []fault.Fault{fault.ReID(swapped)}})
	if !p.run.terms.acknowledged(a) {
		p.obs.Fact("not_applicable", "the receiver refuses ids of another form")
		return
	}
	p.Expect("", e, 1)
	other.ID = swapped
	p.Expect("the id in another case", other, 1)
}

// probeSameObject sends two kinds of event about one object, and a third about
// another, which tells whether the observer heeds {event}.
func probeSameObject(s *subject) func(*prober) {
	return func(p *prober) {
		one := p.Fresh()
		var other generate.Event
		for _, e := range s.events() {
			if e.Type != one.Type && s.takes(e.Type) {
				if made := p.Make(e.Type); sameIDPlace(s, one, made) {
					other = made
					break
				}
			}
		}
		if other.Type == "" {
			p.obs.Fact("not_applicable", "no two event types are about the same kind of object")
			return
		}
		if !p.run.terms.acknowledged(p.Deliver(simulator.Delivery{Role: roleControl, Class: simulator.Genuine, Event: one})) {
			return
		}
		p.Expect("", one, 1)
		second := p.Deliver(simulator.Delivery{Role: role(roleTold, "the same object"), Class: simulator.Genuine, Event: other, Faults: []fault.Fault{fault.ReID(one.ID)}})
		other.ID = one.ID
		if !p.run.terms.acknowledged(second) {
			p.obs.Fact("inconclusive", "the other kind of event about the object was not acknowledged")
			return
		}
		p.Expect("the same object", other, 1)
		alone := p.Make(one.Type)
		p.Deliver(simulator.Delivery{Role: role(roleTold, "another object"), Class: simulator.Genuine, Event: alone})
		alone.Type = other.Type
		p.Expect("asked under another type", alone, 0)
	}
}

// sameIDPlace tells whether two events carry their ids at the same place.
func sameIDPlace(s *subject, a, b generate.Event) bool {
	for _, l := range s.contract.Identity.ID {
		_, inA := valueAt(a.Body, l.Pointer)
		_, inB := valueAt(b.Body, l.Pointer)
		if inA || inB {
			return inA && inB
		}
	}
	return false
}

// judgeSameObject allows for an observer that counts by id alone: it then
// counts both kinds together.
func judgeSameObject(o *observation, t *terms) judgement {
	if reason, ok := o.Facts["inconclusive"].(string); ok {
		return judgement{Verdict: Inconclusive, Reason: reason}
	}
	if len(o.Effects) == 3 && o.Effects[2].Count != nil && *o.Effects[2].Count == 1 {
		blind := &observation{Case: o.Case, Attempts: o.Attempts, Facts: o.Facts}
		for _, e := range o.Effects[:2] {
			e.Want = 2
			blind.Effects = append(blind.Effects, e)
		}
		return byEffects(blind, t)
	}
	return byEffects(o, t)
}

// batch sends genuine events side by side, each worker on a connection of its
// own. Only what was acknowledged is expected to have been applied.
func (p *prober) batch(n int, expect bool) int {
	var wg sync.WaitGroup
	var left, refused, sent atomic.Int64
	left.Store(int64(n))
	began := time.Now()
	for range p.run.batchWorkers() {
		wg.Add(1)
		go func() {
			defer wg.Done()
			var conn *wire.Conn
			defer func() { conn.Close() }()
			for left.Add(-1) >= 0 && p.ctx.Err() == nil && time.Since(began) < batchTime {
				sent.Add(1)
				e := p.Make(p.run.control)
				var a *simulator.Attempt
				a, conn = p.DeliverOn(conn, simulator.Delivery{Role: role(roleTold, "batch"), Class: simulator.Genuine, Event: e})
				switch {
				case !p.run.terms.acknowledged(a):
					if refused.Add(1) > batchPatience {
						left.Store(0)
					}
				case expect:
					p.Expect("", e, 1)
				}
			}
		}()
	}
	wg.Wait()
	return int(sent.Load())
}

// batchWorkers is how many connections a batch is sent on: more than cases at a
// time where the run is not paced, for receivers that take a while over each.
func (r *run) batchWorkers() int {
	switch {
	case r.limit.met() > 0:
		return 2 // more would meet the receiver's limit together, again and again
	case r.c.Rate > 0:
		return r.c.Concurrency
	}
	return max(r.c.Concurrency, 16)
}

func probeWindow(p *prober) {
	e := p.Fresh()
	a, d, draft := p.first(roleControl, e, time.Time{})
	if !p.run.terms.acknowledged(a) {
		return
	}
	if sent := p.batch(windowSize, false); sent < batchLeast && p.ctx.Err() == nil {
		p.obs.Fact("inconclusive", fmt.Sprintf("only %d other events could be sent in %s", sent, batchTime))
	}
	p.obs.thin("batch", p.Terms())
	p.again(role(roleTold, "duplicate"), d, draft)
	p.redeliver(role(roleTold, "redelivery"), e, 2)
	p.Expect("", e, 1)
}

// judgeWindow leaves a window open that was too small to tell.
func judgeWindow(o *observation, t *terms) judgement {
	j := byEffects(o, t)
	if reason, ok := o.Facts["inconclusive"].(string); ok && j.Verdict == Passed {
		return judgement{Verdict: Inconclusive, Reason: reason}
	}
	return j
}
