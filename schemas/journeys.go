package schemas

import (
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Journeys is the content of journeys.yaml: how the fields of a provider's
// events get plausible, coherent values. simulator/generate compiles it; its
// doc comment explains the language, and journeys.schema.json is its closed
// meta-schema.
type Journeys struct {
	// Format is the version of the language: 1.
	Format int
	// ID is drawn once for every event and named {id}; nil where the provider's
	// events carry no id of their own.
	ID *Value
	// Envelope is the body of every event; {data} in it is the event's data.
	Envelope *Value
	// Sources are named lists of texts, or named values.
	Sources []NamedValue
	// Shapes are named pieces of data, written where {$shape: name} stands.
	Shapes []NamedValue
	// Groups are values that several journeys draw, named in Journey.Uses.
	Groups []Group
	// Events are the templates of the events.
	Events []EventTemplate
	// Journeys are what happens, in order of the file.
	Journeys []Journey
}

// Group is a named set of values.
type Group struct {
	Name   string
	Values []NamedValue
}

// EventTemplate is how the data of an event type is made. A step may replace
// any part of it.
type EventTemplate struct {
	Event  string
	Values []NamedValue // drawn in every step of this type, after the step's own
	Data   *Value       // stands at {data} in the envelope
	Body   *Value       // the whole body, in place of the envelope
	Line   int
}

// Journey is a sequence of events that belong together.
type Journey struct {
	Name   string
	Title  string
	Weight int      // how often it is drawn beside the others; 0 is 1
	Uses   []string // names of groups
	Values []NamedValue
	Steps  []Step
	Line   int
}

// Step is one event of a journey.
type Step struct {
	Event  string
	After  string // time since the step before: a duration, a range or a sum of them; "" is 0
	Values []NamedValue
	Data   *Value
	Body   *Value
	Line   int
}

// NamedValue is one member of an ordered mapping.
type NamedValue struct {
	Name  string
	Value Value
}

// ValueKind is the form in which a Value is written.
type ValueKind byte

// The kinds of a Value. The zero Value is null.
const (
	NullValue ValueKind = iota
	BoolValue
	NumberValue
	TextValue
	ListValue
	MapValue
)

// Value is one value as it is written, its members in order. What its texts
// and its members that begin with $ mean is for the compiler to say.
type Value struct {
	Kind    ValueKind
	Text    string // of a text; "true" or "false"; a number's literal
	Items   []Value
	Members []NamedValue
	Line    int // in the file, from 1
}

// Member returns the value of a member of a mapping, or nil.
func (v *Value) Member(name string) *Value {
	for i := range v.Members {
		if v.Members[i].Name == name {
			return &v.Members[i].Value
		}
	}
	return nil
}

// UnmarshalYAML reads a value with the order of its members and its lines.
func (v *Value) UnmarshalYAML(n *yaml.Node) error {
	v.Line = n.Line
	switch n.Kind {
	case yaml.SequenceNode:
		v.Kind = ListValue
		v.Items = make([]Value, len(n.Content))
		for i, item := range n.Content {
			if err := v.Items[i].UnmarshalYAML(item); err != nil {
				return err
			}
		}
		return nil
	case yaml.MappingNode:
		v.Kind = MapValue
		var err error
		v.Members, err = namedValues(n)
		return err
	case yaml.ScalarNode:
		return v.scalar(n)
	}
	return fmt.Errorf("line %d: aliases are not part of the format: use shapes and groups", n.Line)
}

func (v *Value) scalar(n *yaml.Node) error {
	v.Text = n.Value
	switch n.ShortTag() {
	case "!!null":
		v.Kind, v.Text = NullValue, ""
	case "!!bool":
		var b bool
		if err := n.Decode(&b); err != nil {
			return fmt.Errorf("line %d: %w", n.Line, err)
		}
		v.Kind, v.Text = BoolValue, strconv.FormatBool(b)
	case "!!int":
		var i int64
		if err := n.Decode(&i); err != nil {
			return fmt.Errorf("line %d: number %q does not fit in 64 bits: write it as a text", n.Line, n.Value)
		}
		v.Kind, v.Text = NumberValue, strconv.FormatInt(i, 10)
	case "!!float":
		v.Kind = NumberValue
	default:
		v.Kind = TextValue
	}
	return nil
}

// namedValues reads an ordered mapping.
func namedValues(n *yaml.Node) ([]NamedValue, error) {
	if n.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: want a mapping of names to values", n.Line)
	}
	named := make([]NamedValue, len(n.Content)/2)
	for i := range named {
		named[i].Name = n.Content[2*i].Value
		if err := named[i].Value.UnmarshalYAML(n.Content[2*i+1]); err != nil {
			return nil, err
		}
	}
	return named, nil
}
