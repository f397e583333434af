package conformance_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/simulator/wire"
)

// always counts the same of everything.
type always int

func (n always) Count(context.Context, string, string) (int, error) { return int(n), nil }

const open = "signature/missing/loan.created"

func waiver(id, expires string) conformance.CaseWaiver {
	return conformance.CaseWaiver{Case: id, Waiver: conformance.Waiver{Reason: "the gateway does it", Owner: "payments", Expires: expires}}
}

func resultOf(t testing.TB, r *conformance.Result, id string) *conformance.CaseResult {
	t.Helper()
	for i := range r.Results {
		if r.Results[i].ID == id {
			return &r.Results[i]
		}
	}
	t.Fatalf("no result of %s", id)
	return nil
}

// only narrows a run to a few cases.
func only(s *scene, cases ...string) *scene {
	s.config.Selection = conformance.Selection{Cases: cases}
	return s
}

func TestWaiver(t *testing.T) {
	s := only(against(t, "usmewe", "never-verifies"), open, "acknowledge/event/loan.created")
	s.config.Waivers = []conformance.CaseWaiver{waiver(open, "2999-12-31"), waiver("acknowledge/event/loan.created", "2999-12-31"), waiver("acknowledge/deadline", "2999-12-31")}
	r := s.run(t)
	c := resultOf(t, r, open)
	if c.Verdict != conformance.Failed || c.Waived == nil || c.Waived.Owner != "payments" {
		t.Errorf("%s is %s, waived %v; want failed and waived", open, c.Verdict, c.Waived)
	}
	if r.Outcome != conformance.Conformant || !strings.Contains(r.Reason, "waived") {
		t.Errorf("outcome %s (%s); want conformant, and why", r.Outcome, r.Reason)
	}
	if m := r.Score.Must; m.Failed != 1 || m.Waived != 1 || m.PercentMax == 100 {
		t.Errorf("score %+v; want the failure in it", m)
	}
	var unneeded []string
	for _, w := range conformance.Unneeded(s.config.Waivers, r) {
		unneeded = append(unneeded, w.Case)
	}
	// A case that was not selected proves nothing about its waiver.
	if want := []string{"acknowledge/event/loan.created"}; !slices.Equal(unneeded, want) {
		t.Errorf("unneeded = %v; want %v", unneeded, want)
	}
	written(t, r)

	// Another failure still gates.
	s.config.Selection.Cases = append(s.config.Selection.Cases, "signature/wrong-secret/loan.created")
	if r := s.run(t); r.Outcome != conformance.Nonconformant {
		t.Errorf("outcome %s with a failure that is not waived", r.Outcome)
	}
}

func TestWaiverRefused(t *testing.T) {
	day := time.Date(2026, 6, 15, 23, 0, 0, 0, time.UTC)
	for _, w := range []struct {
		name   string
		given  []conformance.CaseWaiver
		refuse string // "" : taken
	}{
		{"on its last day", []conformance.CaseWaiver{waiver(open, "2026-06-15")}, ""},
		{"a day late", []conformance.CaseWaiver{waiver(open, "2026-06-14")}, "expired on 2026-06-14"},
		{"no date", []conformance.CaseWaiver{waiver(open, "soon")}, `"soon"`},
		{"unmatched", []conformance.CaseWaiver{waiver("signature/nothing", "2026-07-01")}, "matches no case"},
		{"a pattern", []conformance.CaseWaiver{waiver("signature/*", "2026-07-01")}, "matches no case"},
		{"inapplicable", []conformance.CaseWaiver{waiver("handshake/echo", "2026-07-01")}, "does not apply"},
		{"twice", []conformance.CaseWaiver{waiver(open, "2026-07-01"), waiver(open, "2026-07-02")}, "two waivers"},
		{"no owner", []conformance.CaseWaiver{{Case: open, Waiver: conformance.Waiver{Reason: "x", Expires: "2026-07-01"}}}, "owner"},
	} {
		s := against(t, "usmewe")
		s.config.Now = func() time.Time { return day }
		s.config.Waivers = w.given
		_, err := conformance.Planned(s.config)
		if w.refuse == "" && err != nil || w.refuse != "" && (!errors.Is(err, conformance.ErrConfig) || !strings.Contains(err.Error(), w.refuse)) {
			t.Errorf("%s: %v; want %q", w.name, err, w.refuse)
		}
	}
}

func TestBaseline(t *testing.T) {
	cases := []string{"signature/missing/*", "signature/wrong-secret/loan.created", "acknowledge/event/loan.created"}
	wrong := only(against(t, "usmewe", "never-verifies"), cases...).run(t)
	right := only(against(t, "usmewe"), cases...).run(t)
	if wrong.Outcome != conformance.Nonconformant || right.Outcome != conformance.Conformant {
		t.Fatalf("outcomes %s, %s", wrong.Outcome, right.Outcome)
	}
	held := func(gate conformance.Gate, before *conformance.Result, defects ...string) *conformance.Result {
		s := only(against(t, "usmewe", defects...), cases...)
		s.config.Baseline, s.config.Gate = before, gate
		return s.run(t)
	}

	// What was known does not gate, and is no less failed.
	r := held(conformance.GateRegressions, wrong, "never-verifies")
	if r.Outcome != conformance.Nonconformant || r.Gated() != conformance.Conformant {
		t.Errorf("known failures: outcome %s, gate %s", r.Outcome, r.Gated())
	}
	if b := r.Baseline; len(b.StillFailing) < 2 || len(b.New)+len(b.Fixed) > 0 || b.Run != wrong.Run.ID {
		t.Errorf("known failures: %+v", b)
	}
	again, err := conformance.Rejudge(library(t), written(t, r))
	if err != nil {
		t.Fatal(err)
	}
	if again.Gated() != r.Gated() || !slices.Equal(again.Baseline.StillFailing, r.Baseline.StillFailing) {
		t.Errorf("judged again: %+v", again.Baseline)
	}

	// What is new does.
	r = held(conformance.GateRegressions, right, "never-verifies")
	if r.Gated() != conformance.Nonconformant || !slices.Contains(r.Baseline.New, open) || len(r.Baseline.StillFailing) > 0 {
		t.Errorf("new failures: gate %s, %+v", r.Gated(), r.Baseline)
	}
	// Without the gate the lists are told and every MUST counts.
	r = held("", wrong)
	if r.Gated() != conformance.Conformant || !slices.Contains(r.Baseline.Fixed, open) || len(r.Baseline.StillFailing) > 0 {
		t.Errorf("fixed: gate %s, %+v", r.Gated(), r.Baseline)
	}
	if r = held("", wrong, "never-verifies"); r.Gated() != conformance.Nonconformant {
		t.Errorf("no gate: %s", r.Gated())
	}

	for name, change := range map[string]func(*conformance.Config){
		"no baseline":      func(c *conformance.Config) { c.Gate = conformance.GateRegressions },
		"unknown gate":     func(c *conformance.Config) { c.Gate = "nothing" },
		"another contract": func(c *conformance.Config) { b := *right; b.Contract.Provider = "other"; c.Baseline = &b },
		"an error":         func(c *conformance.Config) { b := *right; b.Outcome = conformance.OutcomeError; c.Baseline = &b },
	} {
		s := against(t, "usmewe")
		change(&s.config)
		if _, err := conformance.Planned(s.config); !errors.Is(err, conformance.ErrConfig) {
			t.Errorf("%s: %v; want a configuration error", name, err)
		}
	}
}

// everyOther stands before a receiver and refuses every second delivery of a
// type with 500.
func everyOther(t *testing.T, s *scene, eventType string) {
	t.Helper()
	behind, err := url.Parse(s.server.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: behind.Scheme, Host: behind.Host})
	var n atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if bytes.Contains(body, []byte(`"`+eventType+`"`)) && n.Add(1)%2 == 0 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	target := *behind
	u, err := url.Parse(front.URL)
	if err != nil {
		t.Fatal(err)
	}
	target.Host = u.Host
	s.config.Client = wire.NewClient(&target, nil, wire.Limits{})
}

func TestRepeat(t *testing.T) {
	const shaky, steady = "acknowledge/event/loan.repaid", "acknowledge/event/loan.created"
	s := only(against(t, "usmewe"), shaky, steady)
	everyOther(t, s, "loan.repaid")
	s.config.Repeat = 4
	r := s.run(t)
	c := resultOf(t, r, shaky)
	if c.Verdict != conformance.Flaky || c.Reason != "of 4 runs 2 passed, 2 failed" || len(c.Violations) == 0 {
		t.Errorf("%s is %s: %s %v; want flaky with the tally", shaky, c.Verdict, c.Reason, c.Violations)
	}
	if r.Outcome != conformance.Nonconformant {
		t.Errorf("outcome %s with a flaky MUST", r.Outcome)
	}
	if c := resultOf(t, r, steady); c.Verdict != conformance.Passed || len(c.Repetitions) != 4 {
		t.Errorf("%s is %s of %d runs", steady, c.Verdict, len(c.Repetitions))
	}
	if !strings.Contains(c.Reproduce, "--repeat 4") {
		t.Errorf("reproduce: %s", c.Reproduce)
	}
	// Every run has events of its own.
	ids := map[string]int{}
	for _, c := range []*conformance.CaseResult{resultOf(t, r, shaky), resultOf(t, r, steady)} {
		attempts := slices.Clone(c.Attempts)
		for _, one := range c.Repetitions {
			attempts = append(attempts, one.Attempts...)
		}
		for _, a := range attempts {
			ids[a.Event.ID]++
		}
	}
	if len(ids) < 8 {
		t.Errorf("%d events in 8 runs", len(ids))
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("event %s was used %d times", id, n)
		}
	}
	written(t, r)
	again, err := conformance.Rejudge(library(t), written(t, r))
	if err != nil {
		t.Fatal(err)
	}
	sameJudgement(t, r, again)
}

func TestPlan(t *testing.T) {
	s := against(t, "usmewe")
	s.config.Selection = conformance.Selection{Families: []string{"signature", "idempotency"}}
	plan, err := conformance.PlanOf(s.config)
	if err != nil {
		t.Fatal(err)
	}
	if all := conformance.Catalogue(s.config.Library, s.config.Provider, nil); len(plan) != len(all) {
		t.Errorf("%d of %d cases in the plan", len(plan), len(all))
	}
	seen := map[string]bool{}
	for _, p := range plan {
		switch {
		case p.Runs:
			seen["runs"] = true
			if f := p.Family(); f != "signature" && f != "idempotency" {
				t.Errorf("%s runs", p.ID)
			}
		case p.Reason == "":
			t.Errorf("%s does not run, and nobody knows why", p.ID)
		default:
			seen[string(p.Verdict)+": "+p.Reason] = true
		}
	}
	for _, want := range []string{"runs", "not-run: not selected", "not-run: outside profile basic: it needs an observer of effects"} {
		if !seen[want] {
			t.Errorf("no case in the plan %s; there are %v", want, seen)
		}
	}
}

func TestEdition(t *testing.T) {
	s := only(against(t, "usmewe"), "acknowledge/event/loan.created")
	s.config.Edition = conformance.Edition
	if r := s.run(t); r.Suite.Edition != conformance.Edition || !slices.Contains(conformance.Editions(), r.Suite.Edition) {
		t.Errorf("edition %s", r.Suite.Edition)
	}
	s.config.Edition = "1999.1"
	_, err := conformance.Planned(s.config)
	if !errors.Is(err, conformance.ErrConfig) || !strings.Contains(fmt.Sprint(err), `"1999.1" (known: `+conformance.Edition) {
		t.Errorf("unknown edition: %v", err)
	}
}
