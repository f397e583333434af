package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// fixedServer answers each len(request) bytes; it allocates nothing.
func fixedServer(t testing.TB, request, answer []byte) string {
	return listen(t, func(c net.Conn) {
		buf := make([]byte, len(request))
		for {
			if _, err := io.ReadFull(c, buf); err != nil {
				return
			}
			if _, err := c.Write(answer); err != nil {
				return
			}
		}
	})
}

var (
	loadBody   = bytes.Repeat([]byte("0123456789"), 60)
	loadAnswer = []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" +
		"Date: Sun, 22 Nov 2026 12:00:00 GMT\r\nConnection: keep-alive\r\nContent-Length: 17\r\n\r\n{\"received\":true}")
)

// loadRequest renders a delivery of usual size, of the same length whatever the
// client's port.
func loadRequest(c *Client) []byte {
	return c.AppendRequest(nil, &Request{
		Fields: []Field{{"Host", "receiver.test"}, {"Content-Type", "application/json"}, {"X-Signature", "t=1795348800,v1=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}},
		Body:   loadBody,
	})
}

func openLoad(t testing.TB) (*Client, []byte) {
	request := loadRequest(clientFor(t, "http://h/", quick))
	return clientFor(t, fixedServer(t, request, loadAnswer), quick), request
}

func TestRoundtrip(t *testing.T) {
	t.Parallel()
	client, request := openLoad(t)
	conn, out := client.Open(context.Background())
	if conn == nil {
		t.Fatal(out.Err)
	}
	defer conn.Close()
	var a Answer
	for i := range 5 {
		if err := conn.Roundtrip(request, quick.Answer, &a); err != nil {
			t.Fatal(err)
		}
		if a.Status != 200 || string(a.Reason()) != "OK" || string(a.Body) != `{"received":true}` || a.Len() != 4 || a.Close || !a.Complete() || a.Written != int64(len(request)) || a.Received != int64(len(loadAnswer)) {
			t.Errorf("answer %+v; want 200 in full", a)
		}
		if ph := a.Phases(); ph.Total <= 0 || ph.Total != ph.Write+ph.Answer || ph.Answer != ph.FirstByte+ph.Read {
			t.Errorf("phases %+v; want them to add up", ph)
		}
		if conn.Used() != i+1 || !conn.Usable() {
			t.Errorf("used %d, usable %v; want %d, true", conn.Used(), conn.Usable(), i+1)
		}
	}
	// Exchange and Roundtrip can take turns on a connection.
	if out := conn.Exchange(context.Background(), &Request{Raw: request}); out.Err != nil {
		t.Fatal(out.Err)
	}
	if err := conn.Roundtrip(request, time.Second, &a); err != nil {
		t.Fatal(err)
	}
}

func TestRoundtripAllocations(t *testing.T) {
	client, request := openLoad(t)
	conn, out := client.Open(context.Background())
	if conn == nil {
		t.Fatal(out.Err)
	}
	defer conn.Close()
	var a Answer
	if n := testing.AllocsPerRun(200, func() {
		if err := conn.Roundtrip(request, quick.Answer, &a); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations a roundtrip; want 0", n)
	}
}

func TestRoundtripFailures(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		parts []any
		want  Kind
	}{
		"closes":      {nil, Closed},
		"resets":      {[]any{reset{}}, Reset},
		"half":        {[]any{"HTTP/1.1 200 OK\r\n"}, Incomplete},
		"mute":        {[]any{hang{}}, Timeout},
		"garbage":     {[]any{"garbage\r\n", hang{}}, Malformed},
		"large":       {[]any{"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", hang{}}, TooLarge},
		"says closed": {[]any{"HTTP/1.0 204 No Content\r\n\r\n", hang{}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := clientFor(t, listen(t, answering(test.parts...)), quick)
			conn, out := client.Open(context.Background())
			if conn == nil {
				t.Fatal(out.Err)
			}
			limit := quick.Answer
			if test.want == Timeout {
				limit = 100 * time.Millisecond
			}
			var a Answer
			err := conn.Roundtrip(client.AppendRequest(nil, &Request{Body: loadBody}), limit, &a)
			var e *Error
			if errors.As(err, &e); (e == nil) != (test.want == "") || e != nil && e.Kind != test.want {
				t.Errorf("%v; want %q", err, test.want)
			}
			if conn.Usable() {
				t.Error("usable; want not")
			}
			if err := conn.Roundtrip(nil, limit, &a); !errors.As(err, &e) || e.Kind != Local {
				t.Errorf("again: %v; want local", err)
			}
		})
	}
}

func TestPool(t *testing.T) {
	t.Parallel()
	client := clientFor(t, listen(t, repeating("HTTP/1.1 204 No Content\r\n\r\n")), quick)
	pool := NewPool(client, 2)
	ctx := context.Background()
	var held []*Conn
	for range 3 {
		c, out := pool.Get(ctx)
		if c == nil {
			t.Fatal(out.Err)
		}
		if out = c.Exchange(ctx, &Request{}); out.Err != nil {
			t.Fatal(out.Err)
		}
		held = append(held, c)
	}
	for _, c := range held {
		pool.Put(c)
	}
	pool.Put(nil)
	if held[2].Usable() || !held[0].Usable() || !held[1].Usable() {
		t.Error("want two idle connections kept and the third closed")
	}
	if c, out := pool.Get(ctx); c != held[1] || !out.Reused || out.Conn != 2 {
		t.Errorf("Get = connection %d, reused %v; want the last one put back, 2", out.Conn, out.Reused)
	}
	held[0].Close() // while idle
	c, out := pool.Get(ctx)
	if c == nil || c.Number() != 4 || out.Reused {
		t.Errorf("Get = %+v; want a fresh connection in place of a spent one", out)
	}
	pool.Put(c)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if out := pool.Do(ctx, &Request{Body: []byte("x")}); out.Err != nil || status(out.Response) != 204 {
				t.Errorf("Do: %v", out.Err)
			}
		})
	}
	all.Wait()
	c, _ = pool.Get(ctx)
	pool.Close()
	pool.Put(c)
	if c.Usable() {
		t.Error("a connection put back after Close is usable")
	}
}

// BenchmarkRoundtrip is one connection in turn with a server in this process,
// whose cost is in the figure.
func BenchmarkRoundtrip(b *testing.B) { benchmarkRoundtrip(b, 1) }

// BenchmarkRoundtrip64 keeps 64 connections busy.
func BenchmarkRoundtrip64(b *testing.B) { benchmarkRoundtrip(b, 64) }

func benchmarkRoundtrip(b *testing.B, connections int) {
	client, request := openLoad(b)
	conns := make([]*Conn, connections)
	answers := make([]Answer, connections)
	for i := range conns {
		conn, out := client.Open(context.Background())
		if conn == nil {
			b.Fatal(out.Err)
		}
		defer conn.Close()
		conns[i] = conn
		if err := conn.Roundtrip(request, quick.Answer, &answers[i]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	var all sync.WaitGroup
	for i, conn := range conns {
		n := b.N / connections
		if i < b.N%connections {
			n++
		}
		all.Go(func() {
			for range n {
				if err := conn.Roundtrip(request, quick.Answer, &answers[i]); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// BenchmarkExchange is the scripted way over the same.
func BenchmarkExchange(b *testing.B) {
	client, request := openLoad(b)
	conn, out := client.Open(context.Background())
	if conn == nil {
		b.Fatal(out.Err)
	}
	defer conn.Close()
	r := Request{Raw: request}
	b.ReportAllocs()
	for b.Loop() {
		if out := conn.Exchange(context.Background(), &r); out.Err != nil {
			b.Fatal(out.Err)
		}
	}
}

// BenchmarkParse is the parser alone.
func BenchmarkParse(b *testing.B) {
	src := bytes.NewReader(loadAnswer)
	p := parser{src: src, limits: Limits{}.withDefaults()}
	var a Answer
	b.ReportAllocs()
	for b.Loop() {
		src.Reset(loadAnswer)
		a.reset()
		p.begin()
		if err := p.answer(&a, false); err != nil {
			b.Fatal(err)
		}
	}
}
