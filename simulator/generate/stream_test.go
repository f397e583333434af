package generate

import (
	"bytes"
	"testing"
	"time"
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
		for range 5000 { // its memory grows to the largest event
			one()
		}
		if allocations := testing.AllocsPerRun(2000, one); allocations > 0 {
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
