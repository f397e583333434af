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
	a.reset()
	if c.spent || c.closed.Load() {
		return failf(Local, "write", "connection %d cannot be used again", c.number)
	}
	c.used++
	p := &c.parser
	p.begin()
	a.Began = time.Now()
	if left := c.armed.Sub(a.Began); left < limit || left > limit+limit/4 {
		c.armed = a.Began.Add(limit + limit/4)
		c.nc.SetDeadline(c.armed)
	}
	n, writeErr := c.nc.Write(request)
	a.Written = int64(n)
	if writeErr == nil {
		a.Sent = time.Now()
	} else {
		c.nc.SetReadDeadline(time.Now().Add(min(lateRead, limit)))
	}
	bodiless := len(request) >= 5 && string(request[:5]) == "HEAD "
	readErr := p.answer(a, bodiless)
	a.Received = p.received
	if writeErr == nil && readErr == nil {
		if a.Close {
			c.spent = true
			c.Close()
		}
		return nil
	}
	c.spent, a.Close = true, true
	c.Close()
	return roundtripError(writeErr, readErr, limit, a)
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
