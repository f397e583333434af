package reports

import (
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
	Compared                                     string
	Comparison                                   []comparedList
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

func pageOf(r *conformance.Result) *pageView {
	p := &pageView{R: r, Policy: policy(), Icon: icon(r.Outcome), Mark: mark(r.Outcome),
		Style: template.HTML("<style>" + pageStyle + "</style>"), Script: template.HTML("<script>" + pageScript + "</script>"),
		Outcome: string(r.Outcome), OutcomeTitle: outcomeTitle(r.Outcome), Headline: headline(r),
		Contract: contractName(r.Contract), Provider: visible(r.Contract.Provider), Narrowed: narrowed(r.Selection), Compared: compared(r),
		When: when(r.Run.Started), Took: took(r), Chart: latencyChart(r)}
	if n, of := explained(r), len(failures(r)); n > 0 {
		verb := "explain"
		if len(r.Findings) == 1 {
			verb = "explains"
		}
		p.Headline += fmt.Sprintf(" %s %s %d of %s.", plural(len(r.Findings), "root cause"), verb, n, plural(of, "failure"))
	}
	if r.Baseline != nil {
		p.Comparison = comparison(r.Baseline)
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
		view.Evidence = clipped(sentence(f.Evidence), 2048)
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
