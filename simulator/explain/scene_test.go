package explain

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/sign"
	"github.com/hookstone/hookstone/simulator/wire"
)

var clock = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func builtin(t testing.TB) *schemas.Library {
	t.Helper()
	l, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func provider(t testing.TB, name string) *schemas.Provider {
	t.Helper()
	p, err := builtin(t).Provider(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// shapes are contracts of other schemes: several headers, base64, decoded keys,
// lists, unsigned ids.
func shapes(t testing.TB) []*schemas.Provider {
	t.Helper()
	f, err := os.Open("../sign/testdata/contracts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []*schemas.Provider
	for d := yaml.NewDecoder(f); ; {
		c := &schemas.Contract{}
		if err := d.Decode(c); errors.Is(err, io.EOF) {
			return append(out, dated(t))
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, &schemas.Provider{Contract: c})
	}
}

// dated is a contract that signs a date, which none of the others does.
func dated(t testing.TB) *schemas.Provider {
	t.Helper()
	c := &schemas.Contract{}
	if err := yaml.Unmarshal([]byte(`
provider: dated
request: {method: POST, media_type: application/json}
identity: {type: body:/type, id: [body:/id]}
time: {at: header:X-Date, form: rfc3339, signed: true, on_redelivery: renewed, tolerance: 300s}
signing:
  signatures: [{name: v1, algorithm: hmac-sha512, encode: hex, content: "{timestamp}:{body}"}]
  headers: [{name: X-Date, value: ["{timestamp}"]}, {name: X-Mac, value: ["{v1}"]}]
`), c); err != nil {
		t.Fatal(err)
	}
	return &schemas.Provider{Contract: c}
}

// secretFor is a secret that leaves every mistake something to change: it has a
// prefix, and what is behind it is both base64 and, where that is wanted, hex.
func secretFor(c *schemas.Contract) []byte {
	switch c.Signing.Key.Decode {
	case "base64":
		return []byte(c.Signing.Key.Strip + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	case "hex":
		return []byte(c.Signing.Key.Strip + "00ff10203040506070aB")
	}
	return []byte("whsec_9fJ2kQ7mZx4VbT1cR8sLw3Hn6Yp0Dg5A")
}

func senderOf(t testing.TB, p *schemas.Provider, secret []byte) *simulator.Sender {
	t.Helper()
	return &simulator.Sender{
		Provider: p, Secret: secret, Clock: func() time.Time { return clock },
		Client: wire.NewClient(&url.URL{Scheme: "http", Host: "127.0.0.1:1", Path: "/webhooks"}, nil, wire.Limits{}),
	}
}

// awkward is a member that hardly any serialiser spells as it stands.
func awkward() fault.Fault {
	return fault.AddMember("", "hookstone_note", `{"text":"a+b%20c/d <e> & 'é' ù","tiny":1e-7,"none":{}}`)
}

// generators are made once: the tests of this package do not run in parallel.
var generators = map[string]*generate.Generator{}

// event makes the nth event of a provider.
func event(t testing.TB, p *schemas.Provider, n int) generate.Event {
	t.Helper()
	if p.Journeys == nil {
		return generate.Event{Type: "thing.made", ID: "evt_1", At: clock, Body: []byte(`{"id":"evt_1","type":"thing.made","event":{"type":"thing.made"},"created":"2026-03-04T05:06:07.000Z","data":{"n":1,"text":"x"}}`)}
	}
	g := generators[p.Name()]
	if g == nil {
		var err error
		if g, err = generate.New(p, generate.Options{Seed: 1, RunID: "explain"}); err != nil {
			t.Fatal(err)
		}
		generators[p.Name()] = g
	}
	types := p.Events
	e, err := g.Event(generate.Key{Case: "explain", Number: uint64(n)}, types[n%len(types)].Type, clock)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// captured is a prepared delivery as a receiver would have captured it.
func captured(d *fault.Draft) Capture {
	return Capture{Form: "test", Method: d.Request.Method, Fields: d.Request.Fields, Body: d.Request.Body, At: d.Now}
}

// ask explains a capture under a provider.
func ask(t testing.TB, p *schemas.Provider, c Capture, secret []byte) *Explanation {
	t.Helper()
	e, err := Explain(Question{Capture: c, Secret: secret, Library: builtin(t), Provider: p})
	if err != nil {
		t.Fatal(err)
	}
	discreet(t, p, &c, secret, e)
	return e
}

// discreet wants an explanation to hold neither the secret nor a right
// signature that the capture does not carry.
func discreet(t testing.TB, p *schemas.Provider, c *Capture, secret []byte, e *Explanation) {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	signed, wanted := e.Bases()
	told := string(text) + string(signed) + string(wanted)
	key, err := sign.Key(p.Contract.Signing.Key, secret)
	if err != nil {
		key = secret
	}
	for _, s := range []string{string(secret), string(key), hex.EncodeToString(key), base64.StdEncoding.EncodeToString(secret)} {
		if len(s) > 3 && strings.Contains(told, s) {
			t.Errorf("%s: the explanation holds the secret", p.Name())
		}
	}
	own, ok := recipeOf(p.Contract, c, secret)
	if !ok {
		return
	}
	received := ""
	for _, f := range c.Fields {
		received += strings.ToLower(f.Value) + f.Value + "\n"
	}
	sum := own.sum()
	for _, s := range []string{hex.EncodeToString(sum), base64.RawStdEncoding.EncodeToString(sum)} {
		if strings.Contains(strings.ToLower(told), strings.ToLower(s)) && !strings.Contains(received, s) {
			t.Errorf("%s: the explanation holds the right signature", p.Name())
		}
	}
}

// named tells whether the explanation, or one as small, consists of the ids.
func named(e *Explanation, ids ...string) bool {
	for _, changes := range append([][]Change{e.Changes}, e.Alike...) {
		if len(changes) != len(ids) {
			continue
		}
		found := 0
		for _, id := range ids {
			for _, c := range changes {
				if c.ID == id {
					found++
					break
				}
			}
		}
		if found == len(ids) {
			return true
		}
	}
	return false
}

// guess explains a capture without naming the provider.
func guess(t testing.TB, p *schemas.Provider, c Capture) *Explanation {
	t.Helper()
	e, err := Explain(Question{Capture: c, Secret: secretFor(p.Contract), Library: builtin(t)})
	if err != nil {
		t.Fatal(err)
	}
	discreet(t, p, &c, secretFor(p.Contract), e)
	return e
}
