package conformance

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Config is a run's input. Provider, Secret and one of Target and Client are
// needed; the rest has defaults.
type Config struct {
	Library  *schemas.Library // for sibling contracts; may be nil
	Provider *schemas.Provider
	Target   string       // the receiver's URL
	Client   *wire.Client // where TLS or limits are not the usual ones: in place of Target
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
	Edition               string    // of the catalogue; default the newest
	// Waivers overlay verdicts; each must name a case that applies, and must
	// not have expired by Now.
	Waivers []CaseWaiver
	// Baseline is an earlier result to compare with; nil: none.
	Baseline *Result
	Gate     Gate // default GateMust; GateRegressions needs a baseline

	// Progress is told of every finished case, in order of finishing, one at a
	// time. May be nil.
	Progress func(done, total int, r CaseResult)
	// Flags are what the run's command had beside the case selection, for the
	// reproduce commands: "--target http://… --secret-env NAME".
	Flags string
	Tool  Tool
	// Restart starts a dead receiver again; nil: the run cannot.
	Restart func(ctx context.Context) error
}

// newRun checks the configuration and prepares everything that sends nothing.
func newRun(c Config) (*run, error) {
	if err := c.aim(); err != nil {
		return nil, err
	}
	if c.Provider == nil || c.Client == nil || c.Client.URL == nil {
		return nil, fmt.Errorf("%w: a provider and a target are needed", ErrConfig)
	}
	if len(c.Secret) == 0 {
		return nil, fmt.Errorf("%w: no secret: the deliveries could not be signed", ErrConfig)
	}
	c.setDefaults()
	if c.Profile != Basic && c.Profile != Full {
		return nil, fmt.Errorf("%w: unknown profile %q (known: %s, %s)", ErrConfig, c.Profile, Basic, Full)
	}
	if c.Profile == Full && c.Observer == nil {
		return nil, fmt.Errorf("%w: profile %q judges effects and needs an observer", ErrConfig, Full)
	}
	if c.Repeat > maxRepeat {
		return nil, fmt.Errorf("%w: %d runs of each case are more than %d", ErrConfig, c.Repeat, maxRepeat)
	}
	generator, err := generate.New(c.Provider, generate.Options{Seed: c.Seed, RunID: c.RunID, Pins: c.Pins})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	cases, err := ofEdition(Catalogue(c.Library, c.Provider, c.Selection.Events), c.Edition)
	if err != nil {
		return nil, err
	}
	if err := c.checkGate(); err != nil {
		return nil, err
	}
	plan, err := planOf(&c, cases)
	if err != nil {
		return nil, err
	}
	r := &run{
		c: c, cases: cases, plan: plan, generator: generator,
		plain:        generator.With(generate.Options{Seed: c.Seed, RunID: c.RunID, Pins: c.Pins, DocumentedOnly: true}),
		pace:         newPacer(c.Rate),
		observations: map[string]*Observation{}, repetitions: map[string][]*Observation{},
		results: map[string]CaseResult{},
	}
	contract := c.Provider.Contract
	if r.waivers, err = waiversOf(c.Waivers, cases, contract.Provider, r.now()); err != nil {
		return nil, err
	}
	deadline := c.Deadline
	if deadline == 0 {
		deadline = contract.Deadlines.Acknowledge.Duration
	}
	recommended := c.Recommended
	if recommended == 0 {
		recommended = contract.Deadlines.Recommended.Duration
	}
	r.terms = Terms{Contract: contract, DeadlineMS: float64(deadline) / 1e6, Recommended: float64(recommended) / 1e6, Observed: c.Observer != nil}
	r.deadline = deadline
	r.limit.most = limitWait
	if c.Rate > 0 {
		r.limit.most = limitWaitPaced
	}
	r.newSenders(c.Provider)
	for i := range plan {
		if plan[i].runs {
			r.total++
		}
	}
	return r, nil
}

// aim makes the client of a target.
func (c *Config) aim() error {
	if c.Target == "" {
		return nil
	}
	if c.Client != nil {
		return fmt.Errorf("%w: a target and a client are both given: keep one of the two", ErrConfig)
	}
	target, err := url.Parse(c.Target)
	if err != nil || target.Host == "" || target.Scheme != "http" && target.Scheme != "https" {
		return fmt.Errorf("%w: the target %q is no http or https URL", ErrConfig, c.Target)
	}
	c.Client = wire.NewClient(target, nil, wire.Limits{})
	return nil
}

func (c *Config) setDefaults() {
	if c.RunID == "" {
		c.RunID = strings.ToLower(rand.Text()[:10])
	}
	if c.Profile == "" {
		c.Profile = Basic
	}
	if c.Concurrency <= 0 {
		c.Concurrency = 8
	}
	if c.Settle <= 0 {
		c.Settle = 2 * time.Second
	}
	if c.Repeat <= 0 {
		c.Repeat = 1
	}
	if c.Edition == "" {
		c.Edition = Edition
	}
	if c.Gate == "" {
		c.Gate = GateMust
	}
	if c.Tool.Name == "" {
		c.Tool = Tool{Name: "hookstone", Version: "dev"}
	}
}

// Observer tells how often an event had its effect.
type Observer interface {
	Count(ctx context.Context, id, event string) (int, error)
}

// FaultHook makes the receiver fail its next n deliveries.
type FaultHook interface {
	FailNext(ctx context.Context, n int) error
}
