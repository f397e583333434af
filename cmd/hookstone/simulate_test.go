package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/hookstone/hookstone/simulator/schedule"
)

// The live view fits the smallest terminal whatever the numbers are.
func TestLiveViewFits(t *testing.T) {
	huge := schedule.Tallied{Sent: 9_999_999_999, Accepted: 9_999_999_999, Refused: 9_999_999_999, Failed: 9_999_999_999, Unexpected: 9_999_999_999}
	s := schedule.Snapshot{
		Elapsed: 99 * time.Hour, Phase: strings.Repeat("long", 10), Counts: huge, InFlight: 100_000, Retries: 100_000, GaveUp: 100_000, Rate: 1e7,
		Latency: schedule.Latency{P50: 99_999, P90: 99_999, P99: 599_999, P999: 599_999, Max: 600_000},
	}
	s.Journal.Dropped = 1 << 60
	for range 500 {
		s.Rates = append(s.Rates, float64(len(s.Rates)))
	}
	for _, class := range schedule.Classes {
		s.Classes = append(s.Classes, schedule.ClassSummary{Class: class, Tallied: huge})
	}
	scenario := &schedule.Scenario{Name: strings.Repeat("n", 64)}
	lines := liveLines(s, scenario, columns-1)
	if len(lines) >= viewRows {
		t.Errorf("%d lines; want fewer than %d", len(lines), viewRows)
	}
	for _, line := range lines {
		if n := utf8.RuneCountInString(line); n >= columns || strings.ContainsAny(line, "\n\t\x1b") {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	text := strings.Join(lines, "\n")
	for _, want := range []string{"in flight", "retries waiting", "genuine", "duplicate", "redelivery", "stale", "forged", "unexpected", "p99.9", "█", "left out"} {
		if !strings.Contains(text, want) {
			t.Errorf("the view lacks %q:\n%s", want, text)
		}
	}
	if n := utf8.RuneCountInString(plainLine(s)); n > 2*columns {
		t.Errorf("the plain line has %d columns", n)
	}
}

func TestSparkline(t *testing.T) {
	for want, values := range map[string][]float64{"": nil, "▁▁": {0, 0}, "▁█": {0, 7}, "▁▅█": {0, 4, 7}, "▅█": {1, 4, 7}} {
		if got := sparkline(values, max(2, utf8.RuneCountInString(want))); got != want {
			t.Errorf("sparkline(%v) = %q; want %q", values, got, want)
		}
	}
}
