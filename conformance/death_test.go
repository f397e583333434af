package conformance_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/fixtures/receiver"
)

// mortal is a right receiver that dies of some deliveries: its listener and
// every connection are closed, and nobody listens until it is started again.
type mortal struct {
	t       *testing.T
	address string
	fatal   func(digest string) (before, after bool) // dies before or after it answers
	forgets bool                                     // a new life knows nothing of the one before

	mu     sync.Mutex
	rc     *receiver.Receiver
	server *http.Server
	deaths int
	starts int
}

// raise starts a mortal.
func raise(t *testing.T, m *mortal) *mortal {
	t.Helper()
	m.t, m.address, m.rc = t, "127.0.0.1:0", reference(t, "usmewe", []byte(secret))
	if err := m.start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.mu.Lock(); defer m.mu.Unlock(); m.server.Close() })
	return m
}

func (m *mortal) start(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, err := net.Listen("tcp", m.address)
	if err != nil {
		return err
	}
	if m.starts++; m.forgets && m.starts > 1 {
		m.rc = reference(m.t, "usmewe", []byte(secret))
	}
	m.address = l.Addr().String()
	right := m.rc.Handler()
	s := &http.Server{}
	s.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		before, after := m.fatal(digestOf(r))
		if before {
			m.die(s)
			return
		}
		right.ServeHTTP(w, r)
		if after {
			time.AfterFunc(5*time.Millisecond, func() { m.die(s) })
		}
	})
	m.server = s
	go func() { _ = s.Serve(l) }()
	return nil
}

func (m *mortal) die(s *http.Server) {
	m.mu.Lock()
	m.deaths++
	m.mu.Unlock()
	_ = s.Close()
}

func (m *mortal) lives() (deaths, starts int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.deaths, m.starts
}

// digestOf is what stands in the signature header, without its prefix.
func digestOf(r *http.Request) string {
	for _, values := range r.Header {
		for _, v := range values {
			if d, ok := strings.CutPrefix(v, "sha256="); ok {
				return d
			}
		}
	}
	return ""
}

// longAs is fatal to a receiver for digests of a length.
func longAs(n int) func(string) (bool, bool) {
	return func(d string) (bool, bool) { return len(d) == n, false }
}

// digestCases are the cases of the signature family that these tests are about.
var digestCases = []string{"signature/wrong-secret/*", "signature/tampered-*", "signature/*5*", "signature/sha*", "signature/base64",
	"signature/truncated/*", "signature/suffix", "signature/extended", "signature/trailing-garbage", "signature/not-hex", "signature/documented-status"}

func (m *mortal) config(t *testing.T, cases ...string) conformance.Config {
	c := brief(t, "usmewe", "http://"+m.address+"/webhooks", nil)
	c.Selection.Cases = cases
	c.Deadline = time.Second
	return c
}

// TestDiesAlone: a delivery of the exclusive lane kills; the case is told, and
// the rest was not run.
func TestDiesAlone(t *testing.T) {
	t.Parallel()
	m := raise(t, &mortal{fatal: longAs(63)})
	r := examine(t, context.Background(), m.config(t, digestCases...))
	if r.Outcome != conformance.Nonconformant {
		t.Errorf("outcome %s; want nonconformant", r.Outcome)
	}
	killer := resultOf(t, r, "signature/truncated/63")
	if killer.Verdict != conformance.Failed || killer.Facts["dead"] != true {
		t.Errorf("the killer: %s, facts %v; want failed, dead", killer.Verdict, killer.Facts)
	}
	unrun := 0
	for _, c := range r.Results {
		switch c.Verdict {
		case conformance.NotRun:
			if strings.Contains(c.Reason, "after signature/truncated/63") {
				unrun++
			}
		case conformance.Failed:
			if c.ID != killer.ID {
				t.Errorf("%s failed too: %v", c.ID, c.Violations)
			}
		}
	}
	if unrun < 4 {
		t.Errorf("%d cases are not run for that reason; want those behind the killer", unrun)
	}
	if deaths, _ := m.lives(); deaths != 1 {
		t.Errorf("%d deaths; want 1", deaths)
	}
	if len(r.Findings) == 0 || !slices.ContainsFunc(r.Findings, func(f conformance.Finding) bool { return f.ID == "dies" }) {
		t.Errorf("findings %s; want dies", findings(r))
	}
}

// TestDiesAloneAndIsStarted: with a restart the run goes on with what is left.
func TestDiesAloneAndIsStarted(t *testing.T) {
	t.Parallel()
	m := raise(t, &mortal{fatal: longAs(63)})
	c := m.config(t, digestCases...)
	c.Restart = m.start
	r := examine(t, context.Background(), c)
	if got := ids(r, conformance.Failed); !slices.Equal(got, []string{"signature/truncated/63"}) {
		t.Errorf("failed %v; want the killer alone", got)
	}
	for _, line := range failed(r, conformance.Inconclusive, conformance.Errored) {
		t.Error(line)
	}
	for _, c := range r.Results {
		if c.Verdict == conformance.NotRun && c.Reason != "not selected" {
			t.Errorf("%s was not run: %s", c.ID, c.Reason)
		}
	}
	if deaths, starts := m.lives(); deaths != 2 || starts != 3 {
		t.Errorf("%d deaths, %d starts; want 2 and 3: it was made sure of", deaths, starts)
	}
}

// TestDiesAmongOthers: a delivery of the shared lane kills. Without a restart
// the cases whose deliveries were dropped are named, and what found nobody
// listening is not run.
func TestDiesAmongOthers(t *testing.T) {
	t.Parallel()
	m := raise(t, &mortal{fatal: longAs(40)}) // signature/sha1
	r := examine(t, context.Background(), m.config(t, digestCases...))
	if r.Outcome == conformance.Conformant {
		t.Error("conformant; want not")
	}
	killer := resultOf(t, r, "signature/sha1")
	if killer.Verdict != conformance.Failed {
		t.Errorf("the killer: %s %s; want failed", killer.Verdict, killer.Reason)
	}
	named := 0
	for _, c := range r.Results {
		for _, a := range c.Attempts {
			if a.Error != nil && a.Error.Kind == "refused" {
				t.Errorf("%s is %s, and its delivery found nobody listening", c.ID, c.Verdict)
			}
		}
		if c.Verdict == conformance.NotRun && strings.Contains(c.Reason, "signature/sha1") {
			named++
		}
	}
	if named < 8 {
		t.Errorf("%d cases name the killer as why they were not run; want all that were left", named)
	}
	if !slices.ContainsFunc(r.Findings, func(f conformance.Finding) bool {
		return f.ID == "dies" && slices.Contains(f.Cases, "signature/sha1")
	}) {
		t.Errorf("findings %s; want dies, which names the killer", findings(r))
	}
}

// TestDiesAmongOthersAndIsStarted: what ran beside the killer is judged again
// on its own, so that the killer alone is told.
func TestDiesAmongOthersAndIsStarted(t *testing.T) {
	t.Parallel()
	for name, fatal := range map[string]func(string) (bool, bool){
		"before the answer": longAs(40),
		"after the answer":  func(d string) (bool, bool) { return false, len(d) == 40 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := raise(t, &mortal{fatal: fatal})
			c := m.config(t, digestCases...)
			c.Restart = m.start
			r := examine(t, context.Background(), c)
			if r.Outcome != conformance.Conformant && r.Outcome != conformance.Nonconformant {
				t.Errorf("outcome %s: %s", r.Outcome, r.Reason)
			}
			got := ids(r, conformance.Failed)
			if !slices.Contains(got, "signature/sha1") || len(got) > 1 {
				t.Errorf("failed %v; want signature/sha1 alone", got)
			}
			for _, line := range failed(r, conformance.Inconclusive, conformance.Errored) {
				t.Error(line)
			}
			if deaths, starts := m.lives(); deaths != 2 || starts != 3 {
				t.Errorf("%d deaths, %d starts; want 2 and 3: beside others, and alone", deaths, starts)
			}
			sent := map[string]string{}
			for _, c := range r.Results {
				for _, a := range c.Attempts {
					if a.Event.ID != "" && a.Class == "genuine" && a.Role == "control" {
						if other := sent[a.Event.ID]; other != "" {
							t.Errorf("%s and %s sent the same id %s", other, c.ID, a.Event.ID)
						}
						sent[a.Event.ID] = c.ID
					}
				}
			}
		})
	}
}

// TestDiesOnceOnly: a death that does not come again is no case's fault, and
// yet told.
func TestDiesOnceOnly(t *testing.T) {
	t.Parallel()
	var once sync.Once
	m := raise(t, &mortal{fatal: func(d string) (bool, bool) {
		dies := false
		if len(d) == 40 {
			once.Do(func() { dies = true })
		}
		return dies, false
	}})
	c := m.config(t, digestCases...)
	c.Restart = m.start
	r := examine(t, context.Background(), c)
	if r.Outcome != conformance.Nonconformant || !strings.Contains(strings.Join(r.Notes, "\n"), "died") {
		t.Errorf("%s, notes %v; want nonconformant and a note", r.Outcome, r.Notes)
	}
	if v := resultOf(t, r, "signature/sha1").Verdict; v != conformance.Failed {
		t.Errorf("signature/sha1: %s; want failed, as it was seen", v)
	}
}

// TestRestartFails: the receiver that will not start again ends the run, and
// the reason is told.
func TestRestartFails(t *testing.T) {
	t.Parallel()
	m := raise(t, &mortal{fatal: longAs(63)})
	c := m.config(t, digestCases...)
	c.Restart = func(context.Context) error { return &net.AddrError{Err: "no such command", Addr: secret} }
	r := examine(t, context.Background(), c)
	if r.Outcome != conformance.Nonconformant || !strings.Contains(strings.Join(r.Notes, "\n"), "no such command") {
		t.Errorf("%s, notes %q; want nonconformant and the reason in a note", r.Outcome, r.Notes)
	}
}

// TestForgottenEffects: where the effects die with the receiver, what was
// delivered before can no longer be counted, and is not called lost.
func TestForgottenEffects(t *testing.T) {
	t.Parallel()
	for _, forgets := range []bool{true, false} {
		m := raise(t, &mortal{fatal: longAs(63), forgets: forgets})
		c := m.config(t)
		c.Selection.Cases = []string{"signature/truncated/63", "idempotency/distinct-applied", "idempotency/applied-once"}
		c.Profile, c.Restart, c.Settle = conformance.Full, m.start, 200*time.Millisecond
		c.Observer = counts{m}
		r := examine(t, context.Background(), c)
		want := conformance.Passed
		if forgets {
			want = conformance.Inconclusive
		}
		if got := resultOf(t, r, "idempotency/distinct-applied"); got.Verdict != want { // before the death
			t.Errorf("forgets %v: distinct-applied %s (%s); want %s", forgets, got.Verdict, got.Reason, want)
		}
		if got := resultOf(t, r, "idempotency/applied-once"); got.Verdict != conformance.Passed { // after it
			t.Errorf("forgets %v: applied-once %s (%s); want passed", forgets, got.Verdict, got.Reason)
		}
	}
}

// counts asks a mortal's own endpoint.
type counts struct{ m *mortal }

func (c counts) Count(_ context.Context, id, event string) (int, error) {
	c.m.mu.Lock()
	h := c.m.rc.Handler()
	c.m.mu.Unlock()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, receiver.EffectsPath+"?"+url.Values{"event_id": {id}, "event": {event}}.Encode(), nil)
	r.RemoteAddr = "127.0.0.1:1"
	h.ServeHTTP(w, r)
	return countIn(w.Body.Bytes())
}

// ids lists the cases with a verdict.
func ids(r *conformance.Result, v conformance.Verdict) []string {
	var out []string
	for _, c := range r.Results {
		if c.Verdict == v {
			out = append(out, c.ID)
		}
	}
	return out
}
