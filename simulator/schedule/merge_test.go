package schedule

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/simulator/journal"
	"pgregory.net/rapid"
)

// engines are one for each partition of a run, and behind them one for all.
func engines(t testing.TB, count int, s *Scenario) []*Engine {
	t.Helper()
	var out []*Engine
	for i := range count + 1 {
		c := configFor(t, provider(t, "usmewe"), s, "http://127.0.0.1:1/")
		if i < count {
			c.Partition = Partition{i, count}
		}
		e, err := newEngine(&c)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// concluded is an engine's summary as of a time, read back from its file.
func concluded(t testing.TB, e *Engine, now time.Time) *Summary {
	t.Helper()
	s, err := e.gather(now)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.judge(); err != nil {
		t.Fatal(err)
	}
	e.notes(s)
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ReadSummary(text)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// Merged summaries of partitions are the summary of one tally that was told
// everything.
func TestMergedIsTheWhole(t *testing.T) {
	if raceEnabled {
		t.Skip("one goroutine: nothing for the race detector, and slow under it")
	}
	s := scenario(t, "retries: false\nfail_on: ['p99 > 2s', 'sent > 100', 'forged.accepted > 3', 'genuine.p50 > 100ms']\nphases: [{name: a, deliveries: 5, rate: max}, {name: b, deliveries: 5, rate: max}]")
	byCount := map[int][]*Engine{}
	for count := 1; count <= 5; count++ {
		byCount[count] = engines(t, count, s)
	}
	rapid.Check(t, func(rt *rapid.T) {
		count := rapid.IntRange(1, 5).Draw(rt, "count")
		all := byCount[count]
		for _, e := range all {
			e.tally = newTally(len(s.Phases))
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "draws"), 1))
		began := time.Now().Add(-time.Hour)
		whole := all[count]
		whole.tally.began = began
		pace := rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second, time.Minute}).Draw(rt, "pace")
		for i, e := range all[:count] {
			e.tally.began = began
			if pace < time.Minute { // the stretches of longer runs need not fall together
				e.tally.began = began.Add(time.Duration(min(i, 1)*rng.IntN(4)) * time.Second)
			}
		}
		now := began.Add(4 * time.Second)
		for range rapid.IntRange(0, 300).Draw(rt, "results") {
			now = now.Add(time.Duration(rng.ExpFloat64() * float64(pace)))
			r := result{
				phase: rng.IntN(2), class: rng.IntN(classes), outcome: Outcome(rng.IntN(int(outcomes))), status: 200 + rng.IntN(400),
				latency: time.Duration(math.Exp(rng.Float64()*27) * 1e3), lag: time.Duration(rng.IntN(1e9)), unexpected: rng.IntN(5) == 0, leaked: rng.IntN(50) == 0,
			}
			if r.outcome == Unanswered || r.outcome == Interrupted {
				r.kind, r.status = []string{"reset", "timeout"}[rng.IntN(2)], 0
			}
			for _, e := range []*Engine{all[rng.IntN(count)], whole} {
				e.tally.start()
				e.tally.add(&r, now)
				e.tally.validated++
			}
		}
		end := now.Add(time.Second)
		var parts []Part
		for i, e := range all[:count] {
			parts = append(parts, Part{fmt.Sprint("part ", i), concluded(t, e, end)})
		}
		rng.Shuffle(count, func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		got, err := Merge(parts, false)
		if err != nil {
			rt.Fatal(err)
		}
		same(rt, got, concluded(t, whole, end))
		rng.Shuffle(count, func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		if again, err := Merge(parts, false); err != nil || !reflect.DeepEqual(again, got) {
			rt.Fatalf("in another order they merge to another summary: %v", err)
		}
	})
}

// same compares what a merged summary and one of the whole must share.
func same(t rapid.TB, got, want *Summary) {
	t.Helper()
	if math.Abs(got.Run.Seconds-want.Run.Seconds) > 1e-6 || math.Abs(got.Rate-want.Rate) > 1e-6 || !got.Run.Began.Equal(want.Run.Began) {
		t.Errorf("it began at %v and took %v s; want %v, %v s", got.Run.Began, got.Run.Seconds, want.Run.Began, want.Run.Seconds)
	}
	for name, pair := range map[string][2]any{
		"counts": {got.Counts, want.Counts}, "classes": {got.Classes, want.Classes}, "phases": {got.Phases, want.Phases},
		"latency": {got.Latency, want.Latency}, "lag": {got.Lag, want.Lag}, "statuses": {got.Statuses, want.Statuses}, "errors": {got.Errors, want.Errors},
		"validation": {got.Validation, want.Validation}, "outcome": {got.Outcome, want.Outcome}, "reasons": {got.Reasons, want.Reasons},
		"thresholds": {got.Thresholds, want.Thresholds}, "scenario": {got.Scenario, want.Scenario}, "retries": {got.Retries, want.Retries},
		"histograms": {got.Histograms, want.Histograms}, "points": {len(got.Series), len(want.Series)},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Fatalf("%s: merged\n%+v\nwant\n%+v", name, pair[0], pair[1])
		}
	}
	for i, p := range got.Series {
		w := want.Series[i]
		if p.At != w.At || p.Length != w.Length || p.Sent != w.Sent || p.Unexpected != w.Unexpected || p.Troubled != w.Troubled || p.Max != w.Max {
			t.Fatalf("point %d: %+v; want %+v", i, p, w)
		}
	}
}

// parted are the summaries of three partitions, to be changed and merged.
func parted(t testing.TB, count int) []Part {
	t.Helper()
	all := engines(t, count, scenario(t, "fail_on: ['sent < 3']\nphases: [{name: a, deliveries: 5, rate: max}]"))
	now := time.Now()
	var parts []Part
	for i, e := range all[:count] {
		e.tally.began = now
		e.tally.start()
		e.tally.add(&result{outcome: Accepted, status: 200, latency: time.Millisecond}, now)
		parts = append(parts, Part{string(rune('a'+i)) + ".json", concluded(t, e, now.Add(time.Second))})
	}
	return parts
}

func TestMergeRefuses(t *testing.T) {
	for want, change := range map[string]func(parts []Part) []Part{
		"no summary": func([]Part) []Part { return nil },
		"both b.json and d.json are of partition 2/4":                              func(p []Part) []Part { p[3].Summary.Run.Partition = p[1].Summary.Run.Partition; return p },
		"partition 2/4 is missing; given a.json (1/4), c.json (3/4), d.json (4/4)": func(p []Part) []Part { return slices.Delete(p, 1, 2) },
		"partitions 1/4, 3/4, 4/4 are missing":                                     func(p []Part) []Part { return p[1:2] },
		`a.json has contract "usmewe", c.json has "other"`:                         func(p []Part) []Part { p[2].Summary.Run.Provider = "other"; return p },
		"contract digest":                              func(p []Part) []Part { p[2].Summary.Run.Digest = "sha256:00"; return p },
		"a.json has seed 7, b.json has 8":              func(p []Part) []Part { p[1].Summary.Run.Seed = 8; return p },
		`run id "run", d.json has "x"`:                 func(p []Part) []Part { p[3].Summary.Run.ID = "x"; return p },
		"has start":                                    func(p []Part) []Part { p[3].Summary.Run.Start = testStart.Add(1); return p },
		"a.json has partition 1/4, b.json has 2/5":     func(p []Part) []Part { p[1].Summary.Run.Partition.Count = 5; return p },
		"a.json and b.json have scenarios that differ": func(p []Part) []Part { p[1].Summary.Scenario.Clock = 2; return p },
		"b.json is merged already":                     func(p []Part) []Part { p[1].Summary.Run.Merged = 4; return p },
		"are of a whole run": func(p []Part) []Part {
			p[0].Summary.Run.Partition, p[1].Summary.Run.Partition = Partition{}, Partition{0, 1}
			return p[:2]
		},
		"b.json cannot be merged: it carries no histograms":     func(p []Part) []Part { p[1].Summary.Histograms = nil; return p },
		"b.json cannot be merged: a histogram:":                 func(p []Part) []Part { p[1].Summary.Histograms.Lag = "HISTFAAA"; return p },
		"b.json cannot be merged: its histograms count 0 answe": func(p []Part) []Part { p[1].Summary.Histograms.Phases[0] = nil; return p },
		"b.json cannot be merged: its histogram of send lags":   func(p []Part) []Part { p[1].Summary.Histograms.Lag = ""; return p },
		"b.json cannot be merged: it tells of 0 phases":         func(p []Part) []Part { p[1].Summary.Phases = nil; return p },
	} {
		if _, err := Merge(change(parted(t, 4)), false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Merge: %v; want an error with %q", err, want)
		}
	}
}

// What is missing is told, and the verdict of the rest is partial at best.
func TestMergeIncomplete(t *testing.T) {
	parts := parted(t, 4)
	whole, err := Merge(parts, true)
	if err != nil || whole.Outcome != Conformant || whole.Run.Missing != nil || whole.Run.Merged != 4 || len(whole.Thresholds) != 1 {
		t.Fatalf("%v, %+v", err, whole)
	}
	three, err := Merge(slices.Delete(slices.Clone(parts), 1, 2), true)
	if err != nil || three.Outcome != Partial || !slices.Equal(three.Reasons, []string{"partition 2/4 is missing"}) || three.Counts.Sent != 3 {
		t.Fatalf("%v, %+v", err, three)
	}
	two, err := Merge(parts[2:], true)
	if err != nil || two.Outcome != Nonconformant || !slices.Equal(two.Run.Missing, []Partition{{0, 4}, {1, 4}}) {
		t.Fatalf("%v, %+v", err, two)
	}
	if len(parts[0].Summary.Thresholds) != 0 || !slices.Contains(parts[0].Summary.Notes, unjudged) || slices.Contains(whole.Notes, unjudged) {
		t.Errorf("a partition judged %+v, with the notes %q; merged %q", parts[0].Summary.Thresholds, parts[0].Summary.Notes, whole.Notes)
	}
	if _, err := Merge([]Part{{"m", whole}}, true); err == nil {
		t.Error("a merged summary was merged again")
	}
}

// Lists stay bounded and take from every part; observers, journals, notes and
// silences of the parts are those of the run.
func TestMergeKeepsTheRest(t *testing.T) {
	parts := parted(t, 2)
	a, b := parts[0].Summary, parts[1].Summary
	for i := range maxOdd {
		a.Unexpected = append(a.Unexpected, Odd{ID: fmt.Sprint("a", i)})
		b.Unexpected = append(b.Unexpected, Odd{ID: fmt.Sprint("b", i)})
		a.Retries.GiveUps = append(a.Retries.GiveUps, GiveUp{EventID: fmt.Sprint("a", i)})
	}
	b.Retries.GiveUps = []GiveUp{{EventID: "b0"}}
	a.Effects, b.Effects = &Effects{Events: 3, Asked: 3, Applied: 2, Lost: 1, Examples: []string{"x"}}, &Effects{Events: 4, Applied: 4, Doubled: 1, Examples: []string{"y"}}
	a.Journal, b.Journal = &journal.Stats{Written: 5}, &journal.Stats{Written: 6, Dropped: 1}
	b.Run.Began = a.Run.Began.Add(2 * time.Second)
	a.Silences = []Silence{{From: 3, To: 9, Kind: "reset", Count: 10}, {From: 20, To: 21, Kind: "reset", Ended: true, Count: 5}}
	b.Silences = []Silence{{From: 2, To: 5, Kind: "reset", Ended: true, Count: 7}}
	for _, p := range parts {
		for _, s := range p.Summary.Silences {
			p.Summary.Notes = append(p.Summary.Notes, s.note())
		}
		p.Summary.Notes = append(p.Summary.Notes, "shared")
	}
	b.Notes = append(b.Notes, "own")
	b.Target = "http://[::1]:1/"
	got, err := Merge(parts, false)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Unexpected) != maxOdd || got.Unexpected[0].ID != "a0" || got.Unexpected[1].ID != "b0" || len(got.Retries.GiveUps) != maxOdd || got.Retries.GiveUps[1].EventID != "b0" {
		t.Errorf("unexpected %+v, given up %+v", got.Unexpected, got.Retries.GiveUps)
	}
	if e := got.Effects; e.Events != 7 || e.Asked != 3 || e.Applied != 6 || e.Lost != 1 || e.Doubled != 1 || !slices.Equal(e.Examples, []string{"x", "y"}) {
		t.Errorf("effects %+v", e)
	}
	if *got.Journal != (journal.Stats{Written: 11, Dropped: 1}) {
		t.Errorf("journal %+v", got.Journal)
	}
	if !slices.Equal(got.Silences, []Silence{{From: 4, To: 7, Kind: "reset", Ended: true, Count: 17}}) {
		t.Errorf("silences %+v", got.Silences)
	}
	want := []string{"shared", "partition 2/2: own", "the receiver gave no answer from 4.0 s to 7.0 s (reset, 17 attempts)", "the partitions name the target differently: http://127.0.0.1:1/, http://[::1]:1/"}
	if !slices.Equal(got.Notes, want) {
		t.Errorf("notes %q; want %q", got.Notes, want)
	}
	if got.Outcome != Nonconformant || len(got.Series) != 4 || got.Series[0].Sent != 1 || got.Series[2].Sent != 1 || got.Run.Seconds != 3 {
		t.Errorf("%s, series %+v, %v s", got.Outcome, got.Series, got.Run.Seconds)
	}
	b.Effects = nil
	if got, err := Merge(parts, false); err != nil || got.Effects.Error != "partition 2/2 had no observer" {
		t.Errorf("%v, effects %+v", err, got.Effects)
	}
}

// A long run's series stays bounded whatever the parts' are.
func TestMergeBoundsTheSeries(t *testing.T) {
	parts := parted(t, 2)
	for i, p := range parts {
		p.Summary.Series = nil
		p.Summary.Run.Began = testStart.Add(time.Duration(i) * 3 * time.Hour)
		for k := range 400 {
			p.Summary.Series = append(p.Summary.Series, Point{At: float64(k * (i + 1)), Length: float64(i + 1), Sent: 1})
		}
	}
	got, err := Merge(parts, false)
	if err != nil {
		t.Fatal(err)
	}
	var sent uint64
	for i, p := range got.Series {
		if sent += p.Sent; p.At != float64(i)*p.Length || p.Length != got.Series[0].Length {
			t.Fatalf("point %d: %+v", i, p)
		}
	}
	if len(got.Series) > points || sent != 800 {
		t.Errorf("%d points tell of %d; want at most %d and 800", len(got.Series), sent, points)
	}
}

// Nothing that a file can hold for a histogram breaks the reading.
func FuzzDecodeHistogram(f *testing.F) {
	h := newHistogram()
	_ = h.RecordValue(17)
	text, err := encodeHistogram(h)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add("")
	f.Add("HISTFAAAAB")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := decodeHistogram(text)
		if err != nil {
			return
		}
		again, err := encodeHistogram(h)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := decodeHistogram(again); err != nil || !back.Equals(h) {
			t.Errorf("%q does not survive: %v", text, err)
		}
	})
}

// How the partitions stand is how the run stands.
func TestMergeSnapshots(t *testing.T) {
	all := engines(t, 3, scenario(t, "phases: [{name: a, deliveries: 50, rate: 1/s}]"))
	now := time.Now()
	for _, e := range all {
		e.tally.began = now.Add(-10 * time.Second)
		e.agenda.advance()
	}
	whole := all[3]
	for i := range 90 {
		r := result{class: i % classes, outcome: Outcome(i % int(Unanswered)), latency: time.Duration(i*i) * time.Millisecond, unexpected: i%7 == 0}
		for _, e := range []*Engine{all[i%3], whole} {
			e.tally.start()
			e.tally.add(&r, now.Add(time.Duration(i-80)*100*time.Millisecond))
		}
	}
	var parts []Snapshot
	for _, e := range all[:3] {
		s, err := e.Detailed()
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back Snapshot
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, back)
	}
	got, err := MergeSnapshots(parts)
	if err != nil {
		t.Fatal(err)
	}
	want, err := whole.Detailed()
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(got.Sum-want.Sum) > 1e-6*want.Sum {
		t.Errorf("the latencies sum to %v s; want %v s", got.Sum, want.Sum)
	}
	got.Elapsed, got.Sum = want.Elapsed, want.Sum
	if !reflect.DeepEqual(got, want) {
		t.Errorf("merged\n%+v\nwant\n%+v", got, want)
	}
	if s, err := MergeSnapshots([]Snapshot{{}, {Waiting: true}}); err != nil || s.Waiting || s.Latency.Count != 0 || len(s.Classes) != classes {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := MergeSnapshots([]Snapshot{{Histogram: "x"}}); err == nil {
		t.Error("a broken histogram was merged")
	}
}
