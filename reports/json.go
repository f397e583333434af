package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/simulator"
)

// MaxReport is the size in bytes above which Read refuses a report.
const MaxReport = 256 << 20

// JSON writes report.json: the result as it is, indented, with empty lists
// where the result holds nil ones.
func JSON(w io.Writer, r *conformance.Result) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(filled(r))
}

// filled is r with empty lists in place of nil ones, without touching r.
func filled(r *conformance.Result) *conformance.Result {
	out := *r
	out.Results = make([]conformance.CaseResult, len(r.Results))
	for i, c := range r.Results {
		c.Violations = orEmpty(c.Violations)
		attempts := make([]simulator.Attempt, len(c.Attempts))
		for j, a := range c.Attempts {
			a.Request.Headers = orEmpty(a.Request.Headers)
			if a.Answer != nil && a.Answer.Headers == nil {
				answer := *a.Answer
				answer.Headers = [][2]string{}
				a.Answer = &answer
			}
			attempts[j] = a
		}
		c.Attempts = attempts
		out.Results[i] = c
	}
	out.Findings = make([]conformance.Finding, len(r.Findings))
	for i, f := range r.Findings {
		f.Cases = orEmpty(f.Cases)
		out.Findings[i] = f
	}
	if out.Counts.Verdicts == nil {
		out.Counts.Verdicts = map[conformance.Verdict]int{}
	}
	return &out
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// Read reads a report.json back. It refuses what is larger than MaxReport,
// what is not one JSON object, and what is not a report of this program: no
// tool, an outcome, profile, level or verdict that it does not know, a case
// without an id or with another's. Members that it does not know are ignored,
// so that a newer report can be shown. Numbers among Facts become float64.
func Read(r io.Reader) (*conformance.Result, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxReport+1))
	if err != nil {
		return nil, fmt.Errorf("report cannot be read: %w", err)
	}
	if len(data) > MaxReport {
		return nil, fmt.Errorf("report is larger than %d bytes", MaxReport)
	}
	var result conformance.Result
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&result); err != nil {
		return nil, placed(data, dec, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("report goes on after its end at byte %d: it must be one JSON object", dec.InputOffset())
	}
	if err := check(&result); err != nil {
		return nil, err
	}
	return &result, nil
}

// placed says where the text stopped being a report.
func placed(data []byte, dec *json.Decoder, err error) error {
	offset := dec.InputOffset()
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return errors.New("report is empty: expected the report.json of a run")
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &mismatch):
		if mismatch.Field != "" {
			return fmt.Errorf("report has a %s at %q where it needs another type: %w", mismatch.Value, mismatch.Field, err)
		}
		offset = mismatch.Offset
	}
	offset = min(max(offset, 0), int64(len(data)))
	line := 1 + bytes.Count(data[:offset], []byte("\n"))
	return fmt.Errorf("report is not JSON of a run, line %d: %w", line, err)
}

func check(r *conformance.Result) error {
	if r.Tool.Name == "" {
		return errors.New(`report has no "tool": expected the report.json of a run`)
	}
	if !slices.Contains(outcomes, r.Outcome) {
		return fmt.Errorf("report has an unknown outcome %q", r.Outcome)
	}
	if r.Profile != conformance.Basic && r.Profile != conformance.Full {
		return fmt.Errorf("report has an unknown profile %q", r.Profile)
	}
	seen := map[string]bool{}
	for i, c := range r.Results {
		switch {
		case c.ID == "":
			return fmt.Errorf("report has a case without an id at results[%d]", i)
		case seen[c.ID]:
			return fmt.Errorf("report has the case %q twice, again at results[%d]", c.ID, i)
		case !slices.Contains(levels, c.Level):
			return fmt.Errorf("report has an unknown level %q at case %q", c.Level, c.ID)
		case !slices.Contains(verdicts, c.Verdict):
			return fmt.Errorf("report has an unknown verdict %q at case %q", c.Verdict, c.ID)
		}
		seen[c.ID] = true
	}
	return nil
}

var (
	outcomes = []conformance.Outcome{conformance.Conformant, conformance.Nonconformant, conformance.Partial, conformance.OutcomeError}
	levels   = []conformance.Level{conformance.Must, conformance.Should, conformance.May}
	// verdicts in the order in which people want to see them.
	verdicts = []conformance.Verdict{conformance.Failed, conformance.Flaky, conformance.Errored, conformance.Inconclusive,
		conformance.Passed, conformance.NotApplicable, conformance.NotRun}
)
