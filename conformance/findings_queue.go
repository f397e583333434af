package conformance

import (
	"fmt"
	"slices"
	"time"

	"github.com/hookstone/hookstone/simulator"
)

const (
	// stopped is how many events in a row must have been lost, up to the run's
	// end, before the receiver is said to have stopped applying.
	stopped = 5
	// overtaken is how many may have been lost before: acknowledged ahead of the
	// odd event, and still in the queue behind it.
	overtaken = 3
)

// fate is what became of an acknowledged event.
type fate struct {
	at      time.Time
	applied bool
}

// fates lists the acknowledged events whose effects were counted, in the order
// of their first delivery.
func (e *evidence) fates() []fate {
	var out []fate
	for _, id := range e.order {
		r := e.results[id]
		sent := map[string]time.Time{}
		for i := range r.Attempts {
			a := &r.Attempts[i]
			if at, ok := sent[a.Event.ID]; !ok || a.SentAt.Before(at) {
				sent[a.Event.ID] = a.SentAt
			}
		}
		for _, x := range r.Effects {
			if at, ok := sent[x.ID]; ok && x.Want > 0 && x.Count != nil && id != "idempotency/late-duplicate" {
				out = append(out, fate{at, *x.Count > 0})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b fate) int { return a.at.Compare(b.at) })
	return out
}

// stopsApplying: up to some odd event all that was acknowledged was applied, and
// nothing from then on.
func stopsApplying(e *evidence) *explanation {
	lost := e.counted("*", tooFew)
	if d := e.diagnostics["diagnostic/observer"]; len(lost) == 0 || d == nil || d.Facts["never_applied"] == true {
		return nil
	}
	fates := e.fates()
	last := -1
	for i, f := range fates {
		if f.applied {
			last = i
		}
	}
	before := 0
	for _, f := range fates[:last+1] {
		if !f.applied {
			before++
		}
	}
	after := len(fates) - last - 1
	if after < stopped || before > overtaken {
		return nil
	}
	odd := e.oddBefore(fates[last+1].at)
	if odd == nil {
		return nil
	}
	return &explanation{Cases: lost, First: true, Evidence: fmt.Sprintf("of the events that were counted, %d were applied up to %s (%s), and none of %d after it",
		last+1-before, odd.Case, odd.Role, after)}
}

// oddBefore is the last odd delivery before a moment: what a worker may have
// ended at.
func (e *evidence) oddBefore(at time.Time) *simulator.Attempt {
	var odd *simulator.Attempt
	for _, id := range e.order {
		for i := range e.results[id].Attempts {
			a := &e.results[id].Attempts[i]
			unusual := a.Class == simulator.Malformed || a.Class == simulator.Genuine && len(a.Faults) > 0
			if unusual && a.SentAt.Before(at) && (odd == nil || a.SentAt.After(odd.SentAt)) && e.terms.acknowledged(a) {
				odd = a
			}
		}
	}
	return odd
}
