package reports

import (
	"encoding/json"
	"io"
	"math"
	"time"

	"github.com/hookstone/hookstone/conformance"
)

// ctrfVersion is the edition of the Common Test Report Format that is written.
const ctrfVersion = "0.0.0"

// CTRF writes the result in the Common Test Report Format (ctrf.io). Test
// statuses are JUnit's, with an error of the harness as "other"; rawStatus
// holds our verdict.
func CTRF(w io.Writer, r *conformance.Result) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(ctrfOf(r))
}

type ctrfReport struct {
	Format    string      `json:"reportFormat"`
	Version   string      `json:"specVersion"`
	RunID     string      `json:"runId,omitempty"`
	Timestamp string      `json:"timestamp,omitempty"`
	By        string      `json:"generatedBy"`
	Results   ctrfResults `json:"results"`
}

type ctrfResults struct {
	Tool        ctrfTool        `json:"tool"`
	Summary     ctrfSummary     `json:"summary"`
	Tests       []ctrfTest      `json:"tests"`
	Environment ctrfEnvironment `json:"environment"`
}

type ctrfTool struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

type ctrfSummary struct {
	Tests    int            `json:"tests"`
	Passed   int            `json:"passed"`
	Failed   int            `json:"failed"`
	Skipped  int            `json:"skipped"`
	Pending  int            `json:"pending"`
	Other    int            `json:"other"`
	Flaky    int            `json:"flaky,omitempty"`
	Suites   int            `json:"suites"`
	Start    int64          `json:"start"`
	Stop     int64          `json:"stop"`
	Duration int64          `json:"duration"`
	Extra    map[string]any `json:"extra"`
}

type ctrfTest struct {
	ID        string            `json:"testId"`
	Name      string            `json:"name"`
	Status    string            `json:"status"`
	Raw       string            `json:"rawStatus"`
	Duration  int64             `json:"duration"`
	Suite     []string          `json:"suite"`
	Message   string            `json:"message,omitempty"`
	Trace     string            `json:"trace,omitempty"`
	Tags      []string          `json:"tags,omitempty"`
	Labels    map[string]string `json:"labels,omitempty"`
	Type      string            `json:"type"`
	Reproduce map[string]string `json:"extra,omitempty"`
}

type ctrfEnvironment struct {
	Name    string         `json:"reportName"`
	App     string         `json:"appName,omitempty"`
	Healthy bool           `json:"healthy"`
	Extra   map[string]any `json:"extra"`
}

func ctrfOf(r *conformance.Result) *ctrfReport {
	out := &ctrfReport{Format: "CTRF", Version: ctrfVersion, RunID: r.Run.ID, By: "hookstone",
		Results: ctrfResults{
			Tool:  ctrfTool{Name: r.Tool.Name, Version: r.Tool.Version},
			Tests: []ctrfTest{},
			Environment: ctrfEnvironment{Name: "Webhook conformance: " + contractName(r.Contract), App: visible(r.Target.URL),
				Healthy: r.Outcome == conformance.Conformant,
				Extra: map[string]any{"profile": r.Profile, "provider": r.Contract.Provider, "contract_digest": r.Contract.Digest,
					"edition": r.Suite.Edition, "seed": r.Run.Seed}},
		}}
	if out.Results.Tool.Name == "" {
		out.Results.Tool.Name = "hookstone"
	}
	if !r.Run.Finished.IsZero() {
		out.Timestamp = r.Run.Finished.UTC().Format(time.RFC3339)
	}
	sum := &out.Results.Summary
	sum.Start, sum.Stop = millis(r.Run.Started), millis(r.Run.Finished)
	sum.Duration = max(sum.Stop-sum.Start, 0)
	sum.Extra = map[string]any{"outcome": r.Outcome, "score": r.Score}
	if r.Outcome == conformance.OutcomeError || len(r.Results) == 0 {
		reason := r.Reason
		if reason == "" {
			reason = "nothing was judged"
		}
		out.add(ctrfTest{ID: "run/outcome", Name: "run/outcome", Status: "failed", Raw: string(r.Outcome),
			Suite: []string{"hookstone", "run"}, Message: visible(reason), Type: "contract"})
	}
	for _, c := range r.Results {
		out.add(ctrfTestOf(c))
		if c.Verdict == conformance.Flaky {
			sum.Flaky++
		}
	}
	families := map[string]bool{}
	for _, t := range out.Results.Tests {
		families[t.Suite[1]] = true
	}
	sum.Suites = len(families)
	return out
}

func (out *ctrfReport) add(t ctrfTest) {
	out.Results.Tests = append(out.Results.Tests, t)
	s := &out.Results.Summary
	s.Tests++
	switch t.Status {
	case "passed":
		s.Passed++
	case "failed":
		s.Failed++
	case "skipped":
		s.Skipped++
	default:
		s.Other++
	}
}

func ctrfTestOf(c conformance.CaseResult) ctrfTest {
	st, message := status(c)
	t := ctrfTest{ID: visible(c.ID), Name: visible(c.ID), Raw: string(c.Verdict), Status: string(st), Message: message,
		Duration: int64(math.Round(c.DurationMS)), Suite: []string{"hookstone", visible(c.Family)},
		Tags: []string{string(c.Level)}, Type: "contract",
		Labels: map[string]string{"level": string(c.Level), "family": visible(c.Family)}}
	if c.Impact != "" {
		t.Tags = append(t.Tags, string(c.Impact))
		t.Labels["impact"] = string(c.Impact)
	}
	if s := cite(c.Citation); s != "" {
		t.Labels["citation"] = s
	}
	switch st {
	case statusError:
		t.Status = "other"
		t.Trace = account(c)
	case statusFailed:
		t.Trace = account(c)
	}
	if c.Reproduce != "" {
		t.Reproduce = map[string]string{"reproduce": visible(c.Reproduce), "summary": visible(c.Summary)}
	}
	return t
}

// millis is Unix time in milliseconds, 0 for no time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
