package conformance

import (
	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
)

// siblings are the other contracts of the platform.
func (r *run) siblings() []*schemas.Contract {
	if r.c.Provider == nil {
		return nil
	}
	return newSubject(r.c.Library, r.c.Provider, nil).siblings
}

// prepare makes a delivery as it would be sent, without sending it.
func (r *run) prepare(d simulator.Delivery) (*fault.Draft, error) {
	return r.sender.Prepare(d)
}
