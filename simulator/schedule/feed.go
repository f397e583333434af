package schedule

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/wire"
)

// SourceConfig is what the deliveries of a Source are made of. Provider, Target
// and Secret are needed.
type SourceConfig struct {
	Provider *schemas.Provider
	// Target names the Host header; nothing is ever sent there.
	Target *url.URL
	Secret []byte
	Extra  []wire.Field // header lines for a gateway before the receiver

	Seed  uint64
	RunID string    // makes the run's event ids its own: a run that sends again needs another
	Start time.Time // what events are dated by, with the times given to Next; zero: now

	Mix       Mix                // beside genuine deliveries; the zero value: none
	Forgeries []string           // what forged ones do, as in a scenario; nil: the usual ones
	Events    map[string]float64 // weights of the event types; nil: as the contract's journeys say
	// Deadline replaces the contract's for acknowledgements; 0: the contract's.
	Deadline time.Duration
}

// Source makes the deliveries of one run for engines that send themselves. It
// is safe for concurrent use: each virtual user takes a Feed of its own from it.
type Source struct{ recipe *recipe }

// NewSource compiles what a run sends. The error is ErrConfig's: a contract
// without journeys, a key that cannot be read, a forgery or an event that the
// contract does not have, shares of more than 100 percent. Forgeries that act
// on the wire (chunks, pauses, cuts) are refused: another sender cannot make
// them.
func NewSource(c SourceConfig) (*Source, error) {
	// A phase at full speed is always due: the time of an item is the caller's.
	s := &Scenario{Format: 1, Name: "feed", Phases: []Phase{{
		Name: "all", Rate: Rate{Max: true}, Duration: Span(time.Hour), Mix: c.Mix, Forgeries: c.Forgeries, Events: c.Events,
	}}}
	target := c.Target
	if target == nil {
		return nil, fmt.Errorf("%w: no target: the Host header could not be written", ErrConfig)
	}
	config := &Config{
		Provider: c.Provider, Client: wire.NewClient(target, nil, wire.Limits{}), Secret: c.Secret, Extra: c.Extra,
		Seed: c.Seed, RunID: c.RunID, Start: c.Start, Scenario: s, Deadline: c.Deadline,
	}
	if err := config.check(); err != nil {
		return nil, err
	}
	if config.Client.Host() == "" {
		return nil, fmt.Errorf("%w: target %q names no host", ErrConfig, target.Redacted())
	}
	r, err := newRecipe(config)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	for _, f := range r.forgeries[0] {
		if f.Stage == fault.OnWire {
			return nil, fmt.Errorf("%w: forgery %q acts on the wire, which another sender cannot make", ErrConfig, f.Name)
		}
	}
	if _, err := r.planner(config.Start); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return &Source{recipe: r}, nil
}

// Deadline is how soon a delivery must be acknowledged.
func (s *Source) Deadline() time.Duration { return s.recipe.config.Deadline }

// Feed hands out a partition of a Source's deliveries, one by one and without
// end. It is for one goroutine. It holds some 100 kB, whatever it has handed
// out.
type Feed struct {
	source   *Source
	plan     *planner
	agenda   *agenda
	make     *maker
	method   string
	task     task
	item     Item
	delivery Delivery
}

// Feed starts a partition's deliveries: where the Sources of two processes have
// the same seed and run id, no two partitions of the same Count hand out the
// same event. A partition that there is not is ErrConfig.
func (s *Source) Feed(p Partition) (*Feed, error) {
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	config := *s.recipe.config
	config.Partition = p
	recipe := *s.recipe
	recipe.config = &config
	plan, err := recipe.planner(config.Start)
	if err != nil {
		return nil, err
	}
	m, err := recipe.maker()
	if err != nil {
		return nil, err
	}
	method, _, _ := bytes.Cut(recipe.prefix, []byte(" "))
	f := &Feed{source: s, plan: plan, agenda: newAgenda(plan), make: m, method: string(method)}
	f.agenda.renewed = config.Provider.Contract.Time.OnRedelivery == "renewed"
	f.delivery.source = s
	return f, nil
}

// Delivery is a delivery ready to be sent, and what to expect of it.
type Delivery struct {
	ID     string // unique in the run
	Method string
	// Fields are the header lines in their order, Host among them. The sender
	// frames the body: there is no Content-Length. Names may come more than once.
	Fields  []wire.Field
	Body    []byte
	Class   simulator.Class
	Event   string // its type
	EventID string // "": the contract gives it none
	Fault   string // what is wrong with it on purpose; "": nothing
	source  *Source
}

// Next makes the next delivery, to be sent at the given time, which it is
// signed with: the same times give the same bytes. What it returns, Fields and
// Body included, is valid until Next is called again. The error is ours, and
// the Feed's end.
func (f *Feed) Next(at time.Time) (*Delivery, error) {
	f.plan.began = at.Sub(f.plan.start)
	if !f.plan.next(&f.item) {
		return nil, fmt.Errorf("the plan of %s ended", f.plan.part)
	}
	f.agenda.arrange(&f.task, &f.item, at, at)
	if err := f.make.make(&f.task); err != nil {
		return nil, err
	}
	m, d := f.make, &f.delivery
	var place [24]byte
	d.ID = string(appendPlace(place[:0], f.task.Index, f.task.try))
	d.Class, d.Event, d.EventID, d.Fault = f.task.class, m.eventType, string(m.id), m.fault
	d.Fields = d.Fields[:0]
	if draft := m.draft; draft != nil {
		d.Method, d.Body = draft.Request.Method, draft.Request.Body
		d.Fields = append(d.Fields, draft.Request.Fields...)
		return d, nil
	}
	d.Method, d.Body = f.method, m.body
	// One text for all of the head: its lines share it.
	first, end := bytes.IndexByte(m.request, '\n')+1, len(m.request)-len(m.body)-len("\r\n")
	for head := string(m.request[first:end]); head != ""; {
		var line string
		line, head, _ = strings.Cut(head, "\r\n")
		if head == "" {
			break // the last is the length
		}
		name, value, _ := strings.Cut(line, ": ")
		d.Fields = append(d.Fields, wire.Field{Name: name, Value: value})
	}
	return d, nil
}

// Wanted is what a right receiver makes of the delivery: Accepted, or Refused
// for what is stale or forged.
func (d *Delivery) Wanted() Outcome {
	if delivers(d.Class) {
		return Accepted
	}
	return Refused
}

// Answer is what a sender saw of a delivery.
type Answer struct {
	Status int // of a complete answer; 0: none came
	// Took is the time from the last byte sent to the last byte of the answer:
	// what the contract's deadline for acknowledgements counts.
	Took time.Duration
	// Canceled tells that the sender itself gave up, since its run ended: that
	// is no fault of the receiver.
	Canceled bool
}

// Judgement is what an answer means.
type Judgement struct {
	Outcome    Outcome
	Unexpected bool // the outcome is not what it should have been
}

// Judge tells what an answer means, by the rules of a run whose deliveries are
// not retried: what brings an event must be accepted in time, what is stale or
// forged must not be, and 429 is never a verdict.
func (d *Delivery) Judge(a Answer) Judgement {
	c := d.source.recipe.config
	o := Unanswered
	switch {
	case a.Status != 0:
		o = outcomeOf(c.Provider.Contract, c.Deadline, a.Status, a.Took)
	case a.Canceled:
		o = Interrupted
	}
	return Judgement{o, unexpected(d.Class, o, false)}
}
