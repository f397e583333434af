package wire

import (
	"context"
	"time"
)

// Roundtrip writes a request that has been rendered, in one write, and reads
// its answer into a. It is the hot path below Exchange: no context, no
// allocation once the buffers have grown. The deadline of the whole is at least
// limit and at most a quarter more after its begin: it is set anew only when
// less is left. The error is nil or an *Error; the connection is closed after
// an error, and when Answer.Close says so. Writing less than all of the request
// is an error, even where an answer is complete (Answer.Complete).
func (c *Conn) Roundtrip(request []byte, limit time.Duration, a *Answer) error {
	c.Post(request, limit, a)
	return c.Collect(a)
}

// Post is the first half of Roundtrip: it writes. Collect, the second, must
// follow with the same Answer, and tells what failed in either.
func (c *Conn) Post(request []byte, limit time.Duration, a *Answer) {
	a.reset()
	c.posted = posted{limit: limit}
	if c.spent || c.closed.Load() {
		c.posted.unusable = true
		return
	}
	c.used++
	c.parser.begin()
	a.Began = time.Now()
	if left := c.armed.Sub(a.Began); left < limit || left > limit+limit/4 {
		c.armed = a.Began.Add(limit + limit/4)
		c.nc.SetDeadline(c.armed)
	}
	n, err := c.nc.Write(request)
	a.Written = int64(n)
	if err == nil {
		a.Sent = time.Now()
	} else {
		c.nc.SetReadDeadline(time.Now().Add(min(lateRead, limit)))
	}
	c.posted.err = err
	c.posted.bodiless = len(request) >= 5 && string(request[:5]) == "HEAD "
}

// posted is what Collect must know of the request that was written.
type posted struct {
	limit    time.Duration
	unusable bool // nothing was: the connection was spent before
	bodiless bool // the answer has no body
	err      error
}

// Collect is the second half of Roundtrip: it reads the answer.
func (c *Conn) Collect(a *Answer) error {
	p := &c.posted
	if p.unusable {
		return failf(Local, "write", "connection %d cannot be used again", c.number)
	}
	readErr := c.parser.answer(a, p.bodiless)
	a.Received = c.parser.received
	if p.err == nil && readErr == nil {
		if a.Close {
			c.spent = true
			c.Close()
		}
		return nil
	}
	c.spent, a.Close = true, true
	c.Close()
	return roundtripError(p.err, readErr, p.limit, a)
}

func roundtripError(writeErr, readErr error, limit time.Duration, a *Answer) error {
	if e, ok := readErr.(*Error); ok {
		return e
	}
	op, err := "read", readErr
	if writeErr != nil {
		op, err = "write", writeErr
	}
	if isTimeout(err) {
		return failf(Timeout, op, "no complete answer within %v, %d bytes of it came: %w", limit, a.Received, err)
	}
	return classify(context.Background(), op, err, a.started)
}

// Complete tells whether the answer is whole.
func (a *Answer) Complete() bool { return a.complete }

// Used tells how many exchanges were begun on the connection.
func (c *Conn) Used() int { return c.used }
