package schedule

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/sign"
	"github.com/hookstone/hookstone/simulator/wire"
)

// The shipped scenarios can be run under every contract, and what is written
// of them is what is read.
func TestShippedScenarios(t *testing.T) {
	want := []string{"black-friday", "forgery-campaign", "outage-and-catch-up", "secret-rotation", "soak"}
	if got := Shipped(); !reflect.DeepEqual(got, want) {
		t.Fatalf("shipped are %q; want %q", got, want)
	}
	for _, name := range want {
		s, err := LoadScenario(name)
		if err != nil {
			t.Fatal(err)
		}
		if s.Name != name || s.Title == "" {
			t.Errorf("%s calls itself %q, %q", name, s.Name, s.Title)
		}
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ParseScenario(name, text)
		if err != nil || !reflect.DeepEqual(back, s) {
			t.Errorf("%s: %v\nread back %+v\nfirst     %+v", name, err, back, s)
		}
		s.Stretch(2 * time.Second)
		for _, p := range providers(t) {
			plan, err := Preview(Config{Provider: p, Secret: []byte(secret), NextSecret: []byte("next"), Scenario: s})
			if err != nil || plan.Deliveries == 0 || len(plan.Events) == 0 {
				t.Errorf("%s under %s: %v, %+v", name, p.Name(), err, plan)
			}
		}
	}
}

func TestScenarioFaults(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"empty":     {"", "test: "},
		"yaml":      {"a: [", "not YAML"},
		"unknown":   {"format: 1\nname: a\nspeed: 3\nphases: [{name: a, rate: 1/s, duration: 1s}]", "speed"},
		"endless":   {"format: 1\nname: a\nphases: [{name: a, rate: 1/s}]", "/phases/0"},
		"rate":      {"format: 1\nname: a\nphases: [{name: a, rate: 0/s, duration: 1s}]", "its rate is 0"},
		"share":     {"format: 1\nname: a\nphases: [{name: a, rate: 1/s, duration: 1s, mix: {forged: 120%}}]", "no share from 0% to 100%"},
		"sum":       {"format: 1\nname: a\nphases: [{name: a, rate: 1/s, duration: 1s, mix: {forged: 60%, stale: 60%}}]", "more than 100%"},
		"twice":     {"format: 1\nname: a\nphases: [{name: a, rate: 1/s, duration: 1s}, {name: a, rate: 1/s, duration: 1s}]", "another phase has the name"},
		"ramp":      {"format: 1\nname: a\nphases: [{name: a, rate: {from: 1/s, to: 2/s}, deliveries: 5}]", "a ramp needs a duration"},
		"burst":     {"format: 1\nname: a\nphases: [{name: a, rate: 1/s, duration: 1s, burst: 5}]", "burst belongs to bursty"},
		"fault":     {"format: 1\nname: a\nphases: [{name: a, rate: 1/s, duration: 1s, forgeries: [no.such]}]", `unknown fault "no.such"`},
		"outage":    {"format: 1\nname: a\nphases: [{name: a, rate: 1/s, duration: 1s, outages: [{at: 2s, deliveries: 1}]}]", "lies behind its end"},
		"threshold": {"format: 1\nname: a\nfail_on: ['p99 > 3']\nphases: [{name: a, rate: 1/s, duration: 1s}]", "is no duration"},
	} {
		if _, err := ParseScenario("test", []byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v; want %q", name, err, test.want)
		}
	}
}

func TestConfigFaults(t *testing.T) {
	p := provider(t, "usmewe")
	fine := scenario(t, "phases: [{name: a, rate: 1/s, duration: 1s}]")
	for want, change := range map[string]func(*Config){
		"no secret":   func(c *Config) { c.Secret = nil },
		"no scenario": func(c *Config) { c.Scenario = nil },
		"a provider":  func(c *Config) { c.Client = nil },
		"the next secret": func(c *Config) {
			c.Scenario = scenario(t, "phases: [{name: a, rate: 1/s, duration: 1s, secret: next}]")
		},
		"no fault hook": func(c *Config) {
			c.Scenario = scenario(t, "phases: [{name: a, rate: 1/s, duration: 1s, outages: [{at: 0s, deliveries: 1}]}]")
		},
		`has no event "no.one"`: func(c *Config) {
			c.Scenario = scenario(t, "phases: [{name: a, rate: 1/s, duration: 1s, events: {no.one: 1}}]")
		},
		"no journey has any": func(c *Config) {
			c.Scenario = scenario(t, "phases: [{name: a, rate: 1/s, duration: 1s, events: {loan.created: 0}}]")
		},
	} {
		c := configFor(t, p, fine, "http://127.0.0.1:1/")
		change(&c)
		if _, err := Run(context.Background(), c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

func TestThresholds(t *testing.T) {
	s := &Summary{Counts: Tallied{Sent: 10, Unexpected: 1}, Latency: Latency{Count: 9, P50: 100, P99: 3500}, Retries: RetrySummary{GaveUp: 2}, Rate: 50}
	for _, c := range Classes {
		s.Classes = append(s.Classes, ClassSummary{Class: c})
	}
	s.Classes[classOf(simulator.Forged)].Accepted = 3
	for text, want := range map[string]string{
		"p99 > 3s": "crossed 3500ms", "p99>3s": "crossed 3500ms", "p99 > 4s": "3500ms", "p50 <= 100ms": "crossed 100ms", "forged.accepted > 0": "crossed 3",
		"stale.accepted > 0": "0", "given_up == 2": "crossed 2", "given_up != 2": "2", "rate < 100": "crossed 50", "sent >= 11": "10", "genuine.p99 > 1ms": "not known", "lost > 0": "not known",
	} {
		threshold, err := ParseThreshold(text)
		if err != nil {
			t.Fatal(err)
		}
		r := threshold.judge(s)
		got := r.Value
		if r.Crossed {
			got = "crossed " + got
		}
		if got != want {
			t.Errorf("%s: %s; want %s", text, got, want)
		}
	}
	s.Effects = &Effects{Lost: 1}
	if threshold, _ := ParseThreshold("lost > 0"); !threshold.NeedsObserver() || !threshold.judge(s).Crossed {
		t.Error("lost > 0 is not crossed by a lost event")
	}
	for text, want := range map[string]string{
		"": "no comparison", "p99": "no comparison", "p99 = 3s": "known comparisons", "x > 1": `nothing is called "x"`, "other.p99 > 1s": `no class "other"`,
		"p99 > 3": "no duration", "sent > 3s": "no number", "sent > NaN": "no number", "genuine.lost > 0": "nothing is called",
	} {
		if _, err := ParseThreshold(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
}

// While the secret is rotated, deliveries verify with either secret where the
// contract can say both, and with the newer where it cannot.
func TestSecretRotation(t *testing.T) {
	next := []byte("whsec_bmV4dC1zZWNyZXQ=")
	for _, p := range providers(t) {
		c := configFor(t, p, scenario(t, "phases: [{name: a, deliveries: 20, rate: 1000/s}, {name: b, deliveries: 20, rate: 1000/s, secret: both, mix: {redeliveries: 30%}}, {name: c, deliveries: 20, rate: 1000/s, secret: next}]"), "http://127.0.0.1:1/")
		c.NextSecret = next
		e, err := newEngine(&c)
		if err != nil {
			t.Fatal(err)
		}
		m, err := e.recipe.maker()
		if err != nil {
			t.Fatal(err)
		}
		repeat := false
		for _, h := range p.Contract.Signing.Headers {
			repeat = repeat || h.Rotation == "repeat"
		}
		e.agenda.epoch = time.Now().Add(-time.Hour)
		e.agenda.advance()
		var tk task
		for e.agenda.take(&tk) {
			if err := m.make(&tk); err != nil {
				t.Fatal(err)
			}
			e.agenda.done()
			var fields []wire.Field
			head, body, _ := bytes.Cut(m.request, []byte("\r\n\r\n"))
			for line := range strings.Lines(string(head)) {
				if name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ": "); ok {
					fields = append(fields, wire.Field{Name: name, Value: value})
				}
			}
			verifies := func(secret []byte) bool {
				err := e.recipe.scheme.Verify(fields, body, tk.signed, secret)
				if err != nil && !strings.Contains(err.Error(), sign.ErrMismatch.Error()) {
					t.Fatal(err)
				}
				return err == nil
			}
			old, newer := verifies([]byte(secret)), verifies(next)
			phase := c.Scenario.Phases[tk.Phase].Name
			if phase == "a" && (!old || newer) || phase == "b" && (!newer || old != repeat) || phase == "c" && (old || !newer) {
				t.Fatalf("%s, phase %s, %s: verifies with the old secret %v, the new one %v", p.Name(), phase, tk.class, old, newer)
			}
		}
	}
}

func TestMetrics(t *testing.T) {
	var out bytes.Buffer
	s := Snapshot{InFlight: 3, Retries: 4, GaveUp: 5, Latency: Latency{Count: 7, P50: 1.5, P99: 20}, Sum: 0.25}
	for _, c := range Classes {
		s.Classes = append(s.Classes, ClassSummary{Class: c, Tallied: Tallied{Accepted: 8, Unexpected: 1}})
	}
	if err := WriteMetrics(&out, s); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# TYPE hookstone_attempts_total counter\n", `hookstone_attempts_total{class="genuine",outcome="accepted"} 8` + "\n", `hookstone_unexpected_total{class="forged"} 1` + "\n",
		`hookstone_latency_seconds{quantile="0.99"} 0.02` + "\n", "hookstone_latency_seconds_sum 0.25\n", "hookstone_latency_seconds_count 7\n", "hookstone_in_flight 3\n", "hookstone_given_up_total 5\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the metrics lack %q:\n%s", want, out.String())
		}
	}
	typed := map[string]bool{}
	for line := range strings.Lines(out.String()) {
		name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(line, "# TYPE "), "# HELP "), " ")
		name, _, _ = strings.Cut(name, "{")
		if strings.HasPrefix(line, "# TYPE") {
			if typed[name] {
				t.Errorf("%s is typed twice", name)
			}
			typed[name] = true
		} else if base := strings.TrimSuffix(strings.TrimSuffix(name, "_sum"), "_count"); !strings.HasPrefix(line, "#") && !typed[name] && !typed[base] {
			t.Errorf("%q has no type before it", line)
		}
	}
}

// The series of a run never grows beyond its bound, and loses no count.
func TestSeriesIsBounded(t *testing.T) {
	y := newTally(1)
	y.began = testStart
	total := 20_000
	for i := range total {
		y.start()
		if !y.add(&result{outcome: Accepted, status: 200, latency: time.Millisecond}, testStart.Add(time.Duration(i)*time.Second)) {
			t.Fatal("closed")
		}
	}
	y.close()
	if len(y.series) > points {
		t.Fatalf("%d points", len(y.series))
	}
	var sent uint64
	at := 0.0
	for _, p := range y.series {
		if p.At != at {
			t.Fatalf("a point at %v; want %v", p.At, at)
		}
		at += p.Length
		sent += p.Sent
	}
	if sent != uint64(total) || at < float64(total) {
		t.Errorf("%d sent in %v s; want %d", sent, at, total)
	}
}

func TestReplayChoosesAndJudges(t *testing.T) {
	p := provider(t, "usmewe")
	answered := func(class simulator.Class, status int) *simulator.Attempt {
		return &simulator.Attempt{ID: "1.1", Case: "a/b", Class: class, Event: simulator.EventRef{ID: "evt"}, Answer: &simulator.Message{Status: status}}
	}
	for _, test := range []struct {
		a     *simulator.Attempt
		right bool
	}{
		{answered(simulator.Genuine, 200), true}, {answered(simulator.Genuine, 500), false}, {answered(simulator.Forged, 200), false}, {answered(simulator.Forged, 401), true},
		{answered(simulator.Stale, 503), false}, {answered(simulator.Malformed, 400), true}, {answered(simulator.Malformed, 500), false}, {&simulator.Attempt{Class: simulator.Genuine}, false},
	} {
		if got := RightOutcome(p.Contract, test.a); got != test.right {
			t.Errorf("RightOutcome(%s, %+v) = %v", test.a.Class, test.a.Answer, got)
		}
	}
	forged := answered(simulator.Forged, 200)
	for text, want := range map[string]bool{"failed": true, "forged": true, "genuine": false, "id=evt": true, "id=1.1": true, "id=2": false, "case=a/b": true, "case=b": false, "event=": true} {
		only, err := ParseOnly(p.Contract, []string{text})
		if err != nil || only(forged) != want {
			t.Errorf("--only %s: %v, %v", text, only(forged), err)
		}
	}
	if only, _ := ParseOnly(p.Contract, []string{"forged", "id=2"}); only(forged) {
		t.Error("choices are not joined by and")
	}
	if _, err := ParseOnly(p.Contract, []string{"wrong"}); err == nil {
		t.Error("an unknown choice is taken")
	}
}
