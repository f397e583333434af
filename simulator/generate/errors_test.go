package generate

import (
	"strings"
	"testing"
)

const soundJourneys = `format: 1
id: {$id: "evt_[0-9a-z]{16}"}
envelope: {id: "{id}", scope: s, data: "{data}"}
shapes: {loop: {again: {$shape: loop}}, ok: {a: 1}}
sources: {round: {$source: round}, word: [x, y]}
groups: {thing: {n: {$integer: 0..9}}}
events:
  f: {data: {n: "{n}"}}
  hello: {body: {challenge: {$id: "[0-9a-z]{20}"}}}
journeys:
  - name: one
    uses: [thing]
    values: {m: {$integer: 1..9}}
    steps:
      - {event: e, values: {k: 1}, data: {deep: [{here: "{m}"}]}}
      - {event: f, after: 1h}
  - {name: two, steps: [hello]}
`

func TestCompilerNamesThePlace(t *testing.T) {
	newGenerator(t, invented(t, soundJourneys), Options{})
	const here = `invented/journeys.yaml: line 15: journey "one": step 1 (e): `
	for _, c := range []struct{ old, new, want string }{
		{`"{m}"`, `"{q}"`, here + `/data/deep/0/here: there is no value "q" here: there are at, id, k, m, n, start, type`},
		{`"{m}"`, `{$integer: 5}`, here + `/data/deep/0/here: $integer wants a range`},
		{`"{m}"`, `{$integer: 9..5}`, "runs backwards"},
		{`"{m}"`, `{$integer: 1..2.5}`, "whole numbers"},
		{`"{m}"`, `{$decimal: 0..99999999999.123456}`, "more digits than a double holds"},
		{`"{m}"`, `{$id: "[0-9]{6}"}`, "20 bits of randomness: 70 are needed"},
		{`"{m}"`, `{$colour: red}`, "there is no $colour: known are $boolean"},
		{`"{m}"`, `{$id: x, $time: at}`, "both $id and $time"},
		{`"{m}"`, `{$id: x, step: 3}`, `$id has no option "step": it has none`},
		{`"{m}"`, `{$compute: m / n, scale: 2}`, "divides by a value that can be 0 (from 0 to 9)"},
		{`"{m}"`, `{$compute: m / 3}`, "say how many with scale"},
		{`"{m}"`, `{$compute: m * 9000000000000000}`, "more digits than a double holds"},
		{`"{m}"`, `{$compute: m +}`, "ends where a value should stand"},
		{`"{m}"`, `{$compute: m m}`, "where an operator should"},
		{`"{m}"`, `{$compute: "(m"}`, "is missing"},
		{`"{m}"`, `{$compute: type + 1}`, `"type" is a text, not a number`},
		{`"{m}"`, `{$compute: m, round: up}`, `"up" is none of half-even`},
		{`"{m}"`, `{$time: m + 1d}`, `"m" is a number, not a time`},
		{`"{m}"`, `{$time: at + type*1d}`, `"type" is not a whole number`},
		{`"{m}"`, `{$time: at +1d}`, "with spaces between them"},
		{`"{m}"`, `{$time: at + 1y}`, `duration "1y" is not`},
		{`"{m}"`, `{$time: at + 3h..1h}`, "runs backwards"},
		{`"{m}"`, `{$time: at, as: iso}`, `"iso" is no form of time`},
		{`"{m}"`, `{$source: colour}`, `there is no source "colour": there are building_kind`},
		{`"{m}"`, `{$source: round}`, "comes back to itself"},
		{`"{m}"`, `{$shape: loop}`, `shape "loop" comes back to itself`},
		{`"{m}"`, `{$shape: nothing}`, `there is no shape "nothing"`},
		{`"{m}"`, `{$list: 1, count: 3..1}`, `count "3..1"`},
		{`"{m}"`, `"{"`, "{ begins a name"},
		{`"{m}"`, `"a}"`, "} ends no name"},
		{`"{m}"`, `{$choice: [1, 2], weights: [1]}`, "as many weights"},
		{`"{m}"`, `{$boolean: 3}`, "odds are a number from 0 to 1"},
		{`"{m}"`, `{x: {$maybe: 1, chance: 7}}`, `/data/deep/0/here/x: odds are`},
		{`"{m}"`, `[{$maybe: 1}]`, "$maybe stands for a member of an object only"},
		{`"{m}"`, `{"12": x}`, `key "12" is an array index`},
		{`"{m}"`, `{__proto__: x}`, `key "__proto__" is refused`},
		{`"{m}"`, `.inf`, "not a number that JSON has"},
		{`{k: 1}`, `{k: {$choice: [1, a]}}`, `value "k": alternative 2 is a text, the first is a number`},
		{`{k: 1}`, `{k: {a: 1}}`, "an object cannot be named"},
		{`{k: 1}`, `{k: [1]}`, "a list cannot be named"},
		{`{k: 1}`, `{k: {$shape: ok}}`, "$shape cannot be named"},
		{`{k: 1}`, `{at: 1}`, `"at" cannot name a value`},
		{`{k: 1}`, `{k: 1, k: 2}`, `value "k" is defined twice`},
		{`id: "{id}"`, `id: {$maybe: "{id}"}`, here + "/id: it identifies the event, so it cannot be left out, repeated or chosen"},
		{`id: "{id}"`, `event: "{id}"`, here + "nothing in its body identifies it"},
		{`event: e,`, `event: g,`, `the contract has no event "g"`},
		{`f: {data`, `g: {data`, `line 8: events: the contract has no event "g"`},
		{`after: 1h`, `after: 1h - 2h`, `line 11: journey "one": step 2 (f): after "1h - 2h": it can be negative`},
		{`after: 1h`, `after: k*1h`, `there is no value "k" here`},
		{`uses: [thing]`, `uses: [thong]`, `journey "one": uses: there is no group "thong"`},
		{`event: f, after: 1h`, `event: e, after: 1h`, "neither the step nor the event's template says what its data is"},
		{`event: e, values`, `event: e, after: 1h, values`, "nothing comes before the first step"},
		{`name: two`, `name: one`, "there are two of this name"},
		{`steps: [hello]`, `steps: [f]`, `there is no value "n" here`},
		{`, steps: [hello]`, `, steps: [{event: e, data: {}}]`, `event "hello" occurs in no journey`},
		{`format: 1`, `format: 2`, "format is 2, this program knows 1"},
		{`{id: "{id}", scope: s, data: "{data}"}`, `["{data}"]`, "body is not an object"},
		{`{$id: "evt_[0-9a-z]{16}"}`, `fixed`, "id: it is not a text that is drawn"},
	} {
		spoilt := strings.Replace(soundJourneys, c.old, c.new, 1)
		if spoilt == soundJourneys {
			t.Fatalf("%q does not occur", c.old)
		}
		_, err := New(invented(t, spoilt), Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "invented/journeys.yaml: ") {
			t.Errorf("%s: error %v; want %s", c.new, err, c.want)
		}
	}
}

func TestUnknownEventType(t *testing.T) {
	g := newGenerator(t, invented(t, soundJourneys), Options{})
	const want = `invented/journeys.yaml: there is no event "g"`
	if _, err := g.Event(Key{}, "g", testTime); err == nil || err.Error() != want {
		t.Errorf("Event: error %v; want %s", err, want)
	}
	if _, err := g.Context(Key{}, "g", testTime); err == nil || err.Error() != want {
		t.Errorf("Context: error %v; want %s", err, want)
	}
}
