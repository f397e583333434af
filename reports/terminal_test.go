package reports

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/conformance"
)

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

func terminalText(t *testing.T, r *conformance.Result, o TerminalOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := Terminal(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// crowded is a result with more and longer of everything than fits.
func crowded() *conformance.Result {
	r := nonconformantSample()
	r.Selection = conformance.Selection{Families: []string{strings.Repeat("family", 40)}}
	r.Reason = strings.Repeat("a long reason ", 30)
	r.Target.URL = "https://staging.example/" + strings.Repeat("path/", 40)
	for i := range 9 {
		r.Findings = append([]conformance.Finding{{ID: fmt.Sprint(i), Title: strings.Repeat("長い題 ", 30) + hostile[5], Confidence: "high",
			Cases: []string{"signature/missing/invoice.paid"}, Fix: strings.Repeat("a fix of many words ", 20) + strings.Repeat("w", 200)}}, r.Findings...)
	}
	return r
}

func TestTerminalFits(t *testing.T) {
	results := map[string]*conformance.Result{"crowded": crowded(), "large": largeSample(300, 300), "empty": {}}
	for _, s := range samples {
		results[s.name] = s.make()
	}
	for name, r := range results {
		for _, width := range []int{0, 40, 60, 80, 132} {
			for _, color := range []bool{false, true} {
				out := terminalText(t, r, TerminalOptions{Width: width, Color: color, Out: "hookstone-report"})
				lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
				if len(lines) > TerminalLines {
					t.Errorf("%s at %d has %d lines; want %d at most\n%s", name, width, len(lines), TerminalLines, out)
				}
				want := width
				if want == 0 {
					want = 80
				}
				for _, l := range lines {
					if !color && strings.Contains(l, "\x1b") {
						t.Errorf("%s has an escape without colour: %q", name, l)
					}
					if got := columns(ansi.ReplaceAllString(l, "")); got > want {
						t.Errorf("%s at %d has a line of %d columns: %q", name, width, got, l)
					}
				}
			}
		}
	}
}

func TestTerminalTells(t *testing.T) {
	for _, c := range []struct {
		name  string
		r     *conformance.Result
		wants []string
		nots  []string
	}{
		{"conformant", conformantSample(), []string{"✓ Conformant", "MUST   ████████████████  100 %", "Open hookstone-report/report.html"}, []string{"Causes", "waived"}},
		{"nonconformant", nonconformantSample(), []string{"✗ Not conformant", "8 of 13 MUST cases do not hold", "30.7 – 38.4 %", "1. Signatures are not verified (4 cases, high)", "Fix: Compute HMAC-SHA256",
			"signature/missing/invoice.paid again:", "--case 'signature/missing/invoice.paid'", "Failed, no common cause seen (2): acknowledge/documented-status, idempotency/du…", "1 verdict waived"}, nil},
		{"partial", partialSample(), []string{"? Partial", "2 MUST cases of the full profile", "Narrowed to families idempotency, signature", "the observer counts 0"}, []string{"Causes"}},
		{"error", errorSample(), []string{"! Error", "Nothing listens at 127.0.0.1:8080", "Check that the receiver listens"}, []string{"MUST"}},
	} {
		out := terminalText(t, c.r, TerminalOptions{Out: "hookstone-report"})
		for _, w := range c.wants {
			if !strings.Contains(out, w) {
				t.Errorf("%s lacks %q:\n%s", c.name, w, out)
			}
		}
		for _, n := range c.nots {
			if strings.Contains(out, n) {
				t.Errorf("%s holds %q:\n%s", c.name, n, out)
			}
		}
	}
}

// The command must still be one when its lines are pasted.
func TestCommandLinesJoin(t *testing.T) {
	command := `hookstone certify acme --target http://127.0.0.1:8080/webhooks --header 'X-Gate: a b c' --secret-env ACME_SECRET --case 'signature/missing/invoice.paid'`
	for _, w := range []int{50, 60, 76} {
		lines := commandLines(command, w)
		if got := strings.ReplaceAll(strings.Join(lines, "\n"), " \\\n", " "); got != command {
			t.Errorf("commandLines(%d) joins to %q; want %q", w, got, command)
		}
	}
	if lines := commandLines("hookstone "+strings.Repeat("x", 90), 76); lines != nil {
		t.Errorf("commandLines of a word too wide = %q; want none", lines)
	}
}
