package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hookstone/hookstone/conformance"
)

// failing tells of a verdict against the receiver.
func failing(v conformance.Verdict) bool {
	return v == conformance.Failed || v == conformance.Flaky
}

// undecided tells of a case that ran, or should have, without a verdict.
func undecided(v conformance.Verdict) bool {
	return v == conformance.Inconclusive || v == conformance.Errored
}

// failures are the scored cases that fail and that no waiver covers, in
// catalogue order.
func failures(r *conformance.Result) []conformance.CaseResult {
	return pick(r, func(c conformance.CaseResult) bool {
		return failing(c.Verdict) && c.Waived == nil && c.Level != conformance.May
	})
}

func pick(r *conformance.Result, want func(conformance.CaseResult) bool) []conformance.CaseResult {
	var out []conformance.CaseResult
	for _, c := range r.Results {
		if want(c) {
			out = append(out, c)
		}
	}
	return out
}

// unexplained are the failures that no finding covers.
func unexplained(r *conformance.Result) []conformance.CaseResult {
	var out []conformance.CaseResult
	for _, c := range failures(r) {
		if !slices.ContainsFunc(r.Findings, func(f conformance.Finding) bool { return slices.Contains(f.Cases, c.ID) }) {
			out = append(out, c)
		}
	}
	return out
}

// explained counts the failures that a finding covers.
func explained(r *conformance.Result) int {
	n := 0
	for _, c := range failures(r) {
		if slices.ContainsFunc(r.Findings, func(f conformance.Finding) bool { return slices.Contains(f.Cases, c.ID) }) {
			n++
		}
	}
	return n
}

// outcomeTitle is the outcome in words.
func outcomeTitle(o conformance.Outcome) string {
	switch o {
	case conformance.Conformant:
		return "Conformant"
	case conformance.Nonconformant:
		return "Not conformant"
	case conformance.Partial:
		return "Partial"
	}
	return "Error"
}

// headline says in a sentence or two what the outcome rests on.
func headline(r *conformance.Result) string {
	var said []string
	switch r.Outcome {
	case conformance.Conformant:
		if r.Score.Must.Failed > 0 {
			said = append(said, fmt.Sprintf("Every MUST of the %s profile that applies was judged, and all hold but what is waived.", r.Profile))
			break
		}
		said = append(said, fmt.Sprintf("Every MUST of the %s profile that applies was judged, and none failed.", r.Profile))
	case conformance.Nonconformant:
		must := len(pick(r, func(c conformance.CaseResult) bool {
			return c.Level == conformance.Must && failing(c.Verdict) && c.Waived == nil
		}))
		verb := "do"
		if must == 1 {
			verb = "does"
		}
		said = append(said, fmt.Sprintf("%d of %s %s not hold.", must, plural(r.Score.Must.Total, "MUST case"), verb))
	case conformance.Partial:
		if r.Reason == "" {
			open := len(pick(r, func(c conformance.CaseResult) bool { return c.Level == conformance.Must && undecided(c.Verdict) }))
			said = append(said, fmt.Sprintf("No MUST failed, but %s could not be judged.", plural(open, "MUST case")))
		}
	case conformance.OutcomeError:
		if r.Reason == "" {
			said = append(said, "The run could not judge the receiver.")
		}
	}
	if r.Reason != "" {
		said = append(said, sentence(visible(r.Reason)))
	}
	return strings.Join(said, " ")
}

// sentence ends s with a full stop and begins it with a capital letter, unless
// it begins with a name such as a case's id.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return s
	}
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "…") && !strings.HasSuffix(s, "!") {
		s += "."
	}
	word, _, _ := strings.Cut(s, " ")
	if strings.ContainsAny(word, "/._:=") {
		return s
	}
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// percent writes a score's interval: "93.8 %", "81.2 – 87.5 %".
func percent(s conformance.LevelScore) string {
	// Rounded down, so that only a full score reads 100.
	low, high := number(math.Floor(s.PercentMin*10)/10), number(math.Floor(s.PercentMax*10)/10)
	if low == high {
		return low + " %"
	}
	return low + " – " + high + " %"
}

// number writes a percentage or milliseconds with at most one decimal.
func number(f float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", f), ".0")
}

// tally counts a level in words, leaving out what is zero.
func tally(s conformance.LevelScore) string {
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{{s.Passed, "passed"}, {s.Failed, "failed"}, {s.Inconclusive, "inconclusive"}, {s.NotRun, "not run"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.word))
		}
	}
	if len(parts) == 0 {
		return "no case in this selection"
	}
	return strings.Join(parts, ", ")
}

// narrowed says what narrowed the run, or nothing.
func narrowed(s conformance.Selection) string {
	var parts []string
	for _, p := range []struct {
		name string
		list []string
	}{{"cases", s.Cases}, {"families", s.Families}, {"levels", s.Levels}, {"events", s.Events}} {
		if len(p.list) > 0 {
			parts = append(parts, p.name+" "+strings.Join(p.list, ", "))
		}
	}
	return visible(strings.Join(parts, "; "))
}

// took is how long the run lasted.
func took(r *conformance.Result) string {
	d := r.Run.Finished.Sub(r.Run.Started)
	if r.Run.Finished.IsZero() || d < 0 {
		return ""
	}
	if d >= 2*time.Minute {
		return d.Round(time.Second).String()
	}
	return duration(float64(d) / float64(time.Millisecond))
}

// contractName is the contract's title, with the provider's name where it
// adds to it.
func contractName(c conformance.ContractInfo) string {
	if c.Title == "" {
		return visible(c.Provider)
	}
	return visible(c.Title)
}

// cite is a citation on one line.
func cite(s conformance.Source) string {
	switch {
	case s.Document == "" && s.Section == "":
		return ""
	case s.Document == "convention":
		return "Convention: " + visible(s.Section)
	case s.Section == "":
		return visible(s.Document)
	}
	return visible(s.Document) + ", " + visible(s.Section)
}
