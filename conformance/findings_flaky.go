package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/simulator"
)

// unsteady is how many plain genuine deliveries must have gone wrong, of types
// that were also taken, before the receiver is said to be unsteady.
const unsteady = 3

// mood counts what became of the plain genuine deliveries of the run: of types
// that were acknowledged at least once, so that a refusal is no matter of the
// type.
func (e *evidence) mood() map[symptom]int {
	taken := e.takenTypes()
	out := map[symptom]int{}
	e.plain(func(_ string, a *simulator.Attempt) {
		if taken[a.Event.Type] {
			out[e.terms.symptom(a)]++
		}
	})
	return out
}

// takenTypes are the event types of which a plain genuine delivery was
// acknowledged.
func (e *evidence) takenTypes() map[string]bool {
	taken := map[string]bool{}
	e.plain(func(_ string, a *simulator.Attempt) {
		if e.terms.acknowledged(a) {
			taken[a.Event.Type] = true
		}
	})
	return taken
}

// plain visits the deliveries that are genuine and unchanged in every way, but
// for those after a hostile one and those that a case refuses on purpose.
func (e *evidence) plain(f func(id string, a *simulator.Attempt)) {
	for _, id := range e.order {
		r := e.results[id]
		if r.Facts["dead"] == true || r.Family == "retry" {
			continue
		}
		for i := range r.Attempts {
			a := &r.Attempts[i]
			switch roleOf(a) {
			case roleControl, roleGenuine:
				if a.Class == simulator.Genuine && len(a.Faults) == 0 {
					f(id, a)
				}
			}
		}
	}
}

// spoiltBy lists the failed cases that a genuine delivery with the symptom
// made fail.
func (e *evidence) spoiltBy(s symptom) []string {
	var out []string
	for _, id := range e.order {
		r := e.results[id]
		if r.Verdict != Failed && r.Verdict != Flaky {
			continue
		}
		for _, a := range e.violating(r) {
			if e.terms.symptom(a) == s {
				out = append(out, id)
			}
		}
	}
	return e.join(out)
}

// sharesState: plain genuine deliveries are refused now and then, where others
// are under way.
func sharesState(e *evidence) *explanation {
	if e.nothingTaken() {
		return nil
	}
	m := e.mood()
	if x := e.failsTogether(); x != nil && m[refused] < unsteady {
		return x
	}
	if e.refusedAgain() || len(e.failed("freshness/within-tolerance", refused)) > 0 {
		return nil // brittle-header-parsing, or tolerance-too-narrow: what waits a little is stale
	}
	var held []string
	if r := e.results["load/verdicts-hold"]; r != nil && r.Verdict == Failed && len(e.showing(r.ID, refused)) > 0 {
		held = []string{r.ID}
	}
	if m[refused] < unsteady && len(held) == 0 {
		return e.mixesUp()
	}
	x := e.simple(e.join(held, e.spoiltBy(refused)))
	if x == nil {
		return nil
	}
	x.First = m[refused] >= unsteady
	x.Evidence = fmt.Sprintf("of %d plain genuine deliveries of types that are taken, %d were refused; %s", m[accepted]+m[refused], m[refused], e.shown(x.Cases))
	return x
}

// refusedAgain tells whether genuine deliveries that were refused are refused
// again, alone, and not because they had become old by then.
func (e *evidence) refusedAgain() bool {
	d := e.diagnostics["diagnostic/again"]
	return d != nil && d.Facts["refused_again"] == true && len(e.failed("freshness/within-tolerance", refused)) == 0
}

// failsTogether: plain genuine deliveries of types that are taken end in a
// server error now and then.
func (e *evidence) failsTogether() *explanation {
	taken, all, fell := e.takenTypes(), 0, 0
	e.plain(func(id string, a *simulator.Attempt) {
		if !taken[a.Event.Type] || strings.HasPrefix(id, "load/") {
			return // slow-under-load
		}
		all++
		if e.terms.symptom(a) == crashed {
			fell++
		}
	})
	x := e.simple(e.spoiltBy(crashed))
	if x == nil || fell < unsteady {
		return nil
	}
	x.First = true
	x.Title = "Deliveries that come at the same time end in server errors"
	x.Fix = "Let deliveries wait for each other instead of failing: a busy timeout and a retried transaction for SQLite's «database is locked», a pool that queues, no lock that is tried once and given up."
	x.Evidence = fmt.Sprintf("of %d plain genuine deliveries of types that are taken, %d were answered 5xx; %s", all, fell, e.shown(x.Cases))
	return x
}

// mixesUp: of events that were sent once each, side by side, some were applied
// twice and others not at all: one took the other's place.
func (e *evidence) mixesUp() *explanation {
	for _, id := range []string{"load/nothing-lost", "idempotency/acknowledged-applied", "idempotency/distinct-applied"} {
		r := e.results[id]
		if r == nil || r.Verdict != Failed {
			continue
		}
		twice, lost := 0, 0
		for _, x := range r.Effects {
			switch {
			case x.Count == nil:
			case *x.Count > x.Want:
				twice++
			case *x.Count < x.Want:
				lost++
			}
		}
		if twice == 0 || lost == 0 {
			continue
		}
		x := e.simple(e.join(e.counted("*", tooFew), e.counted("*", tooMany), e.counted("*", unwanted)))
		x.First = true
		x.Evidence = fmt.Sprintf("%s: of events that were each sent once, %d were applied more than once and %d not at all", id, twice, lost)
		return x
	}
	return nil
}

// dropsConnections: plain genuine deliveries, or every forgery, end without an
// answer.
func dropsConnections(e *evidence) *explanation {
	if len(e.deadAfter()) > 0 {
		return nil
	}
	if e.nothingTaken() {
		return e.dropsAll()
	}
	m := e.mood()
	forged := e.failed("signature/wrong-secret/*", dropped)
	cases := e.join(e.failed("acknowledge/connection-reuse"), e.showing("acknowledge/event/*", dropped), e.showing("load/*", dropped), e.showing("idempotency/concurrent-*", dropped))
	if m[dropped] >= unsteady || len(forged) > 0 {
		cases = e.join(cases, e.spoiltBy(dropped))
	} else if len(e.acceptedForgeries()) > 0 || e.refusalBroke() {
		return nil // the forgery on the connection is the matter, not the connection
	}
	if len(cases) > 0 {
		cases = e.join(cases, e.failed("acknowledge/deadline", silentTill))
	}
	x := e.simple(cases)
	if x != nil && m[dropped] >= unsteady {
		x.First = true
		x.Evidence = fmt.Sprintf("of %d plain genuine deliveries %d were closed or reset without an answer; %s", m[accepted]+m[dropped], m[dropped], x.Evidence)
	}
	return x
}

// dropsAll: not one delivery of the preflight was answered, and each connection
// was accepted.
func (e *evidence) dropsAll() *explanation {
	o := e.preflight()
	for i := range o.Attempts {
		if e.terms.symptom(&o.Attempts[i]) != dropped {
			return nil
		}
	}
	if o.Facts["speaks_tls"] == true || e.accepted("diagnostic/refusal") != "" {
		return nil
	}
	return &explanation{Cases: e.undone(), Always: true, First: true,
		Title:    "Every genuine delivery ends in a closed connection",
		Evidence: fmt.Sprintf("%d genuine deliveries: %s", len(o.Attempts), e.terms.got(&o.Attempts[0]))}
}

// refusalBroke tells whether on the one connection the forgery was the matter.
func (e *evidence) refusalBroke() bool {
	r := e.results["acknowledge/connection-reuse"]
	return r != nil && slices.ContainsFunc(e.violating(r), func(a *simulator.Attempt) bool { return e.forgery(a) })
}
