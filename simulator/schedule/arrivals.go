package schedule

import (
	"math"
	"math/rand/v2"
	"time"
)

// arrivals are the times of a phase's deliveries. Deliveries are spread in
// units of expected deliveries first (evenly, by chance, or in groups), and the
// rate, constant or a ramp, then says when so many are expected. Units are the
// whole run's, of which a partition of N has every Nth.
type arrivals struct {
	p    *Phase
	part Partition
	n    uint64
	unit float64
	done bool
}

// next is the offset of the next delivery within the phase.
func (a *arrivals) next(rng *rand.Rand) (time.Duration, bool) {
	place := a.part.global(a.n)
	if a.done || a.p.Deliveries > 0 && place >= a.p.Deliveries {
		return 0, false
	}
	if a.p.Rate.Max {
		a.n++
		return 0, true
	}
	unit := float64(place)
	switch a.p.Arrivals {
	case "poisson":
		unit = a.unit + rng.ExpFloat64()*float64(a.part.stride())
	case "bursty":
		burst := uint64(a.p.Burst)
		if burst == 0 {
			burst = 20
		}
		unit = float64(place / burst * burst)
	}
	at, ok := a.when(unit)
	if !ok {
		a.done = true
		return 0, false
	}
	a.unit = unit
	a.n++
	return at, true
}

// when is the time at which so many deliveries are expected: the inverse of
// from·t + (to−from)·t²/2d.
func (a *arrivals) when(expected float64) (time.Duration, bool) {
	from, to, d := a.p.Rate.From, a.p.Rate.To, time.Duration(a.p.Duration).Seconds()
	var t float64
	if from == to {
		t = expected / from
	} else {
		slope := (to - from) / d
		square := from*from + 2*slope*expected
		if square < 0 {
			return 0, false // a falling rate never gets there
		}
		// Written so that nothing cancels out where the slope is small.
		t = 2 * expected / (from + math.Sqrt(square))
		if expected == 0 {
			t = 0
		}
	}
	if d > 0 && t >= d {
		return 0, false
	}
	return time.Duration(t * 1e9), true
}
