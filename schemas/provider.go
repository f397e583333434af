package schemas

import (
	"encoding/json"
	"io/fs"
)

// Library is a set of provider contracts, in order of name.
type Library struct {
	providers []*Provider
}

// Provider is one provider's folder, loaded and proven sound.
type Provider struct {
	Contract *Contract
	Events   []*Event  // in documented order
	Journeys *Journeys // the compiled form lives in simulator/generate
	Digest   string    // "sha256:…" over every file of the folder, in order of path
	fsys     fs.FS     // the provider's folder
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
	Examples   []json.RawMessage
	schema     any
}
