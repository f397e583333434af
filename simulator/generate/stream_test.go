package generate

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"github.com/hookstone/hookstone/schemas"
)

// A stream makes what the generator makes, whatever it made before.
func TestStreamAgreesWithGenerator(t *testing.T) {
	for _, p := range providers(t) {
		for _, documentedOnly := range []bool{false, true} {
			g := newGenerator(t, p, Options{Seed: 3, RunID: "stream", DocumentedOnly: documentedOnly})
			s := g.Stream("case")
			buffer := []byte("before")
			for n := range uint64(200) {
				want := g.Journey(Key{"case", n}, testTime)
				j := s.Journey(n)
				if s.Steps(j) != len(want) {
					t.Fatalf("%s: journey %s has %d steps, Journey made %d", p.Name(), s.JourneyName(j), s.Steps(j), len(want))
				}
				for i := len(want) - 1; i >= 0; i-- {
					buffer = s.Append(buffer[:6], n, j, i, want[i].At)
					if !bytes.Equal(buffer[6:], want[i].Body) || string(buffer[:6]) != "before" {
						t.Fatalf("%s: stream made %s\njourney made %s", p.Name(), buffer, want[i].Body)
					}
					if string(s.ID()) != want[i].ID || s.Scopes() != len(want[i].Scope) || g.Types()[s.Type(j, i)] != want[i].Type {
						t.Fatalf("%s: stream has id %q, journey %q", p.Name(), s.ID(), want[i].ID)
					}
					for k, scope := range want[i].Scope {
						if string(s.Scope(k)) != scope {
							t.Fatalf("%s: stream has scope %q, journey %q", p.Name(), s.Scope(k), scope)
						}
					}
					if offset := s.Offset(n, j, i); want[i].At.Sub(want[0].At) != offset {
						t.Fatalf("%s: offset %s, journey %s", p.Name(), offset, want[i].At.Sub(want[0].At))
					}
				}
			}
		}
	}
}

func TestGeneratorIsSafeForConcurrentUse(t *testing.T) {
	g := newGenerator(t, providers(t)[0], Options{Seed: 3})
	want := g.Journey(Key{"case", 1}, testTime)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				got := g.With(g.Options()).Journey(Key{"case", 1}, testTime)
				if len(got) != len(want) || !bytes.Equal(got[0].Body, want[0].Body) {
					t.Errorf("another goroutine made %s; want %s", got[0].Body, want[0].Body)
					return
				}
			}
		})
	}
	wg.Wait()
}

// Where a header carries the id, the event's id is what {id} names.
func TestIDInAHeader(t *testing.T) {
	p := invented(t, `
format: 1
id: {$id: "[0-9a-f]{32}"}
envelope: {type: "{type}", data: "{data}"}
events: {e: {data: {copy: "{id}"}}, f: {data: {}}, hello: {body: {}}}
journeys: [{name: one, steps: [e, f, hello]}]
`)
	p.Contract.Identity.ID = []schemas.Location{{Header: "X-Delivery"}}
	g := newGenerator(t, p, Options{})
	events := g.Journey(Key{"case", 1}, testTime)
	if want := `{"type":"e","data":{"copy":"` + events[0].ID + `"}}`; len(events[0].ID) != 32 || string(events[0].Body) != want {
		t.Errorf("id %q, body %s; want %s", events[0].ID, events[0].Body, want)
	}
	if len(events[1].ID) != 32 || events[1].ID == events[0].ID || string(events[1].Body) != `{"type":"f","data":{}}` {
		t.Errorf("second event: id %q, body %s", events[1].ID, events[1].Body)
	}
}

func TestStreamDoesNotAllocate(t *testing.T) {
	for _, p := range providers(t) {
		g := newGenerator(t, p, Options{Seed: 3})
		s := g.Stream("case")
		var buffer []byte
		n := uint64(0)
		one := func() {
			buffer = s.AppendEvent(buffer[:0], n, int(n)%len(g.Types()), testTime)
			buffer = s.Append(buffer[:0], n, s.Journey(n), 0, testTime)
			n++
		}
		for range 1000 { // its memory grows to the largest event
			one()
		}
		if allocations := testing.AllocsPerRun(2000/slowdown, one); allocations > 0 {
			t.Errorf("%s: %v allocations per event; want none", p.Name(), allocations)
		}
	}
}

// Over all events of a contract, each by its shortest journey prefix.
func BenchmarkEvents(b *testing.B) {
	for _, p := range providers(b) {
		b.Run(p.Name(), func(b *testing.B) {
			g := newGenerator(b, p, Options{Seed: 1, RunID: "bench"})
			s := g.Stream("bench")
			types := len(g.Types())
			var buffer []byte
			var total int64
			b.ReportAllocs()
			before := cpuTime()
			for i := 0; b.Loop(); i++ {
				buffer = s.AppendEvent(buffer[:0], uint64(i), i%types, testTime)
				total += int64(len(buffer))
			}
			b.ReportMetric(float64(b.N)/(cpuTime()-before).Seconds(), "events/cpu-s")
			b.ReportMetric(float64(total)/float64(b.N), "bytes/event")
		})
	}
}

// Whole journeys, step by step, as a simulation draws them.
func BenchmarkJourneys(b *testing.B) {
	for _, p := range providers(b) {
		b.Run(p.Name(), func(b *testing.B) {
			g := newGenerator(b, p, Options{Seed: 1, RunID: "bench"})
			s := g.Stream("bench")
			var buffer []byte
			events := 0
			b.ReportAllocs()
			before := cpuTime()
			for i := 0; b.Loop(); i++ {
				j := s.Journey(uint64(i))
				for step := range s.Steps(j) {
					buffer = s.Append(buffer[:0], uint64(i), j, step, testTime.Add(time.Duration(step)*time.Hour))
					events++
				}
			}
			b.ReportMetric(float64(events)/(cpuTime()-before).Seconds(), "events/cpu-s")
		})
	}
}
