//go:build linux

package main

import (
	"slices"
	"time"
)

// turn is what a sender did in one turn.
type turn struct {
	cpu      time.Duration
	wall     time.Duration
	waited   time.Duration // for a core, sender and receiver together
	requests int64
}

// sent tells whether it did anything.
func (t turn) sent() bool { return t.requests > 0 }

// quiet tells whether others kept neither side from its core for more than a
// twentieth of the time.
func (t turn) quiet() bool { return t.requests > 0 && t.waited < t.wall/20 }

// micros is the processor time of a request; 0 where none was sent.
func (t turn) micros() float64 {
	if t.requests == 0 {
		return 0
	}
	return float64(t.cpu.Nanoseconds()) / 1e3 / float64(t.requests)
}

// ratio is how a sender's cost compares with another's.
type ratio struct {
	median    float64 // of the cycles' ratios
	low, high float64 // of the blocks of cycles, each pooled
	cycles    int     // that count
}

// compare compares two senders cycle by cycle, in blocks of so many cycles. Only
// cycles count in which both turns were good.
func compare(of, to []turn, good func(turn) bool, block int) ratio {
	var each []float64
	var r ratio
	var a, b turn
	for i := range min(len(of), len(to)) {
		if !good(of[i]) || !good(to[i]) {
			continue
		}
		a, b = a.plus(of[i]), b.plus(to[i])
		each = append(each, of[i].micros()/to[i].micros())
		if r.cycles = len(each); r.cycles%block != 0 {
			continue
		}
		pooled := a.micros() / b.micros()
		if r.low == 0 || pooled < r.low {
			r.low = pooled
		}
		r.high = max(r.high, pooled)
		a, b = turn{}, turn{}
	}
	r.median = median(each)
	return r
}

func (t turn) plus(o turn) turn {
	return turn{t.cpu + o.cpu, t.wall + o.wall, t.waited + o.waited, t.requests + o.requests}
}

// middle is the median, the least and the greatest of what runs showed.
func middle(runs []*observed, of func(*observed) float64) ratio {
	var each []float64
	for _, o := range runs {
		each = append(each, of(o))
	}
	return ratio{median: median(each), low: slices.Min(each), high: slices.Max(each), cycles: len(each)}
}

// median of numbers; 0 of none.
func median(numbers []float64) float64 {
	if len(numbers) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(numbers))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// micros is the median cost of a request, of the turns that were good.
func (m *measured) micros(good func(turn) bool) float64 {
	return m.median(good, turn.micros)
}

// rate is the median of requests a second, likewise.
func (m *measured) rate(good func(turn) bool) float64 {
	return m.median(good, func(t turn) float64 { return float64(t.requests) / t.wall.Seconds() })
}

func (m *measured) median(good func(turn) bool, of func(turn) float64) float64 {
	var each []float64
	for _, t := range m.turns {
		if good(t) {
			each = append(each, of(t))
		}
	}
	return median(each)
}
