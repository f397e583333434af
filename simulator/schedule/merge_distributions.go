package schedule

import (
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/hookstone/hookstone/simulator"
)

// distributions adds up counts and latencies.
func (m *merger) distributions() error {
	phases := len(m.out.Scenario.Phases)
	cells := make([][classes]ClassSummary, phases)
	latency := make([][classes]*hdrhistogram.Histogram, phases)
	lag := newHistogram()
	for _, part := range m.parts {
		s := part.Summary
		fail := func(format string, args ...any) error {
			return fmt.Errorf("%s cannot be merged: %s", part.Name, fmt.Sprintf(format, args...))
		}
		if s.Histograms == nil {
			return fail("it carries no histograms, as an earlier version wrote it")
		}
		if len(s.Histograms.Phases) != phases || len(s.Phases) != phases {
			return fail("it tells of %d phases, its scenario has %d", len(s.Phases), phases)
		}
		own, err := decodeHistogram(s.Histograms.Lag)
		if err != nil {
			return fail("%v", err)
		}
		if own.TotalCount() != int64(s.Counts.Sent) {
			return fail("its histogram of send lags counts %d attempts, the summary %d", own.TotalCount(), s.Counts.Sent)
		}
		lag.Merge(own)
		var answers int64
		for p := range phases {
			for _, c := range s.Phases[p].Classes {
				i := classOf(c.Class)
				if i < 0 {
					return fail("there is no class %q", c.Class)
				}
				cells[p][i].Tallied.add(c.Tallied)
			}
			for class, text := range s.Histograms.Phases[p] {
				i := classOf(class)
				if i < 0 {
					return fail("there is no class %q", class)
				}
				own, err := decodeHistogram(text)
				if err != nil {
					return fail("%v", err)
				}
				answers += own.TotalCount()
				if latency[p][i] == nil {
					latency[p][i] = newHistogram()
				}
				latency[p][i].Merge(own)
			}
		}
		if answers != s.Latency.Count {
			return fail("its histograms count %d answers, the summary %d", answers, s.Latency.Count)
		}
	}
	m.out.Lag = latencyOf(lag)
	return m.classes(cells, latency, lag)
}

// classes makes the summaries of classes and phases.
func (m *merger) classes(cells [][classes]ClassSummary, latency [][classes]*hdrhistogram.Histogram, lag *hdrhistogram.Histogram) (err error) {
	out := m.out
	out.Histograms = &Histograms{Phases: []map[simulator.Class]string{}}
	if out.Histograms.Lag, err = encodeHistogram(lag); err != nil {
		return err
	}
	for p := range cells {
		phase := PhaseSummary{Name: out.Scenario.Phases[p].Name, Classes: []ClassSummary{}}
		texts := map[simulator.Class]string{}
		for i, class := range Classes {
			c := &cells[p][i]
			if c.Sent == 0 {
				continue
			}
			c.Class, c.Latency = class, latencyOf(latency[p][i])
			phase.Classes = append(phase.Classes, *c)
			if text, err := encodeHistogram(latency[p][i]); err != nil {
				return err
			} else if text != "" {
				texts[class] = text
			}
		}
		out.Phases = append(out.Phases, phase)
		out.Histograms.Phases = append(out.Histograms.Phases, texts)
	}
	all := newHistogram()
	for i, class := range Classes {
		sum, of := ClassSummary{Class: class}, newHistogram()
		for p := range cells {
			sum.Tallied.add(cells[p][i].Tallied)
			if h := latency[p][i]; h != nil {
				of.Merge(h)
			}
		}
		all.Merge(of)
		sum.Latency = latencyOf(of)
		out.Classes = append(out.Classes, sum)
		out.Counts.add(sum.Tallied)
	}
	out.Latency = latencyOf(all)
	return nil
}
