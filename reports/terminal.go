package reports

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/conformance"
)

// The summary speaks in short plain statements about the receiver, present
// tense, no exclamation, no blame: what holds, what does not, why, what next.

// TerminalLines is how many lines the summary takes at most.
const TerminalLines = 24

// TerminalOptions say how the summary is printed.
type TerminalOptions struct {
	Color bool   // ANSI colours
	Width int    // columns; 0 means 80, less than 40 counts as 40
	Out   string // the report folder, or the file to open; empty: none was written
}

// Terminal writes the summary: outcome, score, first causes with their fixes,
// and what to do next, within TerminalLines lines of the given width.
func Terminal(w io.Writer, r *conformance.Result, o TerminalOptions) error {
	if o.Width == 0 {
		o.Width = 80
	}
	t := terminal{r: r, o: o, width: max(o.Width, 40)}
	head, tail := t.head(), t.next()
	body := t.causes(TerminalLines - len(head) - len(tail))
	lines := slices.Concat(head, body, tail)
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

type terminal struct {
	r     *conformance.Result
	o     TerminalOptions
	width int
}

// paint colours a text that has its final width.
func (t *terminal) paint(code, s string) string {
	if !t.o.Color || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	green  = "1;32"
	yellow = "1;33"
)

func (t *terminal) head() []string {
	mark, color := "?", yellow
	switch t.r.Outcome {
	case conformance.Conformant:
		mark, color = "✓", green
	case conformance.Nonconformant:
		mark, color = "✗", red
	case conformance.OutcomeError:
		mark, color = "!", red
	}
	title := mark + " " + outcomeTitle(t.r.Outcome)
	about := fmt.Sprintf("  %s · %s profile · %s", contractName(t.r.Contract), t.r.Profile, visible(t.r.Target.URL))
	lines := []string{t.paint(color, title) + t.paint(dim, fit(about, t.width-columns(title)))}
	for _, l := range wrap(headline(t.r), t.width-2, 2) {
		lines = append(lines, "  "+l)
	}
	if s := narrowed(t.r.Selection); s != "" {
		lines = append(lines, "  "+fit("Narrowed to "+s+": no certificate.", t.width-2))
	}
	if s := compared(t.r); s != "" {
		for _, l := range wrap(s, t.width-2, 3) {
			lines = append(lines, "  "+l)
		}
		if len(t.r.Baseline.New) > 0 {
			lines = append(lines, "  "+fit("New: "+listed(t.r.Baseline.New, 3), t.width-2))
		}
	}
	if t.r.Score.Must.Total+t.r.Score.Should.Total+t.r.Score.May.Total > 0 {
		lines = append(lines, "")
		for _, l := range []struct {
			name string
			s    conformance.LevelScore
		}{{"MUST", t.r.Score.Must}, {"SHOULD", t.r.Score.Should}, {"MAY", t.r.Score.May}} {
			lines = append(lines, t.score(l.name, l.s))
		}
	}
	return append(lines, "")
}

// score draws a level: what is certain full, what is open shaded.
func (t *terminal) score(name string, s conformance.LevelScore) string {
	const cells = 16
	label := fmt.Sprintf("  %-7s", name)
	if name == "MAY" {
		return fit(label+"not scored: "+tally(s), t.width)
	}
	if s.Total == 0 {
		return fit(label+tally(s), t.width)
	}
	sure := min(max(int(s.PercentMin/100*cells), 0), cells)
	open := sure
	if s.PercentMax > s.PercentMin {
		open = min(max(int(math.Ceil(s.PercentMax/100*cells)), sure), cells)
	}
	bar := strings.Repeat("█", sure) + strings.Repeat("▒", open-sure) + strings.Repeat("·", cells-open)
	color := green
	if s.Failed > 0 {
		color = red
	} else if s.Inconclusive > 0 {
		color = yellow
	}
	rest := fmt.Sprintf("  %-15s %s", percent(s), tally(s))
	return label + t.paint(color, bar) + fit(rest, t.width-columns(label)-cells)
}

// causes fills the room with findings, then with what none explains.
func (t *terminal) causes(room int) []string {
	var lines []string
	shown := 0
	if len(t.r.Findings) > 0 {
		lines = append(lines, t.paint(bold, "Causes, most covering first"))
		for i, f := range t.r.Findings {
			block := t.finding(i+1, f)
			if shown == 3 || len(lines)+len(block)+3 > room { // a blank, the rest, what nothing explains
				break
			}
			lines = append(lines, block...)
			shown++
		}
	}
	if more := len(t.r.Findings) - shown; more > 0 {
		lines = append(lines, "  "+plural(more, "more cause")+" in the report")
	}
	open := t.open()
	if open != "" && len(lines)+2 <= room {
		lines = append(lines, wrap(open, t.width, max(1, min(3, room-len(lines)-1)))...)
	}
	if len(lines) > 0 && len(lines) < room {
		lines = append(lines, "")
	}
	return lines
}

func (t *terminal) finding(n int, f conformance.Finding) []string {
	head := fmt.Sprintf("%d. ", n)
	tail := fmt.Sprintf(" (%s, %s)", plural(len(f.Cases), "case"), visible(f.Confidence))
	title := fit(visible(f.Title), t.width-columns(head)-columns(tail))
	lines := []string{head + t.paint(bold, title) + t.paint(dim, tail)}
	for _, l := range wrap("Fix: "+visible(f.Fix), t.width-3, 2) {
		if f.Fix != "" {
			lines = append(lines, "   "+l)
		}
	}
	return lines
}

// open names the cases that the findings leave open.
func (t *terminal) open() string {
	name := func(cases []conformance.CaseResult) string {
		var ids []string
		for _, c := range cases {
			ids = append(ids, visible(c.ID))
		}
		return strings.Join(ids, ", ")
	}
	if cases := unexplained(t.r); len(cases) > 0 {
		return fmt.Sprintf("Failed, no common cause seen (%d): %s", len(cases), name(cases))
	}
	must := pick(t.r, func(c conformance.CaseResult) bool { return c.Level == conformance.Must && undecided(c.Verdict) })
	if len(must) > 0 {
		return fmt.Sprintf("Not judged (%d MUST): %s: %s", len(must), visible(must[0].ID), visible(must[0].Reason))
	}
	return ""
}

// next says what to do, most useful first.
func (t *terminal) next() []string {
	var lines []string
	say := func(s string) { lines = append(lines, "  "+fit(s, t.width-2)) }
	switch t.r.Outcome {
	case conformance.Nonconformant:
		if first, ok := firstFailure(t.r); ok && first.Reproduce != "" {
			if command := commandLines(visible(first.Reproduce), t.width-4); len(command) > 0 && len(command) <= 4 {
				say("Fix the first cause, then run " + visible(first.ID) + " again:")
				for _, l := range command {
					lines = append(lines, "    "+l)
				}
			}
		}
	case conformance.Partial:
		say("Give the run what its open cases ask for, and certify again.")
	case conformance.OutcomeError:
		say("Check that the receiver listens at the target, then run again.")
	case conformance.Conformant:
		if n := len(failures(t.r)); n > 0 {
			say(fmt.Sprintf("Worth a look: %s below MUST.", plural(n, "failure")))
		} else {
			say("Run it in CI for every release, so that it stays so.")
		}
	}
	if n := len(pick(t.r, func(c conformance.CaseResult) bool { return c.Waived != nil })); n > 0 {
		say(plural(n, "verdict") + " waived.")
	}
	if t.o.Out != "" {
		out := t.o.Out
		if filepath.Ext(out) == "" {
			out = filepath.Join(out, "report.html")
		}
		say("Open " + visible(out))
	}
	if len(lines) == 0 {
		return nil
	}
	return append([]string{t.paint(bold, "Next")}, lines...)
}

// firstFailure is the case to look at first: a failing one of the first
// finding, else the first MUST that fails, else the first failure.
func firstFailure(r *conformance.Result) (conformance.CaseResult, bool) {
	all := failures(r)
	for _, f := range r.Findings {
		for _, id := range f.Cases {
			if i := slices.IndexFunc(all, func(c conformance.CaseResult) bool { return c.ID == id }); i >= 0 {
				return all[i], true
			}
		}
	}
	for _, c := range all {
		if c.Level == conformance.Must {
			return c, true
		}
	}
	if len(all) > 0 {
		return all[0], true
	}
	return conformance.CaseResult{}, false
}

// commandLines breaks a shell command at blanks outside quotes, so that the
// lines can be pasted together. It returns nothing where a word is wider than
// a line: better no command than a broken one.
func commandLines(command string, w int) []string {
	var words []string
	start, quote := 0, rune(0)
	for i, r := range command {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '\'' || r == '"':
			quote = r
		case r == ' ':
			words = append(words, command[start:i])
			start = i + 1
		}
	}
	words = append(words, command[start:])
	for i := len(words) - 1; i > 0; i-- { // a flag stays with its value
		if pair := words[i-1] + " " + words[i]; strings.HasPrefix(words[i-1], "--") && !strings.HasPrefix(words[i], "--") && columns(pair)+2 <= w {
			words = slices.Replace(words, i-1, i+1, pair)
			i--
		}
	}
	lines := []string{""}
	for _, word := range words {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case columns(*last)+1+columns(word)+2 <= w:
			*last += " " + word
		default:
			*last += ` \`
			lines = append(lines, word)
		}
	}
	for _, l := range lines {
		if columns(l) > w {
			return nil
		}
	}
	return lines
}
