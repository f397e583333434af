package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/journal"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Observer tells how often an event had its effect.
type Observer interface {
	Count(ctx context.Context, id, event string) (int, error)
}

// FaultHook makes the receiver fail its next deliveries.
type FaultHook interface {
	FailNext(ctx context.Context, n int) error
}

// Config is a run's input. Provider, Client, Secret and Scenario are needed;
// the rest has defaults.
type Config struct {
	Provider   *schemas.Provider
	Client     *wire.Client
	Secret     []byte
	NextSecret []byte // for phases that sign with it
	Extra      []wire.Field
	Redactor   *simulator.Redactor // nil: one of the secrets

	Seed  uint64
	RunID string
	// Start is what the schedule counts from: events are dated by it. Zero: now.
	Start time.Time
	// Pinned makes signing times follow Start and the schedule rather than the
	// clock, so that a run can be reproduced to the byte.
	Pinned bool

	Scenario *Scenario
	// Partition is the share of the run that is sent; the zero value: all of it.
	Partition   Partition
	Concurrency int           // deliveries at a time at most; 0: 256
	Deadline    time.Duration // replaces the contract's; 0: the contract's
	Answer      time.Duration // how long an answer is waited for; 0: a second beyond the deadline
	Validate    int           // one in so many bodies is held against its schema; 0: none

	Journal  *journal.Writer // nil: none
	Earlier  *Earlier        // what an interrupted run did; nil: nothing
	Observer Observer        // nil: none
	// ObserveAtMost is how many events the observer is asked about; 0: all.
	ObserveAtMost int
	Settle        time.Duration // before the observer is asked
	Hook          FaultHook     // nil: none
	// Grace is how long deliveries that are under way when the run is
	// interrupted may still take; 0: half a second.
	Grace time.Duration
	// Progress is handed the engine before anything is sent; its Snapshot may be
	// called at any time. May be nil.
	Progress func(*Engine)
}

// ErrConfig is a mistake in the configuration: nothing was sent.
var ErrConfig = errors.New("configuration")

func (c *Config) check() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrConfig, fmt.Sprintf(format, args...))
	}
	switch {
	case c.Provider == nil || c.Client == nil || c.Client.URL == nil:
		return fail("a provider and a target are needed")
	case len(c.Secret) == 0:
		return fail("no secret: the deliveries could not be signed")
	case c.Scenario == nil || len(c.Scenario.Phases) == 0:
		return fail("no scenario")
	case c.Provider.Journeys == nil:
		return fail("contract %q has no journeys", c.Provider.Name())
	}
	if err := c.Partition.check(); err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if err := c.Scenario.Check(); err != nil {
		return fmt.Errorf("%w: scenario %q: %w", ErrConfig, c.Scenario.Name, err)
	}
	for i := range c.Scenario.Phases {
		p := &c.Scenario.Phases[i]
		if (p.Secret == "next" || p.Secret == "both") && len(c.NextSecret) == 0 {
			return fail("phase %q signs with the next secret, and none is given", p.Name)
		}
		if len(p.Outages) > 0 && c.Hook == nil && c.Partition.Index == 0 {
			return fail("phase %q has outages, and there is no fault hook to make them", p.Name)
		}
	}
	if c.Concurrency <= 0 {
		c.Concurrency = 256
	}
	if c.Deadline == 0 {
		c.Deadline = c.Provider.Contract.Deadlines.Acknowledge.Duration
	}
	if c.Answer == 0 {
		c.Answer = c.Deadline + time.Second
	}
	if c.Grace == 0 {
		c.Grace = 500 * time.Millisecond
	}
	if c.Start.IsZero() {
		c.Start = time.Now()
	}
	if c.Redactor == nil {
		c.Redactor = simulator.NewRedactor(c.Provider.Contract.Signing.Key, c.Secret)
		if len(c.NextSecret) > 0 {
			c.Redactor.Add(c.NextSecret)
		}
	}
	return nil
}

func (c *Config) clock() float64 {
	if c.Scenario.Clock > 0 {
		return c.Scenario.Clock
	}
	return DefaultClock
}

// nothing is a fault hook that is never asked.
type nothing struct{}

func (nothing) FailNext(context.Context, int) error { return nil }
