package suite

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega/gcustom"
	"github.com/onsi/gomega/types"

	"github.com/hookstone/hookstone/conformance"
)

// BePassed succeeds for a CaseResult whose verdict is passed. Its failure
// message tells what was wanted, what came, and how to see it again.
func BePassed() types.GomegaMatcher { return passed{} }

type passed struct{}

func (passed) Match(actual any) (bool, error) {
	r, ok := actual.(conformance.CaseResult)
	if !ok {
		return false, fmt.Errorf("BePassed wants a conformance.CaseResult, not a %T", actual)
	}
	return r.Verdict == conformance.Passed, nil
}

func (passed) FailureMessage(actual any) string {
	return describe(actual.(conformance.CaseResult))
}

func (passed) NegatedFailureMessage(actual any) string {
	return actual.(conformance.CaseResult).ID + " passed, and was expected not to"
}

// BeConformant succeeds for a *Result whose outcome is conformant.
func BeConformant() types.GomegaMatcher {
	return gcustom.MakeMatcher(func(r *conformance.Result) (bool, error) {
		return r.Outcome == conformance.Conformant, nil
	}).WithMessage("be conformant")
}

// HaveFinding succeeds for a *Result that names the root cause.
func HaveFinding(id string) types.GomegaMatcher {
	return gcustom.MakeMatcher(func(r *conformance.Result) (bool, error) {
		for _, f := range r.Findings {
			if f.ID == id {
				return true, nil
			}
		}
		return false, nil
	}).WithMessage("name the finding " + id)
}

// describe is a result in a few lines.
func describe(r conformance.CaseResult) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is %s", r.ID, r.Verdict)
	if r.Reason != "" {
		fmt.Fprintf(&b, ": %s", r.Reason)
	}
	for _, v := range r.Violations {
		fmt.Fprintf(&b, "\n  want %s\n  got  %s", v.Want, v.Got)
	}
	fmt.Fprintf(&b, "\n  source: %s, %s", r.Citation.Document, r.Citation.Section)
	if r.Reproduce != "" {
		fmt.Fprintf(&b, "\n  again:  %s", r.Reproduce)
	}
	return b.String()
}
