package wire

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// authority signs certificates for tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{pool: x509.NewCertPool()}
	template := &x509.Certificate{
		SerialNumber: bigOne(), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	var der []byte
	a.key, der = sign(t, template, nil)
	a.cert, _ = x509.ParseCertificate(der)
	a.pool.AddCert(a.cert)
	return a
}

func bigOne() *big.Int { return big.NewInt(1) }

func sign(t testing.TB, template *x509.Certificate, by *authority) (*ecdsa.PrivateKey, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	parent, parentKey := template, key
	if by != nil {
		parent, parentKey = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	return key, der
}

// issue makes a certificate for a name or address that ends at a time.
func (a *authority) issue(t testing.TB, name string, until time.Time) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	key, der := sign(t, template, a)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// listenTLS runs a hand-written server over TLS on localhost.
func listenTLS(t testing.TB, cfg *tls.Config, handle func(net.Conn)) *url.URL {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, tls.NewListener(l, cfg), handle)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return &url.URL{Scheme: "https", Host: "localhost:" + port, Path: "/"}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ca, soon := newAuthority(t), time.Now().Add(time.Hour)
	names := make(chan string, 9)
	server := &tls.Config{
		Certificates: []tls.Certificate{ca.issue(t, "localhost", soon)},
		NextProtos:   []string{"h2", "http/1.1"},
		GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
			names <- h.ServerName
			return nil, nil
		},
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		server := server.Clone()
		server.MaxVersion = version
		target := listenTLS(t, server, repeating("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
		client := NewClient(target, &tls.Config{RootCAs: ca.pool}, quick)
		conn, opened := client.Open(context.Background())
		if conn == nil {
			t.Fatal(opened.Err)
		}
		defer conn.Close()
		if st := conn.TLS(); st == nil || st.Version != version || st.NegotiatedProtocol != "http/1.1" || len(st.PeerCertificates) != 1 {
			t.Errorf("state %+v; want version %x, http/1.1, one certificate", st, version)
		}
		if name := <-names; name != "localhost" {
			t.Errorf("server name %q; want localhost", name)
		}
		for i := range 3 {
			out := conn.Exchange(context.Background(), &Request{Body: make([]byte, 200_000)})
			if out.Err != nil || string(out.Response.Body) != "ok" {
				t.Fatalf("version %x, exchange %d: %v", version, i, out.Err)
			}
			if (out.Phases.TLS > 0) != (i == 0) {
				t.Errorf("exchange %d: phases %+v; want TLS in the first only", i, out.Phases)
			}
			if !conn.Usable() {
				t.Errorf("version %x, exchange %d: not usable", version, i)
			}
		}
	}
}

// TestTLSAtRest tells a connection that the server ended with its goodbye from
// one that holds only session tickets.
func TestTLSAtRest(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	cfg := &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "localhost", time.Now().Add(time.Hour))}}
	const ok = "HTTP/1.1 204 No Content\r\n\r\n"
	for name, test := range map[string]struct {
		parts  []any
		usable bool
	}{
		"open":    {[]any{ok, hang{}}, true},
		"closed":  {[]any{ok}, false},
		"surplus": {[]any{ok, 20 * time.Millisecond, "x", hang{}}, false},
	} {
		target := listenTLS(t, cfg, answering(test.parts...))
		conn, out := NewClient(target, &tls.Config{RootCAs: ca.pool}, quick).Open(context.Background())
		if conn == nil {
			t.Fatal(out.Err)
		}
		out = conn.Exchange(context.Background(), &Request{})
		spent := !test.usable && eventually(func() bool { return !conn.Usable() })
		if out.Err != nil || conn.Usable() != test.usable || spent == test.usable {
			t.Errorf("%s: %v, Usable %v; want %v", name, out.Err, conn.Usable(), test.usable)
		}
		conn.Close()
	}
	// Before any exchange a TLS 1.3 server has sent tickets: usable still.
	conn, out := NewClient(listenTLS(t, cfg, func(c net.Conn) { c.(*tls.Conn).Handshake(); play(c, hang{}) }), &tls.Config{RootCAs: ca.pool}, quick).Open(context.Background())
	if conn == nil {
		t.Fatal(out.Err)
	}
	defer conn.Close()
	time.Sleep(30 * time.Millisecond)
	if !conn.Usable() {
		t.Error("with session tickets pending: not usable")
	}
}

// TestTLSSurplusAlong: a record behind the answer that comes in the same read
// is in the hands of TLS, where no look at the socket finds it.
func TestTLSSurplusAlong(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	cfg := &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "localhost", time.Now().Add(time.Hour))}}
	for name, surplus := range map[string]string{"surplus": "x", "none": ""} {
		address := listen(t, func(c net.Conn) {
			held := &holding{Conn: c}
			secure := tls.Server(held, cfg)
			if _, _, err := readRequest(bufio.NewReader(secure)); err != nil {
				return
			}
			held.on = true
			io.WriteString(secure, "HTTP/1.1 204 No Content\r\n\r\n")
			if surplus != "" {
				io.WriteString(secure, surplus)
			}
			c.Write(held.buf)
			io.Copy(io.Discard, c)
		})
		u, _ := url.Parse(strings.Replace(address, "http://127.0.0.1", "https://localhost", 1))
		conn, out := NewClient(u, &tls.Config{RootCAs: ca.pool}, quick).Open(context.Background())
		if conn == nil {
			t.Fatal(out.Err)
		}
		defer conn.Close()
		out = conn.Exchange(context.Background(), &Request{})
		for range 3 {
			if usable := conn.Usable(); out.Err != nil || usable != (surplus == "") {
				t.Errorf("%s: %v, Usable %v", name, out.Err, usable)
			}
		}
	}
}

// holding keeps what is written to it back.
type holding struct {
	net.Conn
	on  bool
	buf []byte
}

func (h *holding) Write(b []byte) (int, error) {
	if !h.on {
		return h.Conn.Write(b)
	}
	h.buf = append(h.buf, b...)
	return len(b), nil
}

func TestTLSFailures(t *testing.T) {
	t.Parallel()
	ca, other, soon := newAuthority(t), newAuthority(t), time.Now().Add(time.Hour)
	good := ca.issue(t, "localhost", soon)
	for _, test := range []struct {
		name           string
		server, client *tls.Config
		kind           Kind
		op, says       string
	}{
		{"expired", &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "localhost", time.Now().Add(-time.Hour))}}, &tls.Config{RootCAs: ca.pool}, TLSFailed, "handshake", "expired"},
		{"another host", &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "other.example", soon)}}, &tls.Config{RootCAs: ca.pool}, TLSFailed, "handshake", "other.example, not localhost"},
		{"unknown authority", &tls.Config{Certificates: []tls.Certificate{good}}, &tls.Config{RootCAs: other.pool}, TLSFailed, "handshake", "unknown authority"},
		{"TLS 1.1", &tls.Config{Certificates: []tls.Certificate{good}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, &tls.Config{RootCAs: ca.pool, MinVersion: tls.VersionTLS10}, TLSFailed, "handshake", "protocol version"},
		{"no protocol in common", &tls.Config{Certificates: []tls.Certificate{good}, NextProtos: []string{"mqtt"}}, &tls.Config{RootCAs: ca.pool}, TLSFailed, "handshake", "no application protocol"},
		{"client certificate wanted, 1.2", &tls.Config{Certificates: []tls.Certificate{good}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool, MaxVersion: tls.VersionTLS12}, &tls.Config{RootCAs: ca.pool}, TLSFailed, "handshake", "handshake failure"},
		{"client certificate wanted, 1.3", &tls.Config{Certificates: []tls.Certificate{good}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool}, &tls.Config{RootCAs: ca.pool}, TLSFailed, "", "certificate required"},
		{"client certificate given", &tls.Config{Certificates: []tls.Certificate{good}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool}, &tls.Config{RootCAs: ca.pool, Certificates: []tls.Certificate{ca.issue(t, "client", soon)}}, "", "", ""},
		{"verification off", &tls.Config{Certificates: []tls.Certificate{good}}, &tls.Config{InsecureSkipVerify: true}, "", "", ""},
	} {
		target := listenTLS(t, test.server, answering("HTTP/1.1 204 No Content\r\n\r\n"))
		out := NewClient(target, test.client, quick).Do(context.Background(), &Request{Body: []byte("{}")})
		switch {
		case kindOf(out) != test.kind:
			t.Errorf("%s: %v; want kind %q", test.name, out.Err, test.kind)
		case test.kind == "":
		case test.op != "" && out.Err.Op != test.op, !strings.Contains(out.Err.Error(), test.says):
			t.Errorf("%s: %v; want op %q and %q", test.name, out.Err, test.op, test.says)
		}
	}
	var expired x509.CertificateInvalidError
	target := listenTLS(t, &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "localhost", time.Now().Add(-time.Hour))}}, answering())
	if out := NewClient(target, &tls.Config{RootCAs: ca.pool}, quick).Do(context.Background(), &Request{}); !errors.As(out.Err, &expired) || expired.Reason != x509.Expired {
		t.Errorf("%v; want an x509.CertificateInvalidError within", out.Err)
	}
}

// TestHandshakeFailures meets servers that do not speak TLS.
func TestHandshakeFailures(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		handle func(net.Conn)
		kind   Kind
		says   string
	}{
		{"plain HTTP", func(c net.Conn) { c.Read(make([]byte, 100)); play(c, "HTTP/1.1 400 Bad Request\r\n\r\n", hang{}) }, TLSFailed, "does not speak TLS"},
		{"closes", func(c net.Conn) { io.CopyN(io.Discard, bufio.NewReaderSize(c, 16<<10), 1) }, TLSFailed, ""},
		{"says nothing", func(c net.Conn) { play(c, hang{}) }, Timeout, "no TLS handshake within"},
	} {
		address := strings.Replace(listen(t, test.handle), "http:", "https:", 1)
		patiently(t, func(scale time.Duration) error {
			limits := quick
			if test.kind == Timeout {
				limits.Connect = scale * 200 * time.Millisecond
			}
			out := clientFor(t, address, limits).Do(context.Background(), &Request{})
			if kindOf(out) != test.kind || out.Err.Op != "handshake" || !strings.Contains(out.Err.Error(), test.says) {
				return fmt.Errorf("%s: %+v; want %v at the handshake: %q", test.name, out.Err, test.kind, test.says)
			}
			if out.Phases.TLS <= 0 || out.Phases.Connect <= 0 {
				return fmt.Errorf("%s: phases %+v; want connect and TLS", test.name, out.Phases)
			}
			return nil
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	address := strings.Replace(listen(t, func(c net.Conn) { play(c, hang{}) }), "http:", "https:", 1)
	if out := clientFor(t, address, quick).Do(ctx, &Request{}); kindOf(out) != Canceled {
		t.Errorf("canceled in the handshake: %v; want canceled", out.Err)
	}
}

// TestTLSTruncation: without the goodbye of TLS a body that only the end of the
// connection ends is taken as whole, as common clients do, unless a record is
// cut off.
func TestTLSTruncation(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	cfg := &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "localhost", time.Now().Add(time.Hour))}}
	for name, test := range map[string]struct {
		end  func(*tls.Conn)
		kind Kind
	}{
		"with a goodbye":    {func(c *tls.Conn) { c.Close() }, ""},
		"without a goodbye": {func(c *tls.Conn) { c.NetConn().Close() }, ""},
		"within a record":   {func(c *tls.Conn) { io.WriteString(c.NetConn(), "\x17\x03\x03\x00\x20abc"); c.NetConn().Close() }, Incomplete},
	} {
		target := listenTLS(t, cfg, func(c net.Conn) {
			if _, _, err := readRequest(bufio.NewReader(c)); err == nil {
				io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\nabc")
				test.end(c.(*tls.Conn))
			}
		})
		out := NewClient(target, &tls.Config{RootCAs: ca.pool}, quick).Do(context.Background(), &Request{})
		if kindOf(out) != test.kind {
			t.Errorf("%s: %v; want kind %q", name, out.Err, test.kind)
		}
	}
}

// TestTLSUpload refuses 10 MiB early over TLS, and cuts an upload.
func TestTLSUpload(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	cfg := &tls.Config{Certificates: []tls.Certificate{ca.issue(t, "localhost", time.Now().Add(time.Hour))}}
	target := listenTLS(t, cfg, func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			play(c, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
		}
	})
	client := NewClient(target, &tls.Config{RootCAs: ca.pool}, quick)
	for _, both := range []bool{true, false} {
		out := client.Do(context.Background(), &Request{Body: bigBody, ReadWhileWriting: both})
		if status(out.Response) != 413 || !out.Early {
			t.Errorf("both %v: %v, %+v; want 413", both, out.Err, out.Response)
		}
	}
	arrived := make(chan string, 1)
	target = listenTLS(t, cfg, func(c net.Conn) {
		_, body, err := readRequest(bufio.NewReader(c))
		arrived <- body
		if err != nil {
			play(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
		}
	})
	patiently(t, func(time.Duration) error {
		out := NewClient(target, &tls.Config{RootCAs: ca.pool}, quick).Do(context.Background(), &Request{Body: []byte("0123456789"), Cut: true, CutAfter: 4})
		if body := <-arrived; body != "0123" || kindOf(out) != Abandoned || status(out.Response) != 400 {
			return fmt.Errorf("cut: arrived %q, %v, %+v; want 0123, abandoned, 400", body, out.Err, out.Response)
		}
		return nil
	})
}
