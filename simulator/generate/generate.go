// Package generate makes events: valid against their schemas, coherent within
// a journey, fresh in their ids, and the same bytes again for the same seed,
// run id and clock.
package generate

import (
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
type Generator struct{}

// New compiles the journeys; it fails where an event has none or a value
// cannot be made as its schema wants it.
func New(p *schemas.Provider, o Options) (*Generator, error) { panic("unbuilt") }

// With returns a generator with other options over the same compiled journeys.
func (g *Generator) With(o Options) *Generator { panic("unbuilt") }

// Journey makes every event of the journey that Key draws (by weight), the
// last of them at the given time and the others before it.
func (g *Generator) Journey(k Key, at time.Time) []Event { panic("unbuilt") }

// Context makes the shortest journey prefix that ends with an event of the
// type; the last event is the one asked for, dated at the given time.
func (g *Generator) Context(k Key, eventType string, at time.Time) ([]Event, error) { panic("unbuilt") }

// Event makes one event of a type, without its context.
func (g *Generator) Event(k Key, eventType string, at time.Time) (Event, error) { panic("unbuilt") }
