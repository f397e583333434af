package conformance

import (
	"errors"
	"fmt"
	"strings"
)

// toldCases bounds how many failed cases an error names.
const toldCases = 20

// Err is nil where the receiver is conformant. Otherwise its text tells the
// outcome, the causes with their fixes, and the MUST cases that failed: what a
// test wants to print. A nil result is an error: nothing was judged.
func (res *Result) Err() error {
	switch {
	case res == nil:
		return errors.New("nothing was judged")
	case res.Outcome == Conformant:
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s by the contract %s", res.Outcome, res.Contract.Provider)
	if res.Reason != "" {
		b.WriteString(": " + res.Reason)
	}
	for _, f := range res.Findings {
		fmt.Fprintf(&b, "\n%s: %s (%d cases, %s)\n\t%s", f.ID, f.Title, len(f.Cases), f.Confidence, f.Fix)
	}
	told := 0
	for i := range res.Results {
		c := &res.Results[i]
		if c.Level != Must || c.Verdict != Failed && c.Verdict != Flaky || c.Waived != nil {
			continue
		}
		if told++; told > toldCases {
			continue
		}
		fmt.Fprintf(&b, "\n%s %s", c.Verdict, c.ID)
		for _, v := range c.Violations {
			b.WriteString("\n\t" + v.Error())
		}
	}
	if told > toldCases {
		fmt.Fprintf(&b, "\nand %d more cases", told-toldCases)
	}
	return errors.New(b.String())
}
