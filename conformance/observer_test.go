package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/conformance/observe"
	"github.com/hookstone/hookstone/fixtures/receiver"
)

// TestMain lets the test binary play an observer's command.
func TestMain(m *testing.M) {
	if play := os.Getenv("HOOKSTONE_TEST_OBSERVER"); play != "" {
		playObserver(play)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// effectCases need an observer, and one of them a fault hook.
var effectCases = []string{"idempotency/distinct-applied", "idempotency/applied-once", "acknowledge/event/loan.created"}

// watched is a run of effectCases against the right receiver.
func watched(t testing.TB, o func(base string) conformance.Observer) (*conformance.Result, time.Duration) {
	t.Helper()
	s, err := reference(t, "usmewe", []byte(secret)).Start("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	c := brief(t, "usmewe", s.URL(), nil)
	c.Deadline = 2 * time.Second
	c.Profile, c.Selection.Cases = conformance.Full, effectCases
	c.Observer = o(strings.TrimSuffix(s.URL(), "/webhooks"))
	began := time.Now()
	return examine(t, context.Background(), c), time.Since(began)
}

// asking is an observer of a function.
type asking func(ctx context.Context, id, event string) (int, error)

func (f asking) Count(ctx context.Context, id, event string) (int, error) { return f(ctx, id, event) }

// fixed answers the same to every question.
func fixed(n int) func(string) conformance.Observer {
	return func(string) conformance.Observer {
		return asking(func(context.Context, string, string) (int, error) { return n, nil })
	}
}

// web is an observer over HTTP that answers so.
func web(t testing.TB, answer http.HandlerFunc) func(string) conformance.Observer {
	return func(string) conformance.Observer {
		s := httptest.NewServer(answer)
		t.Cleanup(s.Close)
		return &observe.HTTP{URL: s.URL + "/?id={id}", Client: &http.Client{Timeout: 500 * time.Millisecond}}
	}
}

func saying(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }
}

// TestLyingObservers: an observer that fails its own test makes its cases
// inconclusive with its reason, and touches no other case.
func TestLyingObservers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		observer func(string) conformance.Observer
		telling  string
	}{
		{"always 0", fixed(0), "counts 0 effects of an acknowledged delivery"},
		{"always 1", fixed(1), "counts 1 effects of an event that was never sent"},
		{"negative", fixed(-1), "counts -1 effects"},
		{"text", web(t, saying("all is well")), "no JSON"},
		{"a count in words", web(t, saying(`{"count":"one"}`)), "count"},
		{"a negative count", web(t, saying(`{"count":-3}`)), "no whole number"},
		{"half an effect", web(t, saying(`{"count":0.5}`)), "no whole number"},
		{"a number that breaks parsers", web(t, saying(`{"count":1e1000001}`)), "observer"},
		{"more than there are", web(t, saying(`{"count":99999999999999999999}`)), "no whole number"},
		{"a list", web(t, saying(`[{"count":0}]`)), "no number"},
		{"nothing", web(t, saying("")), "no JSON"},
		{"without end", web(t, func(w http.ResponseWriter, _ *http.Request) {
			for r := 0; r < 1<<12; r++ {
				if _, err := w.Write(make([]byte, 1<<10)); err != nil {
					return
				}
			}
		}), "longer than"},
		{"500", web(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }), "500"},
		{"redirects", func(base string) conformance.Observer {
			s := httptest.NewServer(http.RedirectHandler(base, http.StatusFound))
			t.Cleanup(s.Close)
			return &observe.HTTP{URL: s.URL + "/?id={id}"}
		}, "302"},
		{"hangs", web(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), "could not be asked"},
		{"dead", func(string) conformance.Observer {
			s := httptest.NewServer(nil)
			s.Close()
			return &observe.HTTP{URL: s.URL + "/?id={id}"}
		}, "could not be asked"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, _ := watched(t, test.observer)
			untold(t, r, test.telling)
		})
	}
}

// untold: the effect cases are inconclusive for the reason, the others judged.
func untold(t *testing.T, r *conformance.Result, telling string) {
	t.Helper()
	if r.Outcome != conformance.Partial {
		t.Errorf("outcome %s (%s); want partial", r.Outcome, r.Reason)
	}
	for _, id := range effectCases[:2] {
		if c := resultOf(t, r, id); c.Verdict != conformance.Inconclusive || !strings.Contains(c.Reason, telling) {
			t.Errorf("%s: %s %q; want inconclusive for %q", id, c.Verdict, c.Reason, telling)
		}
	}
	if c := resultOf(t, r, effectCases[2]); c.Verdict != conformance.Passed {
		t.Errorf("%s: %s; want passed", c.ID, c.Verdict)
	}
}

// TestObserverFailsLater: one that proved sound and then fails leaves its
// cases open, and the run ends in time.
func TestObserverFailsLater(t *testing.T) {
	t.Parallel()
	for name, later := range map[string]asking{
		"dies":   func(context.Context, string, string) (int, error) { return 0, errors.New("gone") },
		"slow":   func(context.Context, string, string) (int, error) { time.Sleep(1500 * time.Millisecond); return 1, nil },
		"unsure": func(context.Context, string, string) (int, error) { return 0, fmt.Errorf("busy") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, took := watched(t, func(base string) conformance.Observer {
				var asked atomic.Int32
				right := effects(base)
				proved := false
				return asking(func(ctx context.Context, id, event string) (int, error) {
					asked.Add(1)
					if proved {
						return later(ctx, id, event)
					}
					n, err := right.Count(ctx, id, event)
					proved = n == 1
					return n, err
				})
			})
			if took > 15*time.Second {
				t.Errorf("the run took %s", took)
			}
			for _, c := range r.Results {
				if c.Verdict == conformance.Failed {
					t.Errorf("%s failed: %v", c.ID, c.Violations)
				}
			}
			if name != "slow" && r.Outcome != conformance.Partial {
				t.Errorf("outcome %s; want partial", r.Outcome)
			}
		})
	}
}

// TestObserverCommands: processes that misbehave.
func TestObserverCommands(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ play, telling string }{
		{"dies at once", "ended"},
		{"dies when asked", "ended"},
		{"garbage", "no JSON"},
		{"banner first", "no JSON|out of step"},
		{"two answers", "out of step|never sent|counts"},
		{"another's id", "another question"},
		{"an error", "no such table"},
		{"line without end", "too long"},
	} {
		t.Run(test.play, func(t *testing.T) {
			t.Parallel()
			r, _ := watched(t, func(string) conformance.Observer {
				c, err := observe.StartEnv([]string{os.Args[0]}, append(os.Environ(), "HOOKSTONE_TEST_OBSERVER="+test.play))
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = c.Close() })
				return c
			})
			c := resultOf(t, r, effectCases[0])
			if c.Verdict != conformance.Inconclusive || !tells(r, test.telling) {
				t.Errorf("%s: %s %q; want inconclusive for %q", c.ID, c.Verdict, c.Reason, test.telling)
			}
		})
	}
}

// TestBrokenFaultHook: a hook that does not do what it should leaves its cases
// without a verdict, and fails nobody.
func TestBrokenFaultHook(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.Handler{
		"404":       http.NotFoundHandler(),
		"no effect": saying("{}"),
		"redirects": http.RedirectHandler("/elsewhere", http.StatusFound),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hook := httptest.NewServer(answer)
			t.Cleanup(hook.Close)
			s, err := reference(t, "usmewe", []byte(secret)).Start("")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			c := brief(t, "usmewe", s.URL(), nil)
			c.Deadline = 2 * time.Second
			c.Profile, c.Selection.Cases = conformance.Full, []string{"retry/schedule", "acknowledge/event/loan.created"}
			c.Observer = effects(strings.TrimSuffix(s.URL(), "/webhooks"))
			c.FaultHook = &observe.Hook{URL: hook.URL + receiver.FailPath}
			r := examine(t, context.Background(), c)
			if got := resultOf(t, r, "retry/schedule"); got.Verdict == conformance.Passed || got.Verdict == conformance.Failed || !strings.Contains(got.Reason, "fault hook") {
				t.Errorf("retry/schedule: %s %q; want no verdict, for the hook", got.Verdict, got.Reason)
			}
			if got := ids(r, conformance.Failed); len(got) > 0 {
				t.Errorf("failed %v; want none", got)
			}
		})
	}
}
