package conformance

import (
	"slices"
	"strings"
)

// effectRules name what is wrong with applying events once, and at all.
func effectRules() []rule {
	return []rule{
		{
			ID: "acknowledges-broken-uploads", Title: "Half a delivery is acknowledged",
			Fix: "Answer only after the whole body came: an upload that broke off is no delivery.",
			Holds: func(e *evidence) *explanation {
				if r := e.results["retry/broken-upload"]; r != nil && r.Verdict == Failed && len(r.Violations) > 0 && r.Violations[0].Attempt != "" {
					return e.simple([]string{"retry/broken-upload"})
				}
				return nil
			},
		},
		{
			ID: "applies-refused-deliveries", Title: "Deliveries that are refused have an effect all the same",
			Fix:   "Check the signature, the time and the method first, and return; nothing may be written before.",
			Holds: appliesRefused,
		},
		{
			ID: "poisoned-deduplication", Title: "A bad delivery makes the genuine one look like a duplicate",
			Fix:   "Record an event's id only after the delivery was verified, whole and accepted.",
			Holds: poisoned,
		},
		{
			ID: "loses-acknowledged-events", Title: "After an odd event nothing is applied any more",
			Fix:   "Catch what the worker throws for one event, put that event aside (a dead-letter queue, a log), and go on with the next: one event that cannot be handled must not end the consumer while the endpoint goes on acknowledging.",
			Holds: stopsApplying,
		},
		{
			ID: "loses-acknowledged-events", Title: "Events that were acknowledged are not applied",
			Fix:   "Acknowledge only what is stored safely: write the event to a durable queue or table before answering, and never swallow the error of that write.",
			Holds: losesEvents,
		},
		{
			ID: "deduplicates-before-success", Title: "An event counts as seen before it was applied",
			Fix:   "Record the id in the same transaction as the effect, so that a failure, or a sender that leaves, undoes both.",
			Holds: dedupsBeforeSuccess,
		},
		{
			ID: "duplicate-race", Title: "Copies that arrive together are not handled as one",
			Fix:   "Let the database decide: insert the id under a unique constraint in the transaction of the effect (INSERT … ON CONFLICT DO NOTHING), and acknowledge a copy that loses. Looking first and inserting later leaves a gap.",
			Holds: duplicateRace,
		},
		{
			ID: "forgets-duplicates", Title: "Events are remembered for too short a time",
			Fix:   "Remember ids for longer than the provider's whole retry schedule, in a store that does not evict by number.",
			Holds: forgets,
		},
		{
			ID: "applies-duplicates", Title: "A duplicate is applied again",
			Fix:   "Keep the idempotency key of every event that was applied, and skip the effect where it is known; key by the event's id, not by the body or the signature, which a redelivery renews.",
			Holds: appliesTwice,
		},
		{
			ID: "rejects-duplicates", Title: "A duplicate is refused instead of acknowledged",
			Fix:   "Answer a delivery of a known event with success and do nothing: the provider repeats what is refused.",
			Holds: rejectsDuplicates,
		},
		{
			ID: "deduplicates-too-coarsely", Title: "Different events are taken for the same one",
			Fix:   "Compare the whole idempotency key, byte by byte: the event's id, with its kind where the id names an object.",
			Holds: tooCoarse,
		},
		{
			ID: "rejects-out-of-order", Title: "Events that come out of order are refused",
			Fix:   "Take events in any order: compare their dates where it matters, or keep an early one until the one before it came.",
			Holds: whereFailing("idempotency/out-of-order", "idempotency/out-of-order-applied"),
		},
	}
}

// counted collects, of the failed cases of a glob, those whose observer counts
// show the deviation.
func (e *evidence) counted(glob string, off func(Effect) bool) []string {
	var out []string
	for _, id := range e.failed(glob) {
		for _, x := range e.results[id].Effects {
			if x.Count != nil && off(x) {
				out = append(out, id)
				break
			}
		}
	}
	return out
}

func tooMany(x Effect) bool  { return *x.Count > x.Want && x.Want > 0 }
func tooFew(x Effect) bool   { return *x.Count < x.Want }
func unwanted(x Effect) bool { return x.Want == 0 && *x.Count > 0 }

// unwantedEffects: what was refused had an effect.
func appliesRefused(e *evidence) *explanation {
	cases := e.counted("idempotency/refused-has-no-effect", unwanted)
	if len(cases) == 0 {
		return nil
	}
	taken := e.takenForgeries()
	if !slices.ContainsFunc(e.results[forgeriesCase].Effects, func(x Effect) bool { return x.Count != nil && *x.Count > 0 && !taken[x.ID] }) {
		return nil // what had an effect was accepted
	}
	return e.simple(e.join(cases, e.counted("idempotency/*-does-not-poison", tooMany)))
}

// takenForgeries are the ids of the forged and stale events that were
// acknowledged.
func (e *evidence) takenForgeries() map[string]bool {
	taken := map[string]bool{}
	for _, id := range e.order {
		for i := range e.results[id].Attempts {
			if a := &e.results[id].Attempts[i]; e.forgery(a) && e.terms.acknowledged(a) {
				taken[a.Event.ID] = true
			}
		}
	}
	return taken
}

func poisoned(e *evidence) *explanation {
	cases := e.join(e.counted("idempotency/*-does-not-poison", tooFew), e.counted("retry/broken-upload", tooFew))
	if len(e.counted("idempotency/distinct-applied", tooFew)) > 0 {
		return nil
	}
	return e.simple(e.join(cases, whereRefusedLater(e)))
}

// whereRefusedLater lists poison cases whose genuine delivery was refused.
func whereRefusedLater(e *evidence) []string {
	var out []string
	for _, id := range e.failed("idempotency/*-does-not-poison") {
		if len(e.counted(id, tooFew)) > 0 {
			out = append(out, id)
		}
	}
	return out
}

// losesEvents: events of their own, each acknowledged, and not all applied.
func losesEvents(e *evidence) *explanation {
	cases := e.join(e.counted("idempotency/acknowledged-applied", tooFew), e.counted("load/nothing-lost", tooFew), e.counted("idempotency/distinct-applied", tooFew))
	if r := e.results["retry/after-failure"]; r != nil && r.Verdict == Failed && r.Facts["acknowledged_its_failure"] == true {
		cases = e.join(cases, []string{"retry/after-failure"})
	}
	if d := e.diagnostics["diagnostic/observer"]; d != nil && d.Facts["never_applied"] == true {
		return &explanation{Always: true, Confidence: "medium", Evidence: "the observer counts no effect of an acknowledged delivery: the receiver applies nothing, or the observer looks at the wrong place"}
	}
	if len(cases) == 0 || coarseOnly(e) {
		return nil
	}
	return e.simple(e.join(cases, e.counted("*", tooFew)))
}

// coarseOnly: what is lost among events of the same moment, but not one after
// another, or the other way round, speaks for a key that is too coarse.
func coarseOnly(e *evidence) bool {
	return !e.lostInCompany() && len(e.counted("idempotency/distinct-applied", tooFew)) > 0 && mostlyLost(e.results["idempotency/acknowledged-applied"])
}

// mostlyLost tells whether fewer than half of the expected events were applied.
func mostlyLost(r *CaseResult) bool {
	if r == nil || len(r.Effects) == 0 {
		return false
	}
	lost := 0
	for _, x := range r.Effects {
		if x.Count != nil && *x.Count < x.Want {
			lost++
		}
	}
	return lost*2 > len(r.Effects)
}

func dedupsBeforeSuccess(e *evidence) *explanation {
	after := e.counted("retry/after-failure", tooFew)
	if r := e.results["retry/after-failure"]; r != nil && r.Facts["acknowledged_its_failure"] == true {
		after = nil
	}
	return e.simple(e.join(after, e.counted("retry/sender-gives-up", tooFew)))
}

func duplicateRace(e *evidence) *explanation {
	if len(e.failed("idempotency/applied-once"))+len(e.failed("idempotency/duplicate-acknowledged")) > 0 {
		return nil
	}
	if twice := e.counted("idempotency/concurrent-applied-once", tooMany); len(e.failed("load/burst")) > 0 {
		return e.simple(twice) // what fails under any load says nothing about copies
	}
	x := e.simple(e.join(e.counted("idempotency/concurrent-applied-once", tooMany), e.failed("idempotency/concurrent-acknowledged"), e.failed("idempotency/concurrent-acknowledged/all")))
	if x != nil && len(e.counted("idempotency/concurrent-applied-once", tooMany)) == 0 {
		x.Title = "Copies that arrive while one is in work are refused"
		x.Fix = "Acknowledge a copy of an event that is in work or done: the provider sends again what is refused. Where the work may still fail, let the copy wait for it."
		x.Minor = len(e.failed("idempotency/concurrent-acknowledged")) == 0
	}
	return x
}

func forgets(e *evidence) *explanation {
	if len(e.failed("idempotency/applied-once")) > 0 {
		return nil
	}
	return e.simple(e.join(e.counted("idempotency/window", tooMany), e.counted("idempotency/late-duplicate", tooMany)))
}

func appliesTwice(e *evidence) *explanation {
	someTypes := e.counted("idempotency/applied-once/*", tooMany)
	if len(e.failed("idempotency/applied-once"))+len(e.failed("idempotency/redelivery-applied-once"))+len(e.counted("retry/*", tooMany))+len(someTypes) == 0 {
		return nil
	}
	if len(someTypes) > 0 && len(e.failed("idempotency/applied-once")) == 0 {
		var types []string
		for _, id := range someTypes {
			types = append(types, strings.TrimPrefix(id, "idempotency/applied-once/"))
		}
		return &explanation{Cases: someTypes, Title: "A duplicate of the type " + clip(strings.Join(types, ", "), 80) + " is applied again", Evidence: e.shown(someTypes)}
	}
	return e.simple(e.join(e.counted("idempotency/*", tooMany), e.counted("retry/*", tooMany), e.counted("load/*", tooMany)))
}

func rejectsDuplicates(e *evidence) *explanation {
	cases := e.join(e.failed("idempotency/duplicate-acknowledged"), e.failed("idempotency/redelivery-acknowledged"), e.failed("idempotency/same-id-other-body"))
	if len(cases) == 0 {
		return e.simple(e.failed("retry/schedule"))
	}
	return e.simple(e.join(cases, e.failed("idempotency/concurrent-acknowledged"), e.failed("idempotency/concurrent-acknowledged/all"), e.failed("retry/schedule"), e.failed("idempotency/out-of-order")))
}

func tooCoarse(e *evidence) *explanation {
	cases := e.join(e.counted("idempotency/ids-differ-in-case", tooFew), e.counted("idempotency/ids-share-most", tooFew), e.counted("idempotency/same-object-applied", tooFew), e.counted("idempotency/equal-data-applied", tooFew),
		e.counted("idempotency/same-object-other-event", tooFew), e.counted("idempotency/distinct-applied", tooFew))
	if len(cases) == 0 || e.lostInCompany() && len(e.counted("idempotency/distinct-applied", tooFew)) > 0 {
		return nil
	}
	if len(e.counted("idempotency/distinct-applied", tooFew)) == 0 {
		return e.simple(cases)
	}
	var all []string
	for _, id := range e.counted("*", tooFew) {
		if !strings.HasPrefix(id, "retry/") {
			all = append(all, id)
		}
	}
	return e.simple(e.join(cases, all))
}
