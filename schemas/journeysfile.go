package schemas

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// fields reads a mapping with a closed set of names.
func fields(n *yaml.Node, what string, read map[string]func(*yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: %s must be a mapping", n.Line, what)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i].Value
		f, ok := read[name]
		if !ok {
			return fmt.Errorf("line %d: %s has no %q: known are %s", n.Content[i].Line, what, name, strings.Join(slices.Sorted(maps.Keys(read)), ", "))
		}
		if err := f(n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// into decodes a node to a plain Go value.
func into(target any) func(*yaml.Node) error {
	return func(n *yaml.Node) error { return n.Decode(target) }
}

func intoValue(target **Value) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		*target = new(Value)
		return (*target).UnmarshalYAML(n)
	}
}

func intoNamed(target *[]NamedValue) func(*yaml.Node) (err error) {
	return func(n *yaml.Node) (err error) {
		*target, err = namedValues(n)
		return err
	}
}

// UnmarshalYAML reads a whole journeys.yaml. Errors name the line.
func (j *Journeys) UnmarshalYAML(n *yaml.Node) error {
	return fields(n, "the file", map[string]func(*yaml.Node) error{
		"format":   into(&j.Format),
		"id":       intoValue(&j.ID),
		"envelope": intoValue(&j.Envelope),
		"sources":  intoNamed(&j.Sources),
		"shapes":   intoNamed(&j.Shapes),
		"groups":   j.readGroups,
		"events":   j.readEvents,
		"journeys": j.readJourneys,
	})
}

func (j *Journeys) readGroups(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: groups must be a mapping of names to values", n.Line)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		values, err := namedValues(n.Content[i+1])
		if err != nil {
			return err
		}
		j.Groups = append(j.Groups, Group{Name: n.Content[i].Value, Values: values})
	}
	return nil
}

func (j *Journeys) readEvents(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: events must be a mapping of event types to templates", n.Line)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		e := EventTemplate{Event: n.Content[i].Value, Line: n.Content[i].Line}
		err := fields(n.Content[i+1], fmt.Sprintf("event %q", e.Event), map[string]func(*yaml.Node) error{
			"values": intoNamed(&e.Values),
			"data":   intoValue(&e.Data),
			"body":   intoValue(&e.Body),
		})
		if err != nil {
			return err
		}
		j.Events = append(j.Events, e)
	}
	return nil
}

func (j *Journeys) readJourneys(n *yaml.Node) error {
	if n.Kind != yaml.SequenceNode {
		return fmt.Errorf("line %d: journeys must be a list", n.Line)
	}
	for _, item := range n.Content {
		one := Journey{Line: item.Line}
		err := fields(item, "a journey", map[string]func(*yaml.Node) error{
			"name":   into(&one.Name),
			"title":  into(&one.Title),
			"weight": into(&one.Weight),
			"uses":   into(&one.Uses),
			"values": intoNamed(&one.Values),
			"steps":  one.readSteps,
		})
		if err != nil {
			return err
		}
		j.Journeys = append(j.Journeys, one)
	}
	return nil
}

func (j *Journey) readSteps(n *yaml.Node) error {
	if n.Kind != yaml.SequenceNode {
		return fmt.Errorf("line %d: steps must be a list", n.Line)
	}
	for _, item := range n.Content {
		if item.Kind == yaml.ScalarNode { // "- loan.created" is short for a step with nothing but its event
			j.Steps = append(j.Steps, Step{Event: item.Value, Line: item.Line})
			continue
		}
		s := Step{Line: item.Line}
		err := fields(item, "a step", map[string]func(*yaml.Node) error{
			"event":  into(&s.Event),
			"after":  into(&s.After),
			"values": intoNamed(&s.Values),
			"data":   intoValue(&s.Data),
			"body":   intoValue(&s.Body),
		})
		if err != nil {
			return err
		}
		j.Steps = append(j.Steps, s)
	}
	return nil
}
