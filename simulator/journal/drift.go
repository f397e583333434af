package journal

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
)

// DriftKind is a way in which traffic departs from a contract.
type DriftKind string

// What drifts.
const (
	UnknownEvent DriftKind = "unknown-event" // a type that the contract does not know
	UnknownField DriftKind = "unknown-field" // a member that the schema does not name
	MissingField DriftKind = "missing-field" // a required member that is not there
	Mistyped     DriftKind = "mistyped"      // a value of another JSON type
	Invalid      DriftKind = "invalid"       // whatever else the schema does not allow
	NoJSON       DriftKind = "no-json"       // a body that is no JSON object
)

// Drift is one departure, with how often it was seen.
type Drift struct {
	Kind  DriftKind `json:"kind"`
	Event string    `json:"event"`
	// Pointer is the member; "*" stands for every item of an array.
	Pointer string `json:"pointer,omitempty"`
	Detail  string `json:"detail,omitempty"`
	Count   int    `json:"count"`
	First   string `json:"first"` // id of the first attempt that shows it
}

// DriftReport is what a journal says about a contract.
type DriftReport struct {
	Attempts int            `json:"attempts"`
	Checked  int            `json:"checked"` // rightly signed events; forged and malformed ones say nothing
	Events   map[string]int `json:"events"`  // checked, by type
	Unseen   []string       `json:"unseen"`  // event types of the contract that never came
	Drifts   []Drift        `json:"drifts"`
	Cut      bool           `json:"cut"` // the last record was cut
}

// maxDrifts bounds a report: a body can name members without end.
const maxDrifts = 1000

// CheckDrift reads a journal to its end and compares every genuine event with
// its schema.
func CheckDrift(p *schemas.Provider, r *Reader) (*DriftReport, error) {
	d := &drifting{report: DriftReport{Events: map[string]int{}}, at: map[Drift]int{}, known: map[string]*shape{}}
	for {
		a, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		d.report.Attempts++
		switch a.Class {
		case simulator.Genuine, simulator.Duplicate, simulator.Redelivery:
			if len(a.Faults) == 0 && !a.Request.Body.Truncated {
				d.attempt(p, a)
			}
		}
	}
	d.report.Cut = r.Cut()
	for _, e := range p.Events {
		if !e.Handshake && d.report.Events[e.Type] == 0 {
			d.report.Unseen = append(d.report.Unseen, e.Type)
		}
	}
	slices.SortStableFunc(d.report.Drifts, func(a, b Drift) int {
		if c := strings.Compare(a.Event, b.Event); c != 0 {
			return c
		}
		return strings.Compare(a.Pointer, b.Pointer)
	})
	return &d.report, nil
}

// shape is an event's schema as far as members go.
type shape struct {
	event   *schemas.Event
	members map[string]schemas.Member // by pointer
	parents map[string]bool           // pointers that have members of their own
}

type drifting struct {
	report DriftReport
	at     map[Drift]int // place in Drifts, by all but count and first
	known  map[string]*shape
}

func (d *drifting) note(kind DriftKind, event, pointer, detail, id string) {
	key := Drift{Kind: kind, Event: event, Pointer: pointer, Detail: detail}
	i, seen := d.at[key]
	if !seen {
		if len(d.report.Drifts) == maxDrifts {
			return
		}
		i = len(d.report.Drifts)
		d.at[key] = i
		key.First = id
		d.report.Drifts = append(d.report.Drifts, key)
	}
	d.report.Drifts[i].Count++
}

func (d *drifting) attempt(p *schemas.Provider, a *simulator.Attempt) {
	d.report.Checked++
	d.report.Events[a.Event.Type]++
	e, ok := p.Event(a.Event.Type)
	if !ok {
		d.note(UnknownEvent, a.Event.Type, "", "", a.ID)
		return
	}
	body := a.Request.Body.Decode()
	doc, err := schemas.DecodeJSON(body)
	if err != nil {
		d.note(NoJSON, e.Type, "", err.Error(), a.ID)
		return
	}
	s := d.known[e.Type]
	if s == nil {
		s = &shape{event: e, members: map[string]schemas.Member{}, parents: map[string]bool{}}
		for _, m := range e.Members() {
			s.members[m.Pointer] = m
			for at := m.Pointer; at != ""; {
				at = at[:strings.LastIndexByte(at, '/')]
				s.parents[at] = true
			}
		}
		d.known[e.Type] = s
	}
	before := len(d.at)
	found := d.value(s, doc, "", a.ID)
	var invalid *schemas.Invalid
	if err := e.Validate(body); !found && before == len(d.at) && errors.As(err, &invalid) {
		for _, f := range invalid.Failures {
			d.note(Invalid, e.Type, f.Pointer, "the schema does not allow the value", a.ID)
		}
	}
}

// value compares a value with the members known below a pointer; it tells
// whether anything is missing or mistyped.
func (d *drifting) value(s *shape, v any, at, id string) (found bool) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			found = d.value(s, item, at+"/*", id) || found
		}
	case map[string]any:
		if !s.parents[at] {
			return false // an object whose members the schema leaves open
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			pointer := at + "/" + schemas.EscapePointer(name)
			m, ok := s.members[pointer]
			if !ok {
				d.note(UnknownField, s.event.Type, pointer, jsonType(v[name]), id)
				continue
			}
			if is := jsonType(v[name]); len(m.Types) > 0 && !fits(is, m.Types) {
				d.note(Mistyped, s.event.Type, pointer, is+" in place of "+strings.Join(m.Types, " or "), id)
				found = true
				continue
			}
			found = d.value(s, v[name], pointer, id) || found
		}
		for pointer, m := range s.members {
			parent := pointer[:strings.LastIndexByte(pointer, '/')]
			if _, has := v[m.Name]; m.Required && parent == at && !has {
				d.note(MissingField, s.event.Type, pointer, "", id)
				found = true
			}
		}
	}
	return found
}

// fits tells whether a type is among the allowed ones. Whether a number is a
// whole one is left to the schema: 1.0 is.
func fits(is string, types []string) bool {
	number := is == "integer" || is == "number"
	return slices.Contains(types, is) || number && (slices.Contains(types, "integer") || slices.Contains(types, "number"))
}

func jsonType(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "number"
		}
		return "integer"
	case []any:
		return "array"
	}
	return "object"
}
