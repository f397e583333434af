package simulator_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/sign"
	"github.com/hookstone/hookstone/simulator/wire"
)

// TestNewRequest: what a handler reads verifies, and every request is another
// event; a fault by its name spoils it.
func TestNewRequest(t *testing.T) {
	library, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	const secret = "a secret"
	for _, p := range library.Providers() {
		scheme, err := sign.Compile(p.Contract)
		if err != nil {
			t.Fatal(err)
		}
		verify := func(r *http.Request) (body []byte, err error) {
			if body, err = io.ReadAll(r.Body); err != nil {
				return nil, err
			}
			var fields []wire.Field
			for name, values := range r.Header {
				for _, v := range values {
					fields = append(fields, wire.Field{Name: name, Value: v})
				}
			}
			return body, scheme.Verify(fields, body, time.Now(), []byte(secret))
		}
		for _, e := range p.Events {
			seen := [][]byte{}
			for range 2 {
				r, err := simulator.NewRequest("/in?x=1", p, []byte(secret), e.Type)
				if err != nil {
					t.Fatalf("%s %s: %v", p.Name(), e.Type, err)
				}
				body, err := verify(r)
				if err != nil || r.Method != "POST" || r.URL.Path != "/in" || r.Header.Get("Content-Type") != p.Contract.Request.MediaType {
					t.Errorf("%s %s: %v, %s %s %v", p.Name(), e.Type, err, r.Method, r.URL, r.Header)
				}
				if err := e.Validate(body); err != nil {
					t.Errorf("%s %s: %v", p.Name(), e.Type, err)
				}
				seen = append(seen, body)
			}
			if bytes.Equal(seen[0], seen[1]) && !e.Handshake {
				t.Errorf("%s %s: the same event twice: %s", p.Name(), e.Type, seen[0])
			}
		}
		r, err := simulator.NewRequest("/", p, []byte(secret), p.Events[0].Type, "signature.truncated(8)")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := verify(r); err == nil {
			t.Errorf("%s: a truncated signature verifies", p.Name())
		}
	}
}

// TestNewRequestIsSent: it is a request for a client as well.
func TestNewRequestIsSent(t *testing.T) {
	got := ""
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r.URL.Path + " " + r.Header.Get("User-Agent") + " " + r.Header.Get("X-Usmewe-Signature")[:7]
	}))
	defer server.Close()
	r, err := simulator.NewRequest(server.URL+"/in", usmewe(t), []byte("a secret"), "loan.funded")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if want := "/in Hookstone sha256="; got != want {
		t.Errorf("the server saw %q; want %q", got, want)
	}
}

func TestNewRequestRefuses(t *testing.T) {
	wired := ""
	for _, e := range fault.Catalogue() {
		if f, err := fault.Parse(e.Example); err == nil && f.Stage == fault.OnWire {
			wired = e.Example
			break
		}
	}
	for _, c := range []struct{ target, event, fault, want string }{
		{"/", "loan.eaten", "signature.missing", "loan.eaten"},
		{"/", "loan.funded", "signature.eaten", "unknown fault"},
		{"/", "loan.funded", wired, "acts on the wire"},
		{":", "loan.funded", "signature.missing", "target"},
	} {
		_, err := simulator.NewRequest(c.target, usmewe(t), []byte("a secret"), c.event, c.fault)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("NewRequest(%q, %q, %q) = %v; want %q in it", c.target, c.event, c.fault, err, c.want)
		}
	}
}

func usmewe(t *testing.T) *schemas.Provider {
	t.Helper()
	library, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	p, err := library.Provider("usmewe")
	if err != nil {
		t.Fatal(err)
	}
	return p
}
