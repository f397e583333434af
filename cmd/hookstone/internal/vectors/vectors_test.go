package vectors

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/sign"
	"github.com/hookstone/hookstone/simulator/wire"
)

var update = flag.Bool("update", false, "write the vectors in fixtures/vectors anew")

// golden is where the vectors lie that were checked in.
var golden = filepath.Join("..", "..", "..", "..", "fixtures", "vectors")

var checkedIn = Options{Seed: 1, Now: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)}

func providers(t *testing.T) []*schemas.Provider {
	t.Helper()
	l, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return l.Providers()
}

func maker(t *testing.T, p *schemas.Provider, o Options) *Maker {
	t.Helper()
	m, err := New(p, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestGolden makes every vector anew and compares it with the file.
func TestGolden(t *testing.T) {
	for _, p := range providers(t) {
		m := maker(t, p, checkedIn)
		var want []string
		for _, e := range p.Events {
			v, err := m.Vector(e.Type)
			if err != nil {
				t.Fatal(err)
			}
			text, err := v.JSON()
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(golden, p.Name(), e.Type+".json")
			want = append(want, file)
			if *update {
				if err := os.WriteFile(file, text, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if held, err := os.ReadFile(file); err != nil || !bytes.Equal(held, text) {
				t.Errorf("%s is not what is made now (error %v): go test ./cmd/hookstone/internal/vectors -update", file, err)
			}
		}
		slices.Sort(want)
		if got, _ := filepath.Glob(filepath.Join(golden, p.Name(), "*")); !slices.Equal(got, want) {
			t.Errorf("%s holds\n%v; want\n%v", p.Name(), got, want)
		}
	}
}

// TestVectors judges each delivery with the signer's own eyes, and wants the
// expectations to be told apart by nothing but what the fault says.
func TestVectors(t *testing.T) {
	for _, p := range providers(t) {
		scheme, err := sign.Compile(p.Contract)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range p.Events {
			v, err := maker(t, p, Options{Seed: 7, Now: checkedIn.Now}).Vector(e.Type)
			if err != nil {
				t.Fatal(err)
			}
			names := map[string]bool{}
			counts := map[string]int{}
			body, err := base64.StdEncoding.DecodeString(v.Deliveries[0].Body.Base64)
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Validate(body); err != nil {
				t.Errorf("%s: %v", e.Type, err)
			}
			for _, d := range v.Deliveries {
				at := p.Name() + "/" + e.Type + ": " + d.Name
				if names[d.Name] {
					t.Errorf("%s comes twice", at)
				}
				names[d.Name] = true
				counts[d.Expect+d.Reason]++
				if d.What == "" || d.Why == "" || (d.Expect == Reject) != (d.Reason != "") {
					t.Errorf("%s: %q, %q, %s %s", at, d.What, d.Why, d.Expect, d.Reason)
				}
				if (d.Answer != nil) != (e.Handshake && d.Expect == Accept) {
					t.Errorf("%s: answer %v", at, d.Answer)
				}
				bytesOf := body
				if d.Body != nil {
					if bytesOf, err = base64.StdEncoding.DecodeString(d.Body.Base64); err != nil {
						t.Fatal(err)
					}
					if d.Body.Text != nil && *d.Body.Text != string(bytesOf) {
						t.Errorf("%s: text and base64 differ", at)
					}
				}
				// A handshake may come unsigned; a header without its time is malformed to the signer.
				if e.Handshake && d.Name == "signature.missing" || d.Name == "time.missing" {
					continue
				}
				if got := judge(scheme, v, d, bytesOf); got != d.Reason {
					t.Errorf("%s: rejected for %q; want %q", at, got, d.Reason)
				}
			}
			if counts[Accept] < 7 || counts[Reject+Signature] < 20 || p.Contract.Time.Tolerance.Duration > 0 && counts[Reject+Time] < 3 {
				t.Errorf("%s/%s: too few deliveries: %v", p.Name(), e.Type, counts)
			}
		}
	}
}

// judge tells why the delivery is refused in every form of its headers; "" where
// one form holds.
func judge(scheme *sign.Scheme, v *Vector, d Delivery, body []byte) string {
	var fields []wire.Field
	for _, h := range d.Headers {
		fields = append(fields, wire.Field{Name: simulator.HeaderBytes(h[0]), Value: simulator.HeaderBytes(h[1])})
	}
	reason := Signature
	for n := 0; n <= scheme.Alternatives(); n++ {
		s := scheme
		if n > 0 {
			s = scheme.Alternative(n)
		}
		switch err := s.Verify(fields, body, v.Time, []byte(v.Secret)); {
		case err == nil:
			return ""
		case errors.Is(err, sign.ErrStale):
			reason = Time
		}
	}
	return reason
}

// TestSameOptionsSameBytes makes a vector and requests twice, and others.
func TestSameOptionsSameBytes(t *testing.T) {
	target := &url.URL{Scheme: "http", Host: "127.0.0.1:3000", Path: "/webhooks"}
	for _, p := range providers(t) {
		all := func(o Options) string {
			m := maker(t, p, o)
			v, err := m.Vector(p.Events[0].Type)
			if err != nil {
				t.Fatal(err)
			}
			text, err := v.JSON()
			if err != nil {
				t.Fatal(err)
			}
			requests, err := m.Requests(12, target)
			if err != nil {
				t.Fatal(err)
			}
			if len(requests) != 12 {
				t.Errorf("%s: %d requests; want 12", p.Name(), len(requests))
			}
			for _, r := range requests {
				if !bytes.HasPrefix(r.Bytes, []byte("POST /webhooks HTTP/1.1\r\nHost: 127.0.0.1:3000\r\n")) {
					t.Errorf("%s: %s begins with %.60q", p.Name(), r.Event, r.Bytes)
				}
				text = append(text, r.Bytes...)
			}
			return string(text)
		}
		first := all(checkedIn)
		if first != all(checkedIn) {
			t.Errorf("%s: the same options make other bytes", p.Name())
		}
		if first == all(Options{Seed: 2, Now: checkedIn.Now}) {
			t.Errorf("%s: another seed makes the same bytes", p.Name())
		}
	}
}

// verifiers are programs that know the providers' documents alone.
func verifiers(t *testing.T) [][]string {
	t.Helper()
	all := [][]string{{"python3", filepath.Join(golden, "verify.py")}, {"node", filepath.Join(golden, "verify.mjs")}}
	return slices.DeleteFunc(all, func(command []string) bool {
		_, err := exec.LookPath(command[0])
		if err != nil && os.Getenv("HOOKSTONE_REQUIRE_TOOLS") == "1" {
			t.Fatalf("%s is missing: %v", command[0], err)
		}
		return err != nil
	})
}

// TestOtherLanguages has each verifier judge every vector, and spoilt ones.
func TestOtherLanguages(t *testing.T) {
	commands := verifiers(t)
	if len(commands) < 2 {
		defer t.Skip("python3 or node is not installed: what is there was run") // at the end
	}
	spoilt := t.TempDir()
	if err := os.CopyFS(spoilt, os.DirFS(golden)); err != nil {
		t.Fatal(err)
	}
	want, lies := "", []string(nil)
	for _, p := range providers(t) {
		deliveries := 0
		for i, e := range p.Events {
			v, file := read(t, filepath.Join(spoilt, p.Name(), e.Type+".json"))
			deliveries += len(v.Deliveries)
			if i > 0 {
				continue
			}
			// Each kind of delivery of the first event is told with the opposite.
			for n := range v.Deliveries {
				d := &v.Deliveries[n]
				if d.Expect == Accept {
					d.Expect, d.Reason = Reject, Signature
				} else {
					d.Expect, d.Reason = Accept, ""
				}
				lies = append(lies, fmt.Sprintf("%s: %s: ", file, d.Name))
			}
			text, err := v.JSON()
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want += fmt.Sprintf("%s: %d events, %d deliveries\n", p.Name(), len(p.Events), deliveries)
	}
	if err := os.Remove(filepath.Join(spoilt, "usmewe", "vault.deposit.json")); err != nil {
		t.Fatal(err)
	}
	for _, command := range commands {
		out, err := exec.Command(command[0], append(command[1:], golden)...).CombinedOutput()
		if err != nil || !sameLines(string(out), want) {
			t.Errorf("%s: error %v, output\n%s; want\n%s", command[0], err, out, want)
		}
		var stderr bytes.Buffer
		spoil := exec.Command(command[0], append(command[1:], spoilt)...)
		spoil.Stderr = &stderr
		if err := spoil.Run(); err == nil {
			t.Errorf("%s accepts spoilt vectors", command[0])
		}
		for _, lie := range append(lies, "8 events, the document has 9") {
			if !strings.Contains(stderr.String(), lie) {
				t.Errorf("%s does not tell %q", command[0], lie)
			}
		}
	}
}

func read(t *testing.T, file string) (*Vector, string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var v Vector
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return &v, file
}

// sameLines compares texts whatever the order of their lines.
func sameLines(a, b string) bool {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}
