package conformance_test

import (
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookstone/hookstone/conformance"
)

type twist func(w http.ResponseWriter, r *http.Request, answer *httptest.ResponseRecorder)

// harmless are oddities in the answers of a right receiver: it is conformant
// all the same.
func harmless() map[string]twist {
	bomb := zeros(8<<20, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	body := func(text string) twist {
		return func(w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
			w.WriteHeader(answer.Code)
			_, _ = io.WriteString(w, text)
		}
	}
	var limited atomic.Int32
	return map[string]twist{
		"gzip bomb": func(w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(answer.Code)
			_, _ = w.Write(bomb)
		},
		"terminal escapes": body("\x1b]0;title\x07\x1b[2J\x1b[31mred"),
		"bidi and markup":  body("\u202etxt.exe\u2066<script>alert(1)</script>\u0000"),
		"binary":           body("\xff\xfe\x00\x80"),
		"number that breaks parsers": func(w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(answer.Code)
			_, _ = io.WriteString(w, `{"received":1e1000001}`)
		},
		"interim answers": func(w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
			for range 5 {
				w.WriteHeader(http.StatusEarlyHints)
			}
			pass(w, answer)
		},
		"trailers and tiny chunks": func(w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
			w.Header().Set("Trailer", "X-End")
			w.WriteHeader(answer.Code)
			for range 20 {
				_, _ = io.WriteString(w, "x")
				w.(http.Flusher).Flush()
			}
			w.Header().Set("X-End", "\u00ff")
		},
		"a second answer behind": func(w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
			one := fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n", answer.Code)
			takeOver(w, one+"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		},
		"until the connection ends": func(w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
			takeOver(w, fmt.Sprintf("HTTP/1.0 %d X\r\n\r\nbye", answer.Code))
		},
		"length too short": func(w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
			takeOver(w, fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Length: 1\r\n\r\n{\"and\": \"more\"}", answer.Code))
		},
		"Date that is none": func(w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
			w.Header().Set("Date", "no date at all")
			pass(w, answer)
		},
		"429 once": func(w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
			if limited.Add(1)%17 == 3 {
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			pass(w, answer)
		},
	}
}

// TestHarmlessAnswers: nothing of it makes a right receiver fail.
func TestHarmlessAnswers(t *testing.T) {
	t.Parallel()
	for name, change := range harmless() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := brief(t, "usmewe", twisted(t, "usmewe", change), nil)
			c.Deadline = 2 * time.Second
			c.Selection.Cases = []string{"acknowledge/event/*", "acknowledge/deadline", "acknowledge/connection-reuse", "signature/wrong-secret/*", "signature/missing/*", "signature/not-hex", "signature/no-leak"}
			r := examine(t, context.Background(), c)
			if r.Outcome != conformance.Conformant {
				t.Errorf("outcome %s: %s; findings %s", r.Outcome, r.Reason, findings(r))
				for _, line := range failed(r, conformance.Failed, conformance.Inconclusive, conformance.Errored) {
					t.Error(line)
				}
			}
		})
	}
}

// TestHostileRefusals: genuine deliveries are taken, and forgeries are answered
// in a way that harms the sender.
func TestHostileRefusals(t *testing.T) {
	t.Parallel()
	refusing := func(parts ...any) twist {
		return func(w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
			if answer.Code/100 == 4 {
				takeOver(w, parts...)
				return
			}
			pass(w, answer)
		}
	}
	const head = "HTTP/1.1 401 Unauthorized\r\n"
	for _, test := range []struct {
		name    string
		change  twist
		finding string
		telling string
	}{
		{"says nothing", refusing(hang{}), "hangs", "no complete answer"},
		{"drips", refusing(head, drip{"A: b\r\n"}), "hangs", "no complete answer"},
		{"closes", refusing(), "drops-connections|wrong-refusal-status", "closed"},
		{"resets", refusing(reset{}), "drops-connections|wrong-refusal-status", "reset|closed"},
		{"closes in the answer", refusing(head + "Content-Length: 10\r\n\r\n1"), "drops-connections|wrong-refusal-status", "in the middle"},
		{"endless body", refusing(head+"\r\n", flood{"x"}), "", ""},
		{"header bomb", refusing(head, flood{"A: b\r\n"}), "", ""},
		{"redirects", refusing("HTTP/1.1 307 Temporary Redirect\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n"), "wrong-refusal-status|redirects", "307"},
		{"fails", refusing("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"), "wrong-refusal-status", "500"},
		{"no HTTP", refusing("denied\n"), "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := brief(t, "usmewe", twisted(t, "usmewe", test.change), nil)
			c.Selection.Cases = []string{"acknowledge/event/loan.*", "signature/wrong-secret/loan.*", "signature/random"}
			r := examine(t, context.Background(), c)
			if r.Outcome != conformance.Nonconformant {
				t.Errorf("outcome %s: %s", r.Outcome, r.Reason)
			}
			for _, id := range []string{"signature/wrong-secret/loan.created", "signature/random"} {
				if v := resultOf(t, r, id).Verdict; v != conformance.Failed {
					t.Errorf("%s: %s; want failed", id, v)
				}
			}
			if v := resultOf(t, r, "acknowledge/event/loan.created"); v.Verdict != conformance.Passed {
				t.Errorf("%s: %s (%s); want passed", v.ID, v.Verdict, v.Reason)
			}
			if test.finding != "" && (len(r.Findings) == 0 || !among(r.Findings[0].ID, test.finding)) {
				t.Errorf("findings %s; want %s first", findings(r), test.finding)
			}
			if test.telling != "" && !tells(r, test.telling) {
				t.Errorf("nothing tells of %q", test.telling)
			}
		})
	}
}

// TestLeakedSecret: an answer that holds the secret, in whatever form, is
// found out, and nothing of it is passed on.
func TestLeakedSecret(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"as it is":        secret,
		"base64":          base64.StdEncoding.EncodeToString([]byte(secret)),
		"hex":             fmt.Sprintf("%x", secret),
		"hex, upper case": fmt.Sprintf("%X", secret),
		"JSON":            `{"error":"expected key ` + secret + `"}`,
	} {
		for _, place := range []string{"body", "header"} {
			t.Run(name+" in the "+place, func(t *testing.T) {
				t.Parallel()
				c := brief(t, "usmewe", twisted(t, "usmewe", func(w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
					if answer.Code/100 == 4 && place == "header" {
						w.Header().Set("X-Debug", text)
					}
					if answer.Code/100 == 4 && place == "body" {
						answer.Body.WriteString(text)
					}
					answer.Header().Del("Content-Length")
					pass(w, answer)
				}), nil)
				c.Selection.Cases = []string{"signature/wrong-secret/*", "signature/no-leak", "signature/documented-status"}
				r := examine(t, context.Background(), c)
				if v := resultOf(t, r, "signature/no-leak"); v.Verdict != conformance.Failed {
					t.Errorf("signature/no-leak: %s; want failed", v.Verdict)
				}
				if len(r.Findings) == 0 || r.Findings[0].ID != "leaks-secret" {
					t.Errorf("findings %s; want leaks-secret", findings(r))
				}
			})
		}
	}
}

// TestClockFarOff: a receiver whose clock is off is told first, and what rests
// on times is not judged.
func TestClockFarOff(t *testing.T) {
	t.Parallel()
	for name, date := range map[string]func() string{
		"an hour behind": func() string { return time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat) },
		"year 9999":      func() string { return "Fri, 31 Dec 9999 23:59:59 GMT" },
		"year 1":         func() string { return "Mon, 01 Jan 0001 00:00:00 GMT" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := brief(t, "sharmo-timestamped", twisted(t, "sharmo-timestamped", func(w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
				w.Header().Set("Date", date())
				pass(w, answer)
			}), nil)
			c.Selection.Families = []string{"freshness"}
			c.Deadline = 2 * time.Second
			r := examine(t, context.Background(), c)
			if r.Run.ClockSkewMS == nil || len(r.Findings) == 0 || r.Findings[0].ID != "clock-skewed" {
				t.Errorf("skew %v, findings %s; want clock-skewed first", r.Run.ClockSkewMS, findings(r))
			}
			if n := len(ids(r, conformance.Failed)); n > 0 || r.Outcome != conformance.Partial {
				t.Errorf("outcome %s, failed %v; want partial: nothing of it can be judged", r.Outcome, ids(r, conformance.Failed))
			}
		})
	}
}

// TestRateLimitMidRun: a receiver that takes some deliveries and then no more
// ends the run soon, and fails nothing.
func TestRateLimitMidRun(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	c := brief(t, "usmewe", twisted(t, "usmewe", func(w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
		if n.Add(1) > 40 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		pass(w, answer)
	}), nil)
	c.Deadline = 2 * time.Second
	r := examine(t, context.Background(), c)
	if r.Outcome != conformance.Partial || !strings.Contains(r.Reason, "429") {
		t.Errorf("outcome %s: %s; want partial for 429", r.Outcome, r.Reason)
	}
	if got := ids(r, conformance.Failed); len(got) > 0 {
		t.Errorf("failed %v; want none", got)
	}
	if sent := n.Load(); sent > 120 {
		t.Errorf("%d requests; want an end soon after the fortieth", sent)
	}
	if len(r.Findings) == 0 || r.Findings[0].ID != "rate-limited" {
		t.Errorf("findings %s; want rate-limited", findings(r))
	}
}

// TestHandshakeNumber: a handshake answered with a number that breaks JSON
// parsers fails, and nothing else does.
func TestHandshakeNumber(t *testing.T) {
	t.Parallel()
	c := brief(t, "sharmo-body", twisted(t, "sharmo-body", func(w http.ResponseWriter, _ *http.Request, answer *httptest.ResponseRecorder) {
		var echo map[string]any
		if json.Unmarshal(answer.Body.Bytes(), &echo) == nil && echo["challenge"] != nil {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"challenge":1e1000001}`)
			return
		}
		pass(w, answer)
	}), nil)
	c.Deadline = 2 * time.Second
	c.Selection.Families = []string{"handshake", "acknowledge"}
	r := examine(t, context.Background(), c)
	if v := resultOf(t, r, "handshake/echo"); v.Verdict != conformance.Failed {
		t.Errorf("handshake/echo: %s %s; want failed", v.Verdict, v.Reason)
	}
	for _, id := range ids(r, conformance.Errored) {
		t.Errorf("%s: error; want a verdict", id)
	}
	for _, id := range ids(r, conformance.Failed) {
		if !strings.HasPrefix(id, "handshake/") {
			t.Errorf("%s failed", id)
		}
	}
}
