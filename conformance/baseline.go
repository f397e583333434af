package conformance

import (
	"fmt"
	"slices"
	"time"
)

// Gate says which failures count against a release.
type Gate string

const (
	// GateMust: every MUST. The default.
	GateMust Gate = "must"
	// GateRegressions: only a MUST that had not failed in the baseline.
	GateRegressions Gate = "regressions"
)

// Baseline compares a run with an earlier one of the same contract. The lists
// hold MUST and SHOULD cases in catalogue order; failed stands for flaky too.
type Baseline struct {
	Run     string    `json:"run"` // id of the earlier run
	Started time.Time `json:"started"`
	Edition string    `json:"edition"`
	// Failed are the cases that failed in the earlier run, those that this
	// catalogue no longer holds included.
	Failed       []string `json:"failed"`
	New          []string `json:"new"`           // fail now, and did not then
	Fixed        []string `json:"fixed"`         // failed then, and pass now
	StillFailing []string `json:"still_failing"` // failed then and fail now
	// Gate is the gate that the run was held to, GateOutcome what came of it.
	// The result's own outcome is not touched by it: what was known to fail
	// still fails.
	Gate        Gate    `json:"gate"`
	GateOutcome Outcome `json:"gate_outcome"`
	GateReason  string  `json:"gate_reason,omitempty"`
	// Undecided are the cases that the earlier run could not judge.
	Undecided []string `json:"undecided"`
}

// checkGate refuses a gate that is unknown or lacks its baseline, and a
// baseline of another contract.
func (c *Config) checkGate() error {
	switch {
	case c.Gate != GateMust && c.Gate != GateRegressions:
		return fmt.Errorf("%w: unknown gate %q (known: %s, %s)", ErrConfig, c.Gate, GateMust, GateRegressions)
	case c.Gate == GateRegressions && c.Baseline == nil:
		return fmt.Errorf("%w: the gate %q compares with a baseline: give an earlier report.json", ErrConfig, c.Gate)
	case c.Baseline != nil && c.Baseline.Contract.Provider != c.Provider.Contract.Provider:
		return fmt.Errorf("%w: the baseline is of contract %q, the run of %q", ErrConfig, c.Baseline.Contract.Provider, c.Provider.Contract.Provider)
	case c.Baseline != nil && c.Baseline.Outcome == OutcomeError:
		return fmt.Errorf("%w: the baseline's run ended in an error and judged nothing: take another", ErrConfig)
	}
	return nil
}

// baselineOf takes from an earlier report what a comparison needs.
func baselineOf(before *Result, gate Gate) *Baseline {
	b := &Baseline{Run: before.Run.ID, Started: before.Run.Started, Edition: before.Suite.Edition, Gate: gate, Failed: []string{}, Undecided: []string{}}
	for i := range before.Results {
		c := &before.Results[i]
		switch {
		case c.Level == May:
		case waivable(c.Verdict):
			b.Failed = append(b.Failed, c.ID)
		case c.Verdict == Inconclusive, c.Verdict == Errored:
			b.Undecided = append(b.Undecided, c.ID)
		}
	}
	return b
}

// compare fills in the lists and holds the result to the baseline's gate.
func (b *Baseline) compare(r *Result, plan []planned) {
	b.New, b.Fixed, b.StillFailing = []string{}, []string{}, []string{}
	regressions, open := 0, 0
	for i := range r.Results {
		c := &r.Results[i]
		if c.Level == May {
			continue
		}
		before := slices.Contains(b.Failed, c.ID)
		switch {
		case waivable(c.Verdict) && before:
			b.StillFailing = append(b.StillFailing, c.ID)
		case waivable(c.Verdict):
			b.New = append(b.New, c.ID)
			if c.Level == Must && c.Waived == nil {
				regressions++
			}
		case c.Verdict == Passed && before:
			b.Fixed = append(b.Fixed, c.ID)
		case c.Level == Must && plan[i].runs && c.Verdict != Passed && c.Verdict != NotApplicable:
			if !before && !slices.Contains(b.Undecided, c.ID) {
				open++
			}
		}
	}
	b.GateOutcome, b.GateReason = r.Outcome, ""
	if b.Gate != GateRegressions || r.Outcome == OutcomeError {
		return
	}
	switch {
	case regressions > 0:
		b.GateOutcome, b.GateReason = Nonconformant, fmt.Sprintf("%s that had not failed in the baseline", count(regressions, "MUST fails", "MUSTs fail"))
	case open > 0:
		b.GateOutcome, b.GateReason = Partial, fmt.Sprintf("%s that the baseline had judged could not be judged", count(open, "MUST", "MUSTs"))
	case !r.Score.judged():
		b.GateOutcome, b.GateReason = Partial, "nothing could be judged"
	default:
		b.GateOutcome, b.GateReason = Conformant, "no MUST fails that had not failed in the baseline"
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Gated is the outcome that a release is held to: the gate's where a baseline
// was given, else the result's own.
func (res *Result) Gated() Outcome {
	if res.Baseline != nil {
		return res.Baseline.GateOutcome
	}
	return res.Outcome
}
