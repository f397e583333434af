package schedule

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/hookstone/hookstone/simulator"
)

// Counts are the outcomes of attempts.
type Counts struct {
	Sent       uint64           `json:"sent"`
	By         [outcomes]uint64 `json:"-"`
	Unexpected uint64           `json:"unexpected"`
}

func (c *Counts) add(o Counts) {
	c.Sent += o.Sent
	c.Unexpected += o.Unexpected
	for i := range c.By {
		c.By[i] += o.By[i]
	}
}

// Point is a stretch of a run's time: one second, or more in long runs.
type Point struct {
	At         float64 `json:"at_s"`     // its begin, from the run's
	Length     float64 `json:"length_s"` // of time
	Intended   uint64  `json:"intended"` // attempts that were due
	Sent       uint64  `json:"sent"`
	Unexpected uint64  `json:"unexpected"`
	Troubled   uint64  `json:"troubled"` // neither accepted nor refused
	P50        float64 `json:"p50_ms"`   // where seconds were joined: the mean
	P99        float64 `json:"p99_ms"`   // where seconds were joined: the greatest
	Max        float64 `json:"max_ms"`
}

const (
	points = 600 // kept at most; then two become one
	// Latencies are counted in microseconds, up to ten minutes, to one percent.
	longest = int64(10 * time.Minute / time.Microsecond)
	figures = 2
)

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, longest, figures) }

// cell is one class in one phase.
type cell struct {
	Counts
	latency *hdrhistogram.Histogram // nil: nothing was answered
}

// Odd is an attempt whose outcome was not what it should have been.
type Odd struct {
	ID      string          `json:"id"`
	Class   simulator.Class `json:"class"`
	Event   string          `json:"event"`
	EventID string          `json:"event_id,omitempty"`
	Fault   string          `json:"fault,omitempty"`
	Outcome string          `json:"outcome"`
	Status  int             `json:"status,omitempty"`
	Error   string          `json:"error,omitempty"`
}

// maxOdd bounds the odd attempts that are told one by one.
const maxOdd = 20

// Silence is a time in which the receiver gave no answer at all.
type Silence struct {
	From  float64 `json:"from_s"`
	To    float64 `json:"to_s"`
	Kind  string  `json:"kind"`
	Ended bool    `json:"ended"` // an answer came again
	Count uint64  `json:"count"` // attempts without an answer
}

// told attempts without an answer in a row make a silence.
const silent = 5

// tally counts. It is safe for concurrent use and its memory is bounded.
type tally struct {
	mu                 sync.Mutex
	began              time.Time
	cells              [][classes]cell // by phase
	all                *hdrhistogram.Histogram
	errors             *hdrhistogram.Histogram // intended to actual start
	odd                []Odd
	series             []Point
	width              time.Duration
	point              Point
	second             *hdrhistogram.Histogram
	due                atomic.Uint64
	statuses           map[int]uint64
	kinds              map[string]uint64
	row                uint64 // attempts without answer, in a row
	rowFrom            time.Duration
	silences           []Silence
	answered           uint64
	inFlight           atomic.Int64
	validated, invalid uint64
	leaked             uint64
	closed             bool
}

func newTally(phases int) *tally {
	return &tally{
		cells: make([][classes]cell, phases), all: newHistogram(), errors: newHistogram(), second: newHistogram(),
		width: time.Second, statuses: map[int]uint64{}, kinds: map[string]uint64{},
	}
}

// result is what became of an attempt.
type result struct {
	phase, class int
	outcome      Outcome
	status       int
	kind         string        // of the failure
	latency      time.Duration // from the intended start
	lag          time.Duration // intended to actual start
	unexpected   bool
	leaked       bool
}

// add counts an attempt; false once the tally is closed.
func (t *tally) add(r *result, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	c := &t.cells[r.phase][r.class]
	c.Sent++
	c.By[r.outcome]++
	t.inFlight.Add(-1)
	t.roll(now)
	t.point.Sent++
	if r.unexpected {
		c.Unexpected++
		t.point.Unexpected++
	}
	if r.leaked {
		t.leaked++
	}
	if r.outcome != Accepted && r.outcome != Refused {
		t.point.Troubled++
	}
	us := min(max(r.latency.Microseconds(), 1), longest)
	if r.outcome == Unanswered || r.outcome == Interrupted {
		t.kinds[r.kind]++
		t.silence(r, now)
	} else {
		t.statuses[r.status]++
		t.answered++
		if t.row >= silent {
			last := &t.silences[len(t.silences)-1]
			last.To, last.Ended = now.Sub(t.began).Seconds(), true
		}
		t.row = 0
		if c.latency == nil {
			c.latency = newHistogram()
		}
		_ = c.latency.RecordValue(us)
		_ = t.all.RecordValue(us)
	}
	_ = t.second.RecordValue(us)
	_ = t.errors.RecordValue(min(max(r.lag.Microseconds(), 1), longest))
	return true
}

func (t *tally) silence(r *result, now time.Time) {
	since := now.Sub(t.began)
	if t.row == 0 {
		t.rowFrom = since
	}
	t.row++
	if t.row == silent {
		if len(t.silences) == 50 {
			t.silences = append(t.silences[:1], t.silences[2:]...)
		}
		t.silences = append(t.silences, Silence{From: t.rowFrom.Seconds(), Kind: r.kind})
	}
	if t.row >= silent {
		last := &t.silences[len(t.silences)-1]
		last.To, last.Count = since.Seconds(), t.row
	}
}

// note keeps an odd attempt.
func (t *tally) note(o Odd) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.odd) < maxOdd {
		t.odd = append(t.odd, o)
	}
}

// start counts an attempt that is about to be sent.
func (t *tally) start() {
	t.inFlight.Add(1)
	t.due.Add(1)
}

// roll closes points that lie in the past.
func (t *tally) roll(now time.Time) {
	if t.began.IsZero() {
		return // asked how it stands before it began
	}
	at := now.Sub(t.began)
	for at >= time.Duration(t.point.At*1e9)+t.width {
		t.close()
		if len(t.series) == points {
			t.join()
		}
	}
}

// close ends the current point.
func (t *tally) close() {
	p := t.point
	p.Length = t.width.Seconds()
	p.Intended = t.due.Swap(0)
	if n := t.second.TotalCount(); n > 0 {
		p.P50, p.P99, p.Max = ms(t.second.ValueAtPercentile(50)), ms(t.second.ValueAtPercentile(99)), ms(t.second.Max())
		t.second.Reset()
	}
	t.series = append(t.series, p)
	t.point = Point{At: p.At + p.Length}
}

// join makes two points one, so that the series never grows beyond its bound.
func (t *tally) join() {
	half := t.series[:0]
	for i := 0; i+1 < len(t.series); i += 2 {
		a, b := t.series[i], t.series[i+1]
		a.absorb(b)
		a.Length += b.Length
		half = append(half, a)
	}
	t.series = half
	t.width *= 2
}

func ms(us int64) float64 { return float64(us) / 1000 }

// absorb adds what another point counts.
func (p *Point) absorb(b Point) {
	if n := float64(p.Sent + b.Sent); n > 0 {
		p.P50 = (p.P50*float64(p.Sent) + b.P50*float64(b.Sent)) / n
	}
	p.P99, p.Max = max(p.P99, b.P99), max(p.Max, b.Max)
	p.Intended += b.Intended
	p.Sent += b.Sent
	p.Unexpected += b.Unexpected
	p.Troubled += b.Troubled
}
