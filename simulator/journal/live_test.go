package journal

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/wire"
)

const secret = "whsec_a-secret-of-this-test"

func TestRecorderTellsClasses(t *testing.T) {
	for _, name := range []string{"sharmo-timestamped", "usmewe", "handcash"} {
		p := provider(t, name)
		var out bytes.Buffer
		w := NewWriter(&out, Options{})
		recorder := &Recorder{Contract: p.Contract, Secret: []byte(secret), Writer: w}
		handler, err := recorder.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/break" {
				io.Copy(io.Discard, r.Body)
				panic(http.ErrAbortHandler)
			}
			// The body is left unread, as by one that refuses early.
			w.WriteHeader(http.StatusAccepted)
			w.Write([]byte("the secret is " + secret))
		}))
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(handler)
		target, _ := url.Parse(server.URL + "/hook")
		generator, err := generate.New(p, generate.Options{Seed: 1, RunID: "live"})
		if err != nil {
			t.Fatal(err)
		}
		sender := &simulator.Sender{Provider: p, Generator: generator, Client: wire.NewClient(target, nil, wire.Limits{}), Secret: []byte(secret)}
		event, err := generator.Event(generate.Key{Case: "x"}, generator.Types()[0], time.Now())
		if err != nil {
			t.Fatal(err)
		}
		want := []simulator.Class{}
		send := func(class simulator.Class, f ...fault.Fault) {
			if _, err := sender.Send(context.Background(), simulator.Delivery{Event: event, Faults: f}); err != nil {
				t.Fatal(err)
			}
			want = append(want, class)
		}
		send(simulator.Genuine)
		send(simulator.Forged, fault.AnotherSecret())
		send(simulator.Forged, fault.Unsigned())
		if p.Contract.Time.Tolerance.Duration > 0 {
			send(simulator.Stale, fault.Aged(time.Hour))
		}
		target.Path = "/break"
		sender.Client = wire.NewClient(target, nil, wire.Limits{})
		send(simulator.Genuine)
		server.Close()
		w.Close()
		if strings.Contains(out.String(), secret) {
			t.Error("the journal holds the secret")
		}
		r := NewReader("live", &out)
		for i, class := range want {
			a, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if a.Class != class || a.Event.Type != event.Type || a.Event.ID != event.ID {
				t.Errorf("%s: attempt %d is %s of %+v; want %s of %s %s", name, i, a.Class, a.Event, class, event.Type, event.ID)
			}
			if last := i == len(want)-1; last != (a.Answer == nil) || last != (a.Error != nil) || !last && a.Answer.Status != 202 {
				t.Errorf("%s: attempt %d: answer %+v, error %+v", name, i, a.Answer, a.Error)
			}
		}
	}
}

func TestDrift(t *testing.T) {
	p := provider(t, "usmewe")
	generator, err := generate.New(p, generate.Options{Seed: 1, RunID: "drift"})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := NewWriter(&out, Options{})
	put := func(class simulator.Class, eventType, body string) {
		a := sample(0)
		a.Class, a.Event.Type, a.Request.Body = class, eventType, simulator.NewBytes([]byte(body))
		w.Attempt(a)
	}
	body := map[string]string{}
	for i, eventType := range generator.Types() {
		e, err := generator.Event(generate.Key{Case: "x", Number: uint64(i)}, eventType, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		body[eventType] = string(e.Body)
		if eventType != "social_vault.locked" {
			put(simulator.Genuine, eventType, body[eventType])
		}
	}
	loan := body["loan.created"]
	if !strings.Contains(loan, `"data":{`) || !strings.Contains(loan, `"duration":`) {
		t.Fatal(loan)
	}
	for range 2 {
		put(simulator.Genuine, "loan.created", strings.Replace(loan, `"data":{`, `"data":{"extra":{"a":1},`, 1))
	}
	put(simulator.Genuine, "loan.created", strings.Replace(loan, `"duration":`, `"length":`, 1))
	put(simulator.Redelivery, "loan.created", strings.Replace(loan, `"duration":`, `"duration":{},"x":`, 1))
	put(simulator.Genuine, "loan.forgiven", loan)
	put(simulator.Genuine, "loan.created", "no JSON")
	put(simulator.Forged, "loan.created", "forged, so of no account")
	w.Close()
	report, err := CheckDrift(p, NewReader("j", &out))
	if err != nil {
		t.Fatal(err)
	}
	want := map[Drift]bool{
		{Kind: UnknownField, Event: "loan.created", Pointer: "/data/extra", Detail: "object", Count: 2, First: "a0"}:                       true,
		{Kind: UnknownField, Event: "loan.created", Pointer: "/data/x", Detail: report.detail("/data/x"), Count: 1, First: "a0"}:           true,
		{Kind: UnknownField, Event: "loan.created", Pointer: "/data/length", Detail: report.detail("/data/length"), Count: 1, First: "a0"}: true,
		{Kind: MissingField, Event: "loan.created", Pointer: "/data/duration", Count: 1, First: "a0"}:                                      true,
		{Kind: Mistyped, Event: "loan.created", Pointer: "/data/duration", Detail: report.detail("/data/duration"), Count: 1, First: "a0"}: true,
		{Kind: UnknownEvent, Event: "loan.forgiven", Count: 1, First: "a0"}:                                                                true,
		{Kind: NoJSON, Event: "loan.created", Detail: report.detail(""), Count: 1, First: "a0"}:                                            true,
	}
	for _, d := range report.Drifts {
		if !want[d] {
			t.Errorf("unexpected %+v", d)
		}
		delete(want, d)
	}
	for d := range want {
		t.Errorf("missing %+v", d)
	}
	if len(report.Unseen) != 1 || report.Unseen[0] != "social_vault.locked" || report.Attempts != report.Checked+1 {
		t.Errorf("unseen %q, %d attempts, %d checked", report.Unseen, report.Attempts, report.Checked)
	}
}

// detail is what the report says of a pointer beside the kind.
func (r *DriftReport) detail(pointer string) string {
	for _, d := range r.Drifts {
		if d.Pointer == pointer && d.Detail != "" {
			return d.Detail
		}
	}
	return ""
}

// What is generated does not drift.
func TestGeneratedEventsDoNotDrift(t *testing.T) {
	l, _ := schemas.Builtin()
	for _, p := range l.Providers() {
		generator, err := generate.New(p, generate.Options{Seed: 2, RunID: "drift"})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		w := NewWriter(&out, Options{Sync: true})
		for n := range uint64(50) {
			for _, e := range generator.Journey(generate.Key{Case: "d", Number: n}, time.Now()) {
				a := sample(int(n))
				a.Event.Type, a.Request.Body = e.Type, simulator.NewBytes(e.Body)
				w.Attempt(a)
			}
		}
		w.Close()
		report, err := CheckDrift(p, NewReader("j", &out))
		if err != nil || len(report.Drifts) > 0 || report.Checked < 50 {
			t.Errorf("%s: %v, %+v", p.Name(), err, report)
		}
	}
}
