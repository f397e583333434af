package simulator

import (
	"bytes"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/jsondoc"
	"github.com/hookstone/hookstone/simulator/sign"
	"github.com/hookstone/hookstone/simulator/wire"
)

// builtin returns a sender for every contract that the program carries.
func builtin(t testing.TB) []*Sender {
	t.Helper()
	library, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	var out []*Sender
	for _, p := range library.Providers() {
		g, err := generate.New(p, generate.Options{Seed: 1, RunID: "test"})
		if err != nil {
			t.Errorf("%s: %v", p.Name(), err)
			continue
		}
		out = append(out, &Sender{
			Provider: p, Generator: g, Secret: secretOf(p.Contract), Clock: func() time.Time { return clock },
			Client: wire.NewClient(&url.URL{Scheme: "http", Host: "h"}, nil, wire.Limits{}),
		})
	}
	if len(out) == 0 {
		t.Fatal("no contract")
	}
	return out
}

func TestEveryEventIsRightlySigned(t *testing.T) {
	for _, s := range builtin(t) {
		for _, e := range s.Provider.Events {
			ev, err := s.Generator.Event(generate.Key{Case: "sign", Number: 1}, e.Type, clock)
			if err != nil {
				t.Errorf("%s: %v", s.Provider.Name(), err)
				continue
			}
			for attempt := 1; attempt <= 2; attempt++ {
				at := clock.Add(time.Duration(attempt-1) * time.Hour)
				d, err := s.Prepare(Delivery{Event: ev, At: at, Attempt: attempt})
				if err != nil {
					t.Errorf("%s: %s: %v", s.Provider.Name(), e.Type, err)
					continue
				}
				scheme, _ := s.Scheme()
				if err := scheme.Verify(d.Request.Fields, d.Request.Body, at, s.Secret); err != nil {
					t.Errorf("%s: %s, attempt %d: Verify = %v", s.Provider.Name(), e.Type, attempt, err)
				}
				doc, err := jsondoc.Parse(d.Request.Body)
				if err != nil || !bytes.Equal(doc.Compact(), d.Request.Body) {
					t.Errorf("%s: %s, attempt %d is no fixed point: %v %s", s.Provider.Name(), e.Type, attempt, err, d.Request.Body)
				}
				same := bytes.Equal(d.Request.Body, ev.Body)
				if renewed := s.Provider.Contract.Time.At.Pointer != "" && s.Provider.Contract.Time.OnRedelivery == "renewed"; attempt == 2 && same == renewed {
					t.Errorf("%s: %s: the redelivery's body is the same: %v", s.Provider.Name(), e.Type, same)
				}
			}
		}
	}
}

// TestTamperingIsSeenInEveryEvent changes every event of every contract after
// it was signed.
func TestTamperingIsSeenInEveryEvent(t *testing.T) {
	for _, s := range builtin(t) {
		for _, e := range s.Provider.Events {
			ev, err := s.Generator.Event(generate.Key{Case: "tamper", Number: 1}, e.Type, clock)
			if err != nil {
				t.Errorf("%s: %v", s.Provider.Name(), err)
				continue
			}
			for _, f := range []fault.Fault{fault.TamperedValue(""), fault.TamperedType("other.type"), fault.Appended(), fault.Emptied(), fault.AnotherSecret(), fault.Unsigned()} {
				d, err := s.Prepare(Delivery{Event: ev, Faults: []fault.Fault{f}})
				if err != nil {
					t.Errorf("%s: %s: %s: %v", s.Provider.Name(), e.Type, f.Name, err)
					continue
				}
				if err := verdict(d, s.Secret); err == nil || errors.Is(err, sign.ErrStale) {
					t.Errorf("%s: %s: %s: Verify = %v", s.Provider.Name(), e.Type, f.Name, err)
				}
			}
		}
	}
}

// BenchmarkSignedEvents makes and signs events as the load loop does.
func BenchmarkSignedEvents(b *testing.B) {
	for _, s := range builtin(b) {
		b.Run(s.Provider.Name(), func(b *testing.B) {
			scheme, err := s.Scheme()
			if err != nil {
				b.Fatal(err)
			}
			signer, err := scheme.Bind(s.Secret)
			if err != nil {
				b.Fatal(err)
			}
			stream := s.Generator.Stream("bench")
			types := len(s.Generator.Types())
			var body, head []byte
			m := sign.Material{At: clock}
			n := uint64(0)
			b.ReportAllocs()
			before := cpuTime()
			for b.Loop() {
				body = stream.AppendEvent(body[:0], n, int(n)%types, clock)
				m.Body = body
				head = signer.AppendHeader(head[:0], &m)
				n++
			}
			b.ReportMetric(float64(n)/(cpuTime()-before).Seconds(), "events/cpu-s")
		})
	}
}

func BenchmarkPrepare(b *testing.B) {
	s := builtin(b)[0]
	e := shapedEvent()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Prepare(Delivery{Event: e}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestEveryFaultOnEveryContract prepares each named fault on one event of each
// contract: it acts, or says that it cannot, and never touches the event given.
func TestEveryFaultOnEveryContract(t *testing.T) {
	for _, s := range builtin(t) {
		ev, err := s.Generator.Event(generate.Key{Case: "fault", Number: 1}, s.Provider.Events[0].Type, clock)
		if err != nil {
			t.Fatal(err)
		}
		before := bytes.Clone(ev.Body)
		right, err := s.Prepare(Delivery{Event: ev})
		if err != nil {
			t.Fatal(err)
		}
		plain := s.Client.AppendRequest(nil, &right.Request)
		for _, e := range fault.Catalogue() {
			f, err := fault.Parse(e.Example)
			if err != nil {
				t.Fatal(err)
			}
			d, err := s.Prepare(Delivery{Event: ev, Faults: []fault.Fault{f}})
			if fault.IsNotApplicable(err) {
				continue
			}
			if err != nil {
				t.Errorf("%s: %s: %v", s.Provider.Name(), f.Name, err)
				continue
			}
			if f.Name == "header.case(lower)" {
				continue // some contracts write it so
			}
			onBytes := f.Stage != fault.OnWire || f.Name == "wire.chunked(16)" || f.Name == "wire.no-length" || f.Name == "wire.expect-continue" || f.Name == "wire.content-coding(gzip)"
			if same := bytes.Equal(plain, s.Client.AppendRequest(nil, &d.Request)); same && onBytes {
				t.Errorf("%s: %s changes nothing", s.Provider.Name(), f.Name)
			}
			if !bytes.Equal(ev.Body, before) {
				t.Fatalf("%s: %s changed the event given", s.Provider.Name(), f.Name)
			}
		}
	}
}
