package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
)

// Effect is what was wanted of one event's effect, and what the observer
// counted after the settle time.
type Effect struct {
	Label   string `json:"label,omitempty"`
	ID      string `json:"id"`
	Event   string `json:"event"`
	Want    int    `json:"want"`
	Count   *int   `json:"count"` // nil: not counted
	Trouble string `json:"trouble,omitempty"`

	expected time.Time // when it was delivered at the latest
}

// Expect wants an event to have been applied so many times by the end of the
// run. The count is taken after the whole settle time, for all cases at once:
// a zero or a two may still change until then.
func (p *Prober) Expect(label string, e generate.Event, want int) {
	p.obs.mu.Lock()
	defer p.obs.mu.Unlock()
	p.obs.Effects = append(p.obs.Effects, Effect{Label: label, ID: e.ID, Event: e.Type, Want: want, expected: time.Now()})
}

// earlyDelivery is what the observer was proven with, to be sent again late.
type earlyDelivery struct {
	delivery simulator.Delivery
	draft    *fault.Draft
	at       time.Time
}

// proveObserver tests the observer before anything rests on it: an id that was
// never sent counts 0, and a genuine delivery goes from 0 to 1.
func (r *run) proveObserver(ctx context.Context) error {
	c := &Case{ID: "diagnostic/observer"}
	p := &Prober{ctx: ctx, run: r, c: c, obs: &Observation{Case: c.ID}}
	r.diagnostics = append(r.diagnostics, p.obs)
	never := p.Make(r.control)
	if err := r.countsNone(ctx, never); err != nil {
		return err
	}
	var err error
	first := r.control
	for range proofs {
		lost := false
		if lost, err = r.proveWith(ctx, p); !lost || ctx.Err() != nil {
			return err
		}
	}
	// A receiver is free to do nothing for a type: another one may show effects.
	for _, other := range r.controlCandidates() {
		if other == first || !r.takesPlain(p, other) {
			continue
		}
		r.control = other
		if lost, err := r.proveWith(ctx, p); !lost && err == nil {
			r.notes = append(r.notes, fmt.Sprintf("the observer counts no effect of %s: the run's deliveries are of type %s", first, other))
			return nil
		}
		break
	}
	r.control = first
	p.obs.Fact("never_applied", true)
	return err
}

// proofs is how many events the observer is tested with where the first have no
// effect: a receiver may lose one of several that it takes for the same.
const proofs = 2

// proofSettles is how many settle times the observer's own test may take.
const proofSettles = 5

// takesPlain tells whether an event of a type is acknowledged without those that
// lead to it.
func (r *run) takesPlain(p *Prober, eventType string) bool {
	return r.terms.acknowledged(p.told("another type", simulator.Delivery{Class: simulator.Genuine, Event: p.Make(eventType)}))
}

// countsNone wants no effect of an event that was not sent yet.
func (r *run) countsNone(ctx context.Context, e generate.Event) error {
	n, err := r.c.Observer.Count(ctx, e.ID, e.Type)
	if err != nil {
		return fmt.Errorf("the observer could not be asked: %w", err)
	}
	if n != 0 {
		return fmt.Errorf("the observer counts %d effects of an event that was never sent", n)
	}
	return nil
}

// proveWith delivers one event and waits for its effect; lost tells that none
// was counted.
func (r *run) proveWith(ctx context.Context, p *Prober) (lost bool, err error) {
	sent := p.Make(r.control)
	if err := r.countsNone(ctx, sent); err != nil {
		return false, err
	}
	a, d, draft := p.first(role(RoleTold, "observed"), sent, time.Time{})
	if !r.terms.acknowledged(a) {
		return false, errors.New("the delivery that the observer was to be tested with was not acknowledged")
	}
	r.early = &earlyDelivery{d, draft, time.Now()}
	n := 0
	for end := time.Now().Add(proofSettles * r.c.Settle); ; {
		if n, err = r.c.Observer.Count(ctx, sent.ID, sent.Type); err != nil {
			return false, fmt.Errorf("the observer could not be asked: %w", err)
		}
		if n == 1 || time.Now().After(end) || ctx.Err() != nil {
			break
		}
		pause(ctx, 20*time.Millisecond)
	}
	if took := time.Since(r.early.at); n == 1 && 2*took > r.c.Settle {
		r.c.Settle = 2 * took
		r.notes = append(r.notes, fmt.Sprintf("an effect took %s to show: the run waits %s for others", took.Round(time.Millisecond), r.c.Settle.Round(time.Millisecond)))
	}
	if n != 1 {
		return n == 0, fmt.Errorf("the observer counts %d effects of an acknowledged delivery within %s, where 1 was wanted (a slower one needs a longer --settle)", n, proofSettles*r.c.Settle)
	}
	r.life.proof = simulator.EventRef{ID: sent.ID, Type: sent.Type}
	return false, nil
}

// forgeriesCase wants no effect of any forgery of the whole run.
const forgeriesCase = "idempotency/refused-has-no-effect"

// expectNothing registers every forged and stale event of the run's MUST cases
// that was never sent rightly signed as well. What a SHOULD asks to refuse may
// be taken, and then has an effect.
func (r *run) expectNothing() {
	own := r.observations[forgeriesCase]
	if own == nil {
		return
	}
	genuine, seen := map[string]bool{}, map[string]bool{}
	r.eachAttempt(func(a *simulator.Attempt) {
		if a.Class != simulator.Forged && a.Class != simulator.Stale {
			genuine[a.Event.ID] = true
		}
	})
	musts := map[string]bool{}
	for i := range r.cases {
		musts[r.cases[i].ID] = r.cases[i].Level == Must
	}
	r.eachAttempt(func(a *simulator.Attempt) {
		if (a.Class == simulator.Forged || a.Class == simulator.Stale) && musts[a.Case] && !genuine[a.Event.ID] && !seen[a.Event.ID] && a.Event.ID != "" {
			seen[a.Event.ID] = true
			own.Effects = append(own.Effects, Effect{Label: a.Case, ID: a.Event.ID, Event: a.Event.Type, Want: 0, expected: a.SentAt})
		}
	})
}

// eachAttempt calls f for every attempt of every case, in catalogue order.
func (r *run) eachAttempt(f func(*simulator.Attempt)) {
	for i := range r.cases {
		for _, o := range r.runsOf(r.cases[i].ID) {
			for k := range o.Attempts {
				f(&o.Attempts[k])
			}
		}
	}
}

// countEffects waits the settle time once and fills in every expectation.
func (r *run) countEffects(ctx context.Context) {
	r.expectNothing()
	var waiting []*Observation
	for i := range r.cases {
		for _, o := range r.runsOf(r.cases[i].ID) {
			if len(o.Effects) > 0 {
				waiting = append(waiting, o)
			}
		}
	}
	if len(waiting) == 0 || r.observerFault != "" {
		return
	}
	var all []*Effect
	for _, o := range waiting {
		for i := range o.Effects {
			all = append(all, &o.Effects[i])
		}
	}
	pause(ctx, r.c.Settle)
	r.ask(ctx, all)
	r.catchUp(ctx, all)
}

// catchUpLimit is how long a receiver that still applies what it acknowledged
// is waited for.
const catchUpLimit = 5 * time.Minute

// catchUp asks again for what is not applied yet, as long as anything more was
// applied from one settle time to the next: a queue that is being worked off
// loses nothing.
func (r *run) catchUp(ctx context.Context, all []*Effect) {
	for end := time.Now().Add(catchUpLimit); time.Now().Before(end); {
		open := slices.DeleteFunc(slices.Clone(all), func(e *Effect) bool { return e.Count == nil || *e.Count >= e.Want })
		if len(open) == 0 || ctx.Err() != nil {
			return
		}
		pause(ctx, r.c.Settle)
		r.ask(ctx, open)
		if !slices.ContainsFunc(open, func(e *Effect) bool { return e.Count != nil && *e.Count > 0 }) {
			return
		}
		r.behind = true
	}
}

// questions is how many the observer is asked at a time.
const questions = 8

// ask fills in counts, several at a time.
func (r *run) ask(ctx context.Context, effects []*Effect) {
	asking := &counting{run: r, began: time.Now()}
	var wg sync.WaitGroup
	slots := make(chan struct{}, questions)
	for _, e := range effects {
		if ctx.Err() != nil {
			break
		}
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() { <-slots; wg.Done() }()
			asking.fill(ctx, e)
		}()
	}
	wg.Wait()
}

// ByEffects is ByRoles, and then every expected effect.
func ByEffects(o *Observation, t *Terms) Judgement {
	if j, stop := preconditions(o, t); stop {
		return j
	}
	violations, _ := t.mismatches(o)
	if len(o.Effects) == 0 && len(violations) == 0 {
		return unjudged(o)
	}
	j := effectsJudgement(o, t)
	if len(violations) > 0 {
		return verdictOf(append(violations, j.Violations...), t, o)
	}
	return j
}

// effectsJudgement judges the expected effects alone.
func effectsJudgement(o *Observation, t *Terms) Judgement {
	if !t.Observed {
		return Judgement{Verdict: Inconclusive, Reason: "there is no observer that proved sound"}
	}
	if len(o.Effects) == 0 {
		return unjudged(o)
	}
	var violations []Violation
	missing, trouble := 0, ""
	for i := range o.Effects {
		e := &o.Effects[i]
		switch {
		case e.Count == nil:
			if missing++; trouble == "" {
				trouble = e.Trouble
			}
		case *e.Count != e.Want && len(violations) < 10:
			violations = append(violations, Violation{
				Want: fmt.Sprintf("%s applied %s", named(e), times(e.Want)),
				Got:  fmt.Sprintf("the observer counts %d", *e.Count)})
		}
	}
	if len(violations) > 0 {
		return Judgement{Verdict: Failed, Violations: violations}
	}
	if missing > 0 {
		return Judgement{Verdict: Inconclusive, Reason: fmt.Sprintf("the observer did not answer for %d of %d events: %s", missing, len(o.Effects), trouble)}
	}
	return Judgement{Verdict: Passed}
}

func named(e *Effect) string {
	if e.Label != "" {
		return fmt.Sprintf("%s %s (%s)", e.Event, e.ID, e.Label)
	}
	return e.Event + " " + e.ID
}

func times(n int) string {
	switch n {
	case 0:
		return "not at all"
	case 1:
		return "exactly once"
	}
	return fmt.Sprintf("exactly %d times", n)
}
