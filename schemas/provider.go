package schemas

import (
	"encoding/json"
	"io/fs"
)

// Provider is one provider's folder, loaded and proven sound.
type Provider struct {
	Contract *Contract
	Events   []*Event  // in documented order
	Journeys *Journeys // the compiled form lives in simulator/generate; nil where the folder has none
	Digest   string    // "sha256:…" over every file that the folder's format knows, in order of path
	fsys     fs.FS     // the provider's folder
	dir      string    // its path for messages
	set      *schemaSet
}

// Name is the contract's provider name.
func (p *Provider) Name() string { return p.Contract.Provider }

// Event returns the event of a type.
func (p *Provider) Event(eventType string) (*Event, bool) {
	for _, e := range p.Events {
		if e.Type == eventType {
			return e, true
		}
	}
	return nil, false
}

// Examples are the example bodies of an event type; none for an unknown type.
func (p *Provider) Examples(eventType string) []json.RawMessage {
	if e, ok := p.Event(eventType); ok {
		return e.Examples
	}
	return nil
}

// Event is one event type of a provider with the schema of its body.
type Event struct {
	Type      string
	Summary   string
	Handshake bool // the verification request rather than an event
	// Documented tells whether the document shows the event's data. What rests
	// on data that it does not show is SHOULD.
	Documented bool
	Citation   Citation
	// Examples are whole bodies, compact, members in the file's order.
	Examples []json.RawMessage

	set     *schemaSet
	file    string // within the provider's folder
	members func() ([]Member, error)
}
