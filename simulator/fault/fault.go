// Package fault holds what a sender does wrong on purpose, as named values
// that act at one stage of a delivery's making.
package fault

import (
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/sign"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Stage is where a fault acts.
type Stage int

const (
	BeforeSigning Stage = iota // the event and its body
	InSigner                   // secret, time, algorithm, content, digest
	AfterSigning               // body, method and headers, once signed
	OnWire                     // framing, pieces, cuts, raw bytes
)

// Draft is a delivery in the making. Faults of a stage may change what that
// stage owns: Event.Body before signing; Material, Mistakes, Secrets in the
// signer; Request's method, fields and body after signing; the rest of
// Request on the wire.
type Draft struct {
	Contract *schemas.Contract
	Event    generate.Event
	Now      time.Time // the moment of sending
	Material sign.Material
	Mistakes sign.Mistakes
	Secrets  [][]byte // the run's secret; faults may replace it
	Key      string   // what Secrets is: configured, none, empty, another …
	Unsigned bool     // leave all signing headers out
	Signed   sign.Signed
	Request  wire.Request
}

// Fault is one deliberate wrong.
type Fault struct {
	Name    string // stable, as in "signature.truncated(8)"
	Summary string
	Stage   Stage
	Apply   func(*Draft) error
}
