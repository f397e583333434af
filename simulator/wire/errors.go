package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
)

// Kind says what went wrong on the wire, by whose end.
type Kind string

const (
	Unresolved  Kind = "unresolved"  // no address for the host
	Refused     Kind = "refused"     // nothing listens
	Unreachable Kind = "unreachable" // no route, or the connect timed out
	TLSFailed   Kind = "tls"         // handshake or certificate
	Reset       Kind = "reset"       // reset by the peer
	Closed      Kind = "closed"      // closed before an answer began
	Incomplete  Kind = "incomplete"  // closed in the middle of the answer
	Timeout     Kind = "timeout"     // no complete answer in time
	Malformed   Kind = "malformed"   // not HTTP/1.x
	TooLarge    Kind = "too-large"   // header or body beyond the limits
	Canceled    Kind = "canceled"    // the caller's context ended
	Abandoned   Kind = "abandoned"   // the sender broke off on purpose
	Local       Kind = "local"       // fault of this machine (no sockets, bad request value)
)

// Error is a failed exchange.
type Error struct {
	Kind Kind
	Op   string // resolve, dial, handshake, write, read
	Err  error
}

func (e *Error) Error() string { return e.Op + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

func fail(kind Kind, op string, err error) *Error { return &Error{Kind: kind, Op: op, Err: err} }

func failf(kind Kind, op, format string, args ...any) *Error {
	return &Error{Kind: kind, Op: op, Err: fmt.Errorf(format, args...)}
}

// malformed and tooLarge are the parser's refusals.
func malformed(format string, args ...any) error { return failf(Malformed, "read", format, args...) }
func tooLarge(format string, args ...any) error  { return failf(TooLarge, "read", format, args...) }

// isAny tells whether err is one of a platform's error numbers.
func isAny(err error, targets []error) bool {
	for _, t := range targets {
		if errors.Is(err, t) {
			return true
		}
	}
	return false
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}

// isTLS tells whether the TLS layer failed rather than the network below it:
// an alert of either side, or bytes that are no TLS record.
func isTLS(err error) bool {
	var record tls.RecordHeaderError
	if errors.As(err, &record) {
		return true
	}
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error")
}

// classify names an error of the transport in the middle of an exchange. began
// tells whether a byte of the final answer had come.
func classify(ctx context.Context, op string, err error, began bool) *Error {
	var known *Error
	switch {
	case errors.As(err, &known) && known.Kind != "":
		return known
	case ctx != nil && ctx.Err() != nil:
		return fail(Canceled, op, context.Cause(ctx))
	case isTimeout(err):
		return fail(Timeout, op, err)
	case isTLS(err):
		return fail(TLSFailed, op, err)
	case isAny(err, errnoReset):
		return fail(Reset, op, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		if began {
			return failf(Incomplete, op, "the peer closed the connection in the middle of its answer: %w", io.ErrUnexpectedEOF)
		}
		return failf(Closed, op, "the peer closed the connection before it answered: %w", io.EOF)
	case isAny(err, errnoUnreachable):
		return fail(Unreachable, op, err)
	default:
		return fail(Local, op, err)
	}
}

// classifyDial names an error of connecting to one address.
func classifyDial(ctx context.Context, err error) *Error {
	switch {
	case ctx.Err() != nil:
		return fail(Canceled, "dial", context.Cause(ctx))
	case isAny(err, errnoRefused):
		return fail(Refused, "dial", err)
	case isAny(err, errnoReset): // accepted, and reset before the connect returned
		return fail(Reset, "dial", err)
	case isTimeout(err), errors.Is(err, context.DeadlineExceeded), isAny(err, errnoUnreachable):
		return fail(Unreachable, "dial", err)
	default:
		return fail(Local, "dial", err)
	}
}
