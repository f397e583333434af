package conformance

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/hookstone/hookstone/simulator"
)

// caseResult makes a case's entry in the report.
func (r *run) caseResult(c *Case, obs *observation, j judgement, took time.Duration) CaseResult {
	res := CaseResult{
		ID: c.ID, Family: c.Family(), Level: c.Level, Impact: c.Impact, Verdict: j.Verdict, Reason: j.Reason,
		Summary: c.Summary, Purpose: c.Purpose, Citation: r.source(c), Violations: j.Violations,
		DurationMS: math.Round(float64(took)/1e4) / 100,
	}
	if obs != nil {
		res.Attempts, res.Facts, res.Effects = obs.Attempts, obs.Facts, obs.Effects
	}
	if res.Violations == nil {
		res.Violations = []Violation{}
	}
	if res.Attempts == nil {
		res.Attempts = []simulator.Attempt{}
	}
	if waivable(res.Verdict) {
		res.Waived = r.waivers[c.ID]
	}
	res.Reproduce = r.reproduce(c)
	return res
}

// source is the clause of the contract that a case rests on, or the
// convention.
func (r *run) source(c *Case) Source {
	if c.Cites != "" {
		if cite, ok := r.terms.Contract.CitationFor(c.Cites); ok && (cite.Convention == "" || c.Convention == "") {
			return SourceOf(r.terms.Contract, cite)
		}
	}
	return Source{Document: "convention", Section: c.Convention}
}

// reproduce is the command that runs the case again with fresh ids. It never
// holds the secret.
func (r *run) reproduce(c *Case) string {
	flags := r.c.Flags
	if flags == "" {
		flags = "--target '" + r.c.Client.URL.Redacted() + "'"
	}
	if r.c.Repeat > 1 {
		flags += fmt.Sprintf(" --repeat %d", r.c.Repeat)
	}
	return fmt.Sprintf("hookstone certify %s %s --seed %d --case '%s'", r.terms.Contract.Provider, flags, r.c.Seed, c.ID)
}

// fillUnrun gives every case of the catalogue its result.
func (r *run) fillUnrun() {
	for i := range r.cases {
		c := &r.cases[i]
		if _, done := r.results[c.ID]; done {
			continue
		}
		j := judgement{Verdict: r.plan[i].verdict, Reason: r.plan[i].reason}
		if r.plan[i].runs {
			j = judgement{Verdict: NotRun, Reason: cmp.Or(r.dead, "the run ended before this case")}
		}
		if r.plan[i].runs {
			r.report(r.caseResult(c, nil, j, 0))
		} else {
			r.results[c.ID] = r.caseResult(c, nil, j, 0)
		}
	}
}

// result assembles the report.
func (r *run) result(started time.Time, outcome Outcome, reason string) *Result {
	res := &Result{
		Tool:     r.c.Tool,
		Run:      RunInfo{ID: r.c.RunID, Seed: r.c.Seed, Started: started, Finished: r.wall(), ClockSkewMS: r.skew.estimate()},
		Contract: ContractInfo{Provider: r.terms.Contract.Provider, Title: r.terms.Contract.Title, Digest: r.c.Provider.Digest},
		Suite:    SuiteInfo{Edition: r.c.Edition, Version: Version, CasesDigest: casesDigest(r.cases)},
		Target:   Target{URL: r.c.Client.URL.Redacted()},
		Profile:  r.c.Profile, Selection: r.c.Selection, Notes: r.notes,
		Terms: &RunTerms{DeadlineMS: r.terms.DeadlineMS, RecommendedMS: r.terms.Recommended, Observed: r.terms.Observed, ObserverFault: r.observerFault},
	}
	for i := range r.cases {
		res.Results = append(res.Results, r.results[r.cases[i].ID])
	}
	for _, o := range r.diagnostics {
		if len(o.Attempts) > 0 || len(o.Facts) > 0 {
			res.Diagnostics = append(res.Diagnostics, Diagnostic{ID: o.Case, Attempts: append([]simulator.Attempt{}, o.Attempts...), Facts: o.Facts})
		}
	}
	res.Score = scoreOf(res.Results, r.plan)
	res.Outcome, res.Reason = gate(res.Score)
	if outcome != "" {
		res.Outcome = outcome
	}
	if reason != "" {
		res.Reason = reason
	}
	res.Latency, res.Counts = r.tally(res.Results)
	res.Findings = r.findings(res)
	if res.Findings == nil {
		res.Findings = []Finding{}
	}
	if r.c.Baseline != nil {
		res.Baseline = baselineOf(r.c.Baseline, r.c.Gate)
		res.Baseline.compare(res, r.plan)
	}
	return res
}

// tally sums up all attempts of the run.
func (r *run) tally(results []CaseResult) (Latency, Counts) {
	counts := Counts{Verdicts: map[Verdict]int{}}
	var latencies []float64
	for i := range results {
		counts.Verdicts[results[i].Verdict]++
		attempts := results[i].allAttempts()
		for k := range attempts {
			a := &attempts[k]
			counts.Attempts++
			switch a.Class {
			case simulator.Forged:
				counts.Forged++
			case simulator.Genuine, simulator.Duplicate, simulator.Redelivery:
				counts.Genuine++
				if a.Answer != nil {
					latencies = append(latencies, a.Phases.Answer)
				}
			}
		}
	}
	for _, o := range r.diagnostics {
		counts.Attempts += len(o.Attempts)
	}
	slices.Sort(latencies)
	return Latency{P50: quantile(latencies, 0.5), P90: quantile(latencies, 0.9), P99: quantile(latencies, 0.99), Max: quantile(latencies, 1)}, counts
}

// quantile is the nearest-rank quantile of sorted values; 0 of none.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	i := int(math.Ceil(q*float64(len(sorted)))) - 1
	return math.Round(sorted[max(i, 0)]*1000) / 1000
}
