package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
)

// lateAge is how long after the run's first event, at the least, its late
// duplicate comes.
const lateAge = 4 * time.Second

// keyEffects: what a receiver knows an event by, of every type, and for how
// long.
func (s *subject) keyEffects() []Case {
	var cases []Case
	effects := func(c Case) Case {
		c.Evidence = Effects
		return idem(c)
	}
	for _, e := range s.events() {
		cases = append(cases, effects(Case{ID: "applied-once/" + e.Type, Level: s.eventLevel(e), Event: e.Type,
			Summary: "a " + e.Type + " that is delivered twice is applied once at the most",
			Purpose: "Handlers of rarely seen types are where the look for duplicates is forgotten.", Probe: probeTypeOnce, Judge: judgeTypeOnce}))
	}
	journey := s.longJourney()
	return append(cases,
		effects(Case{ID: "ids-share-most", Lane: Exclusive, Summary: "events whose ids differ in one character, the first or the last, are each applied",
			Purpose: "An id that is cut to fit a column makes two events one, and the second is lost.", Probe: probeIDsShareMost}),
		effects(Case{ID: "equal-data-applied", Level: Should, Lane: Exclusive, NotApplicable: only(len(s.contract.Identity.Scope) == 0, "the idempotency key is the object's id itself"),
			Summary: "two events of one type with equal data, each under its own id, are each applied",
			Purpose: "Two equal payments are two payments: the id tells them apart, and nothing else does.", Probe: probeEqualData}),
		effects(Case{ID: "same-object-applied", Lane: Exclusive, NotApplicable: only(journey != "" && len(s.contract.Identity.Scope) == 0, "no journey of the contract has several events with ids of their own"),
			Summary: "the events of one journey, each under its own id, are applied as they are on their own",
			Purpose: "Who knows an event by the object that it is about loses all but the first.", Probe: probeSameObjectApplied(journey), Judge: judgeSameObjectApplied}),
		effects(Case{ID: "out-of-order-applied", Level: Should, Lane: Exclusive, NotApplicable: only(journey != "", "no journey of the contract has more than one event"), Cites: "",
			Summary: "the events of a journey in reverse order are applied as in their own, where they are acknowledged", Convention: "no provider promises an order",
			Purpose: "Who ignores what is older than the last event loses every event that was overtaken.", Probe: probeReverseApplied(journey), Judge: judgeReverseApplied}),
		effects(Case{ID: "late-duplicate", Lane: Last, Summary: fmt.Sprintf("the run's first event, delivered again at its end, %s later or more, is still applied exactly once", lateAge),
			Purpose: "Retries come after minutes and hours: a memory that forgets with time must outlast the provider's schedule.", Probe: probeLateDuplicate}),
	)
}

func probeTypeOnce(p *Prober) {
	e := p.Fresh()
	a, d, draft := p.first(RoleControl, e, time.Time{})
	if p.run.terms.acknowledged(a) {
		p.again(role(RoleTold, "duplicate"), d, draft)
		p.Expect("", e, 1)
	}
}

// judgeTypeOnce: a type that the receiver takes and does nothing for tells
// nothing; twice is once too often.
func judgeTypeOnce(o *Observation, t *Terms) Judgement {
	j := ByEffects(o, t)
	if j.Verdict == Failed && len(o.Effects) == 1 && o.Effects[0].Count != nil && *o.Effects[0].Count == 0 {
		return Judgement{Verdict: NotApplicable, Reason: "the observer counts no effect of this event type: the receiver does nothing for it"}
	}
	return j
}

// probeIDsShareMost sends an event, and others that differ from it in one
// character of the id.
func probeIDsShareMost(p *Prober) {
	e := p.Fresh()
	if !p.run.terms.acknowledged(p.Deliver(simulator.Delivery{Role: RoleControl, Class: simulator.Genuine, Event: e})) {
		return
	}
	p.Expect("", e, 1)
	first := strings.LastIndexAny(e.ID[:max(len(e.ID)-1, 0)], "_-:.") + 1
	for _, differs := range []struct {
		label string
		at    int
	}{{"the last character differs", len(e.ID) - 1}, {"the first character differs", first}} {
		id, ok := neighbour(e.ID, differs.at)
		if !ok {
			continue
		}
		other := p.Fresh()
		a := p.Deliver(simulator.Delivery{Role: role(RoleTold, differs.label), Class: simulator.Genuine, Event: other, Faults: []fault.Fault{fault.ReID(id)}})
		if other.ID = id; p.run.terms.acknowledged(a) {
			p.Expect(differs.label, other, 1)
		}
	}
}

// neighbour replaces the character of an id at a place by another one of the
// same kind, so that the id keeps its form.
func neighbour(id string, at int) (string, bool) {
	if at < 0 || at >= len(id) {
		return "", false
	}
	next := func(c, from, to byte) byte {
		if c == to {
			return from
		}
		return c + 1
	}
	c := id[at]
	switch {
	case '0' <= c && c <= '9':
		c = next(c, '0', '9')
	case 'a' <= c && c <= 'f':
		c = next(c, 'a', 'f') // hexadecimal ids stay what they are
	case 'g' <= c && c <= 'z':
		c = next(c, 'g', 'z')
	case 'A' <= c && c <= 'F':
		c = next(c, 'A', 'F')
	case 'G' <= c && c <= 'Z':
		c = next(c, 'G', 'Z')
	default:
		return "", false
	}
	return id[:at] + string(c) + id[at+1:], true
}

// probeEqualData sends an event, and its data again as another event.
func probeEqualData(p *Prober) {
	e, other := p.Fresh(), p.Fresh()
	if !p.run.terms.acknowledged(p.Deliver(simulator.Delivery{Role: RoleControl, Class: simulator.Genuine, Event: e})) {
		return
	}
	twin := e
	twin.ID = other.ID
	a := p.Deliver(simulator.Delivery{Role: role(RoleTold, "equal data"), Class: simulator.Genuine, Event: e, Faults: []fault.Fault{fault.ReID(other.ID)}})
	p.Expect("", e, 1)
	if p.run.terms.acknowledged(a) {
		p.Expect("equal data", twin, 1)
	}
}

const (
	onItsOwn  = "on its own"
	inJourney = "in its journey"
)

// probeSameObjectApplied sends the types of a journey on their own, each about
// an object of its own, and then the journey, whose events share theirs.
func probeSameObjectApplied(eventType string) func(*Prober) {
	return func(p *Prober) {
		events, err := p.run.generator.Context(p.key(), eventType, p.run.now())
		if err != nil || len(events) == 0 {
			p.trouble(err)
			return
		}
		for _, e := range events {
			alone := p.Make(e.Type)
			if p.run.terms.acknowledged(p.Deliver(simulator.Delivery{Role: role(RoleTold, onItsOwn), Class: simulator.Genuine, Event: alone})) {
				p.Expect(onItsOwn, alone, 1)
			}
		}
		for _, e := range events {
			if p.run.terms.acknowledged(p.Deliver(simulator.Delivery{Role: role(RoleTold, inJourney), Class: simulator.Genuine, Event: e})) {
				p.Expect(inJourney, e, 1)
			}
		}
	}
}

// judgeSameObjectApplied holds the journey against what was applied on its own:
// a receiver is free to do nothing for a type.
func judgeSameObjectApplied(o *Observation, t *Terms) Judgement {
	return againstBase(o, t, onItsOwn, inJourney)
}

// againstBase wants of the effects with one label what was counted under
// another for the same type.
func againstBase(o *Observation, t *Terms, base, judged string) Judgement {
	if j, stop := preconditions(o, t); stop {
		return j
	}
	does := map[string]bool{}
	for _, e := range o.Effects {
		if e.Label == base && e.Count != nil && *e.Count == 1 {
			does[e.Event] = true
		}
	}
	shared := &Observation{Case: o.Case, Attempts: o.Attempts, Facts: o.Facts}
	for _, e := range o.Effects {
		if e.Label == judged && does[e.Event] {
			shared.Effects = append(shared.Effects, e)
		}
	}
	if len(shared.Effects) < 2 && len(o.Effects) > 0 && o.counted() {
		return Judgement{Verdict: NotApplicable, Reason: "the receiver has an effect for fewer than two of the journey's event types"}
	}
	if len(shared.Effects) == 0 {
		shared.Effects = o.Effects
	}
	return effectsJudgement(shared, t)
}

const inReverse = "in reverse"

// probeReverseApplied sends a journey in order, and another one in reverse.
func probeReverseApplied(eventType string) func(*Prober) {
	return func(p *Prober) {
		for _, label := range []string{inJourney, inReverse} {
			events, err := p.run.generator.Context(p.key(), eventType, p.run.now())
			if err != nil || len(events) == 0 {
				p.trouble(err)
				return
			}
			if label == inReverse {
				slices.Reverse(events)
			}
			for _, e := range events {
				if p.run.terms.acknowledged(p.Deliver(simulator.Delivery{Role: role(RoleTold, label), Class: simulator.Genuine, Event: e})) {
					p.Expect(label, e, 1)
				}
			}
		}
	}
}

// judgeReverseApplied holds the reverse against the order.
func judgeReverseApplied(o *Observation, t *Terms) Judgement {
	return againstBase(o, t, inJourney, inReverse)
}

// counted tells whether every effect was counted.
func (o *Observation) counted() bool {
	for _, e := range o.Effects {
		if e.Count == nil {
			return false
		}
	}
	return true
}

// probeLateDuplicate sends the event that the observer was proven with again.
func probeLateDuplicate(p *Prober) {
	early := p.run.early
	if early == nil {
		p.obs.Fact("inconclusive", "the observer was not proven with an event that could be sent again")
		return
	}
	p.Pause(time.Until(early.at.Add(lateAge)))
	p.again(role(RoleTold, "late duplicate"), early.delivery, early.draft)
	p.redeliver(role(RoleTold, "late redelivery"), early.delivery.Event, 2)
	p.Expect("", early.delivery.Event, 1)
	p.obs.Effects[len(p.obs.Effects)-1].expected = early.at
}
