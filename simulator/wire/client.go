package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Limits bound what a receiver can make the engine read or wait.
type Limits struct {
	HeaderBytes int           // of one exchange's heads, trailers and chunk extensions; default 64 KiB
	BodyBytes   int64         // kept of one answer's body; default 64 KiB; more is read and dropped up to BodyRead
	BodyRead    int64         // read at most; default 8 MiB, then TooLarge
	Connect     time.Duration // resolve, dial and TLS; default 5 s
	Answer      time.Duration // last byte written → last byte read; default 10 s
	Write       time.Duration // without progress; default 10 s
}

func (l Limits) withDefaults() Limits {
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	if l.HeaderBytes <= 0 {
		l.HeaderBytes = 64 << 10
	}
	if l.BodyBytes <= 0 {
		l.BodyBytes = 64 << 10
	}
	if l.BodyRead <= 0 {
		l.BodyRead = 8 << 20
	}
	def(&l.Connect, 5*time.Second)
	def(&l.Answer, 10*time.Second)
	def(&l.Write, 10*time.Second)
	return l
}

// Client opens connections to one target. It is safe for concurrent use; its
// fields must not change once it is used. User information in the URL is not
// sent: credentials are a Field like any other.
type Client struct {
	URL    *url.URL
	TLS    *tls.Config // nil: the default; at least TLS 1.2 in any case
	Limits Limits

	once   sync.Once
	bad    error // why URL cannot be used
	limits Limits
	tls    *tls.Config // nil: plain HTTP
	name   string      // host to resolve
	port   string
	host   string // the Host field
	target string
	opened atomic.Uint64
}

// NewClient returns a client for the target, with defaults for zero limits.
func NewClient(target *url.URL, tlsConfig *tls.Config, limits Limits) *Client {
	c := &Client{URL: target, TLS: tlsConfig, Limits: limits.withDefaults()}
	c.setUp()
	return c
}

// setUp derives what every exchange needs, once.
func (c *Client) setUp() error {
	c.once.Do(func() { c.bad = c.derive() })
	return c.bad
}

func (c *Client) derive() error {
	c.limits = c.Limits.withDefaults()
	if c.URL == nil || c.URL.Hostname() == "" {
		return errors.New("the target URL names no host")
	}
	standard := ""
	switch strings.ToLower(c.URL.Scheme) {
	case "http":
		standard = "80"
	case "https":
		standard = "443"
		c.tls = tlsConfig(c.TLS, c.URL.Hostname())
	default:
		return fmt.Errorf("target %q: the scheme is neither http nor https", c.URL.Redacted())
	}
	c.name, c.port = c.URL.Hostname(), c.URL.Port()
	if c.port == "" {
		c.port = standard
	}
	plain, _, _ := strings.Cut(c.name, "%") // a zone is of this machine only
	c.host = plain
	if c.port != standard {
		c.host = net.JoinHostPort(plain, c.port)
	} else if strings.Contains(plain, ":") {
		c.host = "[" + plain + "]"
	}
	c.target = c.URL.RequestURI()
	return nil
}

// tlsConfig completes a caller's configuration for HTTP/1.1 to a host.
func tlsConfig(given *tls.Config, host string) *tls.Config {
	cfg := given.Clone()
	if cfg == nil {
		cfg = &tls.Config{}
	}
	cfg.MinVersion = max(cfg.MinVersion, tls.VersionTLS12)
	if cfg.ServerName == "" {
		cfg.ServerName, _, _ = strings.Cut(host, "%")
	}
	cfg.NextProtos = []string{"http/1.1"}
	return cfg
}

// Host returns the value of the Host field that requests get.
func (c *Client) Host() string { c.setUp(); return c.host }

// Target returns the request-target that requests get.
func (c *Client) Target() string { c.setUp(); return c.target }

// Do opens a connection, exchanges once and closes it.
func (c *Client) Do(ctx context.Context, r *Request) Outcome {
	conn, out := c.Open(ctx)
	if conn == nil {
		return out
	}
	defer conn.Close()
	return conn.Exchange(ctx, r)
}

// ExchangeOn exchanges on conn where it can still be used, else (also where
// conn is nil) on a fresh connection. A kept-alive connection that the peer
// closed before any byte of an answer came is replaced likewise, and the
// request sent once more. It returns the connection used, which is nil where
// none could be opened; a replaced one has been closed.
func (c *Client) ExchangeOn(ctx context.Context, conn *Conn, r *Request) (Outcome, *Conn) {
	if conn != nil && conn.Usable() {
		out := conn.Exchange(ctx, r)
		if !out.Stale() {
			return out, conn
		}
	}
	if conn != nil {
		conn.Close()
	}
	conn, out := c.Open(ctx)
	if conn == nil {
		return out, nil
	}
	return conn.Exchange(ctx, r), conn
}
