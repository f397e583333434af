package conformance

// Overview is what a whole-run judge sees: every observation, in catalogue order.
type Overview struct {
	Terms        *Terms
	Own          *Observation // of the case's own probe
	Observations []*Observation
}

// each calls f for every attempt of the run.
func (r *Overview) each(f func(o *Observation, i int)) {
	for _, o := range r.Observations {
		for i := range o.Attempts {
			f(o, i)
		}
	}
}

// wholeRun judges the cases that rest on all observations.
func (r *run) wholeRun() {
	var all []*Observation
	for i := range r.cases {
		if o := r.observations[r.cases[i].ID]; o != nil {
			all = append(all, o)
		}
	}
	for _, i := range r.toRun(WholeRun) {
		c := &r.cases[i]
		if _, done := r.results[c.ID]; done {
			continue
		}
		own := r.observations[c.ID]
		if own == nil {
			continue // its probe never ran: the run was cut short
		}
		j := c.JudgeRun(&Overview{Terms: &r.terms, Own: own, Observations: all})
		if j.Verdict == Passed {
			j = livedOn(own, &r.terms, j)
		}
		if own.Trouble != "" {
			j = Judgement{Verdict: Errored, Reason: own.Trouble}
		}
		r.report(r.caseResult(c, own, j, 0))
	}
}

// livedOn fails a whole-run case whose own probe the receiver did not survive.
func livedOn(own *Observation, t *Terms, j Judgement) Judgement {
	for _, a := range own.withRole(RoleLiveness) {
		if want, ok, _ := t.wants(a); !ok {
			j.Violations = append(j.Violations, Violation{Want: want, Got: t.got(a), Attempt: a.ID})
		}
	}
	if len(j.Violations) > 0 {
		j.Verdict = Failed
	}
	return j
}
