package conformance

import (
	"fmt"
	"slices"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/wire"
)

// genuine tells whether an attempt is a well-formed, rightly signed delivery
// that the provider would send as it is.
func genuine(a *simulator.Attempt) bool {
	if a.Class != simulator.Genuine && a.Class != simulator.Duplicate && a.Class != simulator.Redelivery {
		return false
	}
	return roleOf(a) != roleTold && (a.Error == nil || a.Error.Kind == string(wire.Timeout))
}

// judgeDocumentedStatus: every acknowledgement of the run with the documented
// status. A refusal is another case's matter.
func judgeDocumentedStatus(r *overview) judgement {
	documented := r.Terms.Contract.Answers.Acknowledge.Documented
	seen := 0
	bad := map[int]Violation{}
	r.each(func(o *observation, i int) {
		a := &o.Attempts[i]
		if !genuine(a) || !r.Terms.acknowledged(a) {
			return
		}
		seen++
		if !slices.Contains(documented, a.Answer.Status) {
			if _, told := bad[a.Answer.Status]; !told {
				bad[a.Answer.Status] = Violation{Want: fmt.Sprintf("status %s", oneOf(documented)), Got: status(a.Answer.Status), Attempt: a.ID}
			}
		}
	})
	if seen == 0 {
		return judgement{Verdict: Inconclusive, Reason: "no genuine delivery was acknowledged"}
	}
	return fromMap(bad)
}

// judgeDeadline: no genuine delivery of the run answered late or not at all.
func judgeDeadline(r *overview) judgement {
	seen := 0
	var violations []Violation
	r.each(func(o *observation, i int) {
		a := &o.Attempts[i]
		if !genuine(a) {
			return
		}
		seen++
		late := a.Answer == nil || a.Phases.Answer > r.Terms.DeadlineMS
		if late && len(violations) < 10 {
			violations = append(violations, Violation{Want: "answered within " + millis(r.Terms.DeadlineMS), Got: r.Terms.got(a), Attempt: a.ID})
		}
	})
	switch {
	case seen == 0:
		return judgement{Verdict: Inconclusive, Reason: "no genuine delivery was sent"}
	case len(violations) > 0:
		return judgement{Verdict: Failed, Violations: violations}
	}
	return judgement{Verdict: Passed}
}

// judgeRecommended: the 95th percentile of the run's genuine deliveries.
func judgeRecommended(r *overview) judgement {
	var all []float64
	r.each(func(o *observation, i int) {
		if a := &o.Attempts[i]; genuine(a) && a.Answer != nil {
			all = append(all, a.Phases.Answer)
		}
	})
	if len(all) < latencySize {
		return judgement{Verdict: Inconclusive, Reason: fmt.Sprintf("only %d genuine deliveries were answered; %d are needed for a 95th percentile", len(all), latencySize)}
	}
	slices.Sort(all)
	if p95 := quantile(all, 0.95); p95 > r.Terms.Recommended {
		return judgement{Verdict: Failed, Violations: []Violation{{
			Want: "95 of 100 answers within " + millis(r.Terms.Recommended),
			Got:  fmt.Sprintf("the 95th percentile of %d answers is %s", len(all), millis(p95))}}}
	}
	return judgement{Verdict: Passed}
}

// judgeNoRedirect: no genuine delivery of the run answered 3xx.
func judgeNoRedirect(r *overview) judgement {
	seen := 0
	bad := map[int]Violation{}
	r.each(func(o *observation, i int) {
		a := &o.Attempts[i]
		if !genuine(a) || a.Answer == nil {
			return
		}
		seen++
		if a.Answer.Status/100 == 3 {
			bad[a.Answer.Status] = Violation{Want: "no redirect", Got: status(a.Answer.Status) + location(a), Attempt: a.ID}
		}
	})
	if seen == 0 {
		return judgement{Verdict: Inconclusive, Reason: "no genuine delivery was answered"}
	}
	return fromMap(bad)
}

func fromMap(bad map[int]Violation) judgement {
	if len(bad) == 0 {
		return judgement{Verdict: Passed}
	}
	var keys []int
	for k := range bad {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	j := judgement{Verdict: Failed}
	for _, k := range keys {
		j.Violations = append(j.Violations, bad[k])
	}
	return j
}

func oneOf(codes []int) string {
	text := ""
	for i, c := range codes {
		if i > 0 {
			text += " or "
		}
		text += fmt.Sprint(c)
	}
	return text
}

func location(a *simulator.Attempt) string {
	if v, ok := header(a.Answer, "Location"); ok {
		return " to " + v
	}
	return ""
}
