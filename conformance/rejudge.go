package conformance

import (
	"fmt"
	"net/url"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Rejudge judges the evidence of an earlier run again, offline, with the judges
// and findings of today: attempts, facts and effects as they were recorded. It
// changes nothing of before and sends nothing. library must hold the run's
// contract; where that has changed since, the result's notes say so. What the
// earlier run had no evidence for keeps its verdict and reason. The error, an
// ErrConfig, is of a contract or an edition that is not known.
func Rejudge(library *schemas.Library, before *Result) (*Result, error) {
	if library == nil {
		return nil, fmt.Errorf("%w: no contracts are loaded", ErrConfig)
	}
	p, err := library.Provider(before.Contract.Provider)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	cases, err := ofEdition(Catalogue(library, p, before.Selection.Events), before.Suite.Edition)
	if err != nil {
		return nil, err
	}
	target, err := url.Parse(before.Target.URL)
	if err != nil {
		return nil, fmt.Errorf("%w: the report's target: %w", ErrConfig, err)
	}
	r := &run{
		c: Config{
			Library: library, Provider: p, Client: &wire.Client{URL: target}, Tool: before.Tool, Edition: before.Suite.Edition,
			RunID: before.Run.ID, Seed: before.Run.Seed, Profile: before.Profile, Selection: before.Selection,
		},
		cases: cases, notes: append([]string{}, before.Notes...),
		observations: map[string]*observation{}, repetitions: map[string][]*observation{}, results: map[string]CaseResult{},
	}
	r.remember(before)
	if err := r.planAgain(before); err != nil {
		return nil, err
	}
	r.judgeAgain(before)
	res := r.result(before.Run.Started, "", "")
	res.Run = before.Run
	res.outcomeAgain(before, &r.terms)
	if before.Baseline != nil {
		again := *before.Baseline
		again.compare(res, r.plan)
		res.Baseline = &again
	}
	return res, nil
}

// remember takes over what concerns the whole run.
func (r *run) remember(before *Result) {
	contract := r.c.Provider.Contract
	r.terms = terms{
		Contract: contract, Observed: before.Profile == Full,
		DeadlineMS:  float64(contract.Deadlines.Acknowledge.Duration) / 1e6,
		Recommended: float64(contract.Deadlines.Recommended.Duration) / 1e6,
	}
	if t := before.Terms; t != nil {
		r.terms.DeadlineMS, r.terms.Recommended, r.terms.Observed = t.DeadlineMS, t.RecommendedMS, t.Observed
		r.observerFault = t.ObserverFault
	}
	if ms := before.Run.ClockSkewMS; ms != nil {
		off := time.Duration(*ms) * time.Millisecond
		r.skew = skew{known: true, low: off, top: off}
	}
	for _, d := range before.Diagnostics {
		r.diagnostics = append(r.diagnostics, &observation{Case: d.ID, Attempts: d.Attempts, Facts: d.Facts})
	}
	r.notes = append(r.notes, "judged again offline, from what the run recorded")
	if before.Contract.Digest != r.c.Provider.Digest {
		r.notes = append(r.notes, fmt.Sprintf("the contract has changed since the run: %s then, %s now", before.Contract.Digest, r.c.Provider.Digest))
	}
}

// planAgain tells which cases the run was to judge. What the run lacked an
// input for it said itself.
func (r *run) planAgain(before *Result) error {
	chosen, err := before.Selection.matcher(&r.c, r.cases)
	if err != nil {
		return err
	}
	recorded := recordedResults(before)
	r.plan = make([]planned, len(r.cases))
	for i := range r.cases {
		c := &r.cases[i]
		old := recorded[c.ID]
		switch {
		case c.NotApplicable != "":
			r.plan[i] = planned{verdict: NotApplicable, reason: c.NotApplicable}
		case old == nil:
			r.plan[i] = planned{verdict: NotRun, reason: "the report holds nothing of this case"}
		case !chosen(c), c.Evidence == Effects && before.Profile != Full, old.Verdict == NotApplicable && !old.evidence():
			r.plan[i] = planned{verdict: old.Verdict, reason: old.Reason}
		default:
			r.plan[i] = planned{runs: true}
		}
	}
	return nil
}

func recordedResults(before *Result) map[string]*CaseResult {
	recorded := map[string]*CaseResult{}
	for i := range before.Results {
		recorded[before.Results[i].ID] = &before.Results[i]
	}
	return recorded
}

// evidence tells whether a result holds anything that could be judged.
func (res *CaseResult) evidence() bool {
	return len(res.Attempts) > 0 || len(res.Facts) > 0 || len(res.Effects) > 0 || len(res.Repetitions) > 0
}

// recall rebuilds the observations of a result's runs. A harness's trouble was
// recorded as the reason of an error.
func (res *CaseResult) recall() []*observation {
	shown := &observation{Case: res.ID, Attempts: res.Attempts, Facts: res.Facts, Effects: res.Effects}
	trouble := func(o *observation, v Verdict, reason string) *observation {
		if v == Errored {
			o.Trouble = reason
		}
		return o
	}
	if len(res.Repetitions) == 0 {
		return []*observation{trouble(shown, res.Verdict, res.Reason)}
	}
	var runs []*observation
	for _, one := range res.Repetitions {
		o := shown
		if !one.Shown {
			o = &observation{Case: res.ID, Attempts: one.Attempts, Facts: one.Facts, Effects: one.Effects}
		}
		runs = append(runs, trouble(o, one.Verdict, one.Reason))
	}
	return runs
}

// judgeAgain gives every case its result.
func (r *run) judgeAgain(before *Result) {
	recorded := recordedResults(before)
	var all []*observation
	for i := range r.cases {
		if old := recorded[r.cases[i].ID]; old != nil && old.evidence() && r.plan[i].runs {
			r.observed(old.ID, old.recall())
			all = append(all, r.runsOf(old.ID)...)
		}
	}
	for i := range r.cases {
		c := &r.cases[i]
		old, runs := recorded[c.ID], r.runsOf(c.ID)
		var res CaseResult
		switch {
		case !r.plan[i].runs:
			res = r.caseResult(c, nil, judgement{Verdict: r.plan[i].verdict, Reason: r.plan[i].reason}, 0)
		case len(runs) == 0:
			res = r.caseResult(c, nil, judgement{Verdict: old.Verdict, Reason: old.Reason, Violations: old.Violations}, 0)
		case c.lane == wholeRun:
			res = r.caseResult(c, runs[0], r.judgeRun(c, runs[0], all), 0)
		default:
			res = r.judged(c, runs, 0)
		}
		if old != nil {
			res.Reproduce, res.DurationMS = old.Reproduce, old.DurationMS
			if waivable(res.Verdict) {
				res.Waived = old.Waived
			}
		}
		r.results[c.ID] = res
	}
	for _, old := range before.Results {
		if _, known := r.results[old.ID]; !known {
			r.notes = append(r.notes, fmt.Sprintf("%s (%s then) is no case of this catalogue", old.ID, old.Verdict))
		}
	}
}

// outcomeAgain keeps what the outcome owed to the run itself: that it ended in
// an error, was interrupted, or that nothing at all was acknowledged.
func (res *Result) outcomeAgain(before *Result, t *terms) {
	if before.Outcome == OutcomeError {
		res.Outcome, res.Reason = OutcomeError, before.Reason
		return
	}
	for _, d := range before.Diagnostics {
		if d.ID != "preflight" || len(d.Attempts) == 0 {
			continue
		}
		taken := false
		for i := range d.Attempts {
			taken = taken || t.acknowledged(&d.Attempts[i])
		}
		if !taken {
			res.Outcome = Nonconformant
		}
	}
	if res.Outcome == before.Outcome {
		res.Reason = before.Reason
	}
}
