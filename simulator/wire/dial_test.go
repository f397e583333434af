package wire

import (
	"context"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestDialFailures(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	for _, test := range []struct {
		url  string
		kind Kind
		op   string
	}{
		{"http://127.0.0.1:" + port, Refused, "dial"},
		{"http://localhost:" + port, Refused, "dial"}, // whichever families there are
		{"http://no-such-host.invalid/", Unresolved, "resolve"},
	} {
		out := clientFor(t, test.url, quick).Do(context.Background(), &Request{})
		if kindOf(out) != test.kind || out.Err.Op != test.op || out.Conn != 0 || out.Response != nil {
			t.Errorf("%s: %+v; want %s at %s", test.url, out.Err, test.kind, test.op)
		}
		if out.Started.IsZero() || out.Phases.Total <= 0 {
			t.Errorf("%s: started %v, phases %+v; want both", test.url, out.Started, out.Phases)
		}
	}
}

// TestUnreachable fills a listener's queue, so that connecting takes for ever.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	address, ok := fullListener(t)
	if !ok {
		t.Skip("the system does not let a listener's queue fill up")
	}
	limits := Limits{Connect: 200 * time.Millisecond}
	out := clientFor(t, "http://"+address, limits).Do(context.Background(), &Request{})
	if kindOf(out) != Unreachable || out.Err.Op != "dial" || out.Phases.Connect < limits.Connect/2 {
		t.Errorf("%+v, phases %+v; want unreachable after %v", out.Err, out.Phases, limits.Connect)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	if out := clientFor(t, "http://"+address, quick).Do(ctx, &Request{}); kindOf(out) != Canceled {
		t.Errorf("canceled while connecting: %v; want canceled", out.Err)
	}
}

// TestLocalhost reaches a server of either family by the name of both.
func TestLocalhost(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Logf("no %s here: %v", address, err)
			continue
		}
		serve(t, l, answering("HTTP/1.1 204 No Content\r\n\r\n"))
		_, port, _ := net.SplitHostPort(l.Addr().String())
		for _, host := range []string{"localhost:" + port, l.Addr().String()} {
			if addrs, _ := net.LookupHost("localhost"); strings.HasPrefix(host, "localhost") && !contains(addrs, l.Addr()) {
				continue // the name has one family only
			}
			conn, out := NewClient(&url.URL{Scheme: "http", Host: host, Path: "/"}, nil, quick).Open(context.Background())
			if conn == nil {
				t.Errorf("%s on %s: %v", host, address, out.Err)
				continue
			}
			if got := conn.RemoteAddr().String(); got != l.Addr().String() {
				t.Errorf("%s: connected to %s; want %s", host, got, l.Addr())
			}
			if out = conn.Exchange(context.Background(), &Request{}); out.Err != nil {
				t.Errorf("%s: %v", host, out.Err)
			}
			conn.Close()
		}
	}
}

func contains(addrs []string, a net.Addr) bool {
	for _, s := range addrs {
		if ip := net.ParseIP(s); ip != nil && ip.Equal(a.(*net.TCPAddr).IP) {
			return true
		}
	}
	return false
}

func TestLiteralClient(t *testing.T) {
	u, _ := url.Parse(listen(t, answering("HTTP/1.1 204 No Content\r\n\r\n")))
	c := &Client{URL: u}
	if out := c.Do(context.Background(), &Request{}); out.Err != nil || c.Host() != u.Host || c.Target() != "/" {
		t.Errorf("%v, host %q, target %q", out.Err, c.Host(), c.Target())
	}
}
