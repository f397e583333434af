package conformance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/fixtures/receiver"
	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/wire"
)

const (
	secret  = "whsec_9fJ2kQ7mZx4VbT1cR8sLw3Hn6Yp0Dg5A"
	retired = "whsec_0dLmN3pQ7rStUvW1xYz5AbC9eFgH2jK"
)

// library is the built-in one.
func library(t testing.TB) *schemas.Library {
	t.Helper()
	l, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// scene is one receiver and a configuration that judges it.
type scene struct {
	server *receiver.Server
	config conformance.Config
}

// against starts the reference receiver with the defects and prepares a run of
// which nothing waits longer than it must.
func against(t testing.TB, provider string, defects ...string) *scene {
	t.Helper()
	return within(t, time.Second, provider, defects...)
}

// within is against with a deadline for every answer, in place of the
// contract's; the defects' delays shrink alike.
func within(t testing.TB, deadline time.Duration, provider string, defects ...string) *scene {
	t.Helper()
	l := library(t)
	p, err := l.Provider(provider)
	if err != nil {
		t.Fatal(err)
	}
	stated := p.Contract.Deadlines.Acknowledge.Duration
	r, err := receiver.New(receiver.Options{Provider: p, Secret: []byte(secret), Retired: []byte(retired), Defects: defects, Scale: float64(deadline) / float64(stated)})
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Start("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	target, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	return &scene{s, conformance.Config{
		Library: l, Provider: p, Secret: []byte(secret), Client: wire.NewClient(target, nil, wire.Limits{}),
		Seed: 1, Deadline: deadline, Recommended: time.Duration(float64(p.Contract.Deadlines.Recommended.Duration) * float64(deadline) / float64(stated)), Settle: 300 * time.Millisecond, Load: true, RetiredSecret: []byte(retired),
		Progress: nil,
	}}
}

// observed gives the run the receiver's effects and its fault hook.
func (s *scene) observed() *scene {
	s.config.Profile = conformance.Full
	base := strings.TrimSuffix(s.server.URL(), "/webhooks")
	s.config.Observer, s.config.FaultHook = effects(base), failing(base)
	return s
}

func (s *scene) run(t testing.TB) *conformance.Result {
	t.Helper()
	r, err := conformance.Run(context.Background(), s.config)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// effects asks the reference receiver's own endpoint.
type effects string

func (base effects) Count(ctx context.Context, id, event string) (int, error) {
	q := url.Values{"event_id": {id}, "event": {event}}
	resp, err := http.Get(string(base) + receiver.EffectsPath + "?" + q.Encode())
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var answer struct {
		Count int `json:"count"`
	}
	err = json.NewDecoder(resp.Body).Decode(&answer)
	return answer.Count, err
}

type failing string

func (base failing) FailNext(ctx context.Context, n int) error {
	resp, err := http.Post(string(base)+receiver.FailPath, "application/json", strings.NewReader(fmt.Sprintf(`{"fail_next":%d}`, n)))
	if err != nil {
		return err
	}
	resp.Body.Close()
	return nil
}

// failed lists what of a level did not pass, with the reason.
func failed(r *conformance.Result, verdicts ...conformance.Verdict) []string {
	var out []string
	for _, c := range r.Results {
		for _, v := range verdicts {
			if c.Verdict == v {
				line := fmt.Sprintf("%s %s %s %s", c.Level, c.Verdict, c.ID, c.Reason)
				for _, v := range c.Violations {
					line += fmt.Sprintf(" [want %s; got %s]", v.Want, v.Got)
				}
				out = append(out, line)
			}
		}
	}
	return out
}

func TestCorrectReceiver(t *testing.T) {
	for _, p := range library(t).Providers() {
		t.Run(p.Name(), func(t *testing.T) {
			began := time.Now()
			r := against(t, p.Name()).observed().run(t)
			if r.Outcome != conformance.Conformant {
				t.Errorf("outcome %s: %s", r.Outcome, r.Reason)
			}
			for _, line := range failed(r, conformance.Failed, conformance.Inconclusive, conformance.Errored, conformance.NotRun) {
				t.Error(line)
			}
			for _, f := range r.Findings {
				t.Errorf("finding %s: %s", f.ID, f.Evidence)
			}
			t.Logf("%d attempts in %s", r.Counts.Attempts, time.Since(began))
		})
	}
}
