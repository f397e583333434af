package generate

import (
	"strings"
	"testing"

	"github.com/hookstone/hookstone/simulator/jsondoc"
)

const pinJourneys = `
format: 1
id: {$id: "evt_[0-9a-z]{16}"}
envelope: {id: "{id}", type: "{type}", scope: s, data: "{data}"}
events:
  e: {data: {amount: "1.00", user: {name: Ada}, items: {$list: {n: 1}, count: 2}}}
  f: {data: {other: 1}}
  hello: {body: {type: "{type}", challenge: {$id: "[0-9a-z]{20}"}}}
journeys:
  - {name: one, steps: [e, f, hello]}
`

func TestPins(t *testing.T) {
	g := newGenerator(t, invented(t, pinJourneys), Options{})
	for _, c := range []struct {
		pins []Pin
		want string // of e, behind its id
	}{
		{[]Pin{{"/data/amount", `"9.99"`}}, `"type":"e","scope":"s","data":{"amount":"9.99","user":{"name":"Ada"},"items":[{"n":1},{"n":1}]}}`},
		{[]Pin{{"/data/amount", ` 1.50e1 `}}, `"type":"e","scope":"s","data":{"amount":15,"user":{"name":"Ada"},"items":[{"n":1},{"n":1}]}}`},
		{[]Pin{{"/data/user/age", "3"}, {"/data/user/name", `"\u00e9\/"`}}, `"type":"e","scope":"s","data":{"amount":"1.00","user":{"name":"é/","age":3},"items":[{"n":1},{"n":1}]}}`},
		{[]Pin{{"/data/items/1/n", "2"}, {"/data/items/7/n", "3"}}, `"type":"e","scope":"s","data":{"amount":"1.00","user":{"name":"Ada"},"items":[{"n":1},{"n":2}]}}`},
		{[]Pin{{"/data/other", "null"}}, `"type":"e","scope":"s","data":{"amount":"1.00","user":{"name":"Ada"},"items":[{"n":1},{"n":1}],"other":null}}`},
		{[]Pin{{"/data", `{"7":1,"a":[],"3":2}`}}, `"type":"e","scope":"s","data":{"3":2,"7":1,"a":[]}}`},
	} {
		o := Options{Pins: c.pins}
		if err := g.CheckPins(c.pins); err != nil {
			t.Errorf("CheckPins(%v): %v", c.pins, err)
			continue
		}
		e, err := g.With(o).Event(Key{"c", 1}, "e", testTime)
		if err != nil {
			t.Fatal(err)
		}
		_, got, _ := strings.Cut(string(e.Body), ",")
		if got != c.want {
			t.Errorf("pins %v: %s; want %s", c.pins, got, c.want)
		}
		if v, err := jsondoc.Parse(e.Body); err != nil || string(v.Compact()) != string(e.Body) {
			t.Errorf("pins %v: %s is no fixed point (%v)", c.pins, e.Body, err)
		}
	}
}

func TestPinnedIdentity(t *testing.T) {
	p := invented(t, pinJourneys)
	g := newGenerator(t, p, Options{Pins: []Pin{{"/id", `"mine"`}, {"/scope", `"else\n"`}}})
	for _, e := range g.Journey(Key{"c", 1}, testTime)[:2] {
		if e.ID != "mine" || len(e.Scope) != 1 || e.Scope[0] != "else\n" {
			t.Errorf("%s: id %q, scope %q; want mine, else", e.Type, e.ID, e.Scope)
		}
	}
	s := g.Stream("c")
	body := s.AppendEvent([]byte("x"), 1, 0, testTime)
	if !strings.HasPrefix(string(body), `x{"id":"mine",`) || string(s.ID()) != "mine" {
		t.Errorf("stream: %s, id %q; want mine", body, s.ID())
	}
}

func TestPinsThatCannotBeSet(t *testing.T) {
	p := invented(t, pinJourneys)
	g := newGenerator(t, p, Options{})
	for _, c := range []struct {
		pin  Pin
		want string
	}{
		{Pin{"/data/amont/x", "1"}, `pin /data/amont/x: no event of invented/journeys.yaml has an object at "/data/amont"`},
		{Pin{"/data/amount/x", "1"}, `no event of invented/journeys.yaml has an object at "/data/amount"`},
		{Pin{"/data/amount", "abc"}, `pin /data/amount: "abc" is no JSON`},
		{Pin{"/data/amount", ""}, `is no JSON`},
		{Pin{"data", "1"}, "begins with a slash"},
		{Pin{"", "1"}, "begins with a slash"},
		{Pin{"/data/__proto__", "1"}, "refused by common frameworks"},
	} {
		o := Options{Pins: []Pin{c.pin}}
		for name, err := range map[string]error{
			"New":       second(New(p, o)),
			"CheckPins": g.CheckPins(o.Pins),
			"Event":     second(g.With(o).Event(Key{}, "e", testTime)),
			"Context":   second(g.With(o).Context(Key{}, "e", testTime)),
		} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s with pin %v: error %v; want %s", name, c.pin, err, c.want)
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestDocumentedOnlyOfAnInventedEvent(t *testing.T) {
	p := invented(t, `
format: 1
id: {$id: "evt_[0-9a-z]{16}"}
envelope: {id: "{id}", data: "{data}"}
events:
  e: {data: {ours: {$integer: 1..9}, a: 1, items: [{ours: 1}, {ours: 2, b: 3}]}}
  f: {data: {}}
  hello: {body: {}}
journeys: [{name: one, steps: [e, f, hello]}]
`)
	g := newGenerator(t, p, Options{DocumentedOnly: true})
	e, err := g.Event(Key{}, "e", testTime)
	if err != nil {
		t.Fatal(err)
	}
	if want := `"data":{"a":1,"items":[{},{"b":3}]}}`; !strings.HasSuffix(string(e.Body), want) {
		t.Errorf("documented only: %s; want …%s", e.Body, want)
	}
	whole, err := g.With(Options{}).Event(Key{}, "e", testTime)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(whole.Body), `"items":[{"ours":1},{"ours":2,"b":3}]`) || whole.ID != e.ID {
		t.Errorf("whole: %s; want ours in it, and the id %s", whole.Body, e.ID)
	}
}
