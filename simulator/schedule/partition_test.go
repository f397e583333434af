package schedule

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"pgregory.net/rapid"
)

// drawn is what a partition plans.
type drawn struct {
	items []Item
	ids   []string // of the events, item by item
}

func draw(t testing.TB, c Config, part Partition, most int) (d drawn) {
	t.Helper()
	c.Partition = part
	e, err := newEngine(&c)
	if err != nil {
		t.Fatal(err)
	}
	m, err := e.recipe.maker()
	if err != nil {
		t.Fatal(err)
	}
	var it Item
	for len(d.items) < most && e.agenda.plan.next(&it) {
		m.event(&task{Item: it, origin: c.Start})
		d.items = append(d.items, it)
		d.ids = append(d.ids, fmt.Sprintf("%s %q", m.id, m.scope))
	}
	return d
}

// No two partitions send the same event, nor name an attempt alike; what
// repeats a delivery stays where the delivery was; and all of it together is
// what the scenario asks for.
func TestPartitionsAreDisjoint(t *testing.T) {
	if raceEnabled {
		t.Skip("one goroutine: nothing for the race detector, and slow under it")
	}
	all := providers(t)
	rapid.Check(t, func(rt *rapid.T) {
		p := rapid.SampledFrom(all).Draw(rt, "provider")
		count := rapid.IntRange(1, 7).Draw(rt, "count")
		n := rapid.IntRange(1, 400).Draw(rt, "deliveries")
		arrivals := rapid.SampledFrom([]string{"constant", "poisson", "bursty"}).Draw(rt, "arrivals")
		rate := rapid.SampledFrom([]string{"50/s", "max"}).Draw(rt, "rate")
		if rate == "max" {
			arrivals = "constant"
		}
		c := configFor(t, p, scenario(t, fmt.Sprintf(`
phases:
  - {name: first, deliveries: %d, rate: %s, arrivals: %s, mix: {duplicates: 10%%, redeliveries: 5%%, stale: 10%%, forged: 10%%, reorder: 20%%}}
  - {name: second, deliveries: %d, rate: 10/s, mix: {forged: 30%%}}
`, n, rate, arrivals, n/2+1)), "http://127.0.0.1:1/")
		c.Seed = rapid.Uint64().Draw(rt, "seed")
		owner, places, journeys, total := map[string]int{}, map[uint64]int{}, map[uint64]int{}, 0
		for i := range count {
			part := Partition{i, count}
			d := draw(t, c, part, 1<<20)
			total += len(d.items)
			if again := draw(t, c, part, 1<<20); !slices.Equal(again.items, d.items) || !slices.Equal(again.ids, d.ids) {
				rt.Fatalf("partition %s is another when it is drawn again", part)
			}
			if want := part.Share(uint64(n)) + part.Share(uint64(n/2+1)); uint64(len(d.items)) != want {
				rt.Fatalf("partition %s has %d deliveries; want %d", part, len(d.items), want)
			}
			own := map[uint64]bool{}
			for k, it := range d.items {
				if o, taken := places[it.Index]; taken {
					rt.Fatalf("delivery %d is of partitions %d and %d", it.Index, o, i)
				}
				places[it.Index] = i
				own[it.Index] = true
				if o, taken := owner[d.ids[k]]; taken && o != i {
					rt.Fatalf("event %s is of partitions %d and %d", d.ids[k], o, i)
				}
				owner[d.ids[k]] = i
				switch it.Class {
				case simulator.Duplicate, simulator.Redelivery:
					if !own[it.Of] {
						rt.Fatalf("partition %s repeats delivery %d, which it did not send", part, it.Of)
					}
				case simulator.Genuine:
					if o, taken := journeys[it.Number]; taken && o != i {
						rt.Fatalf("journey %d is of partitions %d and %d", it.Number, o, i)
					}
					journeys[it.Number] = i
				}
			}
		}
		if total != n+n/2+1 {
			rt.Fatalf("%d partitions have %d deliveries; want %d", count, total, n+n/2+1)
		}
	})
}

// What is spread evenly, in groups or along a ramp is sent at the very times
// of the whole run; what is spread by chance, as often.
func TestPartitionsKeepTheSchedule(t *testing.T) {
	for name, phase := range map[string]string{
		"constant": "duration: 20s, rate: 70/s", "counted": "deliveries: 700, rate: 33/s",
		"ramp": "duration: 20s, rate: {from: 10/s, to: 90/s}", "falling": "duration: 20s, rate: {from: 90/s, to: 0/s}",
		"bursty": "duration: 20s, rate: 70/s, arrivals: bursty, burst: 30",
	} {
		c := configFor(t, provider(t, "usmewe"), scenario(t, "phases: [{name: a, "+phase+"}, {name: b, deliveries: 50, rate: 10/s}]"), "http://127.0.0.1:1/")
		for _, count := range []int{1, 2, 3, 8} {
			var got []time.Duration
			for i := range count {
				for _, it := range draw(t, c, Partition{i, count}, 1<<20).items {
					got = append(got, it.Offset)
				}
			}
			slices.Sort(got)
			var want []time.Duration
			for _, it := range draw(t, c, Partition{}, 1<<20).items {
				want = append(want, it.Offset)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %d partitions send at %d other times than the whole (%d)", name, count, len(got), len(want))
			}
		}
	}
	c := configFor(t, provider(t, "usmewe"), scenario(t, "phases: [{name: a, duration: 40s, rate: 200/s, arrivals: poisson}]"), "http://127.0.0.1:1/")
	for i := range 4 {
		if n := len(draw(t, c, Partition{i, 4}, 1<<20).items); n < 1750 || n > 2250 {
			t.Errorf("partition %d of 4 has %d deliveries of about 8,000", i, n)
		}
	}
}

// The only partition of one is the whole, to the byte; one of several is not.
func TestOnlyPartitionIsTheWhole(t *testing.T) {
	for _, p := range providers(t) {
		c := configFor(t, p, scenario(t, mixed), "http://127.0.0.1:1/webhooks")
		whole, _ := print(t, c, 1000)
		c.Partition = Partition{0, 1}
		if one, _ := print(t, c, 1000); one != whole {
			t.Errorf("%s: partition 1/1 makes other bytes than the whole", p.Name())
		}
		c.Partition = Partition{0, 2}
		if half, _ := print(t, c, 1000); half == whole {
			t.Errorf("%s: partition 1/2 makes the bytes of the whole", p.Name())
		}
	}
}

func TestBadPartition(t *testing.T) {
	c := configFor(t, provider(t, "usmewe"), scenario(t, "phases: [{name: a, deliveries: 5, rate: max}]"), "http://127.0.0.1:1/")
	for _, bad := range []Partition{{1, 1}, {1, 0}, {4, 4}, {-1, 4}, {0, -1}, {0, maxPartitions + 1}} {
		c.Partition = bad
		if _, err := Preview(c); !errors.Is(err, ErrConfig) {
			t.Errorf("partition %+v: %v; want a configuration error", bad, err)
		}
	}
	for text, want := range map[string]Partition{"1/1": {0, 1}, "2/4": {1, 4}, "4/4": {3, 4}} {
		got, err := ParsePartition(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("ParsePartition(%q) = %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "1", "0/4", "5/4", "-1/4", "1/0", "a/4", "1/b", "1/4/2", " 1/4", "1/99999999"} {
		if got, err := ParsePartition(text); err == nil || !strings.Contains(err.Error(), "partition") {
			t.Errorf("ParsePartition(%q) = %+v, %v; want an error", text, got, err)
		}
	}
}

// Partitions run against one receiver make up the run, each with its share of
// what is validated.
func TestPartitionRuns(t *testing.T) {
	p := provider(t, "usmewe")
	var sent, events uint64
	var target string
	var o handled
	start := time.Now()
	target, o = reference(t, p)
	var parts []Part
	for i := range 3 {
		c := live(t, p, scenario(t, "phases: [{name: all, deliveries: 100, rate: max, mix: {duplicates: 10%, forged: 10%, stale: 5%}}]"), target, o)
		c.Partition, c.Validate, c.Start = Partition{i, 3}, 10, start
		s := run(t, t.Context(), c)
		if s.Outcome != Conformant || s.Run.Partition != c.Partition {
			t.Fatalf("partition %d: %s %q of %+v", i, s.Outcome, s.Reasons, s.Run.Partition)
		}
		if want := (c.Partition.Share(100) + 9) / 10; s.Validation.Checked != want {
			t.Errorf("partition %d held %d bodies against their schemas; want %d", i, s.Validation.Checked, want)
		}
		sent += s.Counts.Sent
		events += s.Effects.Events
		parts = append(parts, Part{c.Partition.String(), s})
	}
	whole, err := Merge(parts, false)
	if err != nil || whole.Outcome != Conformant || whole.Counts.Sent != 100 || whole.Effects.Events != events || whole.Effects.Applied != events || whole.Run.Partition != (Partition{}) {
		t.Errorf("merged: %v, %+v", err, whole)
	}
	if sent != 100 || events == 0 {
		t.Errorf("three partitions sent %d deliveries, %d events; want 100", sent, events)
	}
}

// The previews of partitions add up to what the whole would send.
func TestPreviewOfPartitions(t *testing.T) {
	c := configFor(t, provider(t, "usmewe"), scenario(t, mixed), "http://127.0.0.1:1/")
	whole, err := Preview(c)
	if err != nil {
		t.Fatal(err)
	}
	var sum *Plan
	for i := range 3 {
		c.Partition = Partition{i, 3}
		p, err := Preview(c)
		if err != nil {
			t.Fatal(err)
		}
		if sum == nil {
			sum = p
		} else {
			sum.Add(p)
		}
	}
	genuine := uint64(0)
	for _, e := range sum.Events {
		genuine += e.Count
	}
	var of uint64
	for i, p := range sum.Phases {
		of += p.Classes[simulator.Genuine]
		if w := whole.Phases[i]; p.Name != w.Name || p.Begins != w.Begins || i > 0 && p.Deliveries != w.Deliveries {
			t.Errorf("phase %+v; want as many as in %+v", p, w)
		}
	}
	if genuine != of || len(sum.Events) != len(whole.Events) || sum.Events[0].Type != whole.Events[0].Type {
		t.Errorf("%d genuine events by type, %d by phase: %+v", genuine, of, sum.Events)
	}
}
