package conformance

import (
	"context"

	"github.com/hookstone/hookstone/simulator"
)

// diagnostic is a probe without a verdict of its own: it feeds the findings.
type diagnostic struct {
	ID    string // "diagnostic/…"
	When  func(*evidence) bool
	probe func(*prober)
}

// diagnose runs the diagnostics that the failures so far ask for.
func (r *run) diagnose(ctx context.Context) {
	e := &evidence{terms: &r.terms, results: map[string]*CaseResult{}}
	for i := range r.cases {
		if res, ok := r.results[r.cases[i].ID]; ok {
			e.results[res.ID] = &res
			e.order = append(e.order, res.ID)
		}
	}
	e.index()
	for _, d := range diagnostics() {
		if r.stopped(ctx) {
			return
		}
		if d.When(e) {
			r.runDiagnostic(ctx, d)
		}
	}
}

func (r *run) runDiagnostic(ctx context.Context, d diagnostic) *observation {
	obs := &observation{Case: d.ID}
	d.probe(&prober{ctx: ctx, run: r, c: &Case{ID: d.ID}, obs: obs})
	r.diagnostics = append(r.diagnostics, obs)
	return obs
}

// told sends a delivery that is told and not judged.
func (p *prober) told(label string, d simulator.Delivery) *simulator.Attempt {
	d.Role = role(roleTold, label)
	return p.Deliver(d)
}
