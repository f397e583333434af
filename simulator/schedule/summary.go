package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/journal"
)

// Verdicts of a run.
const (
	Conformant    = "conformant"    // every outcome was what it should have been
	Nonconformant = "nonconformant" // some were not, or a threshold was crossed
	Partial       = "partial"       // nothing wrong was seen, but not all could be judged
)

// Summary is what came of a run: summary.json.
type Summary struct {
	Run      RunInfo        `json:"run"`
	Scenario *Scenario      `json:"scenario"`
	Target   string         `json:"target"`
	Outcome  string         `json:"outcome"`
	Reasons  []string       `json:"reasons"` // for any outcome but conformant
	Notes    []string       `json:"notes"`   // what else people should know
	Counts   Tallied        `json:"counts"`
	Classes  []ClassSummary `json:"classes"`
	Phases   []PhaseSummary `json:"phases"`
	// Latency counts from the intended start to the last byte of the answer.
	Latency Latency `json:"latency"`
	// Lag is how late attempts left.
	Lag        Latency           `json:"send_lag"`
	Rate       float64           `json:"rate"` // attempts a second
	Retries    RetrySummary      `json:"retries"`
	Effects    *Effects          `json:"effects,omitempty"` // nil: no observer
	Journal    *journal.Stats    `json:"journal,omitempty"`
	Validation Validation        `json:"validation"`
	Thresholds []ThresholdResult `json:"thresholds"`
	Statuses   map[int]uint64    `json:"statuses"`
	Errors     map[string]uint64 `json:"errors"`
	Silences   []Silence         `json:"silences"`
	Unexpected []Odd             `json:"unexpected"` // the first of them
	Series     []Point           `json:"series"`
	// Histograms are nil in summaries of versions that could not merge them.
	Histograms *Histograms `json:"histograms,omitempty"`
}

// RunInfo identifies a run.
type RunInfo struct {
	ID          string    `json:"id"`
	Seed        uint64    `json:"seed"`
	Partition   Partition `json:"partition,omitzero"` // the whole run: left out
	Provider    string    `json:"provider"`
	Digest      string    `json:"contract_digest"`
	Start       time.Time `json:"start"` // what the schedule and the events' times count from
	Began       time.Time `json:"began"`
	Seconds     float64   `json:"seconds"`
	Interrupted bool      `json:"interrupted"`
	Resumed     bool      `json:"resumed"`
	Pinned      bool      `json:"pinned"`
	// Merged is how many partitions' summaries were merged into this one; 0: it
	// is none. Missing are those that were not there.
	Merged  int         `json:"merged,omitempty"`
	Missing []Partition `json:"missing,omitempty"`
}

// Tallied are the counts of all classes.
type Tallied struct {
	Sent        uint64 `json:"sent"`
	Accepted    uint64 `json:"accepted"`
	Refused     uint64 `json:"refused"`
	Limited     uint64 `json:"limited"`
	Failed      uint64 `json:"failed"`
	Late        uint64 `json:"late"`
	Unanswered  uint64 `json:"unanswered"`
	Interrupted uint64 `json:"interrupted"`
	Unexpected  uint64 `json:"unexpected"`
	LeakedOften uint64 `json:"answers_with_secret"`
	InFlight    int    `json:"in_flight"` // when the run ended
}

func tallied(c Counts) Tallied {
	return Tallied{
		Sent: c.Sent, Accepted: c.By[Accepted], Refused: c.By[Refused], Limited: c.By[Limited], Failed: c.By[Failed],
		Late: c.By[Late], Unanswered: c.By[Unanswered], Interrupted: c.By[Interrupted], Unexpected: c.Unexpected,
	}
}

// ClassSummary is one class, of the run or of a phase.
type ClassSummary struct {
	Class simulator.Class `json:"class"`
	Tallied
	Latency Latency `json:"latency"`
}

// PhaseSummary is one phase.
type PhaseSummary struct {
	Name    string         `json:"name"`
	Classes []ClassSummary `json:"classes"`
}

// Latency is a distribution, in milliseconds, of so many answers.
type Latency struct {
	Count int64   `json:"count"`
	Mean  float64 `json:"mean_ms"`
	P50   float64 `json:"p50_ms"`
	P90   float64 `json:"p90_ms"`
	P99   float64 `json:"p99_ms"`
	P999  float64 `json:"p999_ms"`
	Max   float64 `json:"max_ms"`
}

func latencyOf(h *hdrhistogram.Histogram) Latency {
	if h == nil || h.TotalCount() == 0 {
		return Latency{}
	}
	at := func(q float64) float64 { return ms(min(h.ValueAtPercentile(q), h.Max())) }
	return Latency{Count: h.TotalCount(), Mean: h.Mean() / 1000, P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: ms(h.Max())}
}

// RetrySummary tells of the provider's retries.
type RetrySummary struct {
	Enabled bool     `json:"enabled"`
	Clock   float64  `json:"clock"`
	Waiting int      `json:"waiting"` // when the run ended
	GaveUp  uint64   `json:"given_up"`
	Limited uint64   `json:"limited"`  // given up at an answer of 429, which is no verdict
	Shed    uint64   `json:"shed"`     // not retried, since too many waited
	GiveUps []GiveUp `json:"give_ups"` // the first of them
}

// Validation tells how many bodies were held against their schemas.
type Validation struct {
	Every   int    `json:"every"` // one in so many; 0: none
	Checked uint64 `json:"checked"`
	Invalid uint64 `json:"invalid"`
}

// gather makes the summary as of a time, without its verdict.
func (e *Engine) gather(now time.Time) (*Summary, error) {
	c := e.config
	waiting, planned, shed := e.agenda.status()
	t := e.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	t.roll(now)
	t.close()
	histograms, err := t.histograms()
	if err != nil {
		return nil, err
	}
	s := &Summary{
		Run: RunInfo{
			ID: c.RunID, Seed: c.Seed, Provider: c.Provider.Name(), Digest: c.Provider.Digest, Start: c.Start, Began: t.began,
			Seconds: now.Sub(t.began).Seconds(), Resumed: c.Earlier != nil, Pinned: c.Pinned, Interrupted: planned || waiting > 0 || t.inFlight.Load() > 0,
		},
		Scenario: c.Scenario, Target: e.url, Latency: latencyOf(t.all), Lag: latencyOf(t.errors),
		Statuses: t.statuses, Errors: t.kinds, Silences: orEmpty(t.silences), Unexpected: orEmpty(t.odd), Series: orEmpty(t.series),
		Validation: Validation{Every: c.Validate, Checked: t.validated, Invalid: t.invalid},
		Reasons:    []string{}, Notes: []string{}, Thresholds: []ThresholdResult{}, Histograms: histograms,
	}
	e.mu.Lock()
	s.Retries = RetrySummary{Enabled: e.retries, Clock: e.clock, Waiting: waiting, GaveUp: e.gaveUp, Limited: e.limited, Shed: shed, GiveUps: orEmpty(e.giveUps)}
	e.mu.Unlock()
	var all Counts
	for i, class := range Classes {
		sum, latency := Counts{}, newHistogram()
		for p := range t.cells {
			sum.add(t.cells[p][i].Counts)
			if h := t.cells[p][i].latency; h != nil {
				latency.Merge(h)
			}
		}
		all.add(sum)
		s.Classes = append(s.Classes, ClassSummary{Class: class, Tallied: tallied(sum), Latency: latencyOf(latency)})
	}
	s.Counts = tallied(all)
	s.Counts.LeakedOften, s.Counts.InFlight = t.leaked, int(t.inFlight.Load())
	for p := range t.cells {
		phase := PhaseSummary{Name: c.Scenario.Phases[p].Name, Classes: []ClassSummary{}}
		for i, class := range Classes {
			if cell := &t.cells[p][i]; cell.Sent > 0 {
				phase.Classes = append(phase.Classes, ClassSummary{Class: class, Tallied: tallied(cell.Counts), Latency: latencyOf(cell.latency)})
			}
		}
		s.Phases = append(s.Phases, phase)
	}
	s.Run.Partition = c.Partition
	if s.Run.Seconds > 0 {
		s.Rate = float64(s.Counts.Sent) / s.Run.Seconds
	}
	return s, nil
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// conclude asks the observer, and judges.
func (e *Engine) conclude(ctx context.Context) (*Summary, error) {
	s, err := e.gather(time.Now())
	if err != nil {
		return nil, err
	}
	if e.config.Observer != nil {
		s.Effects = &Effects{}
		if s.Run.Interrupted {
			s.Effects.Error = "the run was interrupted: the observer was not asked"
		} else if err := e.observe(ctx, s.Effects); err != nil {
			s.Effects.Error = err.Error()
		}
	}
	if j := e.config.Journal; j != nil {
		err := j.Close()
		stats := j.Stats()
		s.Journal = &stats
		if err != nil {
			s.Notes = append(s.Notes, fmt.Sprintf("the journal ends early: %v; %d %s not in it", err, stats.Dropped, many(stats.Dropped, "attempt is", "attempts are")))
		} else if stats.Dropped > 0 {
			s.Notes = append(s.Notes, fmt.Sprintf("%d %s not in the journal: the disk could not keep up", stats.Dropped, many(stats.Dropped, "attempt is", "attempts are")))
		}
	}
	if err := s.judge(); err != nil {
		return nil, err
	}
	e.notes(s)
	return s, nil
}

// judge sets the outcome and its reasons.
func (s *Summary) judge() error {
	wrong := func(n uint64, one, more string) {
		if n > 0 {
			s.Reasons = append(s.Reasons, fmt.Sprintf("%d %s", n, many(n, one, more)))
		}
	}
	for _, c := range s.Classes {
		switch {
		case !delivers(c.Class):
			wrong(c.Unexpected, "delivery that was "+string(c.Class)+" was accepted", "deliveries that were "+string(c.Class)+" were accepted")
		case !s.Retries.Enabled:
			wrong(c.Unexpected, string(c.Class)+" delivery was not acknowledged", string(c.Class)+" deliveries were not acknowledged")
		}
	}
	wrong(s.Retries.GaveUp, "delivery was given up after all retries", "deliveries were given up after all retries")
	wrong(s.Counts.LeakedOften, "answer held the signing secret", "answers held the signing secret")
	if e := s.Effects; e != nil {
		wrong(e.Lost, "acknowledged event had no effect", "acknowledged events had no effect")
		wrong(e.Doubled, "event had its effect more than once", "events had their effect more than once")
		wrong(e.ForgedApplied, "forged event had an effect", "forged events had an effect")
		wrong(e.StaleApplied, "stale event had an effect", "stale events had an effect")
	}
	for _, text := range s.Scenario.FailOn {
		if !s.Run.Partition.Whole() {
			break // a condition is about the whole run
		}
		t, err := ParseThreshold(text)
		if err != nil {
			return err
		}
		r := t.judge(s)
		if r.Crossed {
			s.Reasons = append(s.Reasons, fmt.Sprintf("%s: it is %s", r.Text, r.Value))
		}
		s.Thresholds = append(s.Thresholds, r)
	}
	if len(s.Reasons) > 0 {
		s.Outcome = Nonconformant
		return nil
	}
	open := func(is bool, format string, args ...any) {
		if is {
			s.Reasons = append(s.Reasons, fmt.Sprintf(format, args...))
		}
	}
	open(len(s.Run.Missing) > 0, "%s", missingWords(s.Run.Missing))
	open(s.Run.Interrupted, "the run was interrupted: %d %s under way, %d %s", s.Counts.InFlight, many(uint64(s.Counts.InFlight), "delivery was", "deliveries were"), s.Retries.Waiting, many(uint64(s.Retries.Waiting), "retry waits", "retries wait"))
	limited := s.Retries.Limited
	if !s.Retries.Enabled {
		limited = s.Counts.Limited
	}
	open(limited > 0, "%d %s answered 429 to the end: the receiver is rate-limited, lower --rate", limited, many(limited, "delivery was", "deliveries were"))
	open(s.Retries.Shed > 0, "%d deliveries were not retried: too many waited", s.Retries.Shed)
	open(s.Counts.Accepted+s.Counts.Refused == 0, "no delivery was judged")
	open(s.Effects != nil && s.Effects.Error != "", "the observer: %s", observerError(s.Effects))
	open(s.Validation.Invalid > 0, "%d of %d bodies were not what their schemas describe: the contract is at fault", s.Validation.Invalid, s.Validation.Checked)
	for _, c := range s.Classes {
		judged := c.Accepted + c.Refused + c.Late
		open(!delivers(c.Class) && c.Sent > 0 && judged == 0, "no %s delivery was answered in a way that can be judged", c.Class)
	}
	s.Outcome = Conformant
	if len(s.Reasons) > 0 {
		s.Outcome = Partial
	}
	return nil
}

func observerError(e *Effects) string {
	if e == nil {
		return ""
	}
	return e.Error
}

// notes tells what people should know beside the verdict.
func (e *Engine) notes(s *Summary) {
	note := func(format string, args ...any) { s.Notes = append(s.Notes, fmt.Sprintf(format, args...)) }
	stale := slices.ContainsFunc(s.Scenario.Phases, func(p Phase) bool { return p.Mix.Stale > 0 })
	if stale && len(e.recipe.ages) == 0 {
		note("contract %q states no tolerance: nothing is stale, and genuine deliveries were sent in its place", s.Run.Provider)
	}
	for _, silence := range s.Silences {
		note("%s", silence.note())
	}
	if !s.Run.Partition.Whole() && len(s.Scenario.FailOn) > 0 {
		note("%s", unjudged)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, complaint := range e.hooks {
		note("an outage could not be made: %s", complaint)
	}
}

// unjudged is the note of a partition that leaves conditions to the merger.
const unjudged = "the conditions that fail the run are judged when its partitions are merged"

// note tells of a silence.
func (s Silence) note() string {
	if s.Ended {
		return fmt.Sprintf("the receiver gave no answer from %.1f s to %.1f s (%s, %d attempts)", s.From, s.To, s.Kind, s.Count)
	}
	return fmt.Sprintf("the receiver gave no answer from %.1f s on (%s, %d attempts)", s.From, s.Kind, s.Count)
}

func many(n uint64, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// ReadSummary reads a summary.json back.
func ReadSummary(text []byte) (*Summary, error) {
	var s Summary
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("not a summary: %w", err)
	}
	if s.Outcome == "" || s.Scenario == nil || len(s.Classes) != len(Classes) {
		return nil, errors.New("not a summary of a simulation")
	}
	return &s, nil
}
