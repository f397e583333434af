package reports

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/conformance"
)

func htmlOf(t *testing.T, r *conformance.Result) string {
	t.Helper()
	f, _ := Lookup("html")
	return string(render(t, f, r))
}

func TestHTMLStaysSmall(t *testing.T) {
	for _, cases := range []int{150, 1500} {
		if n := len(htmlOf(t, largeSample(cases, 3000))); n > 5_000_000 {
			t.Errorf("%d cases with 3,000 attempts take %d bytes; want 5 MB at most", cases, n)
		}
	}
}

// The policy must name the very bytes of style and script, or browsers drop them.
func TestHTMLPolicy(t *testing.T) {
	out := htmlOf(t, nonconformantSample())
	policy := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(out)
	if policy == nil {
		t.Fatal("no policy")
	}
	said := strings.NewReplacer("&#39;", "'", "&#43;", "+").Replace(policy[1])
	for _, element := range []string{"style", "script"} {
		text := regexp.MustCompile("(?s)<" + element + ">(.*)</" + element + ">\n").FindStringSubmatch(out)
		if text == nil {
			t.Fatalf("no %s", element)
		}
		sum := sha256.Sum256([]byte(text[1]))
		if want := element + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(said, want) {
			t.Errorf("policy %q lacks %q", said, want)
		}
	}
	for _, want := range []string{"default-src 'none'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(said, want) {
			t.Errorf("policy %q lacks %q", said, want)
		}
	}
	if strings.Contains(said, "unsafe") {
		t.Errorf("policy %q is unsafe", said)
	}
}

// Every tag of the page is one that the template writes.
func TestHTMLHasOnlyItsOwnMarkup(t *testing.T) {
	for _, r := range []*conformance.Result{nonconformantSample(), crowded(), largeSample(30, 60)} {
		out := htmlOf(t, r)
		for _, once := range []string{"<script", "<style", "<title", "<link", "<h1"} {
			if n := strings.Count(out, once); n != 1 {
				t.Errorf("%d times %s; want 1", n, once)
			}
		}
		page := out[strings.Index(out, "</style>"):strings.Index(out, "<script>")]
		for _, tag := range regexp.MustCompile(`<[a-zA-Z!][^>]*>`).FindAllString(page, -1) {
			if regexp.MustCompile(`(?i)^<(img|iframe|meta|script|style|base|form|object|embed|link)|\son[a-z]+\s*=|javascript:|\sstyle=`).MatchString(tag) {
				t.Errorf("foreign markup %q", tag)
			}
		}
		if i := strings.IndexFunc(out, func(r rune) bool { return unseen(r) && r != '\n' && r != '\t' }); i >= 0 {
			t.Errorf("an unseen character in %q", out[max(0, i-40):i+4])
		}
	}
}

func TestHTMLShows(t *testing.T) {
	out := htmlOf(t, nonconformantSample())
	for _, want := range []string{
		"<h1>Not conformant</h1>", "8 of 13 MUST cases do not hold.", "3 root causes explain 7 of 9 failures.", "Signatures are not verified", "high confidence",
		"30.7 – 38.4 %", `aria-label="Answer times: median 4.3 ms`, "deadline 5 s", "Whoever finds the address", "Source: Acme API reference, Verifying signatures",
		"Signing base string", `1773480413.{"id":"evt_a10"`, "X-Acme-Signature:", "&lt;script&gt;document.title", "⟨U+202E⟩", "0000  1f 8b 08",
		"The first 2048 bytes of 1.0 MiB.", "timeout during read: no answer within 5 s", "--case 'raw-body/whitespace'", "waived", "120 ms behind",
		"Zürich <span class=\"u\">⟨0xFC⟩</span>", "it is blotted out here", "delivered twice", "the observer answered 500", "took 12.4 s",
		"inconclusive", "The observer did not answer in time", "told, not judged",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if again := htmlOf(t, &conformance.Result{}); !strings.Contains(again, "<h1>Error</h1>") || !strings.Contains(again, "No genuine delivery was answered") {
		t.Error("a result without anything shows no error")
	}
}

func BenchmarkHTML(b *testing.B) {
	r := largeSample(150, 3000)
	for b.Loop() {
		if err := HTML(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}
