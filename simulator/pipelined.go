package simulator

import (
	"context"

	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/wire"
)

// SendPipelined prepares deliveries and writes them back to back on one fresh
// connection, before any of their answers came. There is an attempt for each,
// in the same order. The error is ours, as Send's.
func (s *Sender) SendPipelined(ctx context.Context, ds []Delivery) ([]Attempt, error) {
	if s.Client == nil {
		return nil, errNoClient
	}
	drafts := make([]*fault.Draft, len(ds))
	requests := make([]*wire.Request, len(ds))
	for i := range ds {
		draft, err := s.Prepare(ds[i])
		if err != nil {
			return nil, err
		}
		drafts[i], requests[i] = draft, &draft.Request
	}
	conn, out := s.Client.Open(ctx)
	var outs []wire.Outcome
	if conn == nil {
		for range ds {
			outs = append(outs, out)
		}
	} else {
		defer conn.Close()
		outs = conn.Pipeline(ctx, requests...)
	}
	attempts := make([]Attempt, len(ds))
	for i := range ds {
		attempts[i] = s.Record(ds[i], drafts[i], outs[i])
	}
	return attempts, nil
}
