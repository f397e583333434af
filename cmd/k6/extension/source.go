package extension

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/schedule"
	"github.com/hookstone/hookstone/simulator/wire"
)

// sources are compiled once for all virtual users of a process.
type sources struct {
	runID string // of scripts that pin none
	start time.Time
	mu    sync.Mutex
	made  map[string]*source
	own   map[string]*schemas.Library // by folder
}

// source is what deliveries are drawn from.
type source struct {
	*schedule.Source
	told sync.Once // seed and run id
}

// library holds the built-in contracts and those of a user's folder, if any.
func (s *sources) library(folder string) (*schemas.Library, error) {
	builtin, err := schemas.Builtin()
	if folder == "" || err != nil {
		return builtin, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.own[folder] != nil {
		return s.own[folder], nil
	}
	loaded, err := schemas.Load(os.DirFS(folder))
	if err != nil {
		return nil, fmt.Errorf("contracts %q: %w", folder, err)
	}
	both, err := builtin.Merge(loaded)
	if err == nil {
		s.own[folder] = both
	}
	return both, err
}

// run is the run's id.
func (s *sources) run(o *options) string {
	if o.runID != "" {
		return o.runID
	}
	return s.runID
}

// get compiles the options, or finds what was compiled of them. The suffix is
// added to the run id.
func (s *sources) get(o *options, suffix string) (*source, error) {
	run := s.run(o)
	config := schedule.SourceConfig{
		Provider: o.provider, Target: o.target, Secret: o.secret, Extra: o.headers, Seed: o.seed, RunID: run + suffix,
		Start: s.start, Mix: o.mix, Forgeries: o.forgeries, Events: o.events, Deadline: o.deadline,
	}
	key, err := json.Marshal([]any{
		o.provider.Digest, o.target.String(), o.secret, o.headers, o.seed, run + suffix, o.mix, o.forgeries, o.events, o.deadline,
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if made := s.made[string(key)]; made != nil {
		return made, nil
	}
	if err := restrict(&config); err != nil {
		return nil, err
	}
	made, err := schedule.NewSource(config)
	if err != nil {
		return nil, err
	}
	s.made[string(key)] = &source{Source: made}
	return s.made[string(key)], nil
}

// restrict leaves out the usual forgeries that k6's client cannot carry, and
// refuses those that a script names. It makes one delivery of each to see.
func restrict(c *schedule.SourceConfig) error {
	named := c.Forgeries != nil
	names := c.Forgeries
	if !named {
		names = schedule.UsualForgeries()
	}
	plainly := *c
	plainly.Mix, plainly.Forgeries = schedule.Mix{}, nil
	d, err := sample(plainly, "")
	if err != nil {
		return err
	}
	if err := carry(d, c.Target); err != nil {
		return fmt.Errorf("contract %q: %w", c.Provider.Name(), err)
	}
	genuine := slices.Clone(d.Fields)
	var kept []string
	for _, name := range names {
		err := carriedFault(*c, name, genuine)
		if err != nil && named {
			return fmt.Errorf("forgeries: %w", err)
		}
		if err == nil {
			kept = append(kept, name)
		}
	}
	if len(kept) == 0 && c.Mix.Forged > 0 {
		return fmt.Errorf("mix: forged: none of the usual forgeries can be made under contract %q and carried by k6's HTTP client: name others as forgeries", c.Provider.Name())
	}
	c.Forgeries = kept
	return nil
}

// carriedFault tells why a fault does not arrive; nil: it does, or has nothing
// to act on.
func carriedFault(c schedule.SourceConfig, name string, genuine []wire.Field) error {
	f, err := fault.Parse(name)
	if err != nil {
		return err
	}
	if f.Stage == fault.OnWire {
		return fmt.Errorf("%s acts on the wire, where k6's HTTP client writes as it likes", name)
	}
	c.Mix, c.Forgeries = schedule.Mix{Forged: 100}, []string{name}
	d, err := sample(c, name)
	if err != nil {
		return err
	}
	if name := respelled(d.Fields, genuine); name != "" {
		return fmt.Errorf("%s: k6's HTTP client spells header names its own way, %q among them", f.Name, name)
	}
	if err := carry(d, c.Target); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// sample makes a delivery with a fault, or one of the first where the events of
// none of them have anything that the fault could act on.
func sample(c schedule.SourceConfig, faultName string) (*schedule.Delivery, error) {
	s, err := schedule.NewSource(c)
	if err != nil {
		return nil, err
	}
	feed, err := s.Feed(schedule.Partition{})
	if err != nil {
		return nil, err
	}
	for try := 0; ; try++ {
		d, err := feed.Next(c.Start)
		if err != nil || d.Fault == faultName || try == 100 {
			return d, err
		}
	}
}
