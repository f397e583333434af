package wire

import (
	"bytes"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"time"
)

const (
	// continueWait is how long a body waits for "100 Continue".
	continueWait = time.Second
	// lateRead is how long an answer is looked for after the request could not
	// be, or was not to be, written in full.
	lateRead = time.Second
	// tlsPart is what is written to TLS under one deadline: a TLS connection
	// does not outlive a write that timed out half done.
	tlsPart = 64 << 10
	// keptBuffer is the largest rendering whose memory a connection keeps.
	keptBuffer = 64 << 10
)

// exchange is one run of Conn.Exchange.
type exchange struct {
	*Conn
	ctx   context.Context
	r     *Request
	a     *Answer
	steps []step
	quit  chan struct{} // closed: stop writing
}

// Exchange writes one request and reads its answer. It returns by the limits'
// deadlines, and within 100 ms once ctx ended. A connection that cannot be used
// again is closed. Where the request could not be written, what the peer had
// answered by then is read all the same.
func (c *Conn) Exchange(ctx context.Context, r *Request) Outcome {
	out := Outcome{Conn: c.number, Reused: c.used > 0, Started: time.Now()}
	switch err := r.check(); {
	case err != nil:
		out.Err = fail(Local, "write", err)
		return out
	case c.spent || c.closed.Load():
		out.Err = failf(Local, "write", "connection %d cannot be used again", c.number)
		return out
	case ctx.Err() != nil:
		out.Err = fail(Canceled, "write", context.Cause(ctx))
		return out
	}
	c.used++
	c.armed = time.Time{}
	c.answer.reset()
	c.parser.begin()
	x := &exchange{Conn: c, ctx: ctx, r: r, a: &c.answer, quit: make(chan struct{})}
	c.out, x.steps = c.client.render(slices.Grow(c.out[:0], renderedSize(r)), nil, r)

	unwatch := context.AfterFunc(ctx, c.abort)
	writeErr, readErr := x.run()
	aborted := !unwatch()
	x.report(&out, writeErr, readErr)

	c.spent = out.Response == nil || out.Err != nil || out.Early || out.Response.Close || aborted || r.asksToClose()
	if out.Response != nil {
		out.Response.Close = c.spent
	}
	if c.spent {
		c.Close()
	}
	if cap(c.out) > keptBuffer {
		c.out = nil
	}
	return out
}

// renderedSize is about what a request takes once rendered: a large one is not to
// be held twice while the buffer grows.
func renderedSize(r *Request) int {
	n := len(r.Body) + len(r.Raw) + 1<<10
	if r.Framing == Chunked && r.ChunkBytes > 0 {
		n += 16 * (1 + len(r.Body)/r.ChunkBytes)
	}
	return n
}

// asksToClose tells whether the request ends the connection.
func (r *Request) asksToClose() bool {
	for _, f := range r.Fields {
		if strings.EqualFold(f.Name, "Connection") {
			for rest := []byte(f.Value); rest != nil; {
				var option []byte
				option, rest = nextElement(rest)
				if equalFold(option, "close") {
					return true
				}
			}
		}
	}
	return r.Discard
}

// bodiless tells whether the answer to the request has no body whatever its
// head says.
func (r *Request) bodiless() bool {
	return r.Method == "HEAD" || r.Raw != nil && bytes.HasPrefix(r.Raw, []byte("HEAD "))
}

func (x *exchange) run() (writeErr, readErr error) {
	if x.r.ReadWhileWriting && !x.r.Abandon && !x.r.Cut && !x.r.Expect {
		return x.both()
	}
	steps := x.steps
	if x.r.Expect && len(steps) > 0 {
		if writeErr = x.write(steps[:1]); writeErr == nil {
			steps = steps[1:]
			refused, err := x.awaitContinue()
			if err != nil {
				return nil, err
			}
			if refused {
				steps = nil
			}
		}
	}
	if writeErr == nil {
		writeErr = x.write(steps)
	}
	wait := time.Now()
	switch {
	case writeErr != nil:
		wait = wait.Add(min(lateRead, x.client.limits.Answer))
	case x.r.Abandon:
		x.Close()
		return nil, net.ErrClosed
	case x.r.Cut:
		x.halfClose()
		wait = wait.Add(min(lateRead, x.client.limits.Answer))
	default:
		wait = x.a.Sent.Add(x.client.limits.Answer)
	}
	x.nc.SetReadDeadline(wait)
	return writeErr, x.parser.answer(x.a, x.r.bodiless())
}

// both writes and reads at once. The answer's clock starts when the last byte
// has been written; an answer that is complete before that ends the writing.
func (x *exchange) both() (writeErr, readErr error) {
	x.nc.SetReadDeadline(time.Time{})
	written := make(chan error, 1)
	go func() {
		err := x.write(x.steps)
		if err == nil {
			x.nc.SetReadDeadline(x.a.Sent.Add(x.client.limits.Answer))
		} else {
			x.nc.SetReadDeadline(time.Now().Add(min(lateRead, x.client.limits.Answer)))
		}
		written <- err
	}()
	readErr = x.parser.answer(x.a, x.r.bodiless())
	select {
	case writeErr = <-written:
		return writeErr, readErr
	default:
	}
	close(x.quit)
	x.abort()
	if err := <-written; err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, errQuit) {
		writeErr = err
	}
	return writeErr, readErr
}

// errQuit ends the writing because the answer is there.
var errQuit = errors.New("answered before the request was written in full")

// write writes steps, each after its pause. Answer.Sent is the time of the last
// byte of the last one.
func (x *exchange) write(steps []step) error {
	for _, s := range steps {
		x.a.Sent = time.Time{}
		if s.pause > 0 {
			timer := time.NewTimer(s.pause)
			select {
			case <-timer.C:
			case <-x.quit:
				timer.Stop()
				return errQuit
			case <-x.ctx.Done():
				timer.Stop()
				return context.Cause(x.ctx)
			}
		}
		if x.a.Began.IsZero() {
			x.a.Began = time.Now()
		}
		if err := x.send(x.out[s.from:s.to]); err != nil {
			return err
		}
		x.a.Sent = time.Now()
	}
	return nil
}

// send writes b; the deadline is for progress, not for the whole.
func (x *exchange) send(b []byte) error {
	for len(b) > 0 {
		part := b
		if x.state != nil {
			part = b[:min(len(b), tlsPart)]
		}
		x.nc.SetWriteDeadline(time.Now().Add(x.client.limits.Write))
		n, err := x.nc.Write(part)
		x.a.Written += int64(n)
		b = b[n:]
		if err != nil && (n == 0 || x.state != nil || !isTimeout(err)) {
			return err
		}
	}
	return nil
}

// awaitContinue waits for an interim answer before the body is sent. refused
// tells that a final answer, or the end of the connection, came instead.
func (x *exchange) awaitContinue() (refused bool, err error) {
	x.nc.SetReadDeadline(time.Now().Add(min(continueWait, x.client.limits.Answer)))
	p := &x.parser
	for {
		switch err := p.bufferHead(); {
		case isTimeout(err):
			return false, nil // RFC 9110, section 10.1.1: do not wait for ever
		case err != nil:
			return true, nil // to be met again by who reads the answer
		}
		if err := p.head(x.a); err != nil {
			return false, err
		}
		if x.a.headDone {
			return true, nil
		}
		if x.a.Interim[len(x.a.Interim)-1] == 100 {
			return false, nil
		}
	}
}

// bufferHead reads until a whole head, or more than a head may be, is there.
func (p *parser) bufferHead() error {
	for {
		b := p.buf[p.r:p.w]
		if bytes.Contains(b, []byte("\n\r\n")) || bytes.Contains(b, []byte("\n\n")) || len(b) > p.budget {
			return nil
		}
		if err := p.fill(); err != nil {
			return err
		}
	}
}

// halfClose ends the sending side; the peer sees what it sees of a full close.
func (x *exchange) halfClose() {
	if x.state != nil {
		x.nc.SetWriteDeadline(time.Now().Add(lateRead))
		if secure, ok := x.nc.(interface{ CloseWrite() error }); ok {
			secure.CloseWrite()
		}
	}
	if tcp, ok := x.raw.(*net.TCPConn); ok {
		tcp.CloseWrite()
	}
}
