package simulator

import (
	"context"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Sender makes and sends deliveries of one provider to one target.
// It is safe for concurrent use.
type Sender struct {
	Provider  *schemas.Provider
	Generator *generate.Generator
	Client    *wire.Client
	Secret    []byte
	// Extra are header lines for a gateway in front of the receiver.
	Extra []wire.Field
	// Clock tells the time to sign with; nil: time.Now.
	Clock func() time.Time
}

// Delivery is an order to send one event.
type Delivery struct {
	Case, Role string
	Class      Class
	Event      generate.Event
	At         time.Time // signing time; zero: the moment of sending
	Attempt    int       // 1 for the first; from 2 on attempt headers apply
	Faults     []fault.Fault
	Intended   time.Time // zero: now
}

// Prepare makes the delivery without sending it: body edits, signature,
// headers, wire plan.
func (s *Sender) Prepare(d Delivery) (*fault.Draft, error) { panic("unbuilt") }

// Send prepares and sends on a fresh connection.
func (s *Sender) Send(ctx context.Context, d Delivery) (Attempt, error) { panic("unbuilt") }

// SendOn prepares and sends on a connection that the caller owns; a nil or
// spent connection is replaced by a fresh one, which is returned.
func (s *Sender) SendOn(ctx context.Context, c *wire.Conn, d Delivery) (Attempt, *wire.Conn, error) {
	panic("unbuilt")
}

// Resend sends the exact bytes of a prepared draft again (a duplicate).
func (s *Sender) Resend(ctx context.Context, d Delivery, draft *fault.Draft) (Attempt, error) {
	panic("unbuilt")
}
