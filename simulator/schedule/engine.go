package schedule

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/journal"
)

// hidden stands in records for the value of a gateway's header.
const hidden = simulator.Redacted

// Engine is a run.
type Engine struct {
	config  *Config
	recipe  *recipe
	agenda  *agenda
	tally   *tally
	retries bool
	clock   float64

	url    string
	hidden map[string]bool
	frame  *journal.Frame
	desks  desks
	sample *sample

	workers sync.WaitGroup
	mu      sync.Mutex
	running int
	err     error // ours: the run ended with it
	gaveUp  uint64
	limited uint64 // given up at an answer of 429
	giveUps []GiveUp
	hooks   []string // complaints about the fault hook
	acked   *bitset
	cancel  context.CancelCauseFunc
}

// Run sends a scenario and judges what came of it. It ends when everything
// planned is sent and no retry waits, or soon after ctx ended. The error is a
// mistake in the configuration (ErrConfig), or ours; what the receiver does is
// in the Summary.
func Run(ctx context.Context, c Config) (*Summary, error) {
	e, err := newEngine(&c)
	if err != nil {
		return nil, err
	}
	if err := e.reach(ctx); err != nil {
		return nil, err
	}
	if c.Progress != nil {
		c.Progress(e)
	}
	e.send(ctx)
	if e.err != nil {
		return nil, e.err
	}
	return e.conclude(ctx)
}

func newEngine(c *Config) (*Engine, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	r, err := newRecipe(c)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	plan, err := r.planner(c.Start)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	e := &Engine{
		config: c, recipe: r, agenda: newAgenda(plan), tally: newTally(len(c.Scenario.Phases)),
		retries: c.Scenario.WithRetries() && len(c.Provider.Contract.Retries.Delays) > 0, clock: c.clock(),
		url: c.Client.URL.Redacted(), hidden: map[string]bool{}, sample: newSample(c.Provider),
	}
	behind := string(r.suffix)
	for _, f := range c.Extra {
		e.hidden[f.Name] = true
	}
	if len(c.Extra) > 0 {
		lines := strings.SplitAfter(behind, "\r\n")
		for i, line := range lines {
			if name, _, ok := strings.Cut(line, ": "); ok && e.hidden[name] {
				lines[i] = name + ": " + hidden + "\r\n"
			}
		}
		behind = strings.Join(lines, "")
	}
	start, before, _ := bytes.Cut(r.prefix, []byte("\r\n"))
	method, _, _ := bytes.Cut(start, []byte(" "))
	e.frame = journal.NewFrame(string(method), e.url, before, []byte(strings.TrimSuffix(behind, "Content-Length: ")))
	a := e.agenda
	a.attend()
	a.renewed = c.Provider.Contract.Time.OnRedelivery == "renewed"
	a.earlier = c.Earlier
	if c.Pinned {
		a.pinned = c.Start
	}
	if c.Observer != nil {
		e.acked = &bitset{}
		a.acked = e.acked
	}
	return e, nil
}

// Unreachable is a target that nothing could be sent to.
type Unreachable struct{ Err error }

func (u *Unreachable) Error() string { return u.Err.Error() }

// Unwrap returns the cause.
func (u *Unreachable) Unwrap() error { return u.Err }

// reach tells whether the target listens at all.
func (e *Engine) reach(ctx context.Context) error {
	conn, out := e.config.Client.Open(ctx)
	if conn == nil {
		return &Unreachable{out.Err}
	}
	conn.Close()
	e.agenda.opened(out.Phases.Total)
	return nil
}

// send runs the workers until all is sent, or ctx ended.
func (e *Engine) send(parent context.Context) {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	e.cancel = cancel
	a := e.agenda
	a.mu.Lock()
	a.epoch = time.Now()
	e.tally.mu.Lock()
	e.tally.began = a.epoch
	e.tally.mu.Unlock()
	a.advance()
	if e.config.Earlier != nil && a.planned {
		a.epoch = a.epoch.Add(-a.next.Offset) // goes on where it was left
	}
	a.growth.spawn = func() bool { return e.spawn(ctx) }
	a.mu.Unlock()
	unstop := context.AfterFunc(ctx, a.stop)
	defer unstop()
	e.outages(ctx)
	a.mu.Lock()
	a.grow(true)
	a.mu.Unlock()
	finished := make(chan struct{})
	go func() { e.workers.Wait(); close(finished) }()
	select {
	case <-finished:
	case <-ctx.Done():
		select {
		case <-finished:
		case <-time.After(e.config.Grace):
		}
	}
	checked, invalid := e.sample.end()
	e.tally.mu.Lock()
	e.tally.closed = true
	e.tally.validated, e.tally.invalid = checked, invalid
	e.tally.mu.Unlock()
	e.leave()
}

// spawn adds a worker, and tells whether there may be more.
func (e *Engine) spawn(ctx context.Context) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running >= e.config.Concurrency {
		return false
	}
	e.running++
	e.workers.Add(1)
	go func() {
		defer e.workers.Done()
		(&worker{e: e}).run(ctx)
	}()
	return e.running < e.config.Concurrency
}

// fail ends the run by a fault of ours.
func (e *Engine) fail(err error) {
	e.mu.Lock()
	if e.err == nil {
		e.err = err
	}
	e.mu.Unlock()
	e.agenda.stop()
	e.cancel(err)
}

// outages tells the receiver to fail, when the scenario says so.
func (e *Engine) outages(ctx context.Context) {
	if e.config.Partition.Index > 0 {
		return // the first partition does
	}
	var began time.Duration
	for i := range e.config.Scenario.Phases {
		p := &e.config.Scenario.Phases[i]
		for _, o := range p.Outages {
			at := e.agenda.epoch.Add(began + time.Duration(o.At))
			if time.Until(at) < -time.Second {
				continue // an earlier run had it
			}
			go func() {
				select {
				case <-ctx.Done():
				case <-time.After(time.Until(at)):
					if err := e.config.Hook.FailNext(ctx, o.Deliveries); err != nil && ctx.Err() == nil {
						e.mu.Lock()
						defer e.mu.Unlock()
						e.hooks = append(e.hooks, err.Error())
					}
				}
			}()
		}
		one := Scenario{Phases: e.config.Scenario.Phases[i : i+1]}
		began += one.Length()
	}
}

// acknowledged notes that an event was acknowledged in some attempt.
func (e *Engine) acknowledged(ordinal uint64) {
	if e.acked == nil {
		return
	}
	e.agenda.mu.Lock()
	e.acked.set(ordinal)
	e.agenda.mu.Unlock()
}

// GiveUp is a delivery that the provider tries no more.
type GiveUp struct {
	Event   string          `json:"event"`
	EventID string          `json:"event_id"`
	Class   simulator.Class `json:"class"` // what its first attempt was
	Tries   int             `json:"tries"`
	Last    string          `json:"last"` // the last outcome
}

func (e *Engine) giveUp(t *task, m *made, last Outcome, shed bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case last == Limited:
		e.limited++
		return
	case !shed:
		e.gaveUp++
	}
	if len(e.giveUps) < maxOdd {
		e.giveUps = append(e.giveUps, GiveUp{Event: m.eventType, EventID: string(m.id), Class: t.Class, Tries: t.try, Last: last.String()})
	}
}

// leave writes what the journal lacks of the deliveries that are unfinished.
func (e *Engine) leave() {
	j := e.config.Journal
	if j == nil {
		return
	}
	a := e.agenda
	a.mu.Lock()
	var lacking []pending
	for _, p := range a.retries {
		if !p.noted && p.tries > 0 {
			lacking = append(lacking, p)
		}
	}
	a.mu.Unlock()
	if len(lacking) == 0 {
		return
	}
	m, err := e.recipe.maker()
	if err != nil {
		return
	}
	for i := range lacking {
		m.event(&task{Item: lacking[i].Item, origin: lacking[i].signed})
		j.Must(unrecorded(&lacking[i], m.eventType, string(m.id)))
	}
}
