package wire

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestPhases(t *testing.T) {
	t.Parallel()
	patiently(t, tryPhases)
}

func tryPhases(scale time.Duration) error {
	think, between, pause := 20*scale*time.Millisecond, 20*scale*time.Millisecond, 20*scale*time.Millisecond
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			answering(think, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx", between, "y", hang{})(c)
			c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	before := time.Now()
	conn, opened := NewClient(&url.URL{Scheme: "http", Host: "localhost:" + port}, nil, quick).Open(context.Background())
	if conn == nil {
		return opened.Err
	}
	defer conn.Close()
	out := conn.Exchange(context.Background(), &Request{Body: []byte("0123456789"), Pieces: []Piece{{pause, 5}, {pause, 5}}})
	ph := out.Phases
	switch {
	case out.Err != nil:
		return out.Err
	case ph.Resolve <= 0 || ph.Connect <= 0 || ph.TLS != 0:
		return fmt.Errorf("phases %+v; want resolve and connect, no TLS", ph)
	case ph.Write < 2*pause || ph.FirstByte < think/2 || ph.Read < between/2:
		return fmt.Errorf("phases %+v; want write ≥ %v, first byte about %v, read about %v", ph, 2*pause, think, between)
	case ph.Answer != ph.FirstByte+ph.Read:
		return fmt.Errorf("answer %v; want first byte + read = %v", ph.Answer, ph.FirstByte+ph.Read)
	case ph.Total != opened.Phases.Total+ph.Write+ph.Answer:
		return fmt.Errorf("phases %+v; want total = dial + write + answer", ph)
	case out.Started.Before(before) || out.Written == 0 || out.Received != 40 || out.Conn != 1 || out.Reused:
		return fmt.Errorf("outcome %+v; want a start after %v, 40 bytes received, connection 1", out, before)
	}
	return nil
}

func TestSecondExchangeHasNoDialPhases(t *testing.T) {
	client := clientFor(t, listen(t, repeating("HTTP/1.1 204 No Content\r\n\r\n")), quick)
	conn, _ := client.Open(context.Background())
	defer conn.Close()
	for i := range 3 {
		out := conn.Exchange(context.Background(), &Request{Body: []byte("x")})
		if out.Err != nil || out.Reused != (i > 0) || (out.Phases.Connect > 0) != (i == 0) || !conn.Usable() {
			t.Errorf("exchange %d: %v, reused %v, phases %+v", i, out.Err, out.Reused, out.Phases)
		}
	}
}

// repeating answers every request of a connection.
func repeating(answer string) func(net.Conn) {
	return func(c net.Conn) {
		r := bufio.NewReader(c)
		for {
			if _, _, err := readRequest(r); err != nil {
				return
			}
			io.WriteString(c, answer)
		}
	}
}

func TestExpect(t *testing.T) {
	t.Parallel()
	// holding answers the head with first, and the body with last.
	holding := func(first, last string) func(net.Conn) {
		return func(c net.Conn) {
			r := bufio.NewReader(c)
			q, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			if r.Buffered() > 0 || q.Header.Get("Expect") != "100-continue" {
				io.WriteString(c, "HTTP/1.1 500 Body came too early\r\n\r\n")
				return
			}
			io.WriteString(c, first)
			if last == "" {
				io.Copy(io.Discard, c)
				return
			}
			b, _ := io.ReadAll(q.Body)
			if string(b) == "{}" {
				io.WriteString(c, last)
			}
		}
	}
	const created = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
	for _, test := range []struct {
		name, first, last string
		status            int
		interim           int
		early             bool
		kind              Kind
	}{
		{"continue", "HTTP/1.1 100 Continue\r\n\r\n", created, 201, 1, false, ""},
		{"continue after a hint", "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n", created, 201, 2, false, ""},
		{"ignored", "", created, 201, 0, false, ""},
		{"half a line at first", "HTTP/1.1 2", strings.TrimPrefix(created, "HTTP/1.1 2"), 201, 0, false, ""},
		{"refused", "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n", "", 417, 0, true, ""},
		{"garbage", "hello\r\n\r\n", "", 0, 0, false, Malformed},
	} {
		for _, framing := range []Framing{ByLength, Chunked} {
			t.Run(test.name+"/"+string(framing), func(t *testing.T) {
				t.Parallel()
				address := listen(t, holding(test.first, test.last))
				patiently(t, func(time.Duration) error {
					out := clientFor(t, address, quick).Do(context.Background(), &Request{Body: []byte("{}"), Expect: true, Framing: framing})
					switch {
					case kindOf(out) != test.kind || status(out.Response) != test.status || out.Early != test.early:
						return fmt.Errorf("%v, %+v, early %v; want status %d, early %v", out.Err, out.Response, out.Early, test.status, test.early)
					case out.Response != nil && len(out.Response.Interim) != test.interim:
						return fmt.Errorf("interim %v; want %d", out.Response.Interim, test.interim)
					}
					return nil
				})
			})
		}
	}
}

func TestDiscard(t *testing.T) {
	conn, _ := clientFor(t, listen(t, repeating("HTTP/1.1 204 No Content\r\n\r\n")), quick).Open(context.Background())
	out := conn.Exchange(context.Background(), &Request{Discard: true})
	if kindOf(out) != Abandoned || status(out.Response) != 204 || conn.Usable() {
		t.Errorf("%v, %+v, usable %v; want abandoned with the answer read", out.Err, out.Response, conn.Usable())
	}
}

func TestRequestThatCloses(t *testing.T) {
	conn, _ := clientFor(t, listen(t, repeating("HTTP/1.1 204 No Content\r\n\r\n")), quick).Open(context.Background())
	out := conn.Exchange(context.Background(), &Request{Fields: []Field{{"connection", "Close"}}})
	if out.Err != nil || !out.Response.Close || conn.Usable() {
		t.Errorf("%v, %+v, usable %v; want closed", out.Err, out.Response, conn.Usable())
	}
}

// bigBody is more than the buffers of a connection hold.
var bigBody = bytes.Repeat([]byte("x"), 10<<20)

// TestEarlyAnswer uploads 10 MiB to servers that refuse after the head.
func TestEarlyAnswer(t *testing.T) {
	t.Parallel()
	const refusal = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"
	for name, rest := range map[string][]any{
		"closes":                   {},
		"resets later":             {20 * time.Millisecond, reset{}},
		"neither reads nor closes": {blocked(time.Minute)},
	} {
		for _, both := range []bool{true, false} {
			if name == "neither reads nor closes" && !both {
				continue // see TestStalledUpload
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				address := listen(t, func(c net.Conn) {
					if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
						play(c, refusal)
						play(c, rest...)
					}
				})
				out := clientFor(t, address, quick).Do(context.Background(), &Request{Body: bigBody, Framing: Chunked, ReadWhileWriting: both})
				if status(out.Response) != 413 || string(out.Response.Body) != "no" {
					t.Fatalf("both %v: %v, %+v; want 413", both, out.Err, out.Response)
				}
				if !out.Early || out.Written >= 10<<20 || out.Phases.Answer != 0 || !out.Response.Close {
					t.Errorf("both %v: early %v, %d bytes written, phases %+v; want an early answer", both, out.Early, out.Written, out.Phases)
				}
				if k := kindOf(out); k != "" && k != Reset {
					t.Errorf("both %v: %v; want none or a reset", both, out.Err)
				}
			})
		}
	}
}

// blocked neither reads nor writes for a while, or until the peer has gone.
type blocked time.Duration

// TestStalledUpload: a peer that reads no more is a timeout of the write, and
// what it had answered is read all the same.
func TestStalledUpload(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{"": "", "413": "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"} {
		for _, both := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				address := listen(t, func(c net.Conn) { play(c, answer, blocked(time.Minute)) })
				patiently(t, func(scale time.Duration) error {
					limits := Limits{Write: scale * 100 * time.Millisecond, Answer: scale * 200 * time.Millisecond}
					out := clientFor(t, address, limits).Do(context.Background(), &Request{Body: bigBody, ReadWhileWriting: both})
					switch {
					case answer == "" && (kindOf(out) != Timeout || out.Err.Op != "write"):
						return fmt.Errorf("both %v: %v; want a timeout of the write", both, out.Err)
					case answer != "" && status(out.Response) != 413:
						return fmt.Errorf("both %v: %v, %+v; want 413", both, out.Err, out.Response)
					}
					return nil
				})
			})
		}
	}
}

// TestSlowReader: progress, however slow, is no timeout of the write.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	patiently(t, func(scale time.Duration) error {
		address := listen(t, func(c net.Conn) {
			c.(*net.TCPConn).SetReadBuffer(64 << 10)
			q, err := http.ReadRequest(bufio.NewReader(c))
			if err != nil {
				return
			}
			for range 8 {
				time.Sleep(scale * 50 * time.Millisecond)
				io.CopyN(io.Discard, q.Body, 1<<20)
			}
			io.Copy(io.Discard, q.Body)
			io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
		})
		limits := Limits{Write: scale * 150 * time.Millisecond}
		out := clientFor(t, address, limits).Do(context.Background(), &Request{Body: bigBody, ReadWhileWriting: true})
		if out.Err != nil || status(out.Response) != 204 || out.Early || out.Phases.Write < limits.Write {
			return fmt.Errorf("%v, %+v, wrote within %v; want 204, and longer than %v", out.Err, out.Response, out.Phases.Write, limits.Write)
		}
		return nil
	})
}

// TestCancel ends the context at each stage.
func TestCancel(t *testing.T) {
	t.Parallel()
	stopped := errors.New("stopped by the test")
	for _, test := range []struct {
		name   string
		handle func(net.Conn)
		r      Request
		op     string
	}{
		{"reading", answering(hang{}), Request{}, "read"},
		{"in the body", answering("HTTP/1.1 200 OK\r\n\r\nabc", hang{}), Request{}, "read"},
		{"writing", func(c net.Conn) { play(c, blocked(time.Minute)) }, Request{Body: bigBody}, "write"},
		{"both", func(c net.Conn) { play(c, blocked(time.Minute)) }, Request{Body: bigBody, ReadWhileWriting: true}, "write"},
		{"in a pause", answering(hang{}), Request{Body: []byte("xy"), Pieces: []Piece{{0, 1}, {time.Hour, 1}}}, "write"},
		{"in a pause, both", answering(hang{}), Request{Body: []byte("xy"), Pieces: []Piece{{0, 1}, {time.Hour, 1}}, ReadWhileWriting: true}, "write"},
		{"expecting", func(c net.Conn) { play(c, hang{}) }, Request{Body: []byte("x"), Expect: true}, "read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(context.Background())
			defer cancel(nil)
			ended := make(chan time.Time, 1)
			conn, opened := clientFor(t, listen(t, test.handle), Limits{}).Open(ctx)
			if conn == nil {
				t.Fatal(opened.Err)
			}
			time.AfterFunc(100*time.Millisecond, func() { ended <- time.Now(); cancel(stopped) })
			out := conn.Exchange(ctx, &test.r)
			if kindOf(out) != Canceled || out.Err.Op != test.op || !errors.Is(out.Err, stopped) {
				t.Errorf("%+v; want canceled at %s", out.Err, test.op)
			}
			// The promise is 100 ms; a busy machine gets more.
			if late := time.Since(<-ended); late > 5*time.Second {
				t.Errorf("returned %v after the context ended; want within 100 ms", late)
			}
			if conn.Usable() {
				t.Error("Usable = true; want false")
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if out := clientFor(t, listen(t, answering()), quick).Do(ctx, &Request{}); kindOf(out) != Canceled || out.Written != 0 {
		t.Errorf("canceled before: %v; want canceled", out.Err)
	}
}

// TestAnswerDeadline counts from the last byte written, not from the first.
func TestAnswerDeadline(t *testing.T) {
	t.Parallel()
	prompt := listen(t, answering("HTTP/1.1 204 No Content\r\n\r\n"))
	mute := listen(t, answering(hang{}))
	for _, both := range []bool{false, true} {
		patiently(t, func(scale time.Duration) error {
			limits := Limits{Answer: scale * 150 * time.Millisecond}
			out := clientFor(t, prompt, limits).Do(context.Background(), &Request{
				Body: []byte("xy"), Pieces: []Piece{{0, 1}, {limits.Answer * 3 / 2, 1}}, ReadWhileWriting: both,
			})
			if out.Err != nil || out.Phases.Write < limits.Answer {
				return fmt.Errorf("both %v: %v, phases %+v; want an answer", both, out.Err, out.Phases)
			}
			return nil
		})
		limits := Limits{Answer: 200 * time.Millisecond}
		out := clientFor(t, mute, limits).Do(context.Background(), &Request{Body: []byte("xy"), ReadWhileWriting: both})
		if kindOf(out) != Timeout || out.Err.Op != "read" || out.Phases.Total < limits.Answer {
			t.Errorf("both %v: %v after %v; want a timeout after %v", both, out.Err, out.Phases.Total, limits.Answer)
		}
	}
}
