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

// redactor knows every secret of the run: the signing secret, the retired one,
// and the values of the gateway's headers.
func (r *run) redactor() *simulator.Redactor {
	d := simulator.NewRedactor(r.terms.Contract.Signing.Key, r.c.Secret)
	if len(r.c.RetiredSecret) > 0 {
		d.Add(r.c.RetiredSecret)
	}
	for _, f := range r.c.Extra {
		d.Add([]byte(f.Value))
	}
	return d
}
