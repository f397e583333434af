package conformance_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookstone/hookstone/conformance"
)

// serving is a run against a handler.
func serving(t testing.TB, provider string, h http.Handler) conformance.Config {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c := brief(t, provider, s.URL+"/webhooks", nil)
	c.Deadline = 2 * time.Second
	return c
}

// oneFailure: a run that no genuine delivery came through fails the event that
// it tried, and leaves the rest open.
func oneFailure(t *testing.T, r *conformance.Result) {
	t.Helper()
	if r.Outcome != conformance.Nonconformant {
		t.Errorf("outcome %s (%s); want nonconformant", r.Outcome, r.Reason)
	}
	got := ids(r, conformance.Failed)
	if len(got) != 1 || !strings.HasPrefix(got[0], "acknowledge/event/") {
		t.Errorf("failed %v; want one event", got)
	}
	for _, id := range append(ids(r, conformance.Passed), ids(r, conformance.NotRun)...) {
		if c := resultOf(t, r, id); c.Reason != "outside profile basic: it needs an observer of effects" {
			t.Errorf("%s: %s %q; want inconclusive", id, c.Verdict, c.Reason)
		}
	}
}

// TestSilentReceiver: one that accepts and never answers is known for it after
// one deadline, whatever the number of cases.
func TestSilentReceiver(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	c := brief(t, "usmewe", "http://"+listen(t, func(c net.Conn) { connections.Add(1); play(c, hang{}) }), nil)
	c.Deadline = 1500 * time.Millisecond // past the second after which other types are tried
	r := examine(t, context.Background(), c)
	if n := connections.Load(); n > 3 {
		t.Errorf("%d connections; want the first and two hedges", n)
	}
	if took := r.Run.Finished.Sub(r.Run.Started); took > 8*time.Second {
		t.Errorf("the run took %s; want about one deadline", took)
	}
	if len(r.Findings) == 0 || r.Findings[0].ID != "hangs" {
		t.Errorf("findings %s; want hangs", findings(r))
	}
	for _, id := range ids(r, conformance.Failed) {
		if !strings.HasPrefix(id, "acknowledge/") {
			t.Errorf("%s failed", id)
		}
	}
}

// TestWrongSecret: the secret, and not a wall of failures, is named.
func TestWrongSecret(t *testing.T) {
	t.Parallel()
	for _, p := range library(t).Providers() {
		t.Run(p.Name(), func(t *testing.T) {
			t.Parallel()
			r := examine(t, context.Background(), serving(t, p.Name(), reference(t, p.Name(), []byte(retired)).Handler()))
			oneFailure(t, r)
			if len(r.Findings) == 0 || !among(r.Findings[0].ID, "always-refuses|not-a-receiver") || !strings.Contains(r.Findings[0].Title, "secret") {
				t.Errorf("findings %s; want the secret named", findings(r))
			}
			if len(r.Findings) > 1 {
				t.Errorf("findings %s; want one", findings(r))
			}
		})
	}
}

// TestNotAReceiver: statuses that say that nobody takes webhooks there.
func TestNotAReceiver(t *testing.T) {
	t.Parallel()
	for status, telling := range map[int]string{404: "path", 405: "POST", 501: "POST"} {
		r := examine(t, context.Background(), serving(t, "usmewe", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })))
		oneFailure(t, r)
		if len(r.Findings) == 0 || r.Findings[0].ID != "not-a-receiver" || !strings.Contains(r.Findings[0].Title, telling) {
			t.Errorf("%d: findings %s; want not-a-receiver, which speaks of the %s", status, findings(r), telling)
		}
	}
}

// TestServerError: a receiver that fails at everything is told once.
func TestServerError(t *testing.T) {
	t.Parallel()
	r := examine(t, context.Background(), serving(t, "usmewe", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })))
	oneFailure(t, r)
	if len(r.Findings) != 1 || !strings.Contains(r.Findings[0].Title+r.Findings[0].Evidence, "502") {
		t.Errorf("findings %s; want one that tells of 502", findings(r))
	}
}

// TestSecretVariants: a receiver that uses the secret in another form than it
// is handed out in is told so.
func TestSecretVariants(t *testing.T) {
	t.Parallel()
	encoded := base64.StdEncoding.EncodeToString([]byte("thirty-two bytes of key material"))
	for _, test := range []struct{ name, given, used, telling string }{
		{"the run's secret has a line break", secret + "\n", secret, "white space"},
		{"the receiver's secret has a line break", secret, secret + "\n", "line break"},
		{"the receiver decodes base64", encoded, "thirty-two bytes of key material", "base64-decoded"},
		{"the receiver cuts the prefix off", secret, strings.TrimPrefix(secret, "whsec_"), "without its prefix"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := serving(t, "usmewe", reference(t, "usmewe", []byte(test.used)).Handler())
			c.Secret = []byte(test.given)
			r := examine(t, context.Background(), c)
			oneFailure(t, r)
			if len(r.Findings) == 0 || r.Findings[0].ID != "always-refuses" || !strings.Contains(r.Findings[0].Title, test.telling) {
				t.Errorf("findings %s; want always-refuses, which says %q", findings(r), test.telling)
			}
		})
	}
}

// TestSiblingContract: a receiver of the platform's other contract is told so.
func TestSiblingContract(t *testing.T) {
	t.Parallel()
	for ours, theirs := range map[string]string{"sharmo-body": "sharmo-timestamped", "sharmo-timestamped": "sharmo-body"} {
		other := reference(t, theirs, []byte(secret)).Handler()
		r := examine(t, context.Background(), serving(t, ours, other))
		if r.Outcome != conformance.Nonconformant {
			t.Errorf("%s: outcome %s", ours, r.Outcome)
		}
		if len(r.Findings) == 0 || !among(r.Findings[0].ID, "always-refuses|accepts-other-contract") || !strings.Contains(r.Findings[0].Title, "signed as "+theirs) {
			t.Errorf("%s: findings %s; want the other contract named", ours, findings(r))
		}
	}
}

// bare takes the bare digest alone, as some read the document.
func bare(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	want := hex.EncodeToString(mac.Sum(nil))
	for _, values := range r.Header {
		for _, v := range values {
			if hmac.Equal([]byte(v), []byte(want)) && r.Method == http.MethodPost && json.Valid(body) {
				w.WriteHeader(http.StatusOK)
				return
			}
		}
	}
	w.WriteHeader(http.StatusUnauthorized)
}

// TestAlternativeForm: the document's header can be read in two ways; a
// receiver that takes the other one is right, and the report says which.
func TestAlternativeForm(t *testing.T) {
	t.Parallel()
	c := serving(t, "usmewe", http.HandlerFunc(bare))
	c.Selection.Cases = []string{"acknowledge/event/*", "signature/wrong-secret/*", "signature/missing/*", "signature/truncated/*", "raw-body/*"}
	r := examine(t, context.Background(), c)
	if r.Outcome != conformance.Conformant {
		t.Errorf("outcome %s (%s); want conformant", r.Outcome, r.Reason)
		for _, line := range failed(r, conformance.Failed, conformance.Inconclusive) {
			t.Error(line)
		}
	}
	if len(r.Notes) == 0 || !strings.Contains(r.Notes[0], "{v1}") {
		t.Errorf("notes %q; want the form that was used", r.Notes)
	}
}

// TestOneTypeOnly: a receiver that takes one event type is judged with that
// one, and told.
func TestOneTypeOnly(t *testing.T) {
	t.Parallel()
	right := reference(t, "usmewe", []byte(secret)).Handler()
	const only = "vault.withdraw"
	c := serving(t, "usmewe", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if !bytes.Contains(body, []byte(`"`+only+`"`)) {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		right.ServeHTTP(w, r)
	}))
	c.Selection.Cases = []string{"acknowledge/event/*", "signature/random", "raw-body/whitespace"}
	r := examine(t, context.Background(), c)
	if v := resultOf(t, r, "acknowledge/event/"+only).Verdict; v != conformance.Passed {
		t.Errorf("%s: %s; want passed", only, v)
	}
	for _, id := range []string{"signature/random", "raw-body/whitespace"} {
		if got := resultOf(t, r, id); got.Verdict != conformance.Passed {
			t.Errorf("%s: %s (%s); want passed with the type that is taken", id, got.Verdict, got.Reason)
		}
	}
	if len(ids(r, conformance.Failed)) != 8 || len(r.Findings) == 0 || r.Findings[0].ID != "handles-some-event-types-only" {
		t.Errorf("failed %v, findings %s; want the eight other types", ids(r, conformance.Failed), findings(r))
	}
}

// TestEmptySelection: nothing is sent, and the error says so.
func TestEmptySelection(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	for name, s := range map[string]conformance.Selection{
		"no such case":    {Cases: []string{"nothing/*"}},
		"no such family":  {Families: []string{"nothing"}},
		"no such level":   {Levels: []string{"perhaps"}},
		"no such event":   {Events: []string{"loan.forgiven"}},
		"nothing in both": {Cases: []string{"signature/random"}, Levels: []string{"may"}},
		"needs observer":  {Cases: []string{"idempotency/applied-once"}},
	} {
		c := serving(t, "usmewe", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
		c.Selection = s
		if _, err := conformance.Run(context.Background(), c); !errors.Is(err, conformance.ErrConfig) {
			t.Errorf("%s: %v; want an ErrConfig", name, err)
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests; want none", n)
	}
}

// TestInterrupted: the end of the context ends the run at once, and the result
// is whole all the same.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]int32{"before": 0, "in the preflight": 1, "among the quick cases": 8, "among the others": 150} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if after == 0 {
				cancel()
			}
			var asked atomic.Int32
			right := reference(t, "usmewe", []byte(secret)).Handler()
			c := serving(t, "usmewe", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked.Add(1) == after {
					cancel()
					takeOver(w, hang{}) // until the sender leaves
					return
				}
				right.ServeHTTP(w, r)
			}))
			r := examine(t, ctx, c)
			if r.Outcome != conformance.Partial || !strings.Contains(r.Reason, "interrupted") {
				t.Errorf("outcome %s (%s); want partial, interrupted", r.Outcome, r.Reason)
			}
			if n := asked.Load(); n > after+16 {
				t.Errorf("%d requests; want none after the end", n)
			}
			if got := ids(r, conformance.Failed); len(got) > 0 {
				t.Errorf("failed %v; want none: half a case is no evidence", got)
			}
			if len(ids(r, conformance.NotRun)) == 0 {
				t.Error("every case ran; want not")
			}
		})
	}
}
