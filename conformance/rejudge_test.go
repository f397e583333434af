package conformance_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/schemas"
)

// written is a result as report.json holds it, held against its schema.
func written(t *testing.T, r *conformance.Result) *conformance.Result {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := schemas.ValidateReport(text); err != nil {
		t.Fatal(err)
	}
	var back conformance.Result
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&back); err != nil {
		t.Fatal(err)
	}
	return &back
}

// sameJudgement compares what judges and findings say.
func sameJudgement(t *testing.T, fresh, again *conformance.Result) {
	t.Helper()
	if fresh.Outcome != again.Outcome || fresh.Reason != again.Reason {
		t.Errorf("outcome %s (%s); fresh %s (%s)", again.Outcome, again.Reason, fresh.Outcome, fresh.Reason)
	}
	if len(fresh.Results) != len(again.Results) {
		t.Fatalf("%d results; fresh %d", len(again.Results), len(fresh.Results))
	}
	for i := range fresh.Results {
		a, b := &fresh.Results[i], &again.Results[i]
		if a.ID != b.ID || a.Verdict != b.Verdict || a.Reason != b.Reason || !reflect.DeepEqual(a.Violations, b.Violations) {
			t.Errorf("%s %s %q %v; fresh %s %s %q %v", b.ID, b.Verdict, b.Reason, b.Violations, a.ID, a.Verdict, a.Reason, a.Violations)
		}
		if !reflect.DeepEqual(a.Repetitions, b.Repetitions) && len(a.Repetitions) != len(b.Repetitions) {
			t.Errorf("%s: %d repetitions; fresh %d", a.ID, len(b.Repetitions), len(a.Repetitions))
		}
	}
	if !reflect.DeepEqual(fresh.Findings, again.Findings) {
		t.Errorf("findings %v; fresh %v", again.Findings, fresh.Findings)
	}
	if fresh.Score != again.Score {
		t.Errorf("score %+v; fresh %+v", again.Score, fresh.Score)
	}
	if !reflect.DeepEqual(fresh.Latency, again.Latency) || !reflect.DeepEqual(fresh.Counts, again.Counts) {
		t.Errorf("latency %v, counts %v; fresh %v, %v", again.Latency, again.Counts, fresh.Latency, fresh.Counts)
	}
}

func TestRejudge(t *testing.T) {
	for _, s := range []struct {
		name    string
		of      string // contract; default usmewe
		defects []string
		change  func(*scene)
	}{
		{name: "right"},
		{name: "accepts anything", defects: []string{"never-verifies"}},
		{name: "forgets", defects: []string{"applies-duplicates"}},
		{name: "crashes", defects: []string{"crashes-on-length-mismatch"}},
		{name: "poisoned", of: "sharmo-timestamped", defects: []string{"remembers-stale"}},
		{name: "dies", of: "handcash", defects: []string{"dies-on-missing-signature"}},
		{name: "hangs", of: "sharmo-body", defects: []string{"hangs-on-malformed-json"}},
		{name: "another secret", change: func(s *scene) { s.config.Secret = []byte("whsec_another_one_altogether") }},
		{name: "a lying observer", change: func(s *scene) { s.config.Observer = always(7) }},
		{name: "narrowed", defects: []string{"never-verifies"}, change: func(s *scene) {
			s.config.Selection = conformance.Selection{Families: []string{"signature"}}
		}},
		{name: "twice", change: func(s *scene) {
			s.config.Repeat, s.config.Selection = 2, conformance.Selection{Cases: []string{"acknowledge/event/*", "idempotency/applied-once"}}
		}},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			if s.of == "" {
				s.of = "usmewe"
			}
			scene := against(t, s.of, s.defects...).observed()
			if s.change != nil {
				s.change(scene)
			}
			fresh := scene.run(t)
			before := written(t, fresh)
			again, err := conformance.Rejudge(library(t), before)
			if err != nil {
				t.Fatal(err)
			}
			sameJudgement(t, fresh, again)
			if len(s.defects) > 0 && len(again.Findings) == 0 {
				t.Error("no finding to compare")
			}
			if notes := strings.Join(again.Notes, "\n"); !strings.Contains(notes, "judged again") || strings.Contains(notes, "changed") {
				t.Errorf("notes: %s", notes)
			}
			// A judge that is given other evidence must say something else.
			before.Contract.Digest = "sha256:" + strings.Repeat("0", 64)
			for i := range before.Results {
				for k := range before.Results[i].Attempts {
					before.Results[i].Attempts[k].Answer = nil
				}
			}
			if again, err = conformance.Rejudge(library(t), before); err != nil {
				t.Fatal(err)
			}
			if again.Outcome == conformance.Conformant {
				t.Error("conformant without a single answer")
			}
			if !strings.Contains(strings.Join(again.Notes, "\n"), "the contract has changed") {
				t.Errorf("the other digest is not told: %v", again.Notes)
			}
		})
	}
}

func TestRejudgeWithoutContract(t *testing.T) {
	r := &conformance.Result{Profile: conformance.Basic, Suite: conformance.SuiteInfo{Edition: conformance.Edition}}
	r.Contract.Provider = "nobody"
	if _, err := conformance.Rejudge(library(t), r); !errors.Is(err, conformance.ErrConfig) || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("an unknown contract: %v", err)
	}
	r.Contract.Provider, r.Suite.Edition = "usmewe", "1999.1"
	if _, err := conformance.Rejudge(library(t), r); !errors.Is(err, conformance.ErrConfig) || !strings.Contains(err.Error(), "1999.1") {
		t.Errorf("an unknown edition: %v", err)
	}
}
