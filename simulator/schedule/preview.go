package schedule

import (
	"net/url"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/wire"
)

// PreviewPhase is what a phase would send.
type PreviewPhase struct {
	Name       string                     `json:"name"`
	Begins     time.Duration              `json:"begins_ns"`
	Rate       string                     `json:"rate"`
	Deliveries int                        `json:"deliveries"`
	Classes    map[simulator.Class]uint64 `json:"classes"`
}

// PreviewEvent is how often an event type would be sent genuinely.
type PreviewEvent struct {
	Type  string `json:"type"`
	Count uint64 `json:"count"`
}

// Plan is what a run, or a partition of it, would send, retries apart.
type Plan struct {
	Deliveries uint64         `json:"deliveries"`
	Phases     []PreviewPhase `json:"phases"`
	Events     []PreviewEvent `json:"events"` // in documented order
	Cut        bool           `json:"cut"`    // there is more than was counted
	types      []string
	counts     []uint64 // by type
}

// maxPreview is how many deliveries a preview counts.
const maxPreview = 10_000_000

// Preview goes over a plan and sends nothing. Neither target nor fault hook is
// needed. A phase at full speed that ends by its duration alone is counted as
// none: nobody knows how much it will send.
func Preview(c Config) (*Plan, error) {
	if c.Client == nil {
		c.Client = wire.NewClient(&url.URL{Scheme: "http", Host: "127.0.0.1", Path: "/"}, nil, wire.Limits{})
	}
	if c.Hook == nil {
		c.Hook = nothing{}
	}
	e, err := newEngine(&c)
	if err != nil {
		return nil, err
	}
	out := &Plan{types: e.recipe.generator.Types()}
	out.counts = make([]uint64, len(out.types))
	for i := range c.Scenario.Phases {
		p := &c.Scenario.Phases[i]
		out.Phases = append(out.Phases, PreviewPhase{Name: p.Name, Begins: before(c.Scenario, i), Rate: p.Rate.String(), Classes: map[simulator.Class]uint64{}})
	}
	plan := e.agenda.plan
	var it Item
	for {
		if p := &c.Scenario.Phases[plan.phase]; p.Rate.Max && p.Deliveries == 0 {
			if !plan.skip() {
				break
			}
			continue
		}
		if !plan.next(&it) {
			break
		}
		if p := &c.Scenario.Phases[it.Phase]; p.Rate.Max && p.Deliveries == 0 {
			continue
		}
		if out.Deliveries == maxPreview {
			out.Cut = true
			break
		}
		out.Deliveries++
		out.Phases[it.Phase].Deliveries++
		out.Phases[it.Phase].Classes[it.Class]++
		if it.Class == simulator.Genuine {
			out.counts[plan.stream.Type(it.Journey, it.Step)]++
		}
	}
	out.list()
	return out, nil
}

// before is when a phase begins.
func before(s *Scenario, phase int) time.Duration {
	earlier := Scenario{Phases: s.Phases[:phase]}
	return earlier.Length()
}

// Add adds what another partition of the same run would send.
func (p *Plan) Add(o *Plan) {
	p.Deliveries += o.Deliveries
	p.Cut = p.Cut || o.Cut
	for i := range p.Phases {
		p.Phases[i].Deliveries += o.Phases[i].Deliveries
		for class, n := range o.Phases[i].Classes {
			p.Phases[i].Classes[class] += n
		}
	}
	for i, n := range o.counts {
		p.counts[i] += n
	}
	p.list()
}

// list makes Events of the counts.
func (p *Plan) list() {
	p.Events = nil
	for i, n := range p.counts {
		if n > 0 {
			p.Events = append(p.Events, PreviewEvent{p.types[i], n})
		}
	}
}
