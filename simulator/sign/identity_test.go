package sign

import (
	"errors"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/schemas"
)

// TestIdentityInTheBody: what is signed as {id} and {type}, and travels in no
// header, is read where the contract says that it lies.
func TestIdentityInTheBody(t *testing.T) {
	s, secret := scheme(t, "identified"), []byte("a secret")
	for _, c := range []struct {
		body, base string // base "": Verify misses something
	}{
		{`{"event_id":"e2","id":"e1","event":{"type":"a.b"}}`, "1772600767.e2.a.b."},
		{`{"id":"e1","event":{"type":"a.b"}}`, "1772600767.e1.a.b."},
		{`{"event_id":42,"event":{"type":"a.b"}}`, "1772600767.42.a.b."},
		{`{"event_id":{},"id":"é","event":{"type":""}}`, "1772600767.é.."},
		{`{"event":{"type":"a.b"}}`, ""},
		{`{"id":"e1","type":"a.b"}`, ""},
		{`no JSON`, ""},
	} {
		m := Material{Body: []byte(c.body), ID: "asked for", Type: "asked for", At: now}
		s.Identify(&m)
		signed, err := s.Sign(m, Mistakes{}, secret)
		if err != nil {
			t.Fatal(err)
		}
		if c.base == "" {
			if err := s.Verify(signed.Fields, m.Body, now, secret); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "body:/") {
				t.Errorf("Verify of %s = %v; want ErrMissing with the place", c.body, err)
			}
			if _, err := s.Expected(signed.Fields, m.Body, secret); !errors.Is(err, ErrMissing) {
				t.Errorf("Expected of %s = %v; want ErrMissing", c.body, err)
			}
			continue
		}
		if got := string(signed.Base); got != c.base+c.body {
			t.Errorf("Sign(%s) signs %q; want %q before the body", c.body, got, c.base)
		}
		if err := s.Verify(signed.Fields, m.Body, now, secret); err != nil {
			t.Errorf("Verify of %s = %v", c.body, err)
		}
		other := strings.NewReplacer(`"e1"`, `"e9"`, `"e2"`, `"e9"`, `42`, `43`, `"é"`, `"è"`).Replace(c.body)
		if err := s.Verify(signed.Fields, []byte(other), now, secret); !errors.Is(err, ErrMismatch) {
			t.Errorf("Verify of another id %s = %v; want ErrMismatch", other, err)
		}
	}
}

// TestIdentityInHeaders: a header that is written with them goes before the body.
func TestIdentityInHeaders(t *testing.T) {
	for _, name := range []string{"standard-webhooks", "milliseconds", "stripe"} {
		m := Material{Body: []byte(`{"id":"of the body","type":"of the body"}`), ID: "given", Type: "given.too"}
		if scheme(t, name).Identify(&m); m.ID != "given" || m.Type != "given.too" {
			t.Errorf("%s: Identify = %q, %q; want them as given", name, m.ID, m.Type)
		}
	}
}

// TestPlaces name every place in which the id may lie.
func TestPlaces(t *testing.T) {
	id := contracts(t)["identified"].Identity.ID
	if got := places(id...); got != "body:/event_id or body:/id" {
		t.Errorf("places = %q", got)
	}
	if _, ok := inBody([]byte(`{"id":"e1"}`), schemas.Location{Header: "X-Id"}); ok {
		t.Error("a header is found in the body")
	}
}
