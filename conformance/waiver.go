package conformance

import (
	"fmt"
	"time"
)

// CaseWaiver is a waiver and the case that it is for.
type CaseWaiver struct {
	Case string // the case's whole id: no pattern
	Waiver
}

// expiry is how Waiver.Expires is written: the last day (UTC) on which the
// waiver holds.
const expiry = time.DateOnly

// waiversOf checks the waivers before anything is sent: each must name a case
// that this catalogue holds and that applies, once, and must not have expired.
func waiversOf(given []CaseWaiver, cases []Case, contract string, now time.Time) (map[string]*Waiver, error) {
	known := map[string]*Case{}
	for i := range cases {
		known[cases[i].ID] = &cases[i]
	}
	waivers := map[string]*Waiver{}
	today := now.UTC().Format(expiry)
	for _, w := range given {
		c := known[w.Case]
		if c == nil {
			return nil, fmt.Errorf("%w: the waiver for %q matches no case; list them with: hookstone contracts cases %s", ErrConfig, w.Case, contract)
		}
		if c.NotApplicable != "" {
			return nil, fmt.Errorf("%w: the waiver for %q can never be needed: the case does not apply to %s (%s)", ErrConfig, w.Case, contract, c.NotApplicable)
		}
		if waivers[w.Case] != nil {
			return nil, fmt.Errorf("%w: there are two waivers for %q: keep one", ErrConfig, w.Case)
		}
		if w.Reason == "" || w.Owner == "" {
			return nil, fmt.Errorf("%w: the waiver for %q needs a reason and an owner", ErrConfig, w.Case)
		}
		last, err := time.Parse(expiry, w.Expires)
		if err != nil {
			return nil, fmt.Errorf("%w: the waiver for %q expires on %q, which is no date: write 2026-12-31", ErrConfig, w.Case, w.Expires)
		}
		// Dates of this form are in the order of their text.
		if last.Format(expiry) < today {
			return nil, fmt.Errorf("%w: the waiver for %q expired on %s: mend the receiver, or let %s renew it", ErrConfig, w.Case, w.Expires, w.Owner)
		}
		kept := w.Waiver
		waivers[w.Case] = &kept
	}
	return waivers, nil
}

// waivable tells of the verdicts that a waiver overlays. What could not be
// judged cannot be waived: nobody knows what would be.
func waivable(v Verdict) bool { return v == Failed || v == Flaky }

// Unneeded lists the waivers that a run proved superfluous: their cases
// passed. A waiver whose case was not judged stays.
func Unneeded(given []CaseWaiver, r *Result) []CaseWaiver {
	passed := map[string]bool{}
	for i := range r.Results {
		passed[r.Results[i].ID] = r.Results[i].Verdict == Passed
	}
	var out []CaseWaiver
	for _, w := range given {
		if passed[w.Case] {
			out = append(out, w)
		}
	}
	return out
}
