package schedule

import (
	"slices"
	"time"

	"github.com/hookstone/hookstone/simulator/journal"
)

// Snapshot is how a run stands.
type Snapshot struct {
	Elapsed  time.Duration
	Phase    string // of the next planned delivery; "" behind the last
	Counts   Tallied
	Classes  []ClassSummary // without latencies
	Latency  Latency
	InFlight int
	Retries  int
	GaveUp   uint64
	Workers  int
	Rate     float64 // attempts a second, of the last whole stretch
	Rates    []float64
	Journal  journal.Stats
	Sum      float64 // of all latencies, in seconds
	Waiting  bool    // all is sent that was planned: only retries are left
	// Histogram is the distribution of Latency, as in Histograms; "" but of
	// Detailed snapshots and merged ones.
	Histogram string
}

// recent is how many stretches of rates a snapshot holds.
const recent = 60

// Snapshot tells how the run stands.
func (e *Engine) Snapshot() Snapshot {
	retries, planned, _ := e.agenda.status()
	var s Snapshot
	e.agenda.mu.Lock()
	if planned {
		s.Phase = e.config.Scenario.Phases[e.agenda.next.Phase].Name
	}
	e.agenda.mu.Unlock()
	s.Retries, s.Waiting = retries, !planned
	if e.config.Journal != nil {
		s.Journal = e.config.Journal.Stats()
	}
	e.mu.Lock()
	s.GaveUp, s.Workers = e.gaveUp, e.running
	e.mu.Unlock()
	t := e.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	t.roll(now)
	if s.InFlight = int(t.inFlight.Load()); !t.began.IsZero() {
		s.Elapsed = now.Sub(t.began)
	}
	s.Latency = latencyOf(t.all)
	s.Sum = s.Latency.Mean * float64(s.Latency.Count) / 1000
	var all Counts
	for i, class := range Classes {
		var sum Counts
		for p := range t.cells {
			sum.add(t.cells[p][i].Counts)
		}
		all.add(sum)
		s.Classes = append(s.Classes, ClassSummary{Class: class, Tallied: tallied(sum)})
	}
	s.Counts = tallied(all)
	for _, p := range t.series[max(0, len(t.series)-recent):] {
		s.Rates = append(s.Rates, float64(p.Sent)/p.Length)
	}
	s.Rates = slices.Clip(s.Rates)
	if n := len(s.Rates); n > 0 {
		s.Rate = s.Rates[n-1]
	} else if sec := s.Elapsed.Seconds(); sec > 0 {
		s.Rate = float64(all.Sent) / sec
	}
	return s
}
