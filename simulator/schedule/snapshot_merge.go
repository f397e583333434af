package schedule

import (
	"slices"
)

// Detailed is a snapshot that can be merged with those of a run's other
// partitions, and sent to the process that does: it holds its Histogram.
func (e *Engine) Detailed() (Snapshot, error) {
	s := e.Snapshot()
	e.tally.mu.Lock()
	defer e.tally.mu.Unlock()
	text, err := encodeHistogram(e.tally.all)
	s.Histogram = text
	return s, err
}

// MergeSnapshots tells how a run stands of which the partitions stand so. Each
// must be Detailed; one of the zero value has not begun.
func MergeSnapshots(parts []Snapshot) (Snapshot, error) {
	out := Snapshot{Waiting: len(parts) > 0}
	for _, class := range Classes {
		out.Classes = append(out.Classes, ClassSummary{Class: class})
	}
	all := newHistogram()
	for _, s := range parts {
		h, err := decodeHistogram(s.Histogram)
		if err != nil {
			return Snapshot{}, err
		}
		all.Merge(h)
		out.Elapsed = max(out.Elapsed, s.Elapsed)
		if out.Phase == "" {
			out.Phase = s.Phase
		}
		out.Waiting = out.Waiting && s.Waiting
		out.Counts.add(s.Counts)
		for _, c := range s.Classes {
			if i := classOf(c.Class); i >= 0 {
				out.Classes[i].Tallied.add(c.Tallied)
			}
		}
		out.InFlight += s.InFlight
		out.Retries += s.Retries
		out.GaveUp += s.GaveUp
		out.Workers += s.Workers
		out.Rate += s.Rate
		out.Sum += s.Sum
		out.Journal.Written += s.Journal.Written
		out.Journal.Dropped += s.Journal.Dropped
		out.Rates = addRates(out.Rates, s.Rates)
	}
	out.Latency = latencyOf(all)
	var err error
	out.Histogram, err = encodeHistogram(all)
	return out, err
}

// addRates adds up rates whose last are of the same time.
func addRates(a, b []float64) []float64 {
	if len(a) < len(b) {
		a, b = b, a
	}
	sum := slices.Clone(a)
	for i, rate := range b {
		sum[len(sum)-len(b)+i] += rate
	}
	return sum
}
