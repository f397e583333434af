package conformance_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/schemas"
)

// sound holds a result against what every result must be, whatever the
// receiver did.
func sound(t testing.TB, c *conformance.Config, r *conformance.Result) {
	t.Helper()
	cases := conformance.Catalogue(c.Library, c.Provider, c.Selection.Events)
	if len(cases) != len(r.Results) {
		t.Errorf("%d results; want one for each of %d cases", len(r.Results), len(cases))
		return
	}
	for i := range cases {
		got := &r.Results[i]
		if got.ID != cases[i].ID {
			t.Errorf("result %d is of %q; want %q", i, got.ID, cases[i].ID)
			return
		}
		soundCase(t, got)
	}
	soundScore(t, "must", r.Score.Must)
	soundScore(t, "should", r.Score.Should)
	soundScore(t, "may", r.Score.May)
	soundOutcome(t, r)
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := schemas.ValidateReport(text); err != nil {
		t.Errorf("report.json: %v", err)
	}
	if form := revealed(text, c.Secret); form != "" {
		t.Errorf("the result holds the secret (%s)", form)
	}
}

func soundCase(t testing.TB, c *conformance.CaseResult) {
	t.Helper()
	verdicts := []conformance.Verdict{conformance.Passed, conformance.Failed, conformance.Inconclusive, conformance.NotApplicable, conformance.NotRun, conformance.Errored, conformance.Flaky}
	switch {
	case !slices.Contains(verdicts, c.Verdict):
		t.Errorf("%s: verdict %q is none", c.ID, c.Verdict)
	case c.Verdict == conformance.Passed:
	case c.Verdict == conformance.Failed || c.Verdict == conformance.Flaky:
		if len(c.Violations) == 0 {
			t.Errorf("%s: %s without a violation", c.ID, c.Verdict)
		}
	case c.Reason == "":
		t.Errorf("%s: %s without a reason", c.ID, c.Verdict)
	}
	for _, v := range c.Violations {
		if v.Want == "" || v.Got == "" {
			t.Errorf("%s: want %q, got %q", c.ID, v.Want, v.Got)
		}
	}
}

// soundScore: the counts add up, and the interval holds the share of what
// passed.
func soundScore(t testing.TB, level string, s conformance.LevelScore) {
	t.Helper()
	if s.Passed+s.Failed+s.Inconclusive+s.NotRun != s.Total {
		t.Errorf("%s: %+v does not add up", level, s)
	}
	if s.PercentMin < 0 || s.PercentMin > s.PercentMax || s.PercentMax > 100 {
		t.Errorf("%s: %v to %v %% is no interval", level, s.PercentMin, s.PercentMax)
	}
	if level != "must" || s.Total == 0 {
		return // SHOULD is weighted by impact
	}
	share := 100 * float64(s.Passed) / float64(s.Total)
	most := 100 * float64(s.Total-s.Failed) / float64(s.Total)
	if s.PercentMin > share+0.051 || s.PercentMin < share-0.051 || s.PercentMax > most+0.051 || s.PercentMax < most-0.051 {
		t.Errorf("%s: %v to %v %%; want %v to %v", level, s.PercentMin, s.PercentMax, share, most)
	}
}

// soundOutcome: the gate's rules.
func soundOutcome(t testing.TB, r *conformance.Result) {
	t.Helper()
	must := r.Score.Must
	switch r.Outcome {
	case conformance.Conformant:
		if must.Failed+must.Inconclusive+must.NotRun > 0 {
			t.Errorf("conformant with %+v", must)
		}
		if r.Counts.Verdicts[conformance.Passed]+r.Counts.Verdicts[conformance.Failed] == 0 {
			t.Error("conformant, and nothing was judged")
		}
	case conformance.Partial, conformance.OutcomeError:
		if r.Reason == "" {
			t.Errorf("%s without a reason", r.Outcome)
		}
	case conformance.Nonconformant:
		if must.Failed == 0 && r.Reason == "" {
			t.Error("nonconformant without a failed MUST and without a reason")
		}
	default:
		t.Errorf("outcome %q is none", r.Outcome)
	}
	for _, f := range r.Findings {
		if f.ID == "" || f.Title == "" || f.Evidence == "" || f.Fix == "" {
			t.Errorf("finding %+v lacks a part", f)
		}
	}
}

// revealed names the form in which a text holds a secret; "" where in none.
// What base64 text hides is looked at as well.
func revealed(text, key []byte) string {
	forms := map[string]string{
		"as it is": string(key), "base64": base64.StdEncoding.EncodeToString(key), "base64, unpadded": base64.RawStdEncoding.EncodeToString(key),
		"base64, for URLs": base64.RawURLEncoding.EncodeToString(key), "hex": hex.EncodeToString(key), "percent-encoded": url.QueryEscape(string(key)),
	}
	lower := strings.ToLower(string(text))
	for name, form := range forms {
		if strings.Contains(lower, strings.ToLower(form)) {
			return name
		}
	}
	var hidden string
	each(text, func(decoded []byte) {
		for name, form := range forms {
			if strings.Contains(strings.ToLower(string(decoded)), strings.ToLower(form)) {
				hidden = name + ", within base64"
			}
		}
	})
	return hidden
}

// each decodes every base64 member of a JSON text.
func each(text []byte, f func([]byte)) {
	var doc any
	if json.Unmarshal(text, &doc) != nil {
		return
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, m := range v {
				if s, ok := m.(string); ok && k == "base64" {
					if raw, err := base64.StdEncoding.DecodeString(s); err == nil {
						f(raw)
					}
				}
				walk(m)
			}
		case []any:
			for _, m := range v {
				walk(m)
			}
		}
	}
	walk(doc)
}
