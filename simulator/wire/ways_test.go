package wire

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// ways are both loops on a connection: what a server does to one it must do to
// the other.
var ways = map[string]func(c *Conn, r *Request) Outcome{
	"exchange":  func(c *Conn, r *Request) Outcome { return c.Exchange(context.Background(), r) },
	"roundtrip": roundtrip,
}

// roundtrip takes the hot path, for requests that leave in one write.
func roundtrip(c *Conn, r *Request) Outcome {
	var a Answer
	out := Outcome{Conn: c.number, Reused: c.used > 0}
	err := c.Roundtrip(c.client.AppendRequest(nil, r), c.client.limits.Answer, &a)
	errors.As(err, &out.Err)
	if a.Complete() {
		out.Response = a.Response()
	} else if a.started {
		out.Partial = a.Response()
	}
	out.Started, out.Phases, out.Written, out.Received = a.Began, a.Phases(), a.Written, a.Received
	return out
}

// conformInRoundtrips exchanges with a server in all ways that Roundtrip has.
func conformInRoundtrips(t *testing.T, client *Client, body []byte, full bool) {
	t.Helper()
	conn, opened := client.Open(context.Background())
	if conn == nil {
		t.Fatal(opened.Err)
	}
	defer conn.Close()
	requests := map[string]*Request{
		"echo":    {Target: "/echo", Body: body},
		"PUT":     {Method: "PUT", Target: "/echo", Body: body},
		"odd":     {Target: "/echo", Body: body, Fields: []Field{{"x-ODD", "1"}, {"CONTENT-type", "application/json"}}},
		"chunked": {Target: "/chunked", Body: body},
		"empty":   {Target: "/empty", Body: body},
		"HEAD":    {Method: "HEAD", Target: "/echo"},
	}
	if full {
		requests["in chunks"] = &Request{Target: "/echo", Body: body, Framing: Chunked, ChunkBytes: 5}
		requests["hints"] = &Request{Target: "/hints", Body: body}
	}
	for range 3 { // in another order each time
		for name, r := range requests {
			want, status, interim := string(body), 200, "[]"
			switch name {
			case "empty":
				want, status = "", 204
			case "HEAD":
				want = ""
			case "hints":
				interim = "[103]"
			}
			out := roundtrip(conn, r)
			if out.Err != nil || out.Response.Status != status || string(out.Response.Body) != want || fmt.Sprint(out.Response.Interim) != interim || !conn.Usable() {
				t.Fatalf("%s: %v, %+v; want %d, %q, kept alive", name, out.Err, out.Response, status, want)
			}
			if trailers := len(out.Response.Trailers); (trailers == 1) != (name == "chunked") {
				t.Errorf("%s: %d trailers", name, trailers)
			}
		}
	}
	if out := roundtrip(conn, &Request{Target: "/close", Body: body}); out.Err != nil || string(out.Response.Body) != string(body) || conn.Usable() {
		t.Errorf("close: %v, %+v, usable %v; want the body and the end", out.Err, out.Response, conn.Usable())
	}
}
