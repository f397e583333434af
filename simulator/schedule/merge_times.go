package schedule

import (
	"math"
	"time"
)

// times sets the run's time, and aligns by the clock what the parts tell in
// seconds from their own begin.
func (m *merger) times() {
	began, ended := m.parts[0].Summary.Run.Began, time.Time{}
	for _, p := range m.parts {
		r := p.Summary.Run
		if r.Began.Before(began) {
			began = r.Began
		}
		if end := r.Began.Add(time.Duration(r.Seconds * 1e9)); end.After(ended) {
			ended = end
		}
	}
	m.out.Run.Began, m.out.Run.Seconds = began, ended.Sub(began).Seconds()
	m.out.Series = []Point{}
	m.series(began)
	m.silences(began)
}

// series puts each part's stretches of time into those of the run, each whole
// into the one that its middle lies in: nothing is split, so that sums stay.
func (m *merger) series(began time.Time) {
	width, end := 1.0, 0.0
	each := func(do func(p Point, middle float64)) {
		for _, part := range m.parts {
			shift := part.Summary.Run.Began.Sub(began).Seconds()
			for _, p := range part.Summary.Series {
				do(p, shift+p.At+p.Length/2)
			}
		}
	}
	each(func(p Point, middle float64) {
		width, end = max(width, p.Length), max(end, middle)
	})
	for end/width >= points {
		width *= 2
	}
	each(func(p Point, middle float64) {
		i := int(math.Floor(max(middle, 0) / width))
		for len(m.out.Series) <= i {
			m.out.Series = append(m.out.Series, Point{At: float64(len(m.out.Series)) * width, Length: width})
		}
		m.out.Series[i].absorb(p)
	})
}

// silences keeps the times in which every part that sent anything was left
// without an answer: where one had answers, the receiver was not silent.
func (m *merger) silences(began time.Time) {
	m.out.Silences = []Silence{}
	var common []Silence
	first := true
	for _, part := range m.parts {
		s := part.Summary
		if s.Counts.Sent == 0 {
			continue
		}
		shift := s.Run.Began.Sub(began).Seconds()
		var own []Silence
		for _, silence := range s.Silences {
			silence.From, silence.To = silence.From+shift, silence.To+shift
			own = append(own, silence)
		}
		if first {
			common, first = own, false
			continue
		}
		var both []Silence
		for _, a := range common {
			for _, b := range own {
				c := Silence{From: max(a.From, b.From), To: min(a.To, b.To), Kind: a.Kind, Ended: a.Ended || b.Ended, Count: a.Count + b.Count}
				if c.From < c.To {
					both = append(both, c)
				}
			}
		}
		common = both
	}
	m.out.Silences = append(m.out.Silences, common...)
}
