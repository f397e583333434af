package wire

import (
	"context"
	"sync"
)

// Pool keeps idle connections of one client. It is safe for concurrent use.
type Pool struct {
	client *Client
	max    int
	mu     sync.Mutex
	idle   []*Conn // the one used last at the end
	closed bool
}

// NewPool returns a pool that keeps at most maxIdle idle connections.
// Connections in use are not counted.
func NewPool(client *Client, maxIdle int) *Pool { return &Pool{client: client, max: maxIdle} }

// Get returns the usable connection that was idle for the shortest time, or
// opens one. As with Client.Open the connection is nil where the Outcome has an
// Err. The caller owns it until Put or Close.
func (p *Pool) Get(ctx context.Context) (*Conn, Outcome) {
	for {
		p.mu.Lock()
		n := len(p.idle)
		if n == 0 {
			p.mu.Unlock()
			return p.client.Open(ctx)
		}
		c := p.idle[n-1]
		p.idle[n-1], p.idle = nil, p.idle[:n-1]
		p.mu.Unlock()
		if c.Usable() {
			return c, Outcome{Conn: c.number, Reused: c.used > 0}
		}
		c.Close()
	}
}

// Put hands a connection back. One that cannot be used again, or is one too
// many, is closed. A nil connection is allowed.
func (p *Pool) Put(c *Conn) {
	if c == nil {
		return
	}
	if c.Usable() {
		p.mu.Lock()
		if !p.closed && len(p.idle) < p.max {
			p.idle = append(p.idle, c)
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
	}
	c.Close()
}

// Do exchanges on a pooled connection, as Client.ExchangeOn does, and hands it
// back.
func (p *Pool) Do(ctx context.Context, r *Request) Outcome {
	c, out := p.Get(ctx)
	if c == nil {
		return out
	}
	out, c = p.client.ExchangeOn(ctx, c, r)
	p.Put(c)
	return out
}

// Close closes the idle connections; those put back later are closed then.
func (p *Pool) Close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, c := range idle {
		c.Close()
	}
}
