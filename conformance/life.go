package conformance

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/wire"
)

// livenessWaits are the pauses before a receiver that went silent is asked
// again: a supervisor may be starting it anew.
var livenessWaits = []time.Duration{0, 200 * time.Millisecond, 800 * time.Millisecond, 2 * time.Second}

// restartLimit is how often a run starts a receiver again: one that dies at
// every forgery has been judged by then.
const restartLimit = 20

// moodyTries is how many more genuine deliveries a receiver gets that answers,
// and refuses, before it is given up.
const moodyTries = 8

// afterThrow is how long after its answer a receiver may take to die of it:
// known to be mortal, it is given so long before it is asked.
const afterThrow = 50 * time.Millisecond

// besideOthers says since when a receiver is away that was found gone among
// the quick cases.
func besideOthers(suspects []string) string {
	where := "while the quick cases ran side by side"
	if len(suspects) > 0 {
		where += " (dropped in the middle: " + clip(strings.Join(suspects, ", "), 400) + ")"
	}
	return where
}

// life is what a run knows of the receiver's deaths. Its fields are written
// between cases alone.
type life struct {
	careful  bool // the receiver died among the quick cases: they run alone from then on
	deaths   int
	restarts int
	// unexplained says of a death that no one case was shown to bring about.
	unexplained string
	proof       simulator.EventRef // an event that had its effect; the observer must still count it after a restart
	forgot      time.Time          // when the observer last forgot; zero: never
}

// checkAlive sends genuine deliveries until one is acknowledged, and tells
// whether the receiver is to be had again. A receiver that stays away is
// started again where the run can do so, and otherwise ends the run; where says
// since when it is away.
func (r *run) checkAlive(ctx context.Context, p *prober, where string) bool {
	if r.life.careful {
		pause(ctx, afterThrow)
	}
	refused, answered := false, true
	for i, wait := range livenessWaits {
		if i == 2 && refused && r.c.Restart != nil {
			break // nobody else starts it
		}
		pause(ctx, wait)
		if ctx.Err() != nil {
			return false
		}
		label := ""
		if i > 0 {
			label = "again"
		}
		a := p.Deliver(simulator.Delivery{Role: role(roleLiveness, label), Class: simulator.Genuine, Event: p.Make(r.control)})
		if r.terms.acknowledged(a) || rateLimited(a) {
			return true
		}
		refused = met(a, wire.Refused)
		answered = answered && r.terms.rejected(a)
	}
	// Who refuses now this delivery and now that one is not dead.
	for i := 0; answered && i < moodyTries && ctx.Err() == nil; i++ {
		// In the role of context: no case judges it, whatever it asks of what is told.
		if r.terms.acknowledged(p.Deliver(simulator.Delivery{Role: role(roleContext, "alive"), Class: simulator.Genuine, Event: p.Make(r.control)})) {
			return true
		}
	}
	if ctx.Err() != nil {
		return false
	}
	p.obs.Fact("dead", true)
	r.life.deaths++
	if r.restart(ctx, p) {
		p.obs.Fact("restarted", true)
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dead = "the receiver no longer acknowledged genuine deliveries " + where
	return false
}

func met(a *simulator.Attempt, kinds ...wire.Kind) bool {
	for _, k := range kinds {
		if a.Error != nil && a.Error.Kind == string(k) {
			return true
		}
	}
	return false
}

// diagnosing is a prober without a case.
func (r *run) diagnosing(ctx context.Context, id string) *prober {
	for _, o := range r.diagnostics {
		if o.Case == id {
			p := &prober{ctx: ctx, run: r, c: &Case{ID: id}, obs: o}
			p.number.n.Store(uint64(len(o.Attempts)))
			return p
		}
	}
	p := &prober{ctx: ctx, run: r, c: &Case{ID: id}, obs: &observation{Case: id}}
	r.diagnostics = append(r.diagnostics, p.obs)
	return p
}

// restart starts the receiver again and waits until it acknowledges.
func (r *run) restart(ctx context.Context, p *prober) bool {
	if r.c.Restart == nil || r.life.restarts == restartLimit {
		return false
	}
	r.life.restarts++
	if err := r.c.Restart(ctx); err != nil {
		r.notes = append(r.notes, fmt.Sprintf("the receiver could not be started again after %s: %s", p.c.ID, r.redactor().String(err.Error())))
		return false
	}
	for _, wait := range livenessWaits {
		pause(ctx, wait)
		e := p.Make(r.control)
		if r.terms.acknowledged(p.told("after the restart", simulator.Delivery{Class: simulator.Genuine, Event: e})) {
			r.recall(ctx)
			r.life.proof = simulator.EventRef{ID: e.ID, Type: e.Type}
			return true
		}
	}
	return false
}

// recall asks the observer for an event that had its effect before the
// receiver died. Where it counts none any more, it kept its counts in the
// receiver, and what was delivered until now can no longer be counted.
func (r *run) recall(ctx context.Context) {
	if r.c.Observer == nil || r.observerFault != "" || r.life.proof.ID == "" {
		return
	}
	if n, err := r.c.Observer.Count(ctx, r.life.proof.ID, r.life.proof.Type); err != nil || n != 1 {
		r.life.forgot = time.Now()
	}
}

// forgotten says why an effect of that time cannot be counted; "" where it can.
func (l *life) forgotten(sent time.Time) string {
	if sent.Before(l.forgot) {
		return "the counts did not survive the receiver's restart"
	}
	return ""
}
