package schemas

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestValidateTellsEveryFailure(t *testing.T) {
	e, _ := builtinProvider(t, "usmewe").Event("loan.created")
	err := e.Validate([]byte(`{"id":3,"type":"x","timestamp":"y","data":{"amount":"1.5","status":"q","duration":0.5,"userId":"user_abc123"}}`))
	var invalid *Invalid
	if !errors.As(err, &invalid) {
		t.Fatalf("Validate = %v; want an *Invalid", err)
	}
	want := []string{
		`/data: missing properties: 'loanId'`,
		`/data/amount: "1.5" does not match pattern '^(0|[1-9][0-9]{0,11})\\.[0-9]{2}$'`,
		`/data/duration: 0.5: want integer, but got number`,
		`/data/status: "q" is not "pending"`,
		`/id: 3: want string, but got number`,
		`/timestamp: "y" is no 'date-time'`,
		`/type: "x" is not "loan.created"`,
	}
	var got []string
	for _, f := range invalid.Failures {
		got = append(got, f.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("failures:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestValidateRefusesWhatWouldHarmTheValidator(t *testing.T) {
	e, _ := builtinProvider(t, "usmewe").Event("loan.created")
	for text, want := range map[string]string{
		`{"data":{"duration":1e1000001}}`: "/data/duration: number 1e1000001",
		`{"id":`:                          "ends early",
		strings.Repeat("[", 5000):         "nested deeper",
	} {
		err := e.Validate([]byte(text))
		var invalid *Invalid
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("Validate(%.40q) = %v; want an *Invalid with %q", text, err, want)
		}
	}
}

func TestValidateAllowsUnknownMembers(t *testing.T) {
	e, _ := builtinProvider(t, "usmewe").Event("loan.created")
	body := strings.Replace(string(e.Examples[0]), `"data":{`, `"new":[1],"data":{"more":{"a":null},`, 1)
	if err := e.Validate([]byte(body)); err != nil {
		t.Errorf("a body with members that the schema does not name: %v", err)
	}
}

// Each required member of each event is missed when it is not there.
func TestRequiredMembersAreMissed(t *testing.T) {
	l, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range l.Providers() {
		for _, e := range p.Events {
			for _, m := range e.Members() {
				parent, name := m.Pointer[:strings.LastIndexByte(m.Pointer, '/')], m.Name
				if !m.Required || strings.Contains(parent, "*") {
					continue
				}
				var doc any
				if err := json.Unmarshal(e.Examples[0], &doc); err != nil {
					t.Fatal(err)
				}
				object, ok := lookup(doc, parent)
				if !ok {
					continue // within an optional member that the example lacks
				}
				delete(object.(map[string]any), name)
				body, _ := json.Marshal(doc)
				if err := e.Validate(body); err == nil || !strings.Contains(err.Error(), "'"+name+"'") {
					t.Errorf("%s %s without %s: %v", p.Name(), e.Type, m.Pointer, err)
				}
			}
		}
	}
}

func TestValidateIsSafeForConcurrentUse(t *testing.T) {
	l, err := Load(copyOf(t, "usmewe").fs())
	if err != nil {
		t.Fatal(err)
	}
	p := l.Providers()[0]
	var wg sync.WaitGroup
	for range 4 {
		for _, e := range p.Events {
			wg.Go(func() {
				if err := e.Validate(e.Examples[0]); err != nil {
					t.Error(err)
				}
				if len(e.Members()) == 0 || e.Schema() == nil {
					t.Errorf("%s has no members", e.Type)
				}
			})
		}
	}
	wg.Wait()
}

func TestMembersFollowReferencesAndChoices(t *testing.T) {
	f := copyOf(t, "usmewe")
	f.edit(t, "events/loan.created.schema.json", `"status": {`, `"tags": {
          "x-provenance": {"status": "inferred", "note": "test"},
          "type": "array",
          "items": {"$ref": "../defs.schema.json#/$defs/tag"}
        },
        "note": {"type": "string", "x-free-text": true, "x-provenance": {"status": "documented", "section": "s"}},
        "status": {`)
	f.edit(t, "defs.schema.json", `"$defs": {`, `"$defs": {
    "tag": {
      "allOf": [{"type": "object", "required": ["label"], "properties": {"label": {"$ref": "#/$defs/label"}}}],
      "anyOf": [{"required": ["kind"], "properties": {"kind": {"type": "string", "x-provenance": {"status": "inferred"}}}}, true]
    },
    "label": {"type": ["string", "null"], "x-free-text": true, "description": "A label.", "x-provenance": {"status": "inferred"}},`)
	l, err := Load(f.fs())
	if err != nil {
		t.Fatal(err)
	}
	e, _ := l.Providers()[0].Event("loan.created")
	byPointer := map[string]Member{}
	for _, m := range e.Members() {
		byPointer[m.Pointer] = m
	}
	label := byPointer["/data/tags/*/label"]
	if !label.Required || !label.FreeText || !label.WithinInferred || label.Description != "A label." || !slices.Equal(label.Types, []string{"string", "null"}) {
		t.Errorf("label = %+v", label)
	}
	if kind := byPointer["/data/tags/*/kind"]; kind.Required || kind.Provenance.Status != Inferred {
		t.Errorf("kind = %+v", kind)
	}
	for pointer, want := range map[string][]string{"/type": {`"loan.created"`}, "/data/status": {`"pending"`}, "/data/note": nil} {
		if got := byPointer[pointer].Values; !slices.Equal(got, want) {
			t.Errorf("the values of %s are %q; want %q", pointer, got, want)
		}
	}
	if got, want := e.Undocumented(), []string{"/data/tags"}; !slices.Equal(got, want) {
		t.Errorf("Undocumented() = %v; want %v", got, want)
	}
	if got, want := e.FreeText(), []string{"/data/note"}; !slices.Equal(got, want) {
		t.Errorf("FreeText() = %v; want %v", got, want)
	}
	if got, want := e.Optional(), []string{"/data/note", "/data/tags", "/data/tags/*/kind"}; !slices.Equal(got, want) {
		t.Errorf("Optional() = %v; want %v", got, want)
	}
}
