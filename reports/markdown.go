package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/hookstone/hookstone/conformance"
)

// Bounds keep the text under the 65,536 characters that a pull-request comment
// takes, whatever the result holds.
const (
	markdownFindings = 8
	markdownRows     = 50
	markdownRest     = 150
	markdownBytes    = 60000
)

// Markdown writes a comment for a pull request or a step summary (GitHub
// Flavored Markdown): outcome, causes with fixes, a table of failures, and the
// rest collapsed. What came from outside stands as code, entity by entity, so
// that it formats nothing, links nowhere and notifies nobody.
func Markdown(w io.Writer, r *conformance.Result) error {
	b := &markdown{}
	b.head(r)
	b.findings(r)
	b.failures(r)
	b.collapsed("Not judged", pick(r, func(c conformance.CaseResult) bool { return undecided(c.Verdict) }))
	b.collapsed("MAY, told and not scored", pick(r, func(c conformance.CaseResult) bool {
		return failing(c.Verdict) && c.Level == conformance.May && c.Waived == nil
	}))
	b.collapsed("Waived", pick(r, func(c conformance.CaseResult) bool { return c.Waived != nil }))
	b.collapsed("Not applicable or not run", pick(r, func(c conformance.CaseResult) bool {
		return c.Verdict == conformance.NotApplicable || c.Verdict == conformance.NotRun
	}))
	b.collapsed("Passed", pick(r, func(c conformance.CaseResult) bool { return c.Verdict == conformance.Passed }))
	b.notes(r)
	_, err := io.WriteString(w, b.String())
	return err
}

type markdown struct {
	strings.Builder
	left int // cases that found no room
}

// put writes a block if it still fits, and tells whether it did.
func (b *markdown) put(format string, args ...any) bool {
	s := fmt.Sprintf(format, args...)
	if b.Len()+len(s) > markdownBytes {
		b.left++
		return false
	}
	b.WriteString(s)
	return true
}

// code shows a foreign text inertly.
func code(s string, n int) string {
	var b strings.Builder
	b.WriteString("<code>")
	for _, r := range brief(s, n) {
		switch {
		case strings.ContainsRune(" /.,;='-", r) || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r > 0x7F:
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "&#%d;", r)
		}
	}
	b.WriteString("</code>")
	return strings.ReplaceAll(b.String(), "www.", "www&#46;")
}

// plain shows our own words, with what Markdown would read spelled as entities.
func plain(s string, n int) string {
	var b strings.Builder
	for _, r := range brief(s, n) {
		switch {
		case r == '@' || r == '#': // in code, they neither mention nor refer
			b.WriteString("<code>" + string(r) + "</code>")
		case strings.ContainsRune("\\`*_{}[]<>()+!|~&$", r) || r == '-' && b.Len() == 0:
			fmt.Fprintf(&b, "&#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	// A scheme or www. would become a link by itself.
	return strings.NewReplacer("://", "&#58;//", "www.", "www&#46;").Replace(b.String())
}

func (b *markdown) head(r *conformance.Result) {
	mark := map[conformance.Outcome]string{conformance.Conformant: "✅", conformance.Nonconformant: "❌", conformance.Partial: "🟡"}[r.Outcome]
	if mark == "" {
		mark = "⚠️"
	}
	b.put("## %s Webhooks: %s\n\n", mark, strings.ToLower(outcomeTitle(r.Outcome)))
	b.put("%s\n\n", plain(headline(r), 600))
	b.put("| Contract | Profile | Target | When |\n| --- | --- | --- | --- |\n")
	b.put("| %s | %s | %s | %s |\n\n", plain(contractName(r.Contract), 120), r.Profile, code(r.Target.URL, 200), when(r.Run.Started))
	if s := narrowed(r.Selection); s != "" {
		b.put("Narrowed to %s.\n\n", code(s, 300))
	}
	if s := compared(r); s != "" {
		b.put("%s\n\n", plain(s, 600))
		for _, l := range comparison(r.Baseline) {
			b.put("- %s: %s\n", l.Title, code(listed(l.Cases, 20), 2000))
		}
		b.put("\n")
	}
	if r.Score.Must.Total+r.Score.Should.Total+r.Score.May.Total > 0 {
		b.put("| Level | Score | |\n| --- | --- | --- |\n")
		b.put("| **MUST** | %s | %s |\n", percentOf(r.Score.Must), tally(r.Score.Must))
		b.put("| **SHOULD** | %s | %s |\n", percentOf(r.Score.Should), tally(r.Score.Should))
		b.put("| **MAY** | not scored | %s |\n\n", tally(r.Score.May))
	}
}

func percentOf(s conformance.LevelScore) string {
	if s.Total == 0 {
		return "–"
	}
	return percent(s)
}

func (b *markdown) findings(r *conformance.Result) {
	if len(r.Findings) == 0 {
		return
	}
	b.put("### Causes\n\n")
	for i, f := range r.Findings {
		if i == markdownFindings {
			b.put("…and %s.\n", plural(len(r.Findings)-i, "more cause"))
			break
		}
		b.put("%d. **%s** (%s, confidence %s)\n", i+1, plain(f.Title, 200), plural(len(f.Cases), "case"), plain(f.Confidence, 20))
		if f.Evidence != "" {
			b.put("   <br>Seen: %s\n", code(f.Evidence, 300))
		}
		if f.Fix != "" {
			b.put("   <br>**Fix:** %s\n", plain(f.Fix, 500))
		}
	}
	b.put("\n")
}

func (b *markdown) failures(r *conformance.Result) {
	all := failures(r)
	if len(all) == 0 {
		return
	}
	b.put("### Failures\n\n| Case | Level | Want | Got |\n| --- | --- | --- | --- |\n")
	for i, c := range all {
		if i == markdownRows {
			b.put("\n…and %s.\n", plural(len(all)-i, "more failure"))
			break
		}
		want, got := "", plain(c.Reason, 200)
		if len(c.Violations) > 0 {
			want, got = plain(c.Violations[0].Want, 200), code(c.Violations[0].Got, 200)
			if n := len(c.Violations) - 1; n > 0 {
				got += fmt.Sprintf(" and %d more", n)
			}
		}
		if !b.put("| %s | %s | %s | %s |\n", code(c.ID, 120), strings.ToUpper(string(c.Level)), want, got) {
			break
		}
	}
	b.put("\n")
	if first, ok := firstFailure(r); ok && first.Reproduce != "" {
		b.put("Run %s again:\n\n<pre>%s</pre>\n\n", code(first.ID, 120), code(first.Reproduce, 600))
	}
}

func (b *markdown) collapsed(title string, cases []conformance.CaseResult) {
	if len(cases) == 0 || !b.put("<details>\n<summary>%s (%d)</summary>\n\n", title, len(cases)) {
		return
	}
	for i, c := range cases {
		if i == markdownRest {
			b.put("- …and %d more\n", len(cases)-i)
			break
		}
		said := plain(c.Summary, 160)
		switch {
		case c.Waived != nil:
			said = fmt.Sprintf("%s, waived until %s by %s: %s", c.Verdict, plain(c.Waived.Expires, 40), plain(c.Waived.Owner, 60), plain(c.Waived.Reason, 160))
		case failing(c.Verdict) && len(c.Violations) > 0:
			said = "want " + plain(c.Violations[0].Want, 160) + "; got " + code(c.Violations[0].Got, 160)
		case c.Verdict != conformance.Passed && c.Reason != "":
			said = plain(c.Reason, 160)
		}
		if !b.put("- %s %s\n", code(c.ID, 120), said) {
			break
		}
	}
	b.WriteString("\n</details>\n\n")
}

func (b *markdown) notes(r *conformance.Result) {
	for _, n := range r.Notes {
		b.put("> %s\n", plain(n, 300))
	}
	if b.left > 0 {
		b.WriteString("\nCut for length; report.html holds everything.\n")
	}
	fmt.Fprintf(b, "\n<sub>hookstone %s, run %s, seed %d, %s</sub>\n", plain(r.Tool.Version, 40), code(r.Run.ID, 80), r.Run.Seed, plural(r.Counts.Attempts, "delivery attempt"))
}
