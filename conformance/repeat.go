package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/simulator"
)

// Repetition is one of several runs of a case. Attempts, facts and effects of
// the one that the result shows stand in the result itself.
type Repetition struct {
	Number     int                 `json:"number"` // from 1
	Verdict    Verdict             `json:"verdict"`
	Reason     string              `json:"reason,omitempty"`
	Shown      bool                `json:"shown,omitempty"`
	Violations []Violation         `json:"violations,omitempty"`
	Attempts   []simulator.Attempt `json:"attempts,omitempty"`
	Effects    []Effect            `json:"effects,omitempty"`
	Facts      map[string]any      `json:"facts,omitempty"`
}

// repeats is how often a case runs. A whole-run case is not repeated: it
// judges what all repetitions of the others observed.
func (r *run) repeats(c *Case) int {
	if c.lane == wholeRun {
		return 1
	}
	return r.c.Repeat
}

// probe runs a case's probe once. It is nil where the run was cut short: half
// an observation is no evidence.
func (r *run) probe(ctx context.Context, c *Case, repetition int) *observation {
	obs := &observation{Case: c.ID}
	p := &prober{ctx: ctx, run: r, c: c, obs: obs, repetition: repetition}
	func() {
		// A probe's panic is our own fault: it spoils this case, not the run.
		defer func() {
			if x := recover(); x != nil {
				obs.trouble(fmt.Errorf("the probe failed: %v", x))
			}
		}()
		c.probe(p)
	}()
	if r.goneBefore(c, obs) {
		return nil
	}
	if (c.lane != shared || r.life.careful) && ctx.Err() == nil {
		r.checkAlive(ctx, p, "after "+c.ID)
	}
	if ctx.Err() != nil {
		return nil
	}
	return obs
}

// observed stores the observations of a case's runs.
func (r *run) observed(id string, runs []*observation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.observations[id] = runs[0]
	r.repetitions[id] = runs[1:]
}

// runsOf lists the observations of all runs of a case.
func (r *run) runsOf(id string) []*observation {
	if r.observations[id] == nil {
		return nil
	}
	return append([]*observation{r.observations[id]}, r.repetitions[id]...)
}

// combine makes one judgement of a case's runs, and says which run shows it.
// Passed here and failed there is flaky, and counts as a failure. What could
// not be judged once leaves a failure a failure, and a pass open.
func combine(all []judgement) (j judgement, shown int) {
	for _, v := range []Verdict{Failed, Errored, Inconclusive, NotApplicable, NotRun, Passed} {
		if shown = slices.IndexFunc(all, func(j judgement) bool { return j.Verdict == v }); shown >= 0 {
			break
		}
	}
	shown = max(shown, 0)
	j = all[shown]
	counts := map[Verdict]int{}
	for _, one := range all {
		counts[one.Verdict]++
	}
	if len(counts) == 1 {
		return j, shown
	}
	told := tallied(counts, len(all))
	if counts[Failed] > 0 && counts[Passed] > 0 {
		return judgement{Verdict: Flaky, Reason: told, Violations: j.Violations}, shown
	}
	if j.Reason != "" {
		told += ": " + j.Reason
	}
	j.Reason = told
	return j, shown
}

// tallied spells the verdicts of several runs: "of 3 runs 2 passed, 1 failed".
func tallied(counts map[Verdict]int, n int) string {
	var parts []string
	for _, v := range []Verdict{Passed, Failed, Inconclusive, NotApplicable, NotRun, Errored} {
		switch {
		case counts[v] == 0:
		case v == Errored:
			parts = append(parts, fmt.Sprintf("%d in error", counts[v]))
		default:
			parts = append(parts, fmt.Sprintf("%d %s", counts[v], v))
		}
	}
	return fmt.Sprintf("of %d runs %s", n, strings.Join(parts, ", "))
}

// repeated adds the single runs to a result, where there were several.
func (res *CaseResult) repeated(runs []*observation, all []judgement, shown int) {
	if len(runs) < 2 {
		return
	}
	for i, o := range runs {
		one := Repetition{Number: i + 1, Verdict: all[i].Verdict, Reason: all[i].Reason, Shown: i == shown, Violations: all[i].Violations}
		if i != shown {
			one.Attempts, one.Effects, one.Facts = o.Attempts, o.Effects, o.Facts
		}
		res.Repetitions = append(res.Repetitions, one)
	}
}

// allAttempts lists the attempts of every run of a case.
func (res *CaseResult) allAttempts() []simulator.Attempt {
	all := res.Attempts
	for i := range res.Repetitions {
		all = append(all[:len(all):len(all)], res.Repetitions[i].Attempts...)
	}
	return all
}

// maxRepeat bounds how often a case runs.
const maxRepeat = 1000
