package conformance

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/hookstone/hookstone/simulator"
)

// rule names one root cause. Holds looks at the evidence and returns what
// speaks for the cause, or nil. Rules are listed from the most particular
// cause to the most general: of two that explain the same failures, the
// earlier one is told.
type rule struct {
	ID    string
	Title string
	Fix   string
	Holds func(*evidence) *explanation
	// Minor: a habit that most receivers have and no document speaks of. It is
	// told behind every other cause.
	Minor bool
}

// explanation is why a rule holds: the failed cases that its cause explains.
type explanation struct {
	Cases      []string
	Evidence   string
	Confidence string // high (default), medium, low
	Title, Fix string // replace the rule's where set
	// Always: told although it explains no failure of its own (clock-skewed).
	Always bool
	// First: the cause stands before every other, whatever they explain.
	First bool
	// Minor: as the rule's.
	Minor bool
}

// evidence is what the rules look at.
type evidence struct {
	terms       *Terms
	results     map[string]*CaseResult
	order       []string
	diagnostics map[string]*Observation
	attempts    map[string]*simulator.Attempt // by id
	skewed      bool
	dead        string
	handed      bool // the run started the receiver, and gave it the secret
}

// findings ranks the causes that the evidence speaks for: the most covering
// first, and none that explains only what better ones already do.
func (r *run) findings(res *Result) []Finding {
	e := &evidence{terms: &r.terms, results: map[string]*CaseResult{}, diagnostics: map[string]*Observation{}, skewed: r.skew.tooLarge(), dead: r.dead, handed: r.c.Restart != nil}
	for i := range res.Results {
		e.results[res.Results[i].ID] = &res.Results[i]
		e.order = append(e.order, res.Results[i].ID)
	}
	e.index()
	for _, o := range r.diagnostics {
		e.diagnostics[o.Case] = o
	}
	return rank(e, rules())
}

// index finds attempts by id: the violations of a whole-run case point at the
// attempts of others.
func (e *evidence) index() {
	e.attempts = map[string]*simulator.Attempt{}
	for _, id := range e.order {
		for i := range e.results[id].Attempts {
			a := &e.results[id].Attempts[i]
			e.attempts[a.ID] = a
		}
	}
}

// violating are the attempts that a result's violations point at.
func (e *evidence) violating(r *CaseResult) []*simulator.Attempt {
	var out []*simulator.Attempt
	for _, v := range r.Violations {
		if a := e.attempts[v.Attempt]; a != nil {
			out = append(out, a)
		}
	}
	return out
}

// candidate is a rule that holds.
type candidate struct {
	rule
	*explanation
	place int
}

func (c *candidate) minor() bool { return c.rule.Minor || c.explanation.Minor }

func rank(e *evidence, rules []rule) []Finding {
	var open []candidate
	for i, rule := range rules {
		if x := rule.Holds(e); x != nil && (len(x.Cases) > 0 || x.Always) {
			open = append(open, candidate{rule, x, i})
		}
	}
	var out []Finding
	explained := map[string]bool{}
	for len(open) > 0 {
		fresh := func(c candidate) int {
			n := 0
			for _, id := range c.Cases {
				if !explained[id] {
					n += e.worth(id)
				}
			}
			return n
		}
		sort.SliceStable(open, func(i, j int) bool {
			if open[i].First != open[j].First {
				return open[i].First
			}
			if a, b := open[i].minor(), open[j].minor(); a != b {
				return b
			}
			if a, b := fresh(open[i]), fresh(open[j]); a != b {
				return a > b
			}
			return open[i].place < open[j].place
		})
		best := open[0]
		open = open[1:]
		if fresh(best) == 0 && !best.Always {
			continue
		}
		for _, id := range best.Cases {
			explained[id] = true
		}
		out = append(out, best.rule.finding(best.explanation))
	}
	return out
}

// worth weighs a failed case: a MUST says more about a cause than a SHOULD, and
// a SHOULD weighs by its impact, as in the score.
func (e *evidence) worth(id string) int {
	switch r := e.results[id]; r.Level {
	case Must:
		return 40
	case Should:
		return 2 * int(weight(Should, r.Impact))
	}
	return 1
}

// finding spells a rule that held.
func (c rule) finding(x *explanation) Finding {
	f := Finding{ID: c.ID, Title: c.Title, Confidence: x.Confidence, Cases: x.Cases, Evidence: x.Evidence, Fix: c.Fix}
	if x.Title != "" {
		f.Title = x.Title
	}
	if x.Fix != "" {
		f.Fix = x.Fix
	}
	if f.Confidence == "" {
		f.Confidence = "high"
	}
	if f.Cases == nil {
		f.Cases = []string{}
	}
	return f
}

// failed lists the failed cases that match a glob and, where symptoms are
// given, whose violating attempts all showed one of them.
func (e *evidence) failed(glob string, symptoms ...symptom) []string {
	re := globPattern(glob)
	var out []string
	for _, id := range e.order {
		r := e.results[id]
		if (r.Verdict != Failed && r.Verdict != Flaky) || !re.MatchString(id) {
			continue
		}
		if len(symptoms) == 0 || e.showsOnly(r, symptoms) {
			out = append(out, id)
		}
	}
	return out
}

// showsOnly tells whether every violating attempt of a result showed one of
// the symptoms, and at least one did.
func (e *evidence) showsOnly(r *CaseResult, symptoms []symptom) bool {
	violating := e.violating(r)
	for _, a := range violating {
		if !slices.Contains(symptoms, e.terms.symptom(a)) {
			return false
		}
	}
	return len(violating) > 0
}

// join concatenates lists of case ids without repeats, in catalogue order.
func (e *evidence) join(lists ...[]string) []string {
	in := map[string]bool{}
	for _, l := range lists {
		for _, id := range l {
			in[id] = true
		}
	}
	var out []string
	for _, id := range e.order {
		if in[id] {
			out = append(out, id)
		}
	}
	return out
}

// shown quotes what the receiver answered in a case: "signature/missing/x: 200 OK".
func (e *evidence) shown(ids []string) string {
	var parts []string
	for _, id := range ids {
		if len(parts) == 3 {
			parts = append(parts, fmt.Sprintf("and %d more", len(ids)-3))
			break
		}
		if v := e.results[id].Violations; len(v) > 0 {
			parts = append(parts, id+": "+v[0].Got)
		}
	}
	return strings.Join(parts, "; ")
}
