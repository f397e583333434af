package conformance

import (
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
)

// Result is a run's whole outcome, and the content of report.json
// (schemas/report.schema.json). Times are RFC 3339, durations milliseconds.
type Result struct {
	Tool      Tool         `json:"tool"`
	Run       RunInfo      `json:"run"`
	Contract  ContractInfo `json:"contract"`
	Suite     SuiteInfo    `json:"suite"`
	Target    Target       `json:"target"`
	Profile   Profile      `json:"profile"`
	Selection Selection    `json:"selection"`
	Outcome   Outcome      `json:"outcome"`
	// Reason says in a sentence why an outcome is partial or error.
	Reason   string       `json:"reason,omitempty"`
	Score    Score        `json:"score"`
	Results  []CaseResult `json:"results"`
	Findings []Finding    `json:"findings"`
	Latency  Latency      `json:"latency"`
	Counts   Counts       `json:"counts"`
	Notes    []string     `json:"notes,omitempty"` // things told, not judged
	// Diagnostics are the probes without a verdict that fed the findings.
	Diagnostics []Diagnostic `json:"diagnostics,omitempty"`
	// Terms are what the judges went by; nil in reports of old.
	Terms *RunTerms `json:"terms,omitempty"`
	// Baseline compares with an earlier run; nil where none was given.
	Baseline *Baseline `json:"baseline,omitempty"`
}

// Tool names the program.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// UserAgent is how deliveries name their sender.
func (t Tool) UserAgent() string { return "Hookstone/" + t.Version }

// RunInfo identifies the run.
type RunInfo struct {
	ID       string    `json:"id"`
	Seed     uint64    `json:"seed"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	// ClockSkewMS is the receiver's Date minus ours; nil where none was told.
	ClockSkewMS *int64 `json:"clock_skew_ms"`
}

// RunTerms are the terms of a run beside the contract's own, so that it can be
// judged again.
type RunTerms struct {
	DeadlineMS    float64 `json:"deadline_ms"`
	RecommendedMS float64 `json:"recommended_ms"` // 0: none of its own
	Observed      bool    `json:"observed"`       // there was an observer that proved sound
	// ObserverFault says why an observer cannot be trusted.
	ObserverFault string `json:"observer_fault,omitempty"`
}

// ContractInfo identifies the contract.
type ContractInfo struct {
	Provider string `json:"provider"`
	Title    string `json:"title"`
	Digest   string `json:"digest"`
}

// SuiteInfo identifies the catalogue.
type SuiteInfo struct {
	Edition     string `json:"edition"`
	Version     string `json:"version"`
	CasesDigest string `json:"cases_digest"`
}

// Target is the receiver.
type Target struct {
	URL string `json:"url"`
}

// Profile is basic or full.
type Profile string

const (
	Basic Profile = "basic"
	Full  Profile = "full"
)

// Selection is what narrowed the run; empty: nothing did.
type Selection struct {
	Cases    []string `json:"cases,omitempty"`
	Families []string `json:"families,omitempty"`
	Levels   []string `json:"levels,omitempty"`
	Events   []string `json:"events,omitempty"`
}

// Outcome is the gate's answer.
type Outcome string

const (
	Conformant    Outcome = "conformant"
	Nonconformant Outcome = "nonconformant"
	Partial       Outcome = "partial"
	OutcomeError  Outcome = "error"
)

// Score is per level.
type Score struct {
	Must   LevelScore `json:"must"`
	Should LevelScore `json:"should"`
	May    LevelScore `json:"may"`
}

// LevelScore counts a level's cases in profile and selection. The percentages
// bound the score: inconclusive counted as lost, and as won.
type LevelScore struct {
	Passed       int     `json:"passed"`
	Failed       int     `json:"failed"`
	Inconclusive int     `json:"inconclusive"`
	NotRun       int     `json:"not_run"`
	Total        int     `json:"total"`
	Waived       int     `json:"waived,omitempty"` // of the failed: they do not gate
	PercentMin   float64 `json:"percent_min"`
	PercentMax   float64 `json:"percent_max"`
}

// Verdict is the answer to one case.
type Verdict string

const (
	Passed        Verdict = "passed"
	Failed        Verdict = "failed"
	Inconclusive  Verdict = "inconclusive"
	NotApplicable Verdict = "not-applicable"
	NotRun        Verdict = "not-run"
	Errored       Verdict = "error"
	Flaky         Verdict = "flaky"
)

// Level is RFC 2119's.
type Level string

const (
	Must   Level = "must"
	Should Level = "should"
	May    Level = "may"
)

// Impact is what a failure may cost.
type Impact string

const (
	Security         Impact = "security"
	DataLoss         Impact = "data-loss"
	Interoperability Impact = "interoperability"
)

// CaseResult is one case's result.
type CaseResult struct {
	ID         string              `json:"id"`
	Family     string              `json:"family"`
	Level      Level               `json:"level"`
	Impact     Impact              `json:"impact"`
	Verdict    Verdict             `json:"verdict"`
	Reason     string              `json:"reason,omitempty"` // of every non-verdict
	Summary    string              `json:"summary"`
	Purpose    string              `json:"purpose,omitempty"` // what the case is for, a sentence or two
	Citation   Source              `json:"citation"`
	Violations []Violation         `json:"violations"`
	Attempts   []simulator.Attempt `json:"attempts"`
	Reproduce  string              `json:"reproduce,omitempty"`
	DurationMS float64             `json:"duration_ms"`
	Waived     *Waiver             `json:"waived"`
	Effects    []Effect            `json:"effects,omitempty"`
	// Facts are what the probe learnt beside its attempts, so that the verdict
	// can be judged again offline.
	Facts map[string]any `json:"facts,omitempty"`
	// Repetitions are the single runs of a case that ran several times.
	Repetitions []Repetition `json:"repetitions,omitempty"`
}

// Diagnostic is what a probe without a verdict of its own saw.
type Diagnostic struct {
	ID       string              `json:"id"`
	Attempts []simulator.Attempt `json:"attempts"`
	Facts    map[string]any      `json:"facts,omitempty"`
}

// Source is a citation with the document's title; Document is "convention"
// where the document is silent.
type Source struct {
	Document string `json:"document"`
	Section  string `json:"section"`
}

// SourceOf spells a contract's citation for a report.
func SourceOf(c *schemas.Contract, cite schemas.Citation) Source {
	if cite.Convention != "" {
		return Source{Document: "convention", Section: cite.Convention}
	}
	return Source{Document: c.Documents[cite.Document].Title, Section: cite.Section}
}

// Violation is the receiver's fault: what was wanted and what came. It is an
// error so that matchers can carry it; anything else that goes wrong is ours.
type Violation struct {
	Want    string `json:"want"`
	Got     string `json:"got"`
	Attempt string `json:"attempt,omitempty"` // id of the attempt that shows it
}

func (v *Violation) Error() string { return "want " + v.Want + "; got " + v.Got }

// Waiver overlays a verdict and never rewrites it.
type Waiver struct {
	Reason  string `json:"reason"`
	Owner   string `json:"owner"`
	Expires string `json:"expires"` // the last day (UTC) on which it holds: 2026-12-31
}

// Finding is a likely root cause.
type Finding struct {
	ID         string   `json:"id"`
	Title      string   `json:"title"`
	Confidence string   `json:"confidence"` // high, medium, low
	Cases      []string `json:"cases"`      // that it explains
	Evidence   string   `json:"evidence"`
	Fix        string   `json:"fix"`
}

// Latency is over complete answers to genuine deliveries, in milliseconds.
type Latency struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// Counts are of the whole run.
type Counts struct {
	Attempts int             `json:"attempts"`
	Genuine  int             `json:"genuine"`
	Forged   int             `json:"forged"`
	Verdicts map[Verdict]int `json:"verdicts"`
}
