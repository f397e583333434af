package conformance

import (
	"fmt"
	"slices"
)

// overview is what a whole-run judge sees: every observation, in catalogue order.
type overview struct {
	Terms        *terms
	Own          *observation // of the case's own probe
	Observations []*observation
}

// each calls f for every attempt of the run.
func (r *overview) each(f func(o *observation, i int)) {
	seen := map[string]bool{} // two cases may rest on one attempt
	for _, o := range r.Observations {
		for i := range o.Attempts {
			id := o.Attempts[i].ID
			if id != "" && seen[id] {
				continue
			}
			seen[id] = true
			f(o, i)
		}
	}
}

// wholeRun judges the cases that rest on all observations.
func (r *run) wholeRun() {
	var all []*observation
	for i := range r.cases {
		all = append(all, r.runsOf(r.cases[i].ID)...)
	}
	for _, i := range r.toRun(wholeRun) {
		c := &r.cases[i]
		if _, done := r.results[c.ID]; done {
			continue
		}
		own := r.observations[c.ID]
		if own == nil {
			continue // its probe never ran: the run was cut short
		}
		res := r.caseResult(c, own, r.judgeRun(c, own, all), 0)
		for _, id := range shownBy(&res, all) {
			// The case judges what others saw: they run again beside it.
			res.Reproduce += fmt.Sprintf(" --case '%s'", id)
		}
		r.report(res)
	}
}

// shownBy lists, at most three, the other cases whose attempts a whole-run
// case's violations rest on.
func shownBy(res *CaseResult, all []*observation) []string {
	if res.Verdict != Failed {
		return nil
	}
	var ids []string
	add := func(id string) {
		if id != res.ID && id != "" && len(ids) < 3 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, x := range res.Effects {
		if x.Count != nil && *x.Count != x.Want {
			add(x.Label)
		}
	}
	for _, v := range res.Violations {
		for _, o := range all {
			for i := range o.Attempts {
				if v.Attempt != "" && o.Attempts[i].ID == v.Attempt {
					add(o.Case)
				}
			}
		}
	}
	return ids
}

// judgeRun judges a whole-run case.
func (r *run) judgeRun(c *Case, own *observation, all []*observation) judgement {
	if own.Trouble != "" {
		return judgement{Verdict: Errored, Reason: own.Trouble}
	}
	j := c.judgeRun(&overview{Terms: &r.terms, Own: own, Observations: all})
	if j.Verdict == Passed {
		j = livedOn(own, &r.terms, j)
	}
	return j
}

// livedOn fails a whole-run case whose own probe the receiver did not survive.
func livedOn(own *observation, t *terms, j judgement) judgement {
	for _, a := range own.withRole(roleLiveness) {
		if want, ok, _ := t.wants(a); !ok {
			j.Violations = append(j.Violations, Violation{Want: want, Got: t.got(a), Attempt: a.ID})
		}
	}
	if len(j.Violations) > 0 {
		j.Verdict = Failed
	}
	return j
}
