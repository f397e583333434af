package wire

import (
	"context"
	"crypto/tls"
	"net/url"
	"time"
)

// Limits bound what a receiver can make the engine read or wait.
type Limits struct {
	HeaderBytes int           // of one answer's head; default 64 KiB
	BodyBytes   int64         // kept of one answer's body; default 64 KiB; more is read and dropped up to BodyRead
	BodyRead    int64         // read at most; default 8 MiB, then TooLarge
	Connect     time.Duration // resolve, dial and TLS; default 5 s
	Answer      time.Duration // last byte written → last byte read; default 10 s
	Write       time.Duration // without progress; default 10 s
}

// Client opens connections to one target.
type Client struct {
	URL    *url.URL
	TLS    *tls.Config // nil: the default
	Limits Limits
}

// NewClient returns a client for the target, with defaults for zero limits.
func NewClient(target *url.URL, tlsConfig *tls.Config, limits Limits) *Client { panic("unbuilt") }

// Conn is one connection. It is not safe for concurrent use.
type Conn struct{}

// Open dials. The *Error in the Outcome tells what failed; Phases is filled.
func (c *Client) Open(ctx context.Context) (*Conn, Outcome) { panic("unbuilt") }

// Exchange writes one request and reads its answer. It returns by the limits'
// deadlines, and within 100 ms once ctx ended.
func (c *Conn) Exchange(ctx context.Context, r *Request) Outcome { panic("unbuilt") }

// Usable tells whether another request can be written: kept alive, and the
// peer has not closed meanwhile.
func (c *Conn) Usable() bool { panic("unbuilt") }

// Close closes the connection.
func (c *Conn) Close() error { panic("unbuilt") }

// Do opens a connection, exchanges once and closes it.
func (c *Client) Do(ctx context.Context, r *Request) Outcome { panic("unbuilt") }
