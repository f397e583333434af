package reports

import (
	"fmt"
	"strings"

	"github.com/hookstone/hookstone/conformance"
)

// compared says in a sentence how a run differs from its baseline, and what
// the gate makes of it; nothing where there is none.
func compared(r *conformance.Result) string {
	b := r.Baseline
	if b == nil {
		return ""
	}
	said := fmt.Sprintf("Against the baseline (run %s): %s, %d fixed, %d still failing.", visible(b.Run),
		plural(len(b.New), "new failure"), len(b.Fixed), len(b.StillFailing))
	if b.Gate == conformance.GateRegressions {
		said += fmt.Sprintf(" Gate for regressions: %s, %s.", gateWord(b.GateOutcome), visible(b.GateReason))
	}
	return said
}

// gateWord is what a gate says: a receiver with known failures passes it and is
// not conformant.
func gateWord(o conformance.Outcome) string {
	switch o {
	case conformance.Conformant:
		return "passed"
	case conformance.Nonconformant:
		return "not passed"
	case conformance.Partial:
		return "open"
	}
	return "error"
}

// comparison lists the cases of each part of a comparison, leaving out what is
// empty.
func comparison(b *conformance.Baseline) []comparedList {
	var out []comparedList
	for _, l := range []comparedList{{"New", b.New}, {"Fixed", b.Fixed}, {"Still failing", b.StillFailing}} {
		if len(l.Cases) > 0 {
			out = append(out, l)
		}
	}
	return out
}

type comparedList struct {
	Title string
	Cases []string
}

// listed names the first of many ids.
func listed(ids []string, most int) string {
	if len(ids) <= most {
		return visible(strings.Join(ids, ", "))
	}
	return visible(strings.Join(ids[:most], ", ")) + fmt.Sprintf(" and %d more", len(ids)-most)
}
