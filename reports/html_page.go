package reports

import (
	"bytes"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/hookstone/hookstone/conformance"
)

// pageView is what the template shows.
type pageView struct {
	R                                            *conformance.Result
	Policy                                       string
	Icon                                         template.URL
	Style, Script                                template.HTML
	Title, Mark, Outcome, OutcomeTitle, Headline string
	Contract, Provider, Narrowed                 string
	Started, When, Took, Sent, Skew              string
	CausesTitle, Unexplained                     string
	Findings                                     []findingView
	Levels                                       []levelView
	Map                                          []mapRow
	Legend                                       []conformance.Verdict
	Chart                                        template.HTML
	Quantiles                                    []fact
	VerdictChips, LevelChips                     []chip
	Families                                     []*familyView
	Failing                                      bool
}

type findingView struct {
	conformance.Finding
	Confidence, Count string
	Cases             []caseLink
}

type caseLink struct {
	ID    string
	Known bool
}

type levelView struct {
	Name, Tally, Percent  string
	Bar                   bool
	Sure, May, Upto, Lost string
}

type mapRow struct {
	Family string
	Cells  []mapCell
}

type mapCell struct {
	Family, Level, Anchor, Text string
	Bad                         bool
	Squares                     []conformance.Verdict
}

type chip struct {
	Value string
	N     int
}

type familyView struct {
	Name, Anchor, Tally string
	Open                bool
	Cases               []*caseView
}

// caseView is a case of the page; detail fills Attempts and Compact.
type caseView struct {
	C              conformance.CaseResult
	Bad            bool
	Lead, Took     string
	Violations     []conformance.Violation
	MoreViolations string
	Causes         []string
	Citation       string
	AttemptsTitle  string
	Attempts       []template.HTML
	Compact        []attemptRow
	MoreAttempts   string

	whole []template.HTML // per attempt, empty where it is told in short
}

func pageOf(r *conformance.Result) *pageView {
	p := &pageView{R: r, Policy: policy(), Icon: icon(r.Outcome), Mark: mark(r.Outcome),
		Style: template.HTML("<style>" + pageStyle + "</style>"), Script: template.HTML("<script>" + pageScript + "</script>"),
		Outcome: string(r.Outcome), OutcomeTitle: outcomeTitle(r.Outcome), Headline: headline(r),
		Contract: contractName(r.Contract), Provider: visible(r.Contract.Provider), Narrowed: narrowed(r.Selection),
		When: when(r.Run.Started), Took: took(r), Chart: latencyChart(r)}
	if n, of := explained(r), len(failures(r)); n > 0 {
		verb := "explain"
		if len(r.Findings) == 1 {
			verb = "explains"
		}
		p.Headline += fmt.Sprintf(" %s %s %d of %s.", plural(len(r.Findings), "root cause"), verb, n, plural(of, "failure"))
	}
	p.Title = fmt.Sprintf("%s: %s · Hookstone", p.OutcomeTitle, p.Contract)
	p.Started = r.Run.Started.UTC().Format(time.RFC3339)
	p.Sent = fmt.Sprintf("%s: %d genuine, %d forged", plural(r.Counts.Attempts, "attempt"), r.Counts.Genuine, r.Counts.Forged)
	if ms := r.Run.ClockSkewMS; ms != nil {
		switch {
		case *ms == 0:
			p.Skew = "in step"
		case *ms < 0:
			p.Skew = duration(float64(-*ms)) + " behind"
		default:
			p.Skew = duration(float64(*ms)) + " ahead"
		}
	}
	for _, q := range []quantile{{"Median", r.Latency.P50}, {"90 %", r.Latency.P90}, {"99 %", r.Latency.P99}, {"Longest", r.Latency.Max}} {
		p.Quantiles = append(p.Quantiles, fact{q.name, duration(q.ms)})
	}
	p.findings()
	p.levels()
	p.families()
	p.chips()
	return p
}

func (p *pageView) findings() {
	known := map[string]bool{}
	for _, c := range p.R.Results {
		known[c.ID] = true
	}
	for _, f := range p.R.Findings {
		view := findingView{Finding: f, Count: plural(len(f.Cases), "case")}
		if f.Confidence != "" {
			view.Confidence = visible(f.Confidence) + " confidence"
		}
		view.Evidence = clipped(f.Evidence, 2048)
		for _, id := range f.Cases {
			view.Cases = append(view.Cases, caseLink{id, known[id]})
		}
		p.Findings = append(p.Findings, view)
	}
	p.CausesTitle = "Root causes"
	if len(p.Findings) == 1 {
		p.CausesTitle = "Root cause"
	}
	switch n := len(unexplained(p.R)); {
	case n == 1:
		p.Unexplained = "1 failure has no cause that others share; see its case."
	case n > 1:
		p.Unexplained = fmt.Sprintf("%d failures have no cause that others share; see their cases.", n)
	}
	p.Failing = slices.ContainsFunc(p.R.Results, func(c conformance.CaseResult) bool { return failing(c.Verdict) })
}

func (p *pageView) levels() {
	for _, l := range []struct {
		name   string
		s      conformance.LevelScore
		scored bool
	}{{"MUST", p.R.Score.Must, true}, {"SHOULD", p.R.Score.Should, true}, {"MAY", p.R.Score.May, false}} {
		v := levelView{Name: l.name, Tally: tally(l.s)}
		switch {
		case !l.scored:
			v.Percent = "not scored"
		case l.s.Total > 0:
			low := min(max(l.s.PercentMin, 0), 100)
			high := min(max(l.s.PercentMax, low), 100)
			v.Percent, v.Bar = percent(l.s), true
			v.Sure, v.May = fmt.Sprintf("%.2f", low), fmt.Sprintf("%.2f", high-low)
			v.Upto, v.Lost = fmt.Sprintf("%.2f", high), fmt.Sprintf("%.2f", 100-high)
		}
		p.Levels = append(p.Levels, v)
	}
}

// families groups the cases, in the order of the catalogue, and draws the map.
func (p *pageView) families() {
	byName := map[string]*familyView{}
	used := map[string]bool{}
	seen := map[conformance.Verdict]bool{}
	for _, c := range p.R.Results {
		f := byName[c.Family]
		if f == nil {
			// Anchors are made from names, which come from data.
			anchor := "family-" + strings.Map(func(r rune) rune {
				if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
					return r
				}
				return '-'
			}, strings.ToLower(c.Family))
			for used[anchor] {
				anchor += "-"
			}
			used[anchor] = true
			f = &familyView{Name: c.Family, Anchor: anchor}
			byName[c.Family] = f
			p.Families = append(p.Families, f)
		}
		f.Cases = append(f.Cases, p.caseOf(c))
		f.Open = f.Open || failing(c.Verdict) || undecided(c.Verdict)
		seen[c.Verdict] = true
	}
	for _, f := range p.Families {
		row := mapRow{Family: f.Name}
		for _, level := range levels {
			cell := mapCell{Family: f.Name, Level: string(level), Anchor: f.Anchor}
			for _, c := range f.Cases {
				if c.C.Level == level {
					cell.Squares = append(cell.Squares, c.C.Verdict)
				}
			}
			cell.Text, cell.Bad = counted(cell.Squares)
			row.Cells = append(row.Cells, cell)
		}
		var all []conformance.Verdict
		for _, c := range f.Cases {
			all = append(all, c.C.Verdict)
		}
		f.Tally, _ = counted(all)
		p.Map = append(p.Map, row)
	}
	for _, v := range verdicts {
		if seen[v] {
			p.Legend = append(p.Legend, v)
		}
	}
}

// counted writes "2 failed, 5 passed", most pressing first.
func counted(all []conformance.Verdict) (text string, bad bool) {
	n := map[conformance.Verdict]int{}
	for _, v := range all {
		n[v]++
		bad = bad || failing(v)
	}
	var parts []string
	for _, v := range verdicts {
		if n[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[v], strings.ReplaceAll(string(v), "-", " ")))
		}
	}
	return strings.Join(parts, ", "), bad
}

func (p *pageView) caseOf(c conformance.CaseResult) *caseView {
	const violations = 20 // of a case that are shown
	view := &caseView{C: c, Bad: failing(c.Verdict), Took: duration(c.DurationMS), whole: make([]template.HTML, len(c.Attempts))}
	view.C.Summary, view.C.Purpose = clipped(c.Summary, 400), clipped(c.Purpose, 2048)
	view.C.Reason, view.C.Reproduce = clipped(c.Reason, 2048), clipped(c.Reproduce, 4096)
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

func (p *pageView) chips() {
	byVerdict, byLevel := map[conformance.Verdict]int{}, map[conformance.Level]int{}
	for _, c := range p.R.Results {
		byVerdict[c.Verdict]++
		byLevel[c.Level]++
	}
	for _, v := range verdicts {
		if byVerdict[v] > 0 {
			p.VerdictChips = append(p.VerdictChips, chip{string(v), byVerdict[v]})
		}
	}
	for _, l := range levels {
		if byLevel[l] > 0 {
			p.LevelChips = append(p.LevelChips, chip{string(l), byLevel[l]})
		}
	}
}
