package schemas

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const soundJourneys = `
format: 1
id: {$id: "evt_[0-9a-z]{16}"}
envelope: {id: "{id}", data: "{data}"}
sources: {colour: [red, green]}
shapes: {pair: {a: "{x}", b: [1, 2.50, null, true]}}
groups: {thing: {thingId: {$id: "t_[0-9a-z]{16}"}, price: {$decimal: 1.00..9.00, step: 0.5, as: string}}}
events:
  thing.made:
    values: {colour: {$source: colour}}
    data: {thing: "{thingId}", more: {$maybe: {$list: "{colour}", count: 1..3}, chance: 0.3}, p: {$shape: pair, with: {x: 1}}}
journeys:
  - name: make
    weight: 2
    uses: [thing]
    values: {n: {$choice: {a: 3, b: 1}}}
    steps:
      - thing.made
      - {event: thing.made, after: 1h..3h, values: {price: {$compute: price + 1, scale: 2}}, data: {z: 1, y: {$time: at - 2d}}}
`

func journeysProblems(t *testing.T, text string) Problems {
	t.Helper()
	root, ps := readYAML("journeys.yaml", []byte(text))
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	return conforms("journeys"+schemaSuffix, "journeys.yaml", valueOf(root))
}

func TestJourneysSchemaTakesTheLanguage(t *testing.T) {
	if ps := journeysProblems(t, soundJourneys); len(ps) > 0 {
		t.Fatal(ps)
	}
}

func TestJourneysSchemaIsClosed(t *testing.T) {
	for _, c := range []struct{ name, old, new, pointer string }{
		{"unknown form", "$source: colour", "$sauce: colour", "/events/thing.made/values/colour"},
		{"two forms", "$time: at - 2d", "$time: at, $id: x", "/journeys/0/steps/1/data/y"},
		{"option of another form", "count: 1..3", "scale: 3, count: 1..3, weights: [1]", "/events/thing.made/data/more/$maybe"},
		{"unknown member of a step", "after:", "later:", "/journeys/0/steps/1"},
		{"reserved name", "values: {n:", "values: {at:", "/journeys/0/values"},
		{"bad range", "1.00..9.00", "1.00-9.00", "/groups/thing/price/$decimal"},
		{"odds above 1", "chance: 0.3", "chance: 3", "/events/thing.made/data/more/chance"},
		{"no steps", "weight: 2", "steps2: 2", "/journeys/0"},
		{"unknown format", "format: 1", "format: 2", "/format"},
	} {
		spoilt := strings.Replace(soundJourneys, c.old, c.new, 1)
		if spoilt == soundJourneys {
			t.Fatalf("%s: %q does not occur", c.name, c.old)
		}
		ps := journeysProblems(t, spoilt)
		found := false
		for _, p := range ps {
			found = found || strings.HasPrefix(p.Pointer, c.pointer)
		}
		if !found {
			t.Errorf("%s: problems %v; want one at %s", c.name, ps, c.pointer)
		}
	}
}

func TestJourneysKeepOrderAndLines(t *testing.T) {
	var j Journeys
	if err := yaml.Unmarshal([]byte(soundJourneys), &j); err != nil {
		t.Fatal(err)
	}
	if len(j.Journeys) != 1 || len(j.Journeys[0].Steps) != 2 || j.Journeys[0].Steps[0].Event != "thing.made" || j.Journeys[0].Weight != 2 {
		t.Fatalf("journeys = %+v", j.Journeys)
	}
	second := j.Journeys[0].Steps[1]
	if second.After != "1h..3h" || second.Line != 19 || second.Data.Members[0].Name != "z" || second.Data.Members[1].Name != "y" {
		t.Errorf("second step = %+v; want it at line 19 with z before y", second)
	}
	pair := j.Shapes[0].Value.Member("b").Items
	if pair[1].Kind != NumberValue || pair[1].Text != "2.50" || pair[2].Kind != NullValue || pair[3].Text != "true" {
		t.Errorf("b = %+v; want 1, 2.50, null, true", pair)
	}
}

func TestJourneysRefuseWhatTheyDoNotKnow(t *testing.T) {
	for text, want := range map[string]string{
		"format: 1\nstops: []":                      `line 2: the file has no "stops"`,
		"journeys: [{name: x, step: []}]":           `line 1: a journey has no "step"`,
		"journeys: [{name: x, steps: [{evnt: y}]}]": `line 1: a step has no "evnt"`,
		"events: {x: {date: {}}}":                   `line 1: event "x" has no "date"`,
		"journeys: {}":                              "line 1: journeys must be a list",
		"shapes: {a: &a 1, b: *a}":                  "aliases are not part of the format",
		"id: 99999999999999999999":                  "",
	} {
		var j Journeys
		err := yaml.Unmarshal([]byte(text), &j)
		if want == "" {
			if err != nil {
				t.Errorf("%q: %v; want no error", text, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v; want %q", text, err, want)
		}
	}
}
