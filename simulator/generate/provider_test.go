package generate

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

var testTime = time.Date(2026, 3, 14, 15, 9, 26, 535e6, time.UTC)

// providers are the built-in providers.
func providers(t testing.TB) []*schemas.Provider {
	t.Helper()
	l, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Providers()) == 0 {
		t.Fatal("there are no providers")
	}
	return l.Providers()
}

func newGenerator(t testing.TB, p *schemas.Provider, o Options) *Generator {
	t.Helper()
	g, err := New(p, o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// invented makes a provider of journeys with the events e, f and hello (its
// handshake), identified by /id, whose data may hold anything but lacks
// /data/ours and /data/items/*/ours in its document.
func invented(t testing.TB, journeys string) *schemas.Provider {
	t.Helper()
	files := fstest.MapFS{"contract.yaml": {Data: []byte(inventedContract)}}
	for _, name := range []string{"e", "f", "hello"} {
		files["events/"+name+".schema.json"] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(inventedSchema, "NAME", name))}
	}
	l, err := schemas.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	p := l.Providers()[0]
	p.Journeys = &schemas.Journeys{}
	if err := yaml.Unmarshal([]byte(journeys), p.Journeys); err != nil {
		t.Fatal(err)
	}
	return p
}

const inventedContract = `
format: 1
provider: invented
title: Invented
documents: {}
identity: {type: "body:/type", id: ["body:/id", "body:/data/key"], scope: ["body:/scope"]}
signing: {covers: [body], signatures: [{name: s, algorithm: hmac-sha256, encode: hex, content: "{body}"}], headers: [{name: X-S, value: ["{s}"]}]}
handshake: {type: hello, challenge: "body:/data/challenge", answers: [{media_type: text/plain, body: "{challenge}"}]}
events: {e: {summary: E., documented: true}, f: {summary: F., documented: true}, hello: {summary: Hello., documented: true}}
citations: {"/identity": {convention: c}, "/signing": {convention: c}, "/handshake": {convention: c}, "/events": {convention: c}}
`

const inventedSchema = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://hookstone.dev/schemas/invented/events/NAME.schema.json",
  "title": "NAME",
  "description": "An invented event.",
  "examples": [{"id": "evt_1", "type": "NAME", "data": {"challenge": "x"}}],
  "type": "object",
  "properties": {
    "data": {
      "description": "Data.",
      "x-provenance": {"status": "documented", "section": "s"},
      "properties": {
        "ours": {"description": "Ours.", "x-provenance": {"status": "inferred"}},
        "items": {
          "description": "Items.",
          "x-provenance": {"status": "documented", "section": "s"},
          "items": {"properties": {"ours": {"description": "Ours.", "x-provenance": {"status": "inferred"}}}}
        }
      }
    }
  }
}`

// bodiesOf makes the data of the event "e", whose journey has values.
func bodiesOf(t testing.TB, values, data string) func(number uint64) string {
	t.Helper()
	g := newGenerator(t, invented(t, fmt.Sprintf(`
format: 1
id: {$id: "evt_[0-9a-z]{16}"}
envelope: {id: "{id}", data: "{data}"}
shapes: {pair: {a: "{x}", b: "{y}"}}
events: {f: {data: {}}, hello: {body: {}}}
journeys: [{name: j, values: {%s}, steps: [{event: e, data: %s}]}, {name: rest, steps: [f, hello]}]
`, values, data)), Options{})
	return func(number uint64) string {
		e, err := g.Event(Key{"case", number}, "e", testTime)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := jsondoc.Parse(e.Body); err != nil || string(v.Compact()) != string(e.Body) {
			t.Fatalf("%s is no fixed point of JSON.stringify(JSON.parse(x)): %v", e.Body, err)
		}
		const prefix = `{"id":"evt_0123456789abcdef","data":`
		return string(e.Body[len(prefix) : len(e.Body)-1])
	}
}
