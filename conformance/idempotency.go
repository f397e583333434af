package conformance

import (
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
)

// copies are how many deliveries of one event are released together.
const copies = 16

// idempotencyCases: the same event more than once, and events that only look
// the same.
func idempotencyCases(s *subject) []Case {
	return slices.Concat(s.duplicateAnswers(), s.duplicateEffects(), s.keyEffects())
}

func idem(c Case) Case {
	c.ID = "idempotency/" + c.ID
	if c.Impact == "" {
		c.Impact = DataLoss
	}
	if c.Level == "" {
		c.Level = Must
	}
	if c.Cites == "" {
		c.Cites = "/identity/id"
	}
	if c.Convention == "" {
		c.Convention = "webhooks are delivered at least once"
	}
	return c
}

func (s *subject) duplicateAnswers() []Case {
	identical := only(s.contract.Time.OnRedelivery == "renewed", "a redelivery is byte-identical")
	journey := s.longJourney()
	return []Case{
		idem(Case{ID: "duplicate-acknowledged", Summary: "the same bytes again, three times, on fresh connections: acknowledged each time",
			Purpose: "A duplicate that is refused is sent again and again.", Probe: probeDuplicates}),
		idem(Case{ID: "redelivery-acknowledged", NotApplicable: identical, Summary: "the same event, signed anew at a later time, is acknowledged",
			Purpose: "Every retry of the provider is one.", Cites: "/time/on_redelivery", Probe: probeRedelivery}),
		idem(Case{ID: "concurrent-acknowledged", Lane: Exclusive, Summary: "of 16 copies released together at least one is acknowledged, none ends in a 500, and a later redelivery is acknowledged",
			Purpose: "A retry can overtake a slow first attempt: two workers then hold the same event.", Probe: probeConcurrent(false), Judge: judgeConcurrent}),
		idem(Case{ID: "concurrent-acknowledged/all", Level: Should, Lane: Exclusive, Summary: "of 16 copies released together all are acknowledged",
			Purpose: "A copy that is refused because another is in work is sent again.", Probe: probeConcurrent(true)}),
		idem(Case{ID: "out-of-order", Level: Should, NotApplicable: only(journey != "", "no journey of the contract has more than one event"),
			Summary:    "a journey in reverse order: each event acknowledged, or refused and then acknowledged when sent again in order",
			Purpose:    "Retries reorder: an event can arrive before the one that it builds on.",
			Convention: "no provider promises an order", Cites: "", Probe: probeOutOfOrder(journey), Judge: judgeOutOfOrder}),
		idem(Case{ID: "same-id-other-body", Level: Should, Impact: Interoperability, Summary: "another event under an id that was seen is answered without a 5xx",
			Purpose: "A unique key in the database must not become a server error.", Convention: "an id names one event; what else comes under it is refused or ignored",
			Probe: probeSameID}),
	}
}

// longJourney is a type whose context has other events before it.
func (s *subject) longJourney() string {
	if s.provider.Journeys == nil {
		return ""
	}
	g, err := generate.New(s.provider, generate.Options{})
	if err != nil {
		return ""
	}
	best, length := "", 1
	for _, e := range s.events() {
		if events, err := g.Context(generate.Key{Case: "idempotency/out-of-order"}, e.Type, time.Unix(0, 0)); err == nil && len(events) > length && s.takes(e.Type) {
			best, length = e.Type, len(events)
		}
	}
	return best
}

// again sends the very bytes of a delivery once more.
func (p *Prober) again(roleName string, d simulator.Delivery, draft *fault.Draft) *simulator.Attempt {
	d.Role, d.Class, d.Case = roleName, simulator.Duplicate, p.c.ID
	if p.obs.troubled() || p.ctx.Err() != nil {
		return unsentAttempt(roleName)
	}
	a, err := p.run.resend(p.ctx, d, draft)
	p.trouble(err)
	p.obs.record(a)
	return &a
}

// first prepares and sends a genuine delivery whose bytes can be sent again.
func (p *Prober) first(roleName string, e generate.Event, at time.Time) (*simulator.Attempt, simulator.Delivery, *fault.Draft) {
	d := simulator.Delivery{Role: roleName, Class: simulator.Genuine, Event: e, At: at, Case: p.c.ID}
	draft, err := p.run.prepare(d)
	if err != nil {
		p.trouble(err)
		return &simulator.Attempt{}, d, nil
	}
	a, err := p.run.resend(p.ctx, d, draft)
	p.trouble(err)
	p.obs.record(a)
	return &a, d, draft
}

func probeDuplicates(p *Prober) {
	a, d, draft := p.first(RoleControl, p.Fresh(), time.Time{})
	if !p.run.terms.acknowledged(a) {
		return
	}
	for range 3 {
		p.again(RoleGenuine, d, draft)
	}
}

// redeliver sends an event as the provider's retry does: the attempt counted
// on, the time renewed where the contract says so.
func (p *Prober) redeliver(roleName string, e generate.Event, attempt int) *simulator.Attempt {
	return p.Deliver(simulator.Delivery{Role: roleName, Class: simulator.Redelivery, Event: e, Attempt: attempt})
}

// earlier is when a first attempt is signed so that a redelivery now differs.
const earlier = -5 * time.Second

func probeRedelivery(p *Prober) {
	e, at := p.At(earlier)
	if p.run.terms.acknowledged(p.Deliver(simulator.Delivery{Role: RoleControl, Class: simulator.Genuine, Event: e, At: at})) {
		p.redeliver(RoleGenuine, e, 2)
	}
}

// concurrent releases copies of one event together.
func (p *Prober) concurrent(roleName string, e generate.Event) {
	d := simulator.Delivery{Role: roleName, Class: simulator.Genuine, Event: e, Case: p.c.ID}
	draft, err := p.run.prepare(d)
	if err != nil {
		p.trouble(err)
		return
	}
	start := make(chan struct{})
	var wg sync.WaitGroup
	for range copies {
		wg.Add(1)
		go func() {
			defer wg.Done()
			<-start
			p.again(roleName, d, draft)
		}()
	}
	close(start)
	wg.Wait()
}

func probeConcurrent(all bool) func(*Prober) {
	return func(p *Prober) {
		if !p.Control() {
			return
		}
		e := p.Fresh()
		if all {
			p.concurrent(role(RoleGenuine, "copy"), e)
			return
		}
		p.concurrent(role(RoleTold, "copy"), e)
		p.redeliver(role(RoleGenuine, "later"), e, 2)
	}
}

// judgeConcurrent: one 2xx among the copies, no 500, and the later redelivery
// acknowledged. A 409 or 503 to a copy while another is in work is no defect.
func judgeConcurrent(o *Observation, t *Terms) Judgement {
	j := ByRoles(o, t)
	if j.Verdict != Passed && j.Verdict != Failed {
		return j
	}
	taken := 0
	for _, a := range o.withRole(RoleTold) {
		switch {
		case t.acknowledged(a):
			taken++
		case a.Answer != nil && a.Answer.Status == http.StatusInternalServerError, t.symptom(a) == dropped, t.symptom(a) == silentTill:
			j.Violations = append(j.Violations, Violation{Want: "no 500, and an answer, to any copy", Got: t.got(a), Attempt: a.ID})
		}
	}
	if taken == 0 {
		j.Violations = append(j.Violations, Violation{Want: "at least one of the copies acknowledged", Got: "none"})
	}
	return verdictOf(j.Violations, t, o)
}

func probeOutOfOrder(eventType string) func(*Prober) {
	return func(p *Prober) {
		events, err := p.run.generator.Context(p.key(), eventType, p.run.now())
		if err != nil {
			p.trouble(err)
			return
		}
		if !p.Control() {
			return
		}
		refusedAny := false
		for i := len(events) - 1; i >= 0; i-- {
			a := p.Deliver(simulator.Delivery{Role: role(RoleTold, "reverse"), Class: simulator.Genuine, Event: events[i]})
			refusedAny = refusedAny || !p.run.terms.acknowledged(a)
		}
		if refusedAny {
			for _, e := range events {
				p.redeliver(role(RoleTold, "in order"), e, 2)
			}
		}
	}
}

// judgeOutOfOrder: an event refused before its turn is acknowledged in it.
func judgeOutOfOrder(o *Observation, t *Terms) Judgement {
	if j, stop := preconditions(o, t); stop {
		return j
	}
	var violations []Violation
	taken := map[string]bool{}
	var order []*simulator.Attempt
	for _, a := range o.withRole(RoleTold) {
		if t.acknowledged(a) {
			taken[a.Event.ID] = true
		} else if t.symptom(a) == crashed && a.Answer.Status == http.StatusInternalServerError {
			violations = append(violations, Violation{Want: "an event before its turn acknowledged, or refused without a 500", Got: t.got(a), Attempt: a.ID})
		}
		order = append(order, a)
	}
	told := map[string]bool{}
	for _, a := range order {
		if !taken[a.Event.ID] && !told[a.Event.ID] {
			told[a.Event.ID] = true
			violations = append(violations, Violation{Want: "acknowledged at the latest when sent again in order", Got: t.got(a) + " for " + a.Event.Type, Attempt: a.ID})
		}
	}
	if len(order) == 0 {
		return Judgement{Verdict: Inconclusive, Reason: "nothing was sent that could be judged"}
	}
	return verdictOf(violations, t, o)
}

func probeSameID(p *Prober) {
	e := p.Fresh()
	if p.run.terms.acknowledged(p.Deliver(simulator.Delivery{Role: RoleControl, Class: simulator.Genuine, Event: e})) {
		p.Odd("the same id, another body", fault.ReID(e.ID))
	}
}
