package wire

import (
	"context"
	"time"
)

// Stale tells that a kept-alive connection turned out to be closed by the peer:
// an earlier exchange had used it, and not a byte of an answer came. The request
// may be sent again on a fresh connection; servers close idle connections at
// any time (RFC 9112, section 9.3.1).
func (o *Outcome) Stale() bool {
	return o.Reused && o.Received == 0 && o.Response == nil && o.Err != nil &&
		(o.Err.Kind == Closed || o.Err.Kind == Reset)
}

// report fills the outcome from what the exchange left in its answer.
func (x *exchange) report(out *Outcome, writeErr, readErr error) {
	a := x.a
	if !a.Began.IsZero() {
		out.Started = a.Began
	}
	out.Written, out.Received = a.Written, x.parser.received
	out.Phases = a.Phases()
	if !a.complete {
		out.Phases.Total = time.Since(out.Started)
	}
	if x.used == 1 {
		d := x.dialed
		out.Phases.Resolve, out.Phases.Connect, out.Phases.TLS = d.Resolve, d.Connect, d.TLS
		out.Phases.Total += d.Total
	}
	switch {
	case a.complete:
		out.Response = a.Response()
		out.Early = out.Written < int64(len(x.out)) && !x.r.Cut
	case out.Received > 0:
		out.Partial = a.Response()
	}
	out.Err = x.failure(writeErr, readErr)
}

// failure names what went wrong, nil where nothing did.
func (x *exchange) failure(writeErr, readErr error) *Error {
	if !x.a.complete && x.ctx.Err() != nil {
		op := "read"
		if x.a.Sent.IsZero() {
			op = "write"
		}
		return fail(Canceled, op, context.Cause(x.ctx))
	}
	switch {
	case x.r.Cut && writeErr == nil:
		return failf(Abandoned, "write", "broke the upload off after %d bytes of the body", x.r.CutAfter)
	case x.r.Abandon && writeErr == nil:
		return failf(Abandoned, "read", "hung up without reading the answer")
	case x.a.complete && writeErr != nil:
		return x.writeFailure(writeErr)
	case x.a.complete && x.r.Discard:
		return failf(Abandoned, "read", "the answer was read and discarded")
	case x.a.complete:
		return nil
	}
	if e, ok := readErr.(*Error); ok { // malformed or too large
		return e
	}
	if writeErr != nil {
		return x.writeFailure(writeErr)
	}
	if isTimeout(readErr) {
		return failf(Timeout, "read", "no complete answer within %v, %d bytes of it came: %w",
			x.client.limits.Answer, x.parser.received, readErr)
	}
	return classify(x.ctx, "read", readErr, x.a.started)
}

func (x *exchange) writeFailure(err error) *Error {
	if isTimeout(err) {
		return failf(Timeout, "write", "the peer took no byte for %v: %w", x.client.limits.Write, err)
	}
	return classify(x.ctx, "write", err, false)
}
