package conformance

import (
	"fmt"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
)

// compressed is how a documented delay is waited out in a run: the order of
// magnitude is kept, the hours are not.
const compressed = 50 * time.Millisecond

// retryCases: what the provider's retries meet.
func retryCases(s *subject) []Case {
	retry := func(c Case) Case {
		c.ID = "retry/" + c.ID
		if c.Level == "" {
			c.Level = Must
		}
		c.Impact = DataLoss
		c.Cites = "/retries"
		c.Convention = "webhooks are delivered at least once"
		return c
	}
	afterFailure := Must
	if s.contract.Answers.SampleAcknowledges {
		afterFailure = Should
	}
	schedule := s.scheduleLength()
	bodyTime := only(s.contract.Time.At.Pointer == "" || s.contract.Time.Tolerance.Duration == 0, "the event's own date is renewed with every attempt")
	return []Case{
		retry(Case{ID: "late-redelivery", NotApplicable: bodyTime, Summary: fmt.Sprintf("an event that happened %s ago, signed now as its last retry would be, is acknowledged", schedule),
			Purpose: "After an outage the events of hours ago arrive: they are late, not stale.", Probe: probeLate(schedule)}),
		retry(Case{ID: "sender-gives-up", Evidence: Effects, Lane: Exclusive, Summary: "the answer is lost, or the sender closes early, and the event is sent again: applied exactly once",
			Purpose: "The sender cannot tell a lost answer from a lost event: it sends again.", Probe: probeGivesUp}),
		retry(Case{ID: "broken-upload", Evidence: Effects, Lane: Exclusive, Summary: "an upload that breaks off in the body, and then the whole event: no 2xx for the broken one, applied exactly once",
			Purpose: "Half an event must neither be applied nor remembered.", Probe: probeBrokenUpload, Judge: judgeBrokenUpload}),
		retry(Case{ID: "after-failure", Level: afterFailure, Evidence: Effects, Needs: NeedsHook, Lane: Exclusive, Summary: "the receiver fails once, and the event is sent again: applied exactly once",
			Purpose: "An event that is remembered before it was applied is lost by the first failure.", Probe: probeAfterFailure}),
		retry(Case{ID: "schedule", Level: Should, Needs: NeedsHook, Lane: Exclusive, Summary: "the receiver fails twice, and takes the third attempt of the provider's schedule",
			Purpose: "Retries come with fresh signatures and old events.", Probe: probeSchedule}),
	}
}

// scheduleLength is how long after an event its last retry comes; an hour
// where the contract retries at once or not at all.
func (s *subject) scheduleLength() time.Duration {
	total := time.Duration(0)
	for _, d := range s.contract.Retries.Delays {
		if s.contract.Retries.From == "first-attempt" {
			total = max(total, d.Duration)
		} else {
			total += d.Duration
		}
	}
	return max(total, time.Hour)
}

// probeLate dates the event back and signs it now.
func probeLate(age time.Duration) func(*Prober) {
	return func(p *Prober) {
		if !p.Control() {
			return
		}
		e, _ := p.At(-age)
		attempt := len(p.run.terms.Contract.Retries.Delays) + 1
		p.Deliver(simulator.Delivery{Role: RoleGenuine, Class: simulator.Redelivery, Event: e, Attempt: attempt})
	}
}

func probeGivesUp(p *Prober) {
	if !p.Control() {
		return
	}
	lost := p.Fresh()
	p.Deliver(simulator.Delivery{Role: role(RoleTold, "answer lost"), Class: simulator.Genuine, Event: lost})
	p.redeliver(role(RoleTold, "sent again"), lost, 2)
	p.Expect("answer lost", lost, 1)

	closed := p.Fresh()
	p.Deliver(simulator.Delivery{Role: role(RoleTold, "closed early"), Class: simulator.Genuine, Event: closed, Faults: []fault.Fault{fault.Abandon()}})
	p.Pause(compressed)
	p.redeliver(role(RoleTold, "sent again"), closed, 2)
	p.Expect("closed early", closed, 1)
}

func probeBrokenUpload(p *Prober) {
	if !p.Control() {
		return
	}
	for _, cut := range []struct {
		label  string
		faults []fault.Fault
	}{
		{"after its first byte", []fault.Fault{fault.CutAt(1)}},
		{"in the middle", []fault.Fault{fault.CutAt(-1)}},
		{"within a character", []fault.Fault{fault.Unicode(""), fault.CutInCharacter()}},
		{"before its last byte", []fault.Fault{fault.CutLastByte()}},
		{"before the last chunk", []fault.Fault{fault.Endless()}},
	} {
		e := p.Fresh()
		p.Deliver(simulator.Delivery{Role: role(RoleTold, "broken off "+cut.label), Class: simulator.Malformed, Event: e, Faults: cut.faults})
		p.Pause(compressed)
		p.Deliver(simulator.Delivery{Role: role(RoleTold, "whole"), Class: simulator.Redelivery, Event: e, Attempt: 2})
		p.Expect("broken off "+cut.label, e, 1)
	}
}

func judgeBrokenUpload(o *Observation, t *Terms) Judgement {
	for _, a := range o.withRole(RoleTold) {
		if a.Class == simulator.Malformed && t.acknowledged(a) {
			return Judgement{Verdict: Failed, Violations: []Violation{{Want: "no 2xx for half a delivery", Got: t.got(a), Attempt: a.ID}}}
		}
	}
	return ByEffects(o, t)
}

// failOnce makes the receiver fail and sends; it tells whether the delivery
// was refused as it should have been.
func (p *Prober) failNext(n int) bool {
	if err := p.run.c.FaultHook.FailNext(p.ctx, n); err != nil {
		p.obs.Fact("inconclusive", "the fault hook did not answer: "+err.Error())
		return false
	}
	return true
}

func probeAfterFailure(p *Prober) {
	if !p.Control() || !p.failNext(1) {
		return
	}
	e := p.Fresh()
	a := p.Deliver(simulator.Delivery{Role: role(RoleTold, "made to fail"), Class: simulator.Genuine, Event: e})
	if p.run.terms.acknowledged(a) {
		p.obs.Fact("acknowledged_its_failure", true)
	} else {
		p.Pause(compressed)
		p.redeliver(RoleGenuine, e, 2)
	}
	p.Expect("", e, 1)
}

func probeSchedule(p *Prober) {
	if !p.Control() || !p.failNext(2) {
		return
	}
	e := p.Fresh()
	for attempt := 1; attempt <= 2; attempt++ {
		class := simulator.Redelivery
		if attempt == 1 {
			class = simulator.Genuine
		}
		if p.run.terms.acknowledged(p.Deliver(simulator.Delivery{Role: role(RoleTold, "made to fail"), Class: class, Event: e, Attempt: attempt})) {
			p.obs.Fact("inconclusive", "the fault hook did not make the receiver fail")
			return
		}
		p.Pause(compressed)
	}
	p.redeliver(RoleGenuine, e, 3)
}
