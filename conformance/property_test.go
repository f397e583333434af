package conformance_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookstone/hookstone/fixtures/receiver"
)

// whims are what an unreasonable server may do with one delivery. The first is
// right.
var whims = []func(w http.ResponseWriter, answer *httptest.ResponseRecorder){
	pass,
	func(w http.ResponseWriter, _ *httptest.ResponseRecorder) { w.WriteHeader(http.StatusNoContent) },
	func(w http.ResponseWriter, _ *httptest.ResponseRecorder) { w.WriteHeader(http.StatusUnauthorized) },
	func(w http.ResponseWriter, _ *httptest.ResponseRecorder) {
		w.WriteHeader(http.StatusInternalServerError)
	},
	func(w http.ResponseWriter, _ *httptest.ResponseRecorder) {
		w.Header().Set("Location", "/")
		w.WriteHeader(http.StatusSeeOther)
	},
	func(w http.ResponseWriter, _ *httptest.ResponseRecorder) {
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusTooManyRequests)
	},
	func(w http.ResponseWriter, _ *httptest.ResponseRecorder) { takeOver(w) },
	func(w http.ResponseWriter, _ *httptest.ResponseRecorder) { takeOver(w, reset{}) },
	func(w http.ResponseWriter, _ *httptest.ResponseRecorder) { takeOver(w, "HTTP/1.1 200 OK\r\nA") },
	func(w http.ResponseWriter, _ *httptest.ResponseRecorder) { takeOver(w, "\x00\xff garbage\n") },
	func(w http.ResponseWriter, _ *httptest.ResponseRecorder) {
		_, _ = fmt.Fprint(w, secret, "\x1b[2J", "at Object.<anonymous> (/srv/app.js:1:1)")
	},
}

// TestUnreasonable: whatever a server does with each delivery, the result is
// whole and sound. Each seed draws a server of its own.
func TestUnreasonable(t *testing.T) {
	t.Parallel()
	const servers = 8
	right := reference(t, "sharmo-timestamped", []byte(secret)).Handler()
	start := uint64(time.Now().UnixNano())
	for n := range uint64(servers) {
		seed := start + n
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			dice := rand.New(rand.NewPCG(seed, 0))
			sane, allowed := dice.IntN(96), dice.Perm(len(whims))[:1+dice.IntN(4)]
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				answer := httptest.NewRecorder()
				right.ServeHTTP(answer, r)
				mu.Lock()
				whim := 0
				if dice.IntN(100) >= sane {
					whim = allowed[dice.IntN(len(allowed))]
				}
				mu.Unlock()
				whims[whim](w, answer)
			}))
			defer s.Close()
			c := brief(t, "sharmo-timestamped", s.URL+"/webhooks", nil)
			c.Deadline = 2 * time.Second
			c.Selection.Cases = []string{"acknowledge/event/*", "acknowledge/deadline", "acknowledge/no-redirect", "signature/wrong-secret/*", "signature/no-leak", "freshness/stale/*", "freshness/future/*", "freshness/within-tolerance", "raw-body/whitespace", "handshake/echo"}
			examine(t, context.Background(), c)
			if t.Failed() {
				t.Logf("%d %% right, whims %v", sane, allowed)
			}
		})
	}
}

// TestSameVerdicts: the same seed gives the same verdicts, run after run.
func TestSameVerdicts(t *testing.T) {
	t.Parallel()
	for _, defects := range [][]string{nil, {"compares-end"}, {"refuses-with-server-error"}} {
		var first []string
		for n := range 3 {
			h := reference(t, "usmewe", []byte(secret), defects...).Handler()
			c := serving(t, "usmewe", h)
			c.Selection.Cases = []string{"acknowledge/event/*", "raw-body/*", "signature/wrong-secret/*", "signature/truncated/*", "signature/suffix", "signature/not-hex"}
			r := examine(t, context.Background(), c)
			var verdicts []string
			for _, res := range r.Results {
				verdicts = append(verdicts, res.ID+" "+string(res.Verdict))
			}
			for _, f := range r.Findings {
				verdicts = append(verdicts, "finding "+f.ID)
			}
			if n == 0 {
				first = verdicts
			} else if !slices.Equal(first, verdicts) {
				t.Errorf("%v: run %d differs from the first", defects, n+1)
			}
		}
	}
}

// TestDefectsLeaveSoundResults: for a sample of defects, those that leak among
// them, the result is sound and holds no secret.
func TestDefectsLeaveSoundResults(t *testing.T) {
	t.Parallel()
	p := provided(t, "usmewe")
	leaking := 0
	for i, d := range receiver.Defects() {
		leaks := strings.Contains(d.Finding, "leaks")
		if !leaks && i%30 != 0 || d.AppliesTo(p) != "" {
			continue
		}
		if leaks {
			leaking++
		}
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			c := against(t, "usmewe", d.Name).config
			c.Selection.Cases = []string{"acknowledge/event/*", "signature/wrong-secret/*", "signature/missing/*", "signature/no-leak", "robustness/no-stack-trace", "robustness/scalar", "robustness/null"}
			examine(t, context.Background(), c)
		})
	}
	if leaking < 2 {
		t.Errorf("%d defects leak; want some to look at", leaking)
	}
}

// TestRevealed tests the scan itself: it finds each form.
func TestRevealed(t *testing.T) {
	for _, text := range []string{secret, `{"base64":"` + "d2hzZWNfOWZKMmtRN21aeDRWYlQxY1I4c0x3M0huNllwMERnNUE=" + `"}`, strings.ToUpper(fmt.Sprintf("%x", secret))} {
		if revealed([]byte(text), []byte(secret)) == "" {
			t.Errorf("revealed(%q) = \"\"; want found", text)
		}
	}
	if form := revealed(bytes.Repeat([]byte("no secret here "), 9), []byte(secret)); form != "" {
		t.Errorf("revealed(innocent) = %q; want nothing", form)
	}
}
