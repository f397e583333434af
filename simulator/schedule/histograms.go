package schedule

import (
	"errors"
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/hookstone/hookstone/simulator"
)

// Histograms are the distributions that a summary's latencies come from, so
// that the summaries of partitions can be merged without loss. Each is an
// HdrHistogram of microseconds from 1 to ten minutes to two figures, in the V2
// compressed encoding, as base64 (hdrhistogram.org reads it); "" is an empty
// one. The distributions of a class and of all classes are the sums.
type Histograms struct {
	Lag    string                       `json:"send_lag,omitempty"`
	Phases []map[simulator.Class]string `json:"phases"`
}

// longestHistogram bounds a histogram's text; one of ours has some 3,000 buckets.
const longestHistogram = 64 << 10

func encodeHistogram(h *hdrhistogram.Histogram) (string, error) {
	if h == nil || h.TotalCount() == 0 {
		return "", nil
	}
	text, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	return string(text), err
}

func decodeHistogram(text string) (*hdrhistogram.Histogram, error) {
	ours := newHistogram()
	if text == "" {
		return ours, nil
	}
	if len(text) > longestHistogram {
		return nil, fmt.Errorf("a histogram of %d bytes", len(text))
	}
	h, err := hdrhistogram.Decode([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("a histogram: %w", err)
	}
	if h.SignificantFigures() != ours.SignificantFigures() || h.LowestTrackableValue() != ours.LowestTrackableValue() || h.HighestTrackableValue() != ours.HighestTrackableValue() {
		return nil, fmt.Errorf("a histogram from %d to %d to %d figures: this version writes others", h.LowestTrackableValue(), h.HighestTrackableValue(), h.SignificantFigures())
	}
	if ours.Merge(h) > 0 {
		return nil, errors.New("a histogram with values beyond its range")
	}
	return ours, nil
}

// histograms encodes those of a tally, whose lock is held.
func (t *tally) histograms() (*Histograms, error) {
	lag, err := encodeHistogram(t.errors)
	if err != nil {
		return nil, err
	}
	out := &Histograms{Lag: lag, Phases: []map[simulator.Class]string{}}
	for p := range t.cells {
		cells := map[simulator.Class]string{}
		for i, class := range Classes {
			text, err := encodeHistogram(t.cells[p][i].latency)
			if err != nil {
				return nil, err
			}
			if text != "" {
				cells[class] = text
			}
		}
		out.Phases = append(out.Phases, cells)
	}
	return out, nil
}
