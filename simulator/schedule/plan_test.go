package schedule

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/wire"
)

const secret = "whsec_c2VjcmV0LW9mLXRoaXMtdGVzdA=="

var testStart = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func provider(t testing.TB, name string) *schemas.Provider {
	t.Helper()
	l, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.Provider(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func providers(t testing.TB) []*schemas.Provider {
	t.Helper()
	l, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return l.Providers()
}

func scenario(t testing.TB, text string) *Scenario {
	t.Helper()
	s, err := ParseScenario("test", []byte("format: 1\nname: test\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const mixed = `
phases:
  - {name: calm, duration: 30s, rate: 500/s, arrivals: poisson, mix: {duplicates: 4%, forged: 3%, stale: 2%, reorder: 5%, redeliveries: 2%}}
  - {name: rise, duration: 20s, rate: {from: 500/s, to: 1500/s}, mix: {duplicates: 8%, forged: 5%}}
  - {name: rush, duration: 60s, rate: 2000/s, arrivals: bursty, burst: 50, mix: {duplicates: 10%, redeliveries: 3%, forged: 2%, stale: 1%, reorder: 10%}}
`

func configFor(t testing.TB, p *schemas.Provider, s *Scenario, target string) Config {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	return Config{
		Provider: p, Client: wire.NewClient(u, nil, wire.Limits{}), Secret: []byte(secret), Scenario: s,
		Seed: 7, RunID: "run", Start: testStart, Pinned: true,
	}
}

// print hashes a plan without sending it: every request, class and time.
func print(t testing.TB, c Config, items int) (sum string, classes map[simulator.Class]int) {
	t.Helper()
	e, err := newEngine(&c)
	if err != nil {
		t.Fatal(err)
	}
	m, err := e.recipe.maker()
	if err != nil {
		t.Fatal(err)
	}
	h, classes := sha256.New(), map[simulator.Class]int{}
	a := e.agenda
	a.epoch = time.Now().Add(-time.Hour) // all is due
	a.advance()
	var tk task
	for n := 0; n < items && a.take(&tk); n++ {
		if err := m.make(&tk); err != nil {
			t.Fatal(err)
		}
		a.done()
		classes[tk.class]++
		fmt.Fprintf(h, "%d %s %d %s %d %q\n", tk.Index, tk.class, tk.Offset, m.fault, len(m.request), m.request)
	}
	return fmt.Sprintf("%x", h.Sum(nil)), classes
}

// Same seed, run id, start and scenario: the same bodies, headers, classes,
// order and intended times.
func TestSameRunSameBytes(t *testing.T) {
	n := 100_000
	if raceEnabled || testing.Short() {
		n = 3000
	}
	for i, p := range providers(t) {
		if i > 0 {
			n = min(n, 5000) // the first shows it at length
		}
		t.Run(p.Name(), func(t *testing.T) {
			t.Parallel()
			c := configFor(t, p, scenario(t, mixed), "http://127.0.0.1:1/webhooks")
			first, classes := print(t, c, n)
			if again, _ := print(t, c, n); again != first {
				t.Error("the same run made other bytes")
			}
			want := []simulator.Class{simulator.Genuine, simulator.Duplicate, simulator.Redelivery, simulator.Forged}
			if p.Contract.Time.Tolerance.Duration > 0 {
				want = append(want, simulator.Stale)
			}
			for _, class := range want {
				if classes[class] == 0 {
					t.Errorf("no %s among %v", class, classes)
				}
			}
			few := min(n, 300)
			base, _ := print(t, c, few)
			for name, change := range map[string]func(*Config){
				"seed": func(c *Config) { c.Seed++ }, "run id": func(c *Config) { c.RunID = "other" },
				"start": func(c *Config) { c.Start = c.Start.Add(time.Minute) },
				"scenario": func(c *Config) {
					c.Scenario = scenario(t, strings.Replace(mixed, "duplicates: 4%", "duplicates: 5%", 1))
				},
			} {
				other := c
				change(&other)
				if sum, _ := print(t, other, few); sum == base {
					t.Errorf("another %s made the same bytes", name)
				}
			}
		})
	}
}

// The fast way makes what the sender makes.
func TestMakerAgreesWithSender(t *testing.T) {
	for _, p := range providers(t) {
		c := configFor(t, p, scenario(t, mixed), "http://127.0.0.1:1/webhooks?a=b")
		c.Extra = []wire.Field{{Name: "X-Gateway", Value: "token"}, {Name: "User-Agent", Value: "other"}}
		e, err := newEngine(&c)
		if err != nil {
			t.Fatal(err)
		}
		m, err := e.recipe.maker()
		if err != nil {
			t.Fatal(err)
		}
		sender := e.recipe.sender([]byte(secret), func() time.Time { return testStart })
		plan, err := e.recipe.planner(testStart)
		if err != nil {
			t.Fatal(err)
		}
		var it Item
		for seen := 0; seen < 200 && plan.next(&it); {
			if it.Class != simulator.Genuine {
				continue
			}
			seen++
			tk := task{Item: it, class: it.Class, signed: testStart, origin: testStart, try: 1}
			if err := m.make(&tk); err != nil {
				t.Fatal(err)
			}
			event := generate.Event{Type: m.eventType, ID: string(m.id), Body: bytes.Clone(m.body)}
			draft, err := sender.Prepare(simulator.Delivery{Event: event, At: testStart})
			if err != nil {
				t.Fatal(err)
			}
			if want := c.Client.AppendRequest(nil, &draft.Request); !bytes.Equal(m.request, want) {
				t.Fatalf("%s: made\n%s\nthe sender makes\n%s", p.Name(), m.request, want)
			}
		}
	}
}

// Journeys are sent in order but where they are to be reordered, and each
// event once.
func TestPlanKeepsJourneys(t *testing.T) {
	for _, reorder := range []string{"0%", "30%"} {
		for _, p := range providers(t) {
			c := configFor(t, p, scenario(t, "phases: [{name: a, deliveries: 5000, rate: 100/s, mix: {duplicates: 10%, reorder: "+reorder+"}}]"), "http://127.0.0.1:1/")
			e, err := newEngine(&c)
			if err != nil {
				t.Fatal(err)
			}
			plan := e.agenda.plan
			next, seen := map[uint64]int{}, map[[2]uint64]Item{}
			swaps, last := 0, time.Duration(-1)
			var it Item
			for plan.next(&it) {
				if it.Offset < last {
					t.Fatalf("item %d lies before the one before", it.Index)
				}
				last = it.Offset
				key := [2]uint64{it.Number, uint64(it.Step)}
				old, known := seen[key]
				if it.Class == simulator.Duplicate {
					if !known || old.Index != it.Of || old.Ordinal != it.Ordinal || !old.At.Equal(it.At) {
						t.Fatalf("%s: %+v repeats what was not sent", p.Name(), it)
					}
					continue
				}
				if known {
					t.Fatalf("%s: journey %d step %d comes twice", p.Name(), it.Number, it.Step)
				}
				seen[key] = it
				if it.Step != next[it.Number] {
					swaps++
				}
				if before, ok := seen[[2]uint64{it.Number, uint64(it.Step - 1)}]; ok && !it.At.After(before.At) {
					t.Fatalf("%s: step %d at %v, the one before at %v", p.Name(), it.Step, it.At, before.At)
				}
				next[it.Number] = it.Step + 1
			}
			if (swaps > 0) != (reorder != "0%") {
				t.Errorf("%s: %d steps out of order with reorder %s", p.Name(), swaps, reorder)
			}
		}
	}
}

func TestArrivals(t *testing.T) {
	for name, test := range map[string]struct {
		phase  string
		n      int // within a tenth
		at     []time.Duration
		middle int // how many of them in the first half, within a tenth
	}{
		"constant": {"duration: 10s, rate: 100/s", 1000, []time.Duration{0, 10 * time.Millisecond, 20 * time.Millisecond}, 500},
		"counted":  {"deliveries: 30, rate: 600/m", 30, []time.Duration{0, 100 * time.Millisecond}, 15},
		"both":     {"duration: 10s, deliveries: 70, rate: 100/s", 70, nil, 35},
		"rising":   {"duration: 10s, rate: {from: 0/s, to: 200/s}", 1000, []time.Duration{0, 316227766}, 250},
		"falling":  {"duration: 10s, rate: {from: 200/s, to: 0/s}", 1000, []time.Duration{0}, 750},
		"poisson":  {"duration: 10s, rate: 100/s, arrivals: poisson", 1000, nil, 500},
		"bursty":   {"duration: 10s, rate: 100/s, arrivals: bursty, burst: 50", 1000, []time.Duration{0, 0, 0}, 500},
	} {
		c := configFor(t, provider(t, "usmewe"), scenario(t, "phases: [{name: a, "+test.phase+"}]"), "http://127.0.0.1:1/")
		e, err := newEngine(&c)
		if err != nil {
			t.Fatal(err)
		}
		var offsets []time.Duration
		var it Item
		for e.agenda.plan.next(&it) {
			offsets = append(offsets, it.Offset)
		}
		n := len(offsets)
		if math.Abs(float64(n-test.n)) > float64(test.n)/10 {
			t.Errorf("%s: %d deliveries; want about %d", name, n, test.n)
		}
		for i, want := range test.at {
			if math.Abs(float64(offsets[i]-want)) > 2e3 {
				t.Errorf("%s: delivery %d at %v; want %v", name, i, offsets[i], want)
			}
		}
		length := c.Scenario.Length()
		half, _ := slices.BinarySearch(offsets, length/2)
		if math.Abs(float64(half-test.middle)) > float64(test.n)/10 {
			t.Errorf("%s: %d in the first half of %v; want about %d", name, half, length, test.middle)
		}
		if last := offsets[n-1]; last >= length {
			t.Errorf("%s: the last at %v, the phase lasts %v", name, last, length)
		}
	}
}

// Journeys that hold no event with a weight are not drawn.
func TestMixByEvent(t *testing.T) {
	c := configFor(t, provider(t, "usmewe"), scenario(t, "phases: [{name: a, deliveries: 500, rate: 100/s, events: {vault.deposit: 3}}]"), "http://127.0.0.1:1/")
	e, err := newEngine(&c)
	if err != nil {
		t.Fatal(err)
	}
	types := e.recipe.generator.Types()
	var it Item
	counts := map[string]int{}
	for e.agenda.plan.next(&it) {
		counts[types[e.agenda.plan.stream.Type(it.Journey, it.Step)]]++
	}
	if counts["vault.deposit"] == 0 || counts["loan.created"] > 0 {
		t.Errorf("%v; want deposits and no loans", counts)
	}
}

// The fast way allocates nothing.
func TestMakerAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, p := range providers(t) {
		c := configFor(t, p, scenario(t, "phases: [{name: a, duration: 10h, rate: 1000/s}]"), "http://127.0.0.1:1/")
		e, err := newEngine(&c)
		if err != nil {
			t.Fatal(err)
		}
		m, err := e.recipe.maker()
		if err != nil {
			t.Fatal(err)
		}
		e.agenda.epoch = time.Now().Add(-100 * time.Hour)
		e.agenda.advance()
		var tk task
		one := func() {
			e.agenda.take(&tk)
			if err := m.make(&tk); err != nil {
				t.Fatal(err)
			}
			e.agenda.done()
		}
		for range 2000 {
			one()
		}
		if n := testing.AllocsPerRun(2000, one); n > 0 {
			t.Errorf("%s: %v allocations a delivery; want 0", p.Name(), n)
		}
	}
}

func BenchmarkMake(b *testing.B) {
	for _, p := range providers(b) {
		b.Run(p.Name(), func(b *testing.B) {
			c := configFor(b, p, scenario(b, "phases: [{name: a, duration: 1000h, rate: 1000/s}]"), "http://127.0.0.1:1/")
			e, err := newEngine(&c)
			if err != nil {
				b.Fatal(err)
			}
			m, err := e.recipe.maker()
			if err != nil {
				b.Fatal(err)
			}
			e.agenda.epoch = time.Now().Add(-10000 * time.Hour)
			e.agenda.advance()
			var tk task
			b.ReportAllocs()
			for b.Loop() {
				e.agenda.take(&tk)
				if err := m.make(&tk); err != nil {
					b.Fatal(err)
				}
				e.agenda.done()
			}
		})
	}
}
