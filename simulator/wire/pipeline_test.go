package wire

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// inOneGo serves one connection: it reads all requests of a pipeline before
// it writes, so that the answers can only be told by their order.
func inOneGo(t *testing.T, requests int, answers string) *Client {
	t.Helper()
	return piped(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		for range requests {
			req, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			io.Copy(io.Discard, req.Body)
		}
		fmt.Fprint(c, answers)
	})
}

func piped(t *testing.T, handle func(net.Conn)) *Client {
	t.Helper()
	return clientFor(t, listen(t, handle), Limits{Answer: 5 * time.Second})
}

func TestPipelineReadsAnswersInOrder(t *testing.T) {
	client := inOneGo(t, 3, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"+
		"HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n\r\n"+
		"HTTP/1.1 204 No Content\r\n\r\n")
	conn, out := client.Open(context.Background())
	if conn == nil {
		t.Fatal(out.Err)
	}
	defer conn.Close()
	outs := conn.Pipeline(context.Background(), &Request{Body: []byte("1")}, &Request{Body: []byte("22")}, &Request{Body: []byte("333")})
	for i, want := range []struct {
		status int
		body   string
	}{{200, "a"}, {401, "b"}, {204, ""}} {
		o := outs[i]
		if o.Err != nil || o.Response.Status != want.status || string(o.Response.Body) != want.body {
			t.Errorf("answer %d = %v, %v; want %d %q", i, o.Response, o.Err, want.status, want.body)
		}
		if o.Response != nil && (o.Response.Surplus != 0 || o.Written == 0) {
			t.Errorf("answer %d: surplus %d, written %d", i, o.Response.Surplus, o.Written)
		}
	}
}

func TestPipelineEndsWithTheConnection(t *testing.T) {
	client := inOneGo(t, 2, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
	conn, out := client.Open(context.Background())
	if conn == nil {
		t.Fatal(out.Err)
	}
	outs := conn.Pipeline(context.Background(), &Request{Body: []byte("1")}, &Request{Body: []byte("2")})
	if outs[0].Err != nil || outs[0].Response.Status != 200 {
		t.Errorf("first = %v, %v; want 200", outs[0].Response, outs[0].Err)
	}
	if outs[1].Err == nil || outs[1].Err.Kind != Closed {
		t.Errorf("second: %v; want an error of kind %s", outs[1].Err, Closed)
	}
	if conn.Usable() {
		t.Error("the connection is usable after its end")
	}
}

func TestPipelineSurplusBehindTheLastAnswer(t *testing.T) {
	client := inOneGo(t, 2, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n")
	conn, out := client.Open(context.Background())
	if conn == nil {
		t.Fatal(out.Err)
	}
	outs := conn.Pipeline(context.Background(), &Request{Body: []byte("1")}, &Request{Body: []byte("2")})
	if outs[1].Response == nil || outs[1].Response.Surplus == 0 || conn.Usable() {
		t.Errorf("last = %+v, usable %v; want surplus, and no further use", outs[1].Response, conn.Usable())
	}
}

func TestPipelineStopsWithItsContext(t *testing.T) {
	client := piped(t, func(c net.Conn) { io.Copy(io.Discard, c) })
	conn, out := client.Open(context.Background())
	if conn == nil {
		t.Fatal(out.Err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	for i, o := range conn.Pipeline(ctx, &Request{}, &Request{}) {
		if o.Err == nil || i == 0 && o.Err.Kind != Canceled {
			t.Errorf("request %d: %v; want %s first", i, o.Err, Canceled)
		}
	}
	if again := conn.Pipeline(context.Background(), &Request{}); again[0].Err == nil || again[0].Err.Kind != Local {
		t.Errorf("on a spent connection: %v; want %s", again[0].Err, Local)
	}
}
