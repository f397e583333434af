package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/fixtures/receiver"
	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/jsondoc"
	"github.com/hookstone/hookstone/simulator/wire"
)

const relaySecret = "whsec_Hyacinth7Hyacinth7"

// written is output that a server and a test share.
type written struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

// taken returns what was written since the last time.
func (w *written) taken() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.b.String()
	w.b.Reset()
	return s
}

// told returns what was written since the last time, once it holds a text: a
// delivery is told of after it was answered.
func (w *written) told(t *testing.T, want string) string {
	t.Helper()
	all := ""
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if all += w.taken(); strings.Contains(strings.Join(strings.Fields(all), " "), want) {
			return all
		}
	}
	t.Errorf("told %q; want %q", all, want)
	return all
}

// relayScene is a relay in front of a handler.
type relayScene struct {
	relay          *relay
	provider       *schemas.Provider
	library        *schemas.Library
	stdout, stderr written
	sender         *simulator.Sender
	generator      *generate.Generator
}

func relaying(t *testing.T, provider string, upstream http.Handler, asJSON bool) *relayScene {
	t.Helper()
	s := &relayScene{}
	var err error
	if s.library, err = schemas.Builtin(); err != nil {
		t.Fatal(err)
	}
	if s.provider, err = s.library.Provider(provider); err != nil {
		t.Fatal(err)
	}
	to := httptest.NewServer(upstream)
	t.Cleanup(to.Close)
	c := newConsole(&s.stdout, &s.stderr)
	c.json = asJSON
	r, err := newRelay(c, s.library, s.provider, []byte(relaySecret), to.URL+"/webhooks", defaultPath)
	if err != nil {
		t.Fatal(err)
	}
	r.rest = 0
	s.relay = r
	front := httptest.NewServer(r)
	t.Cleanup(front.Close)
	at, err := url.Parse(front.URL + defaultPath)
	if err != nil {
		t.Fatal(err)
	}
	s.sender = &simulator.Sender{Provider: s.provider, Secret: []byte(relaySecret), Client: wire.NewClient(at, nil, wire.Limits{})}
	if s.generator, err = generate.New(s.provider, generate.Options{Seed: 1, RunID: "relay"}); err != nil {
		t.Fatal(err)
	}
	return s
}

// send delivers one event and returns the answer's status and what was sent.
func (s *relayScene) send(t *testing.T, eventType string, faults ...fault.Fault) (int, *fault.Draft) {
	t.Helper()
	e, err := s.generator.Event(generate.Key{Case: "relay", Number: 1}, eventType, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	o := simulator.Delivery{Event: e, Faults: faults}
	d, err := s.sender.Prepare(o)
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.sender.Resend(context.Background(), o, d)
	if err != nil || a.Answer == nil {
		t.Fatalf("%v %+v", err, a.Error)
	}
	return a.Answer.Status, d
}

// TestRelayPassesGenuineDeliveriesOn byte for byte, with their headers, and
// the answer back; what is refused never arrives and is explained.
func TestRelayPassesGenuineDeliveriesOn(t *testing.T) {
	var mu sync.Mutex
	var bodies []string
	var headers []http.Header
	s := relaying(t, "usmewe", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		bodies, headers = append(bodies, string(body)), append(headers, r.Header)
		mu.Unlock()
		w.Header().Set("X-Own", "yes")
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusFound)
	}), false)

	status, d := s.send(t, "loan.funded", fault.AddMember("", "note", `"é  \/"`))
	if status != http.StatusFound || len(bodies) != 1 || bodies[0] != string(d.Request.Body) {
		t.Fatalf("status %d, passed on %q", status, bodies)
	}
	for _, f := range d.Request.Fields {
		if got := headers[0].Values(f.Name); f.Name != "Host" && !slices.Equal(got, []string{f.Value}) {
			t.Errorf("%s is passed on as %q; want %q", f.Name, got, f.Value)
		}
	}
	all := s.stdout.told(t, "302 passed on loan.funded "+d.Event.ID)

	status, _ = s.send(t, "loan.funded", fault.SignedAs(jsondoc.Python))
	all += s.stdout.told(t, "was signed over Python's spelling of the JSON")
	if status != 401 || !strings.Contains(all, "401  refused  loan.funded") {
		t.Errorf("status %d, told: %s", status, all)
	}
	status, _ = s.send(t, "loan.funded", fault.Unsigned())
	if all += s.stdout.told(t, "carries no signature"); status != 401 {
		t.Errorf("status %d, told: %s", status, all)
	}
	if len(bodies) != 1 {
		t.Errorf("a forgery was passed on: %q", bodies)
	}
	// Drift from the schema is told, and no reason to withhold an event.
	status, _ = s.send(t, "loan.funded", fault.Mistype("/data/amount"))
	if all += s.stdout.told(t, "/data/amount"); status != http.StatusFound || len(bodies) != 2 {
		t.Errorf("status %d, told: %s", status, all)
	}
	if all += s.stdout.taken() + s.stderr.taken(); strings.Contains(all, "Hyacinth7") {
		t.Errorf("the secret is told: %s", all)
	}
}

func TestRelayTellsMachines(t *testing.T) {
	s := relaying(t, "sharmo-timestamped", http.NotFoundHandler(), true)
	s.send(t, "token.transferred")
	s.send(t, "token.transferred", fault.Aged(time.Hour))
	d := json.NewDecoder(strings.NewReader(s.stdout.told(t, `"status":403`)))
	var first, second relayed
	if err := d.Decode(&first); err != nil {
		t.Fatal(err)
	}
	if err := d.Decode(&second); err != nil {
		t.Fatal(err)
	}
	if !first.Verified || !first.Valid || !first.Forwarded || first.Status != 404 || first.ID == "" || first.Event != "token.transferred" {
		t.Errorf("genuine: %+v", first)
	}
	if second.Verified || second.Forwarded || second.Status != 403 || !strings.Contains(second.Reason, "1h0m") {
		t.Errorf("stale: %+v", second)
	}
	if people := s.stderr.told(t, "refused"); !strings.Contains(people, "passed on") {
		t.Errorf("people are told: %s", people)
	}
}

func TestRelayWithoutReceiver(t *testing.T) {
	s := relaying(t, "usmewe", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), false)
	if status, _ := s.send(t, "loan.created"); status != http.StatusBadGateway {
		t.Errorf("status %d; want 502", status)
	}
	if told := s.stdout.told(t, "could not be passed on"); !strings.Contains(told, "502  not passed on") {
		t.Errorf("told: %s", told)
	}
	for _, bad := range []string{"", "127.0.0.1:1", "ftp://h/"} {
		if _, err := newRelay(newConsole(io.Discard, io.Discard), s.library, s.provider, []byte(relaySecret), bad, "/"); err == nil {
			t.Errorf("--forward %q is no error", bad)
		}
	}
}

// TestRelayIsConformant certifies a right receiver through the relay: nothing
// that a receiver must do is lost on the way.
func TestRelayIsConformant(t *testing.T) {
	library, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range library.Providers() {
		t.Run(p.Name(), func(t *testing.T) {
			right, err := receiver.New(receiver.Options{Provider: p, Secret: []byte(relaySecret)})
			if err != nil {
				t.Fatal(err)
			}
			s := relaying(t, p.Name(), right.Handler(), false)
			s.relay.rest = time.Hour
			families := []string{"signature", "acknowledge"}
			if p.Contract.Handshake != nil {
				families = append(families, "handshake")
			}
			if p.Contract.Time.Tolerance.Duration > 0 {
				families = append(families, "freshness")
			}
			result, err := conformance.Run(context.Background(), conformance.Config{
				Library: library, Provider: p, Secret: []byte(relaySecret), Client: s.sender.Client,
				Selection: conformance.Selection{Families: families, Levels: []string{"must"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range result.Results {
				if c.Verdict == conformance.Failed || c.Verdict == conformance.Errored {
					t.Errorf("%s: %s %s %v", c.ID, c.Verdict, c.Reason, c.Violations)
				}
			}
			if result.Counts.Verdicts[conformance.Passed] < 20 {
				t.Errorf("only %d cases passed", result.Counts.Verdicts[conformance.Passed])
			}
			if told := s.stdout.taken(); !strings.Contains(told, "passed on") || strings.Contains(told, "Hyacinth7") {
				t.Errorf("told: %.300s", told)
			}
		})
	}
}
