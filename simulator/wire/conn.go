package wire

import (
	"crypto/tls"
	"net"
	"sync/atomic"
	"time"
)

// Conn is one connection. It is not safe for concurrent use.
type Conn struct {
	client *Client
	number uint64
	raw    net.Conn
	nc     net.Conn // raw, or TLS over it
	state  *tls.ConnectionState
	parser parser
	answer Answer // of Exchange
	out    []byte // rendering of Exchange
	dialed Phases
	used   int  // exchanges begun
	spent  bool // no further exchange is possible
	closed atomic.Bool
	armed  time.Time // deadline that Roundtrip has set
	posted posted    // what Roundtrip wrote
}

// Number is the number of the connection within its client, from 1.
func (c *Conn) Number() uint64 { return c.number }

// TLS returns the state of the TLS connection, nil for plain HTTP.
func (c *Conn) TLS() *tls.ConnectionState { return c.state }

// RemoteAddr returns the address that was dialled.
func (c *Conn) RemoteAddr() net.Addr { return c.raw.RemoteAddr() }

// lookedAt is what a look at an idle connection shows.
type lookedAt int

const (
	quiet   lookedAt = iota // nothing to read
	pending                 // bytes to read
	gone                    // closed or reset
)

// Usable tells whether another request can be written: kept alive, and the
// peer has neither closed meanwhile nor sent anything unasked. Where the
// platform offers no look at a socket, it tells only the former. A nil
// connection is not usable.
func (c *Conn) Usable() bool {
	if c == nil || c.spent || c.closed.Load() || c.parser.r < c.parser.w {
		return false
	}
	// TLS may hold a record that came along with the last answer: seen by a read
	// whose deadline is over, which does not touch the socket.
	if c.state != nil && !c.drained(time.Unix(1, 0)) {
		return false
	}
	switch peek(c.raw) {
	case quiet:
		return true
	case pending:
		// Under TLS these may be session tickets; only reading tells.
		return c.state != nil && c.drained(time.Now().Add(10*time.Millisecond))
	default:
		return false
	}
}

// drained reads what TLS holds for itself, and tells whether nothing else came.
func (c *Conn) drained(until time.Time) bool {
	c.armed = time.Time{}
	c.nc.SetReadDeadline(until)
	return isTimeout(c.parser.fill())
}

// Close closes the connection. Closing it again, or a nil one, does nothing.
func (c *Conn) Close() error {
	if c == nil || c.closed.Swap(true) {
		return nil
	}
	if c.spent {
		return c.raw.Close() // a goodbye of TLS could wait for a peer that reads no more
	}
	return c.nc.Close()
}

// abort closes the connection from another goroutine, at once.
func (c *Conn) abort() {
	c.closed.Store(true)
	c.raw.Close()
}
