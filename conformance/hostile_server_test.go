package conformance_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/fixtures/receiver"
	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/wire"
)

// The parts of a hostile answer, beside a string, which is written, and a
// time.Duration, which is waited.
type (
	hang  struct{}           // says nothing more until the sender leaves
	reset struct{}           // resets the connection
	flood struct{ s string } // writes without end
	drip  struct{ s string } // writes without end, a byte at a time
)

// play writes the parts to a connection.
func play(c net.Conn, parts ...any) {
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			_, _ = io.WriteString(c, part)
		case time.Duration:
			time.Sleep(part)
		case hang:
			_, _ = io.Copy(io.Discard, c)
		case reset:
			if t, ok := c.(*net.TCPConn); ok {
				_ = t.SetLinger(0)
			}
			return
		case flood:
			block := []byte(strings.Repeat(part.s, 1+(16<<10)/len(part.s)))
			for {
				if _, err := c.Write(block); err != nil {
					return
				}
			}
		case drip:
			for i := 0; ; i++ {
				if _, err := c.Write([]byte{part.s[i%len(part.s)]}); err != nil {
					return
				}
				time.Sleep(5 * time.Millisecond)
			}
		}
	}
}

// answering reads a request to its end and plays the parts.
func answering(parts ...any) func(net.Conn) {
	return func(c net.Conn) {
		if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		play(c, parts...)
	}
}

// listen serves every connection with handle until the test ends.
func listen(t testing.TB, handle func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go serve(l, handle)
	return l.Addr().String()
}

func serve(l net.Listener, handle func(net.Conn)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(20 * time.Second))
			handle(c)
		}()
	}
}

// certificate makes a self-signed one for the host, valid until then.
func certificate(t testing.TB, host string, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: until.Add(-48 * time.Hour), NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	if ip := net.ParseIP(host); ip != nil {
		leaf.IPAddresses = []net.IP{ip}
	} else {
		leaf.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// trusting is the client's configuration that trusts a certificate's issuer.
func trusting(t testing.TB, c tls.Certificate) *tls.Config {
	t.Helper()
	leaf, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Config{RootCAs: pool}
}

// brief is a run's configuration against an address, with a deadline that
// keeps a test short.
func brief(t testing.TB, provider, target string, secure *tls.Config) conformance.Config {
	t.Helper()
	l := library(t)
	p, err := l.Provider(provider)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	const deadline = 300 * time.Millisecond
	return conformance.Config{
		Library: l, Provider: p, Secret: []byte(secret), Seed: 7,
		Client:   wire.NewClient(u, secure, wire.Limits{Connect: time.Second, Write: time.Second, BodyRead: 1 << 20}),
		Deadline: deadline, Recommended: deadline / 2, Settle: 50 * time.Millisecond,
	}
}

// examine judges, and holds the result against what every result must be.
func examine(t testing.TB, ctx context.Context, c conformance.Config) *conformance.Result {
	t.Helper()
	r, err := conformance.Run(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	sound(t, &c, r)
	return r
}

// twisted serves the right receiver's answers after twist changed them. It
// returns the target and the receiver.
func twisted(t testing.TB, provider string, twist func(w http.ResponseWriter, r *http.Request, answer *httptest.ResponseRecorder)) string {
	t.Helper()
	s := httptest.NewServer(twisting(t, provider, []byte(secret), twist))
	t.Cleanup(s.Close)
	return s.URL + "/webhooks"
}

func twisting(t testing.TB, provider string, key []byte, twist func(w http.ResponseWriter, r *http.Request, answer *httptest.ResponseRecorder)) http.Handler {
	t.Helper()
	right := reference(t, provider, key).Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		right.ServeHTTP(answer, r)
		twist(w, r, answer)
	})
}

// reference is the right receiver.
func reference(t testing.TB, provider string, key []byte, defects ...string) *receiver.Receiver {
	t.Helper()
	rc, err := receiver.New(receiver.Options{Provider: provided(t, provider), Secret: key, Defects: defects})
	if err != nil {
		t.Fatal(err)
	}
	return rc
}

func provided(t testing.TB, provider string) *schemas.Provider {
	t.Helper()
	p, err := library(t).Provider(provider)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// pass writes an answer on as it is.
func pass(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// takeOver plays the parts in an answer's place.
func takeOver(w http.ResponseWriter, parts ...any) {
	c, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if buffered.Reader.Buffered() > 0 {
		_, _ = buffered.Discard(buffered.Reader.Buffered())
	}
	play(c, parts...)
}

// zeros is so many of them, compressed.
func zeros(n int, compress func(io.Writer) io.WriteCloser) []byte {
	var out bytes.Buffer
	w := compress(&out)
	_, _ = w.Write(make([]byte, n))
	_ = w.Close()
	return out.Bytes()
}

// countIn reads {"count": N}.
func countIn(text []byte) (int, error) {
	var answer struct {
		Count int `json:"count"`
	}
	err := json.Unmarshal(text, &answer)
	return answer.Count, err
}
