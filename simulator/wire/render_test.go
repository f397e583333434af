package wire

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestAppendRequest(t *testing.T) {
	const at = "http://user:secret@Example.com:8080/hooks/a%20b?x=1#part"
	tests := []struct {
		name, url string
		r         Request
		want      string
	}{
		{"defaults", at, Request{}, lines("POST /hooks/a%20b?x=1 HTTP/1.1", "Host: Example.com:8080", "Content-Length: 0", "", "")},
		{"get without a body", at, Request{Method: "GET"}, lines("GET /hooks/a%20b?x=1 HTTP/1.1", "Host: Example.com:8080", "", "")},
		{"get with a body", at, Request{Method: "GET", Body: []byte("x")}, lines("GET /hooks/a%20b?x=1 HTTP/1.1", "Host: Example.com:8080", "Content-Length: 1", "", "x")},
		{"order and casing", "http://h/", Request{Method: "PUT", Target: "*", Body: []byte("{}"),
			Fields: []Field{{"x-SIG", " v "}, {"hOST", "other"}, {"X-sig", ""}, {"a", "\x00\xff"}}},
			"PUT * HTTP/1.1\r\nx-SIG:  v \r\nhOST: other\r\nX-sig: \r\na: \x00\xff\r\nContent-Length: 2\r\n\r\n{}"},
		{"length given", "http://h", Request{Body: []byte("abc"), Fields: []Field{{"content-LENGTH", "7"}}},
			lines("POST / HTTP/1.1", "Host: h", "content-LENGTH: 7", "", "abc")},
		{"unframed", "http://h:80", Request{Body: []byte("abc"), Framing: Unframed}, lines("POST / HTTP/1.1", "Host: h", "", "abc")},
		{"default port of https", "https://h:443", Request{Framing: Unframed}, lines("POST / HTTP/1.1", "Host: h", "", "")},
		{"address", "http://[fe80::1%25lo]:81/", Request{Framing: Unframed}, lines("POST / HTTP/1.1", "Host: [fe80::1]:81", "", "")},
		{"address, default port", "http://[::1]/", Request{Framing: Unframed}, lines("POST / HTTP/1.1", "Host: [::1]", "", "")},
		{"chunked whole", "http://h", Request{Body: []byte("hello, world"), Framing: Chunked},
			lines("POST / HTTP/1.1", "Host: h", "Transfer-Encoding: chunked", "", "c", "hello, world", "0", "", "")},
		{"chunked in chunks", "http://h", Request{Body: []byte("hello"), Framing: Chunked, ChunkBytes: 2},
			lines("POST / HTTP/1.1", "Host: h", "Transfer-Encoding: chunked", "", "2", "he", "2", "ll", "1", "o", "0", "", "")},
		{"chunked in pieces", "http://h", Request{Body: []byte("hello"), Framing: Chunked, Pieces: []Piece{{time.Second, 4}, {time.Second, 0}}},
			lines("POST / HTTP/1.1", "Host: h", "Transfer-Encoding: chunked", "", "4", "hell", "1", "o", "0", "", "")},
		{"chunked, empty", "http://h", Request{Framing: Chunked}, lines("POST / HTTP/1.1", "Host: h", "Transfer-Encoding: chunked", "", "0", "", "")},
		{"chunked with a length too", "http://h", Request{Framing: Chunked, Fields: []Field{{"Content-Length", "3"}}, Body: []byte("abc")},
			lines("POST / HTTP/1.1", "Host: h", "Content-Length: 3", "Transfer-Encoding: chunked", "", "3", "abc", "0", "", "")},
		{"expect", "http://h", Request{Expect: true, Body: []byte("abc")},
			lines("POST / HTTP/1.1", "Host: h", "Expect: 100-continue", "Content-Length: 3", "", "abc")},
		{"expect, chunked, empty", "http://h", Request{Expect: true, Framing: Chunked},
			lines("POST / HTTP/1.1", "Host: h", "Expect: 100-continue", "Transfer-Encoding: chunked", "", "0", "", "")},
		{"raw", "http://h", Request{Raw: []byte("GARBAGE\n"), Fields: []Field{{"a", "b"}}, Body: []byte("x")}, "GARBAGE\n"},
	}
	for _, test := range tests {
		got := string(clientFor(t, test.url, Limits{}).AppendRequest([]byte("before "), &test.r))
		if got != "before "+test.want {
			t.Errorf("%s: AppendRequest = %q; want %q", test.name, got, "before "+test.want)
		}
	}
}

// TestBytesOnTheWire reads what really arrives.
func TestBytesOnTheWire(t *testing.T) {
	t.Parallel()
	body := []byte("0123456789")
	head := func(host, framing string) string { return lines("POST / HTTP/1.1", "Host: "+host, framing, "", "") }
	const byLength, chunked = "Content-Length: 10", "Transfer-Encoding: chunked"
	tests := []struct {
		name string
		r    Request
		want func(host string) string
	}{
		{"pieces that leave a rest", Request{Body: body, Pieces: []Piece{{time.Millisecond, 3}, {time.Millisecond, 3}}},
			func(h string) string { return head(h, byLength) + "0123456789" }},
		{"pieces beyond the body", Request{Body: body, Pieces: []Piece{{0, 30}, {0, 0}, {time.Millisecond, 3}}},
			func(h string) string { return head(h, byLength) + "0123456789" }},
		{"cut before the body", Request{Body: body, Cut: true}, func(h string) string { return head(h, byLength) }},
		{"cut in the body", Request{Body: body, Cut: true, CutAfter: 4}, func(h string) string { return head(h, byLength) + "0123" }},
		{"cut in a later piece", Request{Body: body, Cut: true, CutAfter: 4, Pieces: []Piece{{time.Millisecond, 3}, {time.Millisecond, 0}}},
			func(h string) string { return head(h, byLength) + "0123" }},
		{"cut in a chunk", Request{Body: body, Cut: true, CutAfter: 4, Framing: Chunked},
			func(h string) string { return head(h, chunked) + "a\r\n0123" }},
		{"cut in a second chunk", Request{Body: body, Cut: true, CutAfter: 4, Framing: Chunked, ChunkBytes: 3},
			func(h string) string { return head(h, chunked) + "3\r\n012\r\n3\r\n3" }},
		{"cut behind the body", Request{Body: body, Cut: true, CutAfter: 99, Framing: Chunked},
			func(h string) string { return head(h, chunked) + "a\r\n0123456789\r\n" }},
		{"abandoned", Request{Body: body, Abandon: true}, func(h string) string { return head(h, byLength) + "0123456789" }},
		{"raw, cut and in pieces", Request{Raw: []byte("garbage"), Cut: true, CutAfter: 4, Pieces: []Piece{{0, 2}, {time.Millisecond, 0}}},
			func(string) string { return "garb" }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := make(chan string, 1)
			address := listen(t, func(c net.Conn) {
				c.SetReadDeadline(time.Now().Add(5 * time.Second))
				b := new(strings.Builder)
				want := test.want(c.LocalAddr().String())
				if _, err := io.CopyN(b, c, int64(len(want))); err == nil && (test.r.Cut || test.r.Abandon) {
					io.Copy(b, c) // nothing more may come
				}
				got <- b.String()
				io.WriteString(c, "HTTP/1.1 204 \r\n\r\n")
			})
			out := clientFor(t, address, quick).Do(context.Background(), &test.r)
			want := test.want(strings.TrimPrefix(address, "http://"))
			if g := <-got; g != want {
				t.Errorf("arrived %q; want %q", g, want)
			}
			if out.Written != int64(len(want)) {
				t.Errorf("Written = %d; want %d", out.Written, len(want))
			}
			wantKind := Kind("")
			if test.r.Cut || test.r.Abandon {
				wantKind = Abandoned
			}
			if kindOf(out) != wantKind {
				t.Errorf("error %v; want kind %q", out.Err, wantKind)
			}
			// A cut upload's answer is only looked for, for a second.
			if answered := out.Response != nil; answered == test.r.Abandon && !test.r.Cut {
				t.Errorf("answered = %v; want %v", answered, !test.r.Abandon)
			}
		})
	}
}

// TestOneWrite counts the writes of a request.
func TestOneWrite(t *testing.T) {
	address := listen(t, answering("HTTP/1.1 204 No Content\r\n\r\n"))
	c, out := clientFor(t, address, quick).Open(context.Background())
	if c == nil {
		t.Fatal(out.Err)
	}
	defer c.Close()
	counted := &countingConn{Conn: c.nc}
	c.nc = counted
	out = c.Exchange(context.Background(), &Request{Body: make([]byte, 50_000), Fields: []Field{{"A", "b"}}})
	if out.Err != nil || counted.writes != 1 {
		t.Errorf("%d writes, error %v; want one write", counted.writes, out.Err)
	}
}

type countingConn struct {
	net.Conn
	writes int
}

func (c *countingConn) Write(b []byte) (int, error) { c.writes++; return c.Conn.Write(b) }

func TestRequestsThatCannotBe(t *testing.T) {
	address := listen(t, answering("HTTP/1.1 204 No Content\r\n\r\n"))
	for _, r := range []Request{{Framing: "magic"}, {CutAfter: -1}, {ChunkBytes: -1}, {Pieces: []Piece{{0, -1}}}, {Pieces: []Piece{{-1, 0}}}} {
		if out := clientFor(t, address, quick).Do(context.Background(), &r); kindOf(out) != Local || out.Written != 0 {
			t.Errorf("Do(%+v) = %v; want local", r, out.Err)
		}
	}
	for _, bad := range []string{"ftp://host/", "http:///path", "/path"} {
		if out := clientFor(t, bad, quick).Do(context.Background(), &Request{}); kindOf(out) != Local {
			t.Errorf("target %q: error %v; want local", bad, out.Err)
		}
	}
	if out := new(Client).Do(context.Background(), &Request{}); kindOf(out) != Local {
		t.Errorf("no target: error %v; want local", out.Err)
	}
}
