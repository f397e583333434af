package conformance

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/wire"
)

// preflight finds out whether there is a receiver that takes genuine
// deliveries at all, and with which event type controls are made. Where none
// is acknowledged the run ends here: every refusal that followed would prove
// nothing.
func (r *run) preflight(ctx context.Context) (outcome Outcome, reason string, goOn bool) {
	c := &Case{ID: "preflight"}
	obs := &Observation{Case: c.ID}
	p := &Prober{ctx: ctx, run: r, c: c, obs: obs}
	r.diagnostics = append(r.diagnostics, obs)

	candidates := r.controlCandidates()
	first := r.hedged(p, candidates)
	if ctx.Err() != nil {
		return "", "", false
	}
	if outcome, reason := r.environment(obs); outcome != "" {
		r.dead = reason
		return outcome, reason, false
	}
	if first != "" {
		r.control = first
		return "", "", true
	}
	if n := len(obs.Attempts); n > 0 && rateLimited(&obs.Attempts[n-1]) {
		r.refuseAll(obs, limitedRun)
		return "", limitedRun, false
	}
	if r.terms.silent(obs) {
		r.refuseAll(obs, "no genuine delivery was answered in time")
		return Nonconformant, "no genuine delivery was answered in time", false
	}
	if r.speaksTLS(ctx, obs) {
		obs.Fact("speaks_tls", true)
		r.refuseAll(obs, "the port speaks TLS")
		return Nonconformant, "the port speaks TLS, and the target says http", false
	}
	if r.tryAlternatives(p, candidates[0]) || r.tryOtherTypes(p, candidates) {
		return "", "", true
	}
	if ctx.Err() != nil {
		return "", "", false
	}
	r.diagnoseRefusal(ctx, candidates[0])
	r.refuseAll(obs, "no genuine delivery was acknowledged")
	return Nonconformant, "no genuine delivery was acknowledged", false
}

// controlCandidates orders the event types for controls: documented and
// subscribed types that need no context first.
func (r *run) controlCandidates() []string {
	s := newSubject(r.c.Library, r.c.Provider, r.c.Selection.Events)
	var first, second, rest []string
	for _, e := range s.events() {
		context, err := r.generator.Context(generate.Key{Case: "preflight"}, e.Type, r.now())
		switch {
		case err != nil || !s.takes(e.Type):
			rest = append(rest, e.Type)
		case e.Documented && len(context) == 1:
			first = append(first, e.Type)
		default:
			second = append(second, e.Type)
		}
	}
	return append(append(first, second...), rest...)
}

// hedged sends one genuine delivery with patience, and after a second without an answer two
// of other types beside it, so that a receiver that never answers is known for
// one after a single deadline. It returns the type that was acknowledged.
func (r *run) hedged(p *Prober, types []string) string {
	const hedge = time.Second
	answered := make(chan struct{})
	var mu sync.Mutex
	var taken string
	send := func(eventType string, deliver func(simulator.Delivery) *simulator.Attempt) {
		if r.terms.acknowledged(deliver(simulator.Delivery{
			Role: role(RoleGenuine, eventType), Class: simulator.Genuine, Event: p.Make(eventType)})) {
			mu.Lock()
			if taken == "" {
				taken = eventType
			}
			mu.Unlock()
		}
	}
	var wg sync.WaitGroup
	wg.Add(1)
	go func() { defer wg.Done(); defer close(answered); send(types[0], p.DeliverPatiently) }()
	timer := time.NewTimer(hedge)
	defer timer.Stop()
	select {
	case <-answered:
	case <-timer.C:
		for _, t := range types[1:min(3, len(types))] {
			wg.Add(1)
			go func() { defer wg.Done(); send(t, p.Deliver) }()
		}
	}
	wg.Wait()
	return taken
}

// environment tells whether the target could not be reached at all: no fault
// of a receiver, and nothing to judge.
func (r *run) environment(obs *Observation) (Outcome, string) {
	if obs.Trouble != "" {
		return OutcomeError, obs.Trouble
	}
	for i := range obs.Attempts {
		a := &obs.Attempts[i]
		if a.Error == nil {
			continue
		}
		where := r.c.Client.URL.Redacted()
		switch wire.Kind(a.Error.Kind) {
		case wire.Refused:
			return OutcomeError, "nothing listens at " + where + ": " + a.Error.Message
		case wire.Unresolved, wire.Unreachable:
			return OutcomeError, where + " cannot be reached: " + a.Error.Message
		case wire.TLSFailed, wire.Timeout:
			if a.Error.Kind == string(wire.Timeout) && a.Error.Op != "handshake" {
				continue
			}
			return OutcomeError, "no TLS connection to " + where + ": " + a.Error.Message
		case wire.Local:
			return OutcomeError, "this machine could not send: " + a.Error.Message
		}
	}
	return "", ""
}

// silent tells whether no genuine delivery of the preflight was answered in
// time.
func (t *Terms) silent(obs *Observation) bool {
	for i := range obs.Attempts {
		if s := t.symptom(&obs.Attempts[i]); s != silentTill && s != late {
			return false
		}
	}
	return len(obs.Attempts) > 0
}

// tryOtherTypes looks for a type that is acknowledged where the first was not:
// a receiver may handle some types only.
func (r *run) tryOtherTypes(p *Prober, types []string) bool {
	for _, t := range types[min(1, len(types)):] {
		a := p.Deliver(simulator.Delivery{Role: role(RoleGenuine, t), Class: simulator.Genuine, Event: p.InContext(t)})
		if r.terms.acknowledged(a) {
			r.control = t
			return true
		}
		if a.Error != nil && a.Error.Kind == string(wire.Timeout) {
			return false
		}
	}
	return false
}

// refuseAll gives the verdicts of a run without one acknowledged delivery: the
// event tried first failed, and nothing else can be told from it.
func (r *run) refuseAll(obs *Observation, why string) {
	if len(obs.Attempts) == 0 {
		return
	}
	tried := obs.Attempts[0].Event.Type
	for i := range r.cases {
		c := &r.cases[i]
		if !r.plan[i].runs {
			continue
		}
		if c.ID == "acknowledge/event/"+tried {
			r.settle(c, []*Observation{{Case: c.ID, Attempts: obs.Attempts[:1]}}, 0)
			continue
		}
		if c.ID == "acknowledge/deadline" && r.judgeLate(c, obs) {
			continue
		}
		r.report(r.caseResult(c, nil, Judgement{Verdict: Inconclusive,
			Reason: fmt.Sprintf("%s: see acknowledge/event/%s", why, tried)}, 0))
	}
}

// judgeLate fails acknowledge/deadline where the preflight's deliveries were
// answered late or not at all.
func (r *run) judgeLate(c *Case, obs *Observation) bool {
	own := &Observation{Case: c.ID, Attempts: obs.Attempts}
	j := c.JudgeRun(&Overview{Terms: &r.terms, Own: own, Observations: []*Observation{own}})
	if j.Verdict != Failed {
		return false
	}
	r.mu.Lock()
	r.observations[c.ID] = own
	r.mu.Unlock()
	r.report(r.caseResult(c, own, j, 0))
	return true
}
