package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"time"
)

// Open dials. The *Error in the Outcome tells what failed, and the connection
// is nil then; Phases is filled either way. All addresses of the host are tried
// in the resolver's order, within Limits.Connect.
func (c *Client) Open(ctx context.Context) (*Conn, Outcome) {
	out := Outcome{Started: time.Now()}
	if err := c.setUp(); err != nil {
		out.Err = fail(Local, "dial", err)
		return nil, out
	}
	conn, err := c.open(ctx, &out.Phases)
	out.Phases.Total = time.Since(out.Started)
	if err != nil {
		out.Err = err
		return nil, out
	}
	conn.dialed = out.Phases
	out.Conn = conn.number
	return conn, out
}

func (c *Client) open(ctx context.Context, ph *Phases) (*Conn, *Error) {
	within, cancel := context.WithTimeout(ctx, c.limits.Connect)
	defer cancel()

	start := time.Now()
	addrs, failure := c.resolve(ctx, within)
	if failure != nil {
		ph.Resolve = time.Since(start)
		return nil, failure
	}
	resolved := time.Now()
	if len(addrs) > 1 || addrs[0].String() != c.name {
		ph.Resolve = resolved.Sub(start)
	}
	raw, failure := c.dial(ctx, within, addrs)
	connected := time.Now()
	ph.Connect = connected.Sub(resolved)
	if failure != nil {
		return nil, failure
	}
	conn := &Conn{client: c, raw: raw, nc: raw}
	if c.tls != nil {
		secure := tls.Client(raw, c.tls)
		err := secure.HandshakeContext(within)
		ph.TLS = time.Since(connected)
		if err != nil {
			raw.Close()
			return nil, c.classifyHandshake(ctx, err)
		}
		state := secure.ConnectionState()
		conn.nc, conn.state = secure, &state
	}
	conn.number = c.opened.Add(1)
	conn.parser = parser{src: conn.nc, limits: c.limits}
	return conn, nil
}

// resolve looks the host up; an address needs none. ctx is the caller's,
// within the same bounded by Limits.Connect.
func (c *Client) resolve(ctx, within context.Context) ([]netip.Addr, *Error) {
	if a, err := netip.ParseAddr(c.name); err == nil {
		return []netip.Addr{a}, nil
	}
	addrs, err := net.DefaultResolver.LookupNetIP(within, "ip", c.name)
	switch {
	case ctx.Err() != nil:
		return nil, fail(Canceled, "resolve", context.Cause(ctx))
	case err != nil:
		return nil, fail(Unresolved, "resolve", err)
	case len(addrs) == 0:
		return nil, failf(Unresolved, "resolve", "no address for %q", c.name)
	}
	return addrs, nil
}

// dial tries the addresses in turn; each may take its share of the time left.
// Of several failures a refusal tells most, then an unreachable host.
func (c *Client) dial(ctx, within context.Context, addrs []netip.Addr) (net.Conn, *Error) {
	var worst *Error
	for i, a := range addrs {
		deadline, _ := within.Deadline()
		share := time.Until(deadline) / time.Duration(len(addrs)-i)
		d := net.Dialer{Timeout: max(share, time.Millisecond), KeepAlive: -1}
		raw, err := d.DialContext(within, "tcp", net.JoinHostPort(a.Unmap().String(), c.port))
		if err == nil {
			return raw, nil
		}
		failure := classifyDial(ctx, err)
		if failure.Kind == Canceled {
			return nil, failure
		}
		if worst == nil || rank(failure.Kind) > rank(worst.Kind) {
			worst = failure
		}
	}
	return nil, worst
}

func rank(k Kind) int {
	switch k {
	case Refused:
		return 2
	case Unreachable:
		return 1
	}
	return 0
}

// classifyHandshake names a failed handshake. A peer that says nothing for
// Limits.Connect is a Timeout; all else, a peer that hangs up included, is
// TLSFailed, the certificate's reason in its message.
func (c *Client) classifyHandshake(ctx context.Context, err error) *Error {
	switch {
	case ctx.Err() != nil:
		return fail(Canceled, "handshake", context.Cause(ctx))
	case isTimeout(err), errors.Is(err, context.DeadlineExceeded):
		return failf(Timeout, "handshake", "no TLS handshake within %v: %w", c.limits.Connect, err)
	}
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &record):
		return failf(TLSFailed, "handshake", "the peer does not speak TLS: %w", err)
	case errors.Is(err, io.EOF):
		return failf(TLSFailed, "handshake", "the peer closed the connection during the handshake: %w", err)
	}
	return fail(TLSFailed, "handshake", err)
}
