// Package generate makes events: valid against their schemas, coherent within
// a journey, fresh in their ids, and the same bytes again for the same seed,
// run id and clock.
//
// What it makes is said by a provider's journeys.yaml:
//
//	format: 1
//	id: {$id: "evt_[0-9a-zA-Z]{16}"}          # drawn for each event, named {id}
//	envelope: {id: "{id}", type: "{type}", timestamp: {$time: at}, data: "{data}"}
//	groups:
//	  loan:                                    # values drawn once per journey, in order
//	    loanId: {$id: "loan_[0-9a-z]{14}"}
//	    amount: {$decimal: 20.00..500.00, step: 5, as: string}
//	    days:   {$integer: 7..30}
//	events:
//	  loan.created: {data: {loanId: "{loanId}", amount: "{amount}", duration: "{days}"}}
//	  loan.funded:
//	    values: {net: {$compute: amount * 0.9, scale: 2, as: string}}
//	    data: {loanId: "{loanId}", netAmount: "{net}", dueDate: {$time: at + days*1d}}
//	journeys:
//	  - name: funded
//	    uses: [loan]
//	    steps: [loan.created, {event: loan.funded, after: 5m..2h}]
//
// A value is a constant; "{name}", the named value itself; a text with names
// in it; or a mapping with one of these members:
//
//	$id: PATTERN          a text that never comes twice
//	$pattern: PATTERN     a text; literals, classes and counts of a regular expression
//	$choice: [a, b]       one of them; weights: [3, 1] or $choice: {a: 3, b: 1}
//	$integer: 1..30       step: 5, as: string
//	$decimal: 5.00..9.00  as many decimals as are written; step, as
//	$compute: a * (b - 1) exact, then rounded: scale: 2, round: half-even | half-up | down;
//	                      + - * / and min(a, b), max(a, b); as
//	$time: at + 14d       at: the step's time, start: the first step's; plus and minus lengths,
//	                      ranges (1h..3h) and multiples of values (days*1d);
//	                      as: rfc3339 | rfc3339-milliseconds | unix-seconds | unix-milliseconds | date
//	$boolean: 0.8         true with these odds
//	$source: NAME         from the file's sources or those of sources.yaml
//	$let: {n: …}, in: …   values for one place
//
// and, where data is written:
//
//	$shape: NAME          a piece of data from shapes; with: {name: value} for names within it
//	$list: VALUE          count: 1..3
//	$maybe: VALUE         a member that is there with chance: 0.3
//
// A step's values stay known to the steps behind it, and a later value of the
// same name takes the place of an earlier one: that is how state moves on.
//
// It is not part of the promised API: see CONTRIBUTING.md.
package generate

import (
	"fmt"
	"time"

	"github.com/hookstone/hookstone/schemas"
)

// Options fix what a Generator makes.
type Options struct {
	Seed  uint64
	RunID string // every id is a function of seed, run id, case and number
	// DocumentedOnly leaves out every member that the document does not show.
	DocumentedOnly bool
	// Pins set values by pointer in every event where the pointer exists or its
	// parent object does (--set /data/amount=…): canonical JSON texts.
	Pins []Pin
}

// Pin is one value set by the user.
type Pin struct{ Pointer, JSON string }

// Key names an event or a journey within a run.
type Key struct {
	Case   string
	Number uint64
}

// Event is one generated event.
type Event struct {
	Type  string
	ID    string   // the idempotency key's first part, see schemas.Identity
	Scope []string // its further parts
	At    time.Time
	Body  []byte // compact JSON, a fixed point of JSON.stringify(JSON.parse(x))
}

// Generator is compiled from a provider's journeys. It is safe for concurrent use.
type Generator struct {
	compiled *compiled
	options  Options
	pins     []pin
	pinErr   error
}

// New compiles the journeys; it fails where an event has none, a value cannot
// be made as it is written, or a pin is no JSON or fits no event. The error
// names file, line, journey, step and pointer.
func New(p *schemas.Provider, o Options) (*Generator, error) {
	c, err := compile(p)
	if err != nil {
		return nil, err
	}
	g := (&Generator{compiled: c}).With(o)
	if g.pinErr != nil {
		return nil, g.pinErr
	}
	return g, nil
}

// With returns a generator with other options over the same compiled journeys.
// Pins that New would refuse make Context and Event fail and have no effect in
// Journey: see CheckPins.
func (g *Generator) With(o Options) *Generator {
	other := &Generator{compiled: g.compiled, options: o}
	other.pins, other.pinErr = g.compiled.preparePins(o.Pins)
	return other
}

// CheckPins tells whether the pins are JSON and each fits at least one event
// of the provider.
func (g *Generator) CheckPins(pins []Pin) error {
	_, err := g.compiled.preparePins(pins)
	return err
}

// Options returns the options that the generator was made with.
func (g *Generator) Options() Options { return g.options }

// Journey makes every event of the journey that Key draws (by weight), the
// last of them at the given time and the others before it.
func (g *Generator) Journey(k Key, at time.Time) []Event {
	s := g.Stream(k.Case)
	j := s.Journey(k.Number)
	return s.events(k.Number, target{j, s.Steps(j) - 1}, at)
}

// Context makes the shortest journey prefix that ends with an event of the
// type; the last event is the one asked for, dated at the given time. The same
// key gives the same entities whatever the type, where one journey has both.
func (g *Generator) Context(k Key, eventType string, at time.Time) ([]Event, error) {
	s, t, err := g.target(k, eventType)
	if err != nil {
		return nil, err
	}
	return s.events(k.Number, t, at), nil
}

// Event makes one event of a type, without its context: the last event of what
// Context makes, to the byte.
func (g *Generator) Event(k Key, eventType string, at time.Time) (Event, error) {
	s, t, err := g.target(k, eventType)
	if err != nil {
		return Event{}, err
	}
	return s.event(k.Number, t, at), nil
}

func (g *Generator) target(k Key, eventType string) (*Stream, target, error) {
	if g.pinErr != nil {
		return nil, target{}, g.pinErr
	}
	e, ok := g.compiled.index[eventType]
	if !ok {
		return nil, target{}, fmt.Errorf("%s: there is no event %q", g.compiled.file, eventType)
	}
	s := g.Stream(k.Case)
	return s, s.shortest(k.Number, e), nil
}
