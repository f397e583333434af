package reports

import (
	"fmt"
	"strings"

	"github.com/hookstone/hookstone/conformance"
)

// The formats of test reports know fewer verdicts than we do; this is the one
// place that translates.
type caseStatus string

const (
	statusPassed  caseStatus = "passed"
	statusFailed  caseStatus = "failed"
	statusError   caseStatus = "error"
	statusSkipped caseStatus = "skipped"
)

// status says what a case is to a test report, and why where it is not passed.
func status(c conformance.CaseResult) (caseStatus, string) {
	switch {
	case c.Verdict == conformance.Passed:
		return statusPassed, ""
	case failing(c.Verdict) && c.Waived != nil:
		return statusSkipped, fmt.Sprintf("%s, waived until %s by %s: %s", c.Verdict,
			visible(c.Waived.Expires), visible(c.Waived.Owner), visible(c.Waived.Reason))
	case failing(c.Verdict) && c.Level == conformance.May:
		return statusSkipped, "MAY, told and not scored: " + gist(c)
	case failing(c.Verdict):
		return statusFailed, gist(c)
	case c.Verdict == conformance.Errored:
		return statusError, reasoned(c)
	}
	return statusSkipped, reasoned(c)
}

func reasoned(c conformance.CaseResult) string {
	if c.Reason == "" {
		return string(c.Verdict)
	}
	return string(c.Verdict) + ": " + visible(c.Reason)
}

// gist is a failure on one line.
func gist(c conformance.CaseResult) string {
	if len(c.Violations) == 0 {
		return reasoned(c)
	}
	s := brief(c.Violations[0].Error(), 500)
	if n := len(c.Violations) - 1; n > 0 {
		s += fmt.Sprintf(" (and %d more)", n)
	}
	if c.Verdict == conformance.Flaky {
		s = "flaky: " + s
	}
	return s
}

// account is a failure told whole, in plain text.
func account(c conformance.CaseResult) string {
	var b strings.Builder
	line := func(name, s string) {
		if s != "" {
			fmt.Fprintf(&b, "%-10s %s\n", name, s)
		}
	}
	b.WriteString("\n")
	line("summary", visible(c.Summary))
	line("reason", visible(c.Reason))
	for _, v := range c.Violations {
		line("want", brief(v.Want, 2048))
		line("got", brief(v.Got, 2048))
		line("attempt", visible(v.Attempt))
	}
	line("citation", cite(c.Citation))
	line("reproduce", visible(c.Reproduce))
	return b.String()
}
