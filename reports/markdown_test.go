package reports

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/conformance"
)

func TestMarkdownFitsAComment(t *testing.T) {
	f, _ := Lookup("markdown")
	for name, r := range map[string]*conformance.Result{"large": largeSample(3000, 3000), "crowded": crowded()} {
		out := string(render(t, f, r))
		if len(out) > 65536 {
			t.Errorf("%s has %d bytes; a comment takes 65536", name, len(out))
		}
		if open, shut := strings.Count(out, "<details>"), strings.Count(out, "</details>"); open != shut {
			t.Errorf("%s opens %d details and closes %d", name, open, shut)
		}
	}
}

// What a receiver says must neither format, link, load nor notify.
func TestMarkdownIsInert(t *testing.T) {
	f, _ := Lookup("markdown")
	r := nonconformantSample()
	r.Reason = strings.Join(hostile, " ")
	r.Notes = hostile
	r.Findings[0].Title, r.Findings[0].Fix = hostile[3], hostile[6]
	r.Results[0].Verdict, r.Results[0].Reason = conformance.Inconclusive, hostile[6]
	out := string(render(t, f, r))
	ours := regexp.MustCompile(`</?(details|summary|code|pre|sub)>|<br>`)
	rest := ours.ReplaceAllString(out, "")
	if strings.Contains(rest, "<") {
		t.Errorf("markup is left: %.200q", rest[strings.Index(rest, "<"):])
	}
	for _, bad := range []string{"](", "![", "@everyone", "http://", "https://", "\u202E", "\x1b", " #1 "} {
		if strings.Contains(rest, bad) && bad != "@everyone" && bad != " #1 " || strings.Contains(out, bad) {
			t.Errorf("holds %q: …%.120q", bad, out[max(0, strings.Index(out, bad)-60):])
		}
	}
	rows := 0
	for line := range strings.SplitSeq(out, "\n") {
		if strings.HasPrefix(line, "| <code>") && strings.Count(line, "|") != 5 {
			t.Errorf("a row of %d cells: %s", strings.Count(line, "|")-1, line)
		} else if strings.HasPrefix(line, "| <code>") {
			rows++
		}
	}
	if want := len(failures(r)); rows != want {
		t.Errorf("%d rows for %d failures", rows, want)
	}
}
