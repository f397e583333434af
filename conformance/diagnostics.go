package conformance

import (
	"context"
	"strings"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/explain"
	"github.com/hookstone/hookstone/simulator/fault"
)

// diagnoseRefusal sends one event under each known mistake, the commonest
// first, until one is taken: that names why every genuine delivery is refused.
func (r *run) diagnoseRefusal(ctx context.Context, eventType string) {
	obs := &Observation{Case: "diagnostic/refusal"}
	p := &Prober{ctx: ctx, run: r, c: &Case{ID: obs.Case}, obs: obs}
	r.diagnostics = append(r.diagnostics, obs)
	unsigned := explain.Variant{Label: "without a signature", Fix: "Refuse deliveries without a signature, and accept signed ones.", Fault: fault.Unsigned()}
	for _, v := range append(explain.Variants(r.terms.Contract, r.siblings()), unsigned) {
		a := p.told(v.Label, simulator.Delivery{Class: simulator.Forged, Event: p.Make(eventType), Faults: []fault.Fault{v.Fault}})
		switch {
		case ctx.Err() != nil:
			return
		case r.terms.acknowledged(a):
			obs.Fact("fix", v.Fix)
			return
		case r.terms.symptom(a) == silentTill || r.terms.symptom(a) == gone:
			return // nothing more will be learnt
		}
	}
}

// reserialises: the raw-body probes, or the refusal diagnostics, show that the
// receiver signs its own spelling of the JSON.
func reserialises(e *evidence) *explanation {
	if label := e.accepted("diagnostic/refusal"); strings.HasSuffix(label, "spelling of the JSON") {
		language := strings.TrimSuffix(strings.TrimPrefix(label, "signed over "), "'s spelling of the JSON")
		return &explanation{Cases: e.undone(), First: true,
			Title:    "The signature is checked over the body as " + language + " spells it again",
			Evidence: "a genuine delivery was refused, and the same bytes " + label + " were acknowledged"}
	}
	if label := e.accepted("diagnostic/spelling"); label != "" {
		cases := e.join(e.failed("raw-body/*", refused, accepted), e.failed("acknowledge/unicode", refused), e.failed("acknowledge/event/*", refused), e.failed("acknowledge/documented-fields-only", refused),
			e.failed("acknowledge/extreme-numbers"), e.failed("acknowledge/large-body"))
		return &explanation{Cases: cases,
			Title:    "The signature is checked over the body as " + label + " spells it again",
			Evidence: "a body with odd white space that was signed over " + label + "'s spelling of its JSON was acknowledged; " + e.shown(cases)}
	}
	return nil
}
