package schedule

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookstone/hookstone/simulator"
)

// Threshold is a condition that fails a run: "forged.accepted > 0",
// "p99 > 3s", "genuine.p50 >= 200ms", "lost > 0".
type Threshold struct {
	Text  string
	name  string
	op    string
	limit float64 // a number, or milliseconds
	time  bool
}

// ThresholdResult is a threshold with what was measured.
type ThresholdResult struct {
	Text    string `json:"text"`
	Value   string `json:"value"`
	Crossed bool   `json:"crossed"`
}

// countNames and timeNames are what a threshold can be about: of the run, or of
// a class with its name and a dot before.
var (
	countNames  = []string{"sent", "accepted", "refused", "limited", "failed", "late", "unanswered", "unexpected"}
	timeNames   = []string{"p50", "p90", "p99", "p999", "max", "mean"}
	ofRun       = []string{"given_up", "shed", "rate", "invalid"}
	ofEffects   = []string{"lost", "doubled", "forged_applied", "stale_applied"}
	comparisons = []string{">=", "<=", "==", "!=", ">", "<"} // the longer ones first
)

// ParseThreshold reads one.
func ParseThreshold(text string) (Threshold, error) {
	t := Threshold{Text: strings.TrimSpace(text)}
	fail := func(format string, args ...any) (Threshold, error) {
		return t, fmt.Errorf("threshold %q: %s", text, fmt.Sprintf(format, args...))
	}
	at := strings.IndexAny(text, "<>=!")
	if at < 0 {
		return fail("there is no comparison in it, as in 'p99 > 3s'")
	}
	for _, op := range comparisons {
		if strings.HasPrefix(text[at:], op) {
			t.op = op
			break
		}
	}
	if t.op == "" {
		return fail("known comparisons are %s", strings.Join(comparisons, " "))
	}
	t.name = strings.TrimSpace(text[:at])
	value := strings.TrimSpace(text[at+len(t.op):])
	class, rest, of := strings.Cut(t.name, ".")
	if of && classOf(simulator.Class(class)) < 0 {
		return fail("there is no class %q", class)
	}
	if !of {
		rest = t.name
	}
	switch {
	case slices.Contains(timeNames, rest):
		t.time = true
		d, err := time.ParseDuration(value)
		if err != nil {
			return fail("%q is no duration, such as 3s", value)
		}
		t.limit = float64(d.Nanoseconds()) / 1e6
		return t, nil
	case slices.Contains(countNames, rest), !of && (slices.Contains(ofRun, rest) || slices.Contains(ofEffects, rest)):
	default:
		return fail("nothing is called %q; known are %s, and of a class (genuine.p99) the first %d", t.name,
			strings.Join(slices.Concat(countNames, timeNames, ofRun, ofEffects), ", "), len(countNames)+len(timeNames))
	}
	f, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return fail("%q is no number", value)
	}
	t.limit = f
	return t, nil
}

// NeedsObserver tells whether it is about effects.
func (t Threshold) NeedsObserver() bool { return slices.Contains(ofEffects, t.name) }

func (t Threshold) judge(s *Summary) ThresholdResult {
	value, known := t.value(s)
	r := ThresholdResult{Text: t.Text, Value: "not known"}
	if !known {
		return r
	}
	switch t.op {
	case ">":
		r.Crossed = value > t.limit
	case ">=":
		r.Crossed = value >= t.limit
	case "<":
		r.Crossed = value < t.limit
	case "<=":
		r.Crossed = value <= t.limit
	case "==":
		r.Crossed = value == t.limit
	case "!=":
		r.Crossed = value != t.limit
	}
	r.Value = strconv.FormatFloat(math.Round(value*1000)/1000, 'f', -1, 64)
	if t.time {
		r.Value += "ms"
	}
	return r
}

func (t Threshold) value(s *Summary) (float64, bool) {
	counts, latency, name := s.Counts, s.Latency, t.name
	if class, rest, of := strings.Cut(t.name, "."); of {
		c := s.Classes[classOf(simulator.Class(class))]
		counts, latency, name = c.Tallied, c.Latency, rest
	}
	if t.time {
		return map[string]float64{"p50": latency.P50, "p90": latency.P90, "p99": latency.P99, "p999": latency.P999, "max": latency.Max, "mean": latency.Mean}[name], latency.Count > 0
	}
	if e := s.Effects; slices.Contains(ofEffects, name) {
		if e == nil || e.Error != "" {
			return 0, false
		}
		return map[string]float64{"lost": float64(e.Lost), "doubled": float64(e.Doubled), "forged_applied": float64(e.ForgedApplied), "stale_applied": float64(e.StaleApplied)}[name], true
	}
	return map[string]float64{
		"sent": float64(counts.Sent), "accepted": float64(counts.Accepted), "refused": float64(counts.Refused), "limited": float64(counts.Limited),
		"failed": float64(counts.Failed), "late": float64(counts.Late), "unanswered": float64(counts.Unanswered), "unexpected": float64(counts.Unexpected),
		"given_up": float64(s.Retries.GaveUp), "shed": float64(s.Retries.Shed), "rate": s.Rate, "invalid": float64(s.Validation.Invalid),
	}[name], true
}
