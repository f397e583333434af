package schedule

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/sign"
	"github.com/hookstone/hookstone/simulator/wire"
)

var fullMix = Mix{Duplicates: 10, Redeliveries: 10, Stale: 10, Forged: 10, Reorder: 10}

func sourceConfig(t testing.TB, p *schemas.Provider, target string) SourceConfig {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	return SourceConfig{Provider: p, Target: u, Secret: []byte(secret), Seed: 7, RunID: "run", Start: testStart, Mix: fullMix}
}

func feed(t testing.TB, c SourceConfig, part Partition) *Feed {
	t.Helper()
	s, err := NewSource(c)
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Feed(part)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// next is a delivery that the next call leaves alone.
func next(t testing.TB, f *Feed, at time.Time) Delivery {
	t.Helper()
	d, err := f.Next(at)
	if err != nil {
		t.Fatal(err)
	}
	kept := *d
	kept.Fields, kept.Body = slices.Clone(d.Fields), bytes.Clone(d.Body)
	return kept
}

func text(d *Delivery) string {
	return fmt.Sprintf("%s %s %s %s %s %s %q %s", d.ID, d.Method, d.Class, d.Event, d.EventID, d.Fault, d.Fields, d.Body)
}

// What is genuine verifies, what is stale is stale, what is forged does not
// verify; and every class comes.
func TestFeedVerifies(t *testing.T) {
	for _, p := range providers(t) {
		scheme, err := sign.Compile(p.Contract)
		if err != nil {
			t.Fatal(err)
		}
		f := feed(t, sourceConfig(t, p, "http://receiver.example:8080/hooks?x=1"), Partition{1, 3})
		seen := map[simulator.Class]int{}
		genuine := map[string]string{}
		for i := range 600 {
			at := testStart.Add(time.Duration(i) * 10 * time.Millisecond)
			d := next(t, f, at)
			seen[d.Class]++
			if d.Fields[0] != (wire.Field{Name: "Host", Value: "receiver.example:8080"}) {
				t.Fatalf("%s: the first header line is %v", p.Name(), d.Fields[0])
			}
			if slices.ContainsFunc(d.Fields, func(f wire.Field) bool { return strings.EqualFold(f.Name, "Content-Length") }) {
				t.Fatalf("%s: there is a length among %q", p.Name(), d.Fields)
			}
			err := scheme.Verify(d.Fields, d.Body, at, []byte(secret))
			switch d.Class {
			case simulator.Stale:
				if !errors.Is(err, sign.ErrStale) || d.Wanted() != Refused {
					t.Errorf("%s: stale: %v", p.Name(), err)
				}
			case simulator.Forged:
				if err == nil || d.Fault == "" || d.Wanted() != Refused {
					t.Errorf("%s: forged by %q, and it verifies", p.Name(), d.Fault)
				}
			default:
				if err != nil || d.Fault != "" || d.Wanted() != Accepted {
					t.Errorf("%s: %s: %v", p.Name(), d.Class, err)
				}
				event, ok := p.Event(d.Event)
				if !ok || event.Validate(d.Body) != nil {
					t.Errorf("%s: %s is not what its schema describes: %s", p.Name(), d.Event, d.Body)
				}
				bytes := fmt.Sprintf("%q %s", d.Fields, d.Body)
				if first, known := genuine[d.EventID]; d.Class == simulator.Duplicate && d.EventID != "" && (!known || first != bytes) {
					t.Errorf("%s: a duplicate of %s is not what it repeats:\n%s\n%s", p.Name(), d.EventID, first, bytes)
				} else if !known {
					genuine[d.EventID] = bytes
				}
			}
		}
		for _, class := range Classes {
			if seen[class] == 0 && (class != simulator.Stale || p.Contract.Time.Tolerance.Duration > 0) {
				t.Errorf("%s: none is %s", p.Name(), class)
			}
		}
	}
}

// The same seed gives the same bytes; another seed, run or partition others.
func TestFeedIsDeterministic(t *testing.T) {
	for _, p := range providers(t) {
		all := func(c SourceConfig, part Partition) (out []string) {
			f := feed(t, c, part)
			for i := range 200 {
				d := next(t, f, testStart.Add(time.Duration(i)*time.Second))
				out = append(out, text(&d))
			}
			return out
		}
		c := sourceConfig(t, p, "http://127.0.0.1:1/")
		base := all(c, Partition{})
		if !slices.Equal(all(c, Partition{0, 1}), base) {
			t.Errorf("%s: the same source makes other deliveries", p.Name())
		}
		if slices.Equal(all(c, Partition{0, 2}), base) {
			t.Errorf("%s: another partition makes the same deliveries", p.Name())
		}
		c.Seed++
		if slices.Equal(all(c, Partition{}), base) {
			t.Errorf("%s: another seed makes the same deliveries", p.Name())
		}
		c.Seed--
		if c.RunID = "other"; slices.Equal(all(c, Partition{}), base) {
			t.Errorf("%s: another run makes the same deliveries", p.Name())
		}
	}
}

// A feed sends what a run sends, and judges it alike: the same deliveries, sent
// by net/http, have the outcomes that Run counts.
func TestFeedAgreesWithRun(t *testing.T) {
	const n = 300
	for _, p := range providers(t) {
		for _, defects := range [][]string{nil, {"accepts all"}, {"crash"}} {
			handler := func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				switch scheme, _ := sign.Compile(p.Contract); {
				case defects == nil && scheme.Verify(fieldsOf(r), body, testStart, []byte(secret)) != nil:
					w.WriteHeader(http.StatusUnauthorized)
				case slices.Contains(defects, "crash") && len(body)%7 == 0:
					w.WriteHeader(http.StatusInternalServerError)
				case slices.Contains(defects, "crash") && len(body)%7 == 1:
					w.WriteHeader(http.StatusTooManyRequests)
				}
			}
			server := httptest.NewServer(http.HandlerFunc(handler))
			defer server.Close()
			c := configFor(t, p, scenario(t, fmt.Sprintf("retries: false\nphases: [{name: all, deliveries: %d, rate: max, mix: {duplicates: 10%%, redeliveries: 10%%, stale: 10%%, forged: 10%%, reorder: 10%%}}]", n)), server.URL)
			c.Concurrency = 1
			want := run(t, context.Background(), c)
			f := feed(t, sourceConfig(t, p, server.URL), Partition{})
			got := map[simulator.Class]*Counts{}
			for _, class := range Classes {
				got[class] = &Counts{}
			}
			for range n {
				d, err := f.Next(testStart)
				if err != nil {
					t.Fatal(err)
				}
				r, err := http.NewRequest(d.Method, server.URL, bytes.NewReader(d.Body))
				if err != nil {
					t.Fatal(err)
				}
				for _, field := range d.Fields {
					r.Header[field.Name] = append(r.Header[field.Name], field.Value)
				}
				answer, err := server.Client().Do(r)
				if err != nil {
					t.Fatal(err)
				}
				answer.Body.Close()
				j := d.Judge(Answer{Status: answer.StatusCode})
				one := Counts{Sent: 1}
				one.By[j.Outcome]++
				if j.Unexpected {
					one.Unexpected++
				}
				got[d.Class].add(one)
			}
			for _, class := range want.Classes {
				if g := tallied(*got[class.Class]); g != class.Tallied {
					t.Errorf("%s, %v: %s: a feed counts %+v, a run %+v", p.Name(), defects, class.Class, g, class.Tallied)
				}
			}
		}
	}
}

func fieldsOf(r *http.Request) (fields []wire.Field) {
	for name, values := range r.Header {
		for _, value := range values {
			fields = append(fields, wire.Field{Name: name, Value: value})
		}
	}
	return fields
}

func TestFeedJudges(t *testing.T) {
	p := provider(t, "usmewe")
	f := feed(t, sourceConfig(t, p, "http://127.0.0.1:1/"), Partition{})
	deadline := f.source.Deadline()
	if deadline != p.Contract.Deadlines.Acknowledge.Duration || deadline == 0 {
		t.Fatalf("the deadline is %v", deadline)
	}
	for _, test := range []struct {
		class      simulator.Class
		answer     Answer
		outcome    Outcome
		unexpected bool
	}{
		{simulator.Genuine, Answer{Status: 200, Took: deadline}, Accepted, false},
		{simulator.Genuine, Answer{Status: 200, Took: deadline + 1}, Late, true},
		{simulator.Genuine, Answer{Status: 401}, Refused, true},
		{simulator.Genuine, Answer{Status: 429}, Limited, false},
		{simulator.Genuine, Answer{Status: 500}, Failed, true},
		{simulator.Genuine, Answer{}, Unanswered, true},
		{simulator.Genuine, Answer{Canceled: true}, Interrupted, false},
		{simulator.Duplicate, Answer{Status: 409}, Refused, true},
		{simulator.Redelivery, Answer{Status: 200}, Accepted, false},
		{simulator.Forged, Answer{Status: 401}, Refused, false},
		{simulator.Forged, Answer{Status: 200}, Accepted, true},
		{simulator.Forged, Answer{Status: 200, Took: deadline + 1}, Late, true},
		{simulator.Stale, Answer{Status: 200}, Accepted, true},
		{simulator.Stale, Answer{Status: 500}, Failed, false},
		{simulator.Stale, Answer{}, Unanswered, false},
	} {
		d := f.delivery
		d.Class = test.class
		if got := d.Judge(test.answer); got != (Judgement{test.outcome, test.unexpected}) {
			t.Errorf("%s: Judge(%+v) = %+v; want %s, unexpected %v", test.class, test.answer, got, test.outcome, test.unexpected)
		}
	}
}

func TestSourceRefuses(t *testing.T) {
	p := provider(t, "usmewe")
	for want, change := range map[string]func(*SourceConfig){
		"provider":          func(c *SourceConfig) { c.Provider = nil },
		"no target":         func(c *SourceConfig) { c.Target = nil },
		"names no host":     func(c *SourceConfig) { c.Target = &url.URL{Path: "/x"} },
		"no secret":         func(c *SourceConfig) { c.Secret = nil },
		"more than 100":     func(c *SourceConfig) { c.Mix.Forged = 90 },
		"on the wire":       func(c *SourceConfig) { c.Forgeries = []string{"wire.chunked(16)"} },
		"no event \"none\"": func(c *SourceConfig) { c.Events = map[string]float64{"none": 1} },
	} {
		c := sourceConfig(t, p, "http://127.0.0.1:1/")
		change(&c)
		if _, err := NewSource(c); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("NewSource: %v; want a configuration error with %q", err, want)
		}
	}
	s, err := NewSource(sourceConfig(t, p, "http://127.0.0.1:1/"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Feed(Partition{2, 2}); !errors.Is(err, ErrConfig) {
		t.Errorf("partition 3/2: %v; want a configuration error", err)
	}
}

// A delivery costs a text for its head, one for its id, and one for the
// event's.
func TestFeedAllocatesLittle(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, p := range providers(t) {
		c := sourceConfig(t, p, "http://127.0.0.1:1/")
		c.Mix = Mix{}
		f := feed(t, c, Partition{})
		one := func() {
			if _, err := f.Next(testStart); err != nil {
				t.Fatal(err)
			}
		}
		for range 1000 {
			one()
		}
		if n := testing.AllocsPerRun(1000, one); n > 3 {
			t.Errorf("%s: %v allocations a delivery; want 3", p.Name(), n)
		}
	}
}

func BenchmarkFeed(b *testing.B) {
	c := sourceConfig(b, provider(b, "sharmo-timestamped"), "http://127.0.0.1:1/")
	c.Mix = Mix{}
	f := feed(b, c, Partition{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Next(testStart); err != nil {
			b.Fatal(err)
		}
	}
}
