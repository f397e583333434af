package conformance

import (
	"slices"
	"testing"

	"github.com/hookstone/hookstone/schemas"
)

// A run that is pinned does not know the cases of later editions.
func TestOfEdition(t *testing.T) {
	defer func(was []string) { editions = was }(editions)
	editions = []string{"2026.1", "2026.2", "2027.1"}
	all := func() []Case {
		return []Case{{ID: "a/first"}, {ID: "a/second", Since: "2026.2"}, {ID: "a/third", Since: "2027.1"}}
	}
	for edition, want := range map[string]int{"2026.1": 1, "2026.2": 2, "2027.1": 3} {
		got, err := ofEdition(all(), edition)
		if err != nil || len(got) != want {
			t.Errorf("%s: %d cases, %v; want %d", edition, len(got), err, want)
		}
	}
}

// What a case names as its edition must be one.
func TestSinceIsKnown(t *testing.T) {
	if editions[len(editions)-1] != Edition {
		t.Errorf("the newest of %v is not %s", editions, Edition)
	}
	library, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range library.Providers() {
		for _, c := range Catalogue(library, p, nil) {
			if c.Since != "" && !slices.Contains(editions, c.Since) {
				t.Errorf("%s came with edition %q, which does not exist", c.ID, c.Since)
			}
		}
	}
}

func TestCombine(t *testing.T) {
	is := func(v ...Verdict) []judgement {
		var out []judgement
		for _, v := range v {
			out = append(out, judgement{Verdict: v, Reason: map[Verdict]string{Inconclusive: "why", Errored: "ours"}[v]})
		}
		return out
	}
	for _, c := range []struct {
		all    []judgement
		want   Verdict
		reason string
		shown  int
	}{
		{is(Passed), Passed, "", 0},
		{is(Passed, Passed), Passed, "", 0},
		{is(Failed, Failed), Failed, "", 0},
		{is(Inconclusive, Inconclusive), Inconclusive, "why", 0},
		{is(Passed, Failed, Passed), Flaky, "of 3 runs 2 passed, 1 failed", 1},
		{is(Passed, Failed, Inconclusive), Flaky, "of 3 runs 1 passed, 1 failed, 1 inconclusive", 1},
		{is(Inconclusive, Failed), Failed, "of 2 runs 1 failed, 1 inconclusive", 1},
		{is(Passed, Inconclusive), Inconclusive, "of 2 runs 1 passed, 1 inconclusive: why", 1},
		{is(Inconclusive, Errored), Errored, "of 2 runs 1 inconclusive, 1 in error: ours", 1},
	} {
		j, shown := combine(c.all)
		if j.Verdict != c.want || j.Reason != c.reason || shown != c.shown {
			t.Errorf("combine(%v) = %s %q %d; want %s %q %d", c.all, j.Verdict, j.Reason, shown, c.want, c.reason, c.shown)
		}
	}
}
