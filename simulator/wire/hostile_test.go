package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestHostile plays servers that misbehave, each in one way.
func TestHostile(t *testing.T) {
	t.Parallel()
	const ok = "HTTP/1.1 200 OK\r\n"
	const body = "Content-Length: 10\r\n\r\n01234"
	dropped := []Kind{Closed, Reset}
	tests := []hostile{
		{"closes at accept", func(net.Conn) {}, dropped, 0},
		{"resets at accept", func(c net.Conn) { play(c, reset{}) }, dropped, 0},
		{"closes after the request", answering(), []Kind{Closed}, 0},
		{"resets after the request", answering(reset{}), []Kind{Reset}, 0},
		{"closes in the status line", answering("HTTP/1."), []Kind{Incomplete}, 0},
		{"closes in the head", answering(ok + "A: b\r\n"), []Kind{Incomplete}, 200},
		{"closes in the body", answering(ok + body), []Kind{Incomplete}, 200},
		{"closes in a chunk", answering(chunkedHead + "5\r\nabc"), []Kind{Incomplete}, 200},
		{"closes before the last chunk", answering(chunkedHead + "3\r\nabc\r\n"), []Kind{Incomplete}, 200},
		{"closes in the trailers", answering(chunkedHead + "0\r\nA: b"), []Kind{Incomplete}, 200},
		{"closes after 100", answering("HTTP/1.1 100 Continue\r\n\r\n"), []Kind{Closed}, 0},
		{"resets in the body", answering(ok+body, 20*time.Millisecond, reset{}), []Kind{Reset}, 200},
		{"resets a body until close", answering(ok+"\r\nabc", 20*time.Millisecond, reset{}), []Kind{Reset}, 200},
		{"says nothing", answering(hang{}), []Kind{Timeout}, 0},
		{"stops in the status line", answering("HTTP/1.1 ", hang{}), []Kind{Timeout}, 0},
		{"stops in the head", answering(ok, hang{}), []Kind{Timeout}, 200},
		{"stops in the body", answering(ok+body, hang{}), []Kind{Timeout}, 200},
		{"stops in a body until close", answering(ok+"\r\nabc", hang{}), []Kind{Timeout}, 200},
		{"drips the head", answering(ok, drip(strings.Repeat("x", 1000)), hang{}), []Kind{Timeout}, 200},
		{"drips the body", answering(ok+"Content-Length: 1000\r\n\r\n", drip(strings.Repeat("x", 990)), hang{}), []Kind{Timeout}, 200},
		{"drips interim answers", answering(drip(strings.Repeat("HTTP/1.1 102 \r\n\r\n", 30)), hang{}), []Kind{Timeout}, anyStatus},
		{"header bomb", answering(ok + "A: " + strings.Repeat("b", 1<<20)), []Kind{TooLarge}, 200},
		{"fields without end", answering(ok, flood{"A: b\r\n"}), []Kind{TooLarge}, 200},
		{"line without end", answering(flood{"HTTP/1.1 200 "}), []Kind{TooLarge}, 0},
		{"folds without end", answering(ok+"A: b\r\n", flood{" c\r\n"}), []Kind{TooLarge}, 200},
		{"NULs without end", answering(flood{"\x00"}), []Kind{TooLarge}, 0},
		{"interim without end", answering(flood{"HTTP/1.1 103 Early Hints\r\n\r\n"}), []Kind{TooLarge}, 103},
		{"body without end", answering(ok+"\r\n", flood{"x"}), []Kind{TooLarge}, 200},
		{"chunks without end", answering(chunkedHead, flood{"10\r\n0123456789abcdef\r\n"}), []Kind{TooLarge}, 200},
		{"chunk extensions without end", answering(chunkedHead+"1;", flood{"x"}), []Kind{TooLarge}, 200},
		{"trailers without end", answering(chunkedHead+"0\r\n", flood{"A: b\r\n"}), []Kind{TooLarge}, 200},
		{"length beyond reason", answering(ok+"Content-Length: 999999999999999999\r\n\r\n", hang{}), []Kind{TooLarge}, 200},
		{"another protocol", func(c net.Conn) { play(c, "220 mail ready\r\n", hang{}) }, []Kind{Malformed}, 0},
		{"HTTP/2 settings", answering("\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64\n", hang{}), []Kind{Malformed}, 0},
		{"TLS alert", func(c net.Conn) { play(c, "\x15\x03\x01\x00\x02\x02\x46") }, []Kind{Incomplete, Reset}, 0},
		{"HTTP/0.9", answering("<html>\nhello</html>\n"), []Kind{Malformed}, 0},
		{"NUL in a field", answering(ok + "A: \x00\r\n\r\n"), []Kind{Malformed}, 200},
		{"two lengths", answering(ok + "Content-Length: 1\r\ncontent-length: 2\r\n\r\nab"), []Kind{Malformed}, 200},
		{"negative length", answering(ok + "Content-Length: -1\r\n\r\n"), []Kind{Malformed}, 200},
		{"no chunk size", answering(chunkedHead + "hello\r\n"), []Kind{Malformed}, 200},
		{"chunk size overflow", answering(chunkedHead + "10000000000000001\r\nx"), []Kind{Malformed}, 200},
	}
	for _, test := range tests {
		for way, exchange := range ways {
			t.Run(test.name+", "+way, func(t *testing.T) {
				t.Parallel()
				address := listen(t, test.handle)
				if test.want[0] != Timeout {
					if err := test.try(address, quick.Answer, exchange); err != nil {
						t.Error(err)
					}
					return
				}
				patiently(t, func(scale time.Duration) error {
					return test.try(address, scale*250*time.Millisecond, exchange)
				})
			})
		}
	}
}

// hostile is a server that misbehaves, and what an exchange with it shows.
type hostile struct {
	name    string
	handle  func(net.Conn)
	want    []Kind
	partial int // status of the partial answer; 0: none
}

func (h hostile) try(address string, answer time.Duration, way func(*Conn, *Request) Outcome) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	limits := quick
	limits.Answer, limits.BodyRead = answer, 1<<20
	conn, out := NewClient(u, nil, limits).Open(context.Background())
	if conn != nil { // a reset can come as early as that
		defer conn.Close()
		out = way(conn, &Request{Body: []byte("{}")})
	}
	switch {
	case !slices.Contains(h.want, kindOf(out)):
		return fmt.Errorf("error %v; want kind %v", out.Err, h.want)
	case out.Response != nil:
		return fmt.Errorf("answer %+v; want none", out.Response)
	case status(out.Partial) != h.partial && h.partial != anyStatus:
		return fmt.Errorf("partial status %d; want %d", status(out.Partial), h.partial)
	case out.Stale():
		return errors.New("Stale on a fresh connection; want not")
	case out.Phases.Total <= 0 || out.Phases.Answer != 0:
		return fmt.Errorf("phases %+v; want a total and no answer", out.Phases)
	}
	return nil
}

const anyStatus = -1

func status(r *Response) int {
	if r == nil {
		return 0
	}
	return r.Status
}

// TestHostileButComplete plays answers that are whole, behind which the
// connection is of no use.
func TestHostileButComplete(t *testing.T) {
	t.Parallel()
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
	for name, parts := range map[string][]any{
		"a second answer at once":  {ok + ok, hang{}},
		"a second answer later":    {ok, 20 * time.Millisecond, ok, hang{}},
		"closed without saying so": {ok, 20 * time.Millisecond},
		"reset without saying so":  {ok, 20 * time.Millisecond, reset{}},
		"says that it closes":      {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", hang{}},
		"until close":              {"HTTP/1.1 200 OK\r\n\r\nx"},
		"switches protocols":       {"HTTP/1.1 101 Switching Protocols\r\n\r\n", hang{}},
		"body for 204":             {"HTTP/1.1 204 No Content\r\n\r\nxyz", hang{}},
	} {
		for way, exchange := range ways {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				conn, out := clientFor(t, listen(t, answering(parts...)), quick).Open(context.Background())
				if conn == nil {
					t.Fatal(out.Err)
				}
				defer conn.Close()
				out = exchange(conn, &Request{})
				if out.Err != nil {
					t.Fatal(out.Err)
				}
				if !eventually(func() bool { return !conn.Usable() }) {
					t.Error("Usable = true; want false")
				}
			})
		}
	}
}

// TestStale meets a kept-alive connection that the server closes when the
// second request comes.
func TestStale(t *testing.T) {
	t.Parallel()
	for name, end := range map[string][]any{"closed": {}, "reset": {reset{}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := listen(t, answering("HTTP/1.1 204 No Content\r\n\r\n", onNext(end)))
			client := clientFor(t, address, quick)
			first, c := client.ExchangeOn(context.Background(), nil, &Request{})
			if first.Err != nil || first.Reused {
				t.Fatalf("first: %v, reused %v", first.Err, first.Reused)
			}
			second := c.Exchange(context.Background(), &Request{})
			if !second.Stale() || !second.Reused || c.Usable() {
				t.Errorf("second: %v, Stale %v, Usable %v; want stale", second.Err, second.Stale(), c.Usable())
			}
			third := c.Exchange(context.Background(), &Request{})
			if kindOf(third) != Local {
				t.Errorf("third on a spent connection: %v; want local", third.Err)
			}

			_, c = client.ExchangeOn(context.Background(), c, &Request{})
			again, d := client.ExchangeOn(context.Background(), c, &Request{})
			defer d.Close()
			if again.Err != nil || again.Reused || d == c || d.Number() != again.Conn || again.Conn != 3 {
				t.Errorf("again: %v on connection %d, reused %v; want it sent once more on connection 3", again.Err, again.Conn, again.Reused)
			}
		})
	}
}

// onNext waits for the next bytes before it goes on.
type onNext []any

// TestStaleNot: a byte of an answer forbids sending again.
func TestStaleNot(t *testing.T) {
	address := listen(t, answering("HTTP/1.1 204 No Content\r\n\r\n", onNext{"H"}))
	client := clientFor(t, address, quick)
	_, c := client.ExchangeOn(context.Background(), nil, &Request{})
	out, d := client.ExchangeOn(context.Background(), c, &Request{})
	defer d.Close()
	if kindOf(out) != Incomplete || out.Stale() || d != c {
		t.Errorf("%v, Stale %v, same connection %v; want incomplete, not sent again", out.Err, out.Stale(), d == c)
	}
}
