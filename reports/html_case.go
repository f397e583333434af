package reports

import (
	"bytes"
	"fmt"
	"html/template"
	"slices"

	"github.com/hookstone/hookstone/conformance"
)

// caseView is a case of the page; detail fills Attempts and Compact.
type caseView struct {
	C              conformance.CaseResult
	Bad            bool
	Lead, Took     string
	Violations     []conformance.Violation
	MoreViolations string
	Causes         []string
	Effects        []effectRow
	Citation       string
	AttemptsTitle  string
	Attempts       []template.HTML
	Compact        []attemptRow
	MoreAttempts   string

	whole []template.HTML // per attempt, empty where it is told in short
}

// effectRow is what an observer counted of one event.
type effectRow struct {
	Label, Event, ID, Count, Tone string
	Want                          int
}

func effectsOf(all []conformance.Effect) []effectRow {
	const rows = 50
	var out []effectRow
	for _, e := range all[:min(len(all), rows)] {
		row := effectRow{Label: clipped(e.Label, 120), Event: clipped(e.Event, 120), ID: clipped(e.ID, 120), Want: e.Want, Count: "not counted"}
		switch {
		case e.Count != nil && *e.Count == e.Want:
			row.Count, row.Tone = fmt.Sprint(*e.Count), "good"
		case e.Count != nil:
			row.Count, row.Tone = fmt.Sprint(*e.Count), "bad"
		case e.Trouble != "":
			row.Count = clipped(e.Trouble, 400)
		}
		out = append(out, row)
	}
	return out
}

func (p *pageView) caseOf(c conformance.CaseResult) *caseView {
	const violations = 20 // of a case that are shown
	view := &caseView{C: c, Bad: failing(c.Verdict), Took: duration(c.DurationMS), whole: make([]template.HTML, len(c.Attempts))}
	view.C.Summary, view.C.Purpose = clipped(c.Summary, 400), clipped(c.Purpose, 2048)
	view.C.Reason, view.C.Reproduce = clipped(sentence(c.Reason), 2048), clipped(c.Reproduce, 4096)
	view.Lead = map[conformance.Verdict]string{conformance.Inconclusive: "Inconclusive:", conformance.Errored: "The harness failed:",
		conformance.NotApplicable: "Not applicable:", conformance.NotRun: "Not run:", conformance.Flaky: "Flaky:"}[c.Verdict]
	for _, v := range c.Violations[:min(len(c.Violations), violations)] {
		v.Want, v.Got = clipped(v.Want, 1024), clipped(v.Got, 1024)
		view.Violations = append(view.Violations, v)
	}
	if n := len(c.Violations) - violations; n > 0 {
		view.MoreViolations = fmt.Sprintf("…and %d more of this kind in report.json.", n)
	}
	for _, f := range p.R.Findings {
		if slices.Contains(f.Cases, c.ID) {
			view.Causes = append(view.Causes, f.Title)
		}
	}
	view.Effects = effectsOf(c.Effects)
	if s := cite(c.Citation); s != "" {
		view.Citation = s
		if c.Citation.Document != "convention" {
			view.Citation = "Source: " + s
		}
	}
	view.AttemptsTitle = "Attempts"
	if len(c.Attempts) == 1 {
		view.AttemptsTitle = "Attempt"
	}
	view.arrange()
	return view
}

// arrange puts the attempts in order: first those told whole, then the others
// on a line each.
func (c *caseView) arrange() {
	const rows = 200
	c.Attempts, c.Compact, c.MoreAttempts = nil, nil, ""
	left := 0
	for i := range c.C.Attempts {
		switch {
		case c.whole[i] != "":
			c.Attempts = append(c.Attempts, c.whole[i])
		case len(c.Compact) < rows:
			c.Compact = append(c.Compact, rowOf(&c.C.Attempts[i]))
		default:
			left++
		}
	}
	if left > 0 {
		c.MoreAttempts = fmt.Sprintf("…and %s in report.json.", plural(left, "more attempt"))
	} else if len(c.Compact) > 0 && c.Bad {
		c.MoreAttempts = "Told in short to keep this page small; report.json holds every byte."
	}
}

// detail tells attempts whole within so many bytes: first those that show a
// violation, then the others of the cases that fail, then the inconclusive.
func (p *pageView) detail(room int) error {
	var b bytes.Buffer
	for pass := range 3 {
		for _, c := range p.cases() {
			for i := range c.C.Attempts {
				a := &c.C.Attempts[i]
				shows := slices.ContainsFunc(c.C.Violations, func(v conformance.Violation) bool { return v.Attempt != "" && v.Attempt == a.ID })
				wanted := [...]bool{c.Bad && shows, c.Bad, undecided(c.C.Verdict)}[pass]
				if !wanted || c.whole[i] != "" || room <= 0 {
					continue
				}
				b.Reset()
				if err := page().ExecuteTemplate(&b, "attempt", attemptOf(a, shows)); err != nil {
					return err
				}
				if room -= b.Len(); room > 0 {
					c.whole[i] = template.HTML(b.String())
				}
			}
		}
	}
	for _, c := range p.cases() {
		c.arrange()
	}
	return nil
}

func (p *pageView) cases() []*caseView {
	var all []*caseView
	for _, f := range p.Families {
		all = append(all, f.Cases...)
	}
	return all
}
