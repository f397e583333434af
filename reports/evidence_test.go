package reports

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/simulator"
)

func TestEvidence(t *testing.T) {
	r := nonconformantSample()
	files := map[string][]byte{}
	for f := range Evidence(r) {
		if !EvidenceName.MatchString(f.Name) {
			t.Errorf("%s is no name of an evidence file", f.Name)
		}
		files[f.Dir+"/"+f.Name] = f.Data
	}
	for _, c := range r.Results {
		dir := strings.ReplaceAll(c.ID, "/", "__")
		index, ok := files[dir+"/case.txt"]
		if ok != failing(c.Verdict) {
			t.Errorf("%s is %s; evidence %v", c.ID, c.Verdict, ok)
			continue
		}
		if !ok {
			continue
		}
		for _, v := range c.Violations {
			if want := brief(v.Want, 2048); !bytes.Contains(index, []byte(want)) {
				t.Errorf("%s/case.txt lacks %q", dir, want)
			}
		}
		for i, a := range c.Attempts {
			req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(files[dir+"/"+itoa(i+1)+"-request.http"])))
			if err != nil {
				t.Errorf("%s, attempt %d: %v", c.ID, i+1, err)
				continue
			}
			body, _ := io.ReadAll(req.Body)
			if req.URL.Path != "/webhooks" || req.Method != "POST" || !bytes.Equal(body, a.Request.Body.Decode()) || req.Header.Get("X-Acme-Signature") == "" {
				t.Errorf("%s, attempt %d: %s %s, %q", c.ID, i+1, req.Method, req.URL, body)
			}
			answer, ok := files[dir+"/"+itoa(i+1)+"-answer.http"]
			if ok != (a.Answer != nil) {
				t.Errorf("%s, attempt %d: an answer's file %v, an answer %v", c.ID, i+1, ok, a.Answer != nil)
			}
			if ok && !bytes.HasPrefix(answer, []byte("HTTP/1.1 "+itoa(a.Answer.Status)+" \r\n")) {
				t.Errorf("%s, attempt %d: %.40q", c.ID, i+1, answer)
			}
		}
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

func TestMessageBytes(t *testing.T) {
	for _, c := range []struct {
		name string
		m    simulator.Message
		want string
	}{
		{"raw", simulator.Message{Method: "POST", URL: "http://h/p", Framing: "raw", Body: bytesOf("not\r\nHTTP")}, "not\r\nHTTP"},
		{"no body", simulator.Message{Method: "GET", URL: "http://h/p?q=1", Proto: "HTTP/1.1", Headers: [][2]string{{"host", "h"}}},
			"GET /p?q=1 HTTP/1.1\r\nhost: h\r\n\r\n"},
		{"chunked", simulator.Message{Method: "POST", URL: "http://h", Proto: "HTTP/1.1", Framing: "chunked", Headers: [][2]string{{"Transfer-Encoding", "chunked"}}, Body: bytesOf("0123456789abcdef")},
			"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n"},
		{"bytes above 0x7F", simulator.Message{Status: 200, Proto: "HTTP/1.0", Headers: [][2]string{{"X", "\u00e9"}}, Body: bytesOf("ok")},
			"HTTP/1.0 200 \r\nX: \xe9\r\n\r\nok"},
	} {
		if got := string(messageBytes(&c.m)); got != c.want {
			t.Errorf("%s: %q; want %q", c.name, got, c.want)
		}
	}
}

// A report may come from anyone: its ids lead nowhere else.
func TestEvidenceDir(t *testing.T) {
	for id, want := range map[string]string{
		"signature/missing/loan.created": "signature__missing__loan.created",
		"freshness/not-a-number/now.5":   "freshness__not-a-number__now.5",
		"../../etc/passwd":               "%2E.__..__etc__passwd",
		"..":                             "%2E.",
		"a\\..\\b c\x00":                 "a%5C..%5Cb%20c%00",
	} {
		if got := evidenceDir(id); got != want {
			t.Errorf("evidenceDir(%q) = %q; want %q", id, got, want)
		}
	}
}

func TestCompared(t *testing.T) {
	r := nonconformantSample()
	r.Baseline = &conformance.Baseline{Run: "before", New: []string{"raw-body/whitespace"}, StillFailing: []string{"raw-body/key-order", "freshness/future"},
		Gate: conformance.GateRegressions, GateOutcome: conformance.Nonconformant, GateReason: "1 MUST fails that had not failed in the baseline"}
	const want = "Against the baseline (run before): 1 new failure, 0 fixed, 2 still failing. " +
		"Gate for regressions: not passed, 1 MUST fails that had not failed in the baseline."
	if got := compared(r); got != want {
		t.Errorf("compared = %q; want %q", got, want)
	}
	for _, format := range []string{"markdown", "html"} {
		f, _ := Lookup(format)
		text := string(render(t, f, r))
		for _, part := range []string{"1 new failure", "Still failing", "not passed"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s lacks %q", format, part)
			}
		}
	}
	var b bytes.Buffer
	if err := Terminal(&b, r, TerminalOptions{}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n > TerminalLines || !strings.Contains(b.String(), "1 new failure") || !strings.Contains(b.String(), "New: raw-body/whitespace") {
		t.Errorf("%d lines:\n%s", n, b.String())
	}
	r.Baseline = nil
	if got := compared(r); got != "" {
		t.Errorf("without a baseline: %q", got)
	}
}

// A waived failure must not read as if nothing had failed.
func TestWaivedHeadline(t *testing.T) {
	r := conformantSample()
	r.Score.Must.Failed, r.Score.Must.Waived, r.Reason = 1, 1, "1 MUST that fails is waived"
	if got := headline(r); strings.Contains(got, "none failed") || !strings.Contains(got, "1 MUST that fails is waived") {
		t.Errorf("headline = %q", got)
	}
}
