package wire

import (
	"bufio"
	"context"
	"flag"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain lets many tests run at once: they wait more than they compute.
func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.fuzz").Value.String() == "" {
		flag.Set("test.parallel", "24")
	}
	os.Exit(m.Run())
}

// quick are limits that no test is meant to reach.
var quick = Limits{Connect: 20 * time.Second, Answer: 20 * time.Second, Write: 20 * time.Second}

// patiently tries with ever longer times until one shows what is wanted: a busy
// machine may need them, an idle one is done with the first.
func patiently(t testing.TB, try func(scale time.Duration) error) {
	t.Helper()
	var err error
	for _, scale := range []time.Duration{1, 4, 16, 32} {
		if err = try(scale); err == nil {
			return
		}
	}
	t.Error(err)
}

// eventually waits for what other goroutines bring about.
func eventually(ok func() bool) bool {
	for range 1000 {
		if ok() {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

func clientFor(t testing.TB, address string, limits Limits) *Client {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return NewClient(u, nil, limits)
}

// listen runs a hand-written server: handle gets each connection, which is
// closed when it returns. The address is a base URL.
func listen(t testing.TB, handle func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, l, handle)
	return "http://" + l.Addr().String()
}

func serve(t testing.TB, l net.Listener, handle func(net.Conn)) {
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[c] = true
			mu.Unlock()
			all.Go(func() {
				handle(c)
				c.Close()
				mu.Lock()
				delete(open, c)
				mu.Unlock()
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for c := range open {
			c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
}

// readRequest reads a request off the connection, body included.
func readRequest(r *bufio.Reader) (*http.Request, string, error) {
	q, err := http.ReadRequest(r)
	if err != nil {
		return nil, "", err
	}
	b, err := io.ReadAll(q.Body)
	return q, string(b), err
}

// answering reads one request and then plays the parts of an answer.
func answering(parts ...any) func(net.Conn) {
	return func(c net.Conn) {
		if _, _, err := readRequest(bufio.NewReader(c)); err != nil {
			return
		}
		play(c, parts...)
	}
}

type (
	reset struct{}              // reset the connection
	hang  struct{}              // say nothing until the peer closes
	drip  string                // a byte each 10 ms
	flood struct{ text string } // over and over, until the peer closes
)

func play(c net.Conn, parts ...any) {
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			io.WriteString(c, p)
		case time.Duration:
			time.Sleep(p)
		case reset:
			c.(*net.TCPConn).SetLinger(0)
			return
		case hang:
			io.Copy(io.Discard, c)
		case onNext:
			c.Read(make([]byte, 4096))
			play(c, p...)
		case blocked:
			c.(*net.TCPConn).SetReadBuffer(16 << 10)
			stop := time.Now().Add(time.Duration(p))
			for time.Now().Before(stop) && peek(c) != gone {
				time.Sleep(20 * time.Millisecond)
			}
		case drip:
			for i := range p {
				if _, err := c.Write([]byte{p[i]}); err != nil {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		case flood:
			text := p.text
			for len(text) < 16<<10 {
				text += p.text
			}
			for {
				if _, err := io.WriteString(c, text); err != nil {
					return
				}
			}
		}
	}
}

// kindOf returns the kind of a failed exchange, "" for none.
func kindOf(o Outcome) Kind {
	if o.Err == nil {
		return ""
	}
	return o.Err.Kind
}

// parseAll parses bytes as the answers on a connection that then ends.
func parseAll(src io.Reader, bodiless bool, limits Limits) (*Answer, error) {
	p := parser{src: src, limits: limits.withDefaults()}
	p.begin()
	a := new(Answer)
	err := p.answer(a, bodiless)
	return a, err
}

// parseKind names the error of parseAll as an exchange would.
func parseKind(a *Answer, err error) Kind {
	if err == nil {
		return ""
	}
	return classify(context.Background(), "read", err, a.started).Kind
}

func lines(s ...string) string { return strings.Join(s, "\r\n") }
