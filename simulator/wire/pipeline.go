package wire

import (
	"context"
	"time"
)

// Pipeline writes requests back to back in one write, before any answer came,
// and reads the answers in the same order (RFC 9112, section 9.3.2). Pauses,
// Cut, Abandon and Expect do not apply. A peer may end the connection after any
// answer: the requests behind it then have an Err of kind Closed. It returns by
// the limits' deadlines, and soon after ctx ended. A connection that cannot be
// used again is closed.
func (c *Conn) Pipeline(ctx context.Context, requests ...*Request) []Outcome {
	outs := make([]Outcome, len(requests))
	for i := range outs {
		outs[i] = Outcome{Conn: c.number, Reused: c.used > 0 || i > 0, Started: time.Now()}
	}
	if err := c.pipelinable(ctx, requests); err != nil {
		for i := range outs {
			outs[i].Err = err
		}
		return outs
	}
	c.out = c.out[:0]
	ends := make([]int, len(requests))
	for i, r := range requests {
		c.out, _ = c.client.render(c.out, nil, r)
		ends[i] = len(c.out)
	}
	c.armed = time.Time{}
	unwatch := context.AfterFunc(ctx, c.abort)
	defer unwatch()

	c.answer.reset()
	x := &exchange{Conn: c, ctx: ctx, a: &c.answer}
	began := time.Now()
	writeErr := x.send(c.out)
	sent := time.Now()
	c.nc.SetReadDeadline(sent.Add(c.client.limits.Answer))
	start := 0
	for i, r := range requests {
		x.r = r
		c.used++
		c.answer.reset()
		c.answer.Began, c.answer.Written = began, int64(ends[i]-start)
		if writeErr == nil {
			c.answer.Sent = sent
		}
		start = ends[i]
		c.parser.begin()
		c.parser.ahead = i < len(requests)-1
		readErr := c.parser.answer(&c.answer, r.bodiless())
		x.report(&outs[i], writeErr, readErr)
		outs[i].Early = false
		if outs[i].Response == nil || outs[i].Err != nil || c.answer.Close {
			for j := i + 1; j < len(outs); j++ {
				outs[j].Err = failf(Closed, "read", "the connection ended after answer %d of %d", i+1, len(outs))
			}
			break
		}
	}
	c.parser.ahead = false
	last := outs[len(outs)-1]
	if c.spent = last.Response == nil || last.Err != nil || last.Response.Close; c.spent {
		c.Close()
	}
	if cap(c.out) > keptBuffer {
		c.out = nil
	}
	return outs
}

// pipelinable tells why the requests cannot be written; nil where they can.
func (c *Conn) pipelinable(ctx context.Context, requests []*Request) *Error {
	for _, r := range requests {
		if err := r.check(); err != nil {
			return fail(Local, "write", err)
		}
	}
	switch {
	case c.spent || c.closed.Load():
		return failf(Local, "write", "connection %d cannot be used again", c.number)
	case ctx.Err() != nil:
		return fail(Canceled, "write", context.Cause(ctx))
	}
	return nil
}
