package conformance

import (
	"context"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Config is a run's input. Provider, Client and Secret are needed; the rest
// has defaults.
type Config struct {
	Library  *schemas.Library // for sibling contracts; may be nil
	Provider *schemas.Provider
	Client   *wire.Client
	Secret   []byte
	Extra    []wire.Field // header lines for a gateway

	Seed  uint64
	RunID string           // default: drawn anew
	Now   func() time.Time // default time.Now; pinned only to reproduce bytes
	Pins  []generate.Pin

	Profile   Profile
	Selection Selection
	// Deadline and Recommended replace the contract's, for tests that scale time down; 0: the contract's.
	Deadline, Recommended time.Duration
	Settle                time.Duration // default 2 s
	Concurrency           int           // of the shared lane; default 8 on loopback, 4 elsewhere
	Rate                  float64       // deliveries a second; 0: no cap (loopback), 10 elsewhere
	RetiredSecret         []byte
	Observer              Observer  // nil: none
	FaultHook             FaultHook // nil: none
	Load                  bool      // run load cases although the target is not loopback
	Repeat                int       // runs of each case; default 1

	// Progress is told of every finished case, in order of finishing. May be nil.
	Progress func(done, total int, r CaseResult)
	// Flags are what the run's command had beside the case selection, for the
	// reproduce commands: "--target http://… --secret-env NAME".
	Flags string
	Tool  Tool
}

// Observer tells how often an event had its effect.
type Observer interface {
	Count(ctx context.Context, id, event string) (int, error)
}

// FaultHook makes the receiver fail its next n deliveries.
type FaultHook interface {
	FailNext(ctx context.Context, n int) error
}

// Run judges the receiver. The error is the harness's own (bad configuration);
// whatever the receiver does is in the Result.
func Run(ctx context.Context, c Config) (*Result, error) { panic("unbuilt") }
