package infer

import (
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

// maxExamples is how many whole bodies a schema keeps.
const maxExamples = 3

// object is a mapping of names and values, in turn.
func object(pairs ...any) schemas.Value {
	v := schemas.Value{Kind: schemas.MapValue}
	for i := 0; i+1 < len(pairs); i += 2 {
		name := pairs[i].(string)
		switch member := pairs[i+1].(type) {
		case string:
			v.Set(name, schemas.Text(member))
		case bool:
			v.Set(name, schemas.Bool(member))
		case int:
			v.Set(name, schemas.Number(member))
		case schemas.Value:
			v.Set(name, member)
		}
	}
	return v
}

func texts(list []string) schemas.Value {
	v := schemas.List()
	for _, t := range list {
		v.Items = append(v.Items, schemas.Text(t))
	}
	return v
}

// eventSchema is the schema of an event's body.
func (d *draft) eventSchema(e *event) schemas.Value {
	v := object(
		"$schema", "https://json-schema.org/draft/2020-12/schema",
		"$id", "https://hookstone.dev/schemas/"+d.name+"/events/"+e.kind+".schema.json",
		"title", e.kind,
	)
	body := d.schema(e.shape, "", e.kind)
	for _, m := range body.Members {
		v.Set(m.Name, m.Value)
	}
	examples := schemas.List()
	var spelled []string
	for _, c := range e.captures {
		text, err := c.event.MarshalJSON()
		if err != nil || len(examples.Items) == maxExamples {
			continue
		}
		if more := unique(spelled, string(text)); len(more) > len(spelled) {
			spelled = more
			examples.Items = append(examples.Items, c.event)
		}
	}
	v.Set("examples", examples)
	return v
}

// schema says what was seen at a place: types, formats, members; required is
// what every object had.
func (d *draft) schema(s *shape, pointer, kind string) schemas.Value {
	v := schemas.Value{Kind: schemas.MapValue}
	if at := d.contract.identity; at.typeAt.Pointer == pointer && pointer != "" {
		v.Set("const", schemas.Text(kind))
		return v
	}
	var types []string
	for _, t := range []struct {
		kind schemas.ValueKind
		name string
	}{
		{schemas.MapValue, "object"}, {schemas.ListValue, "array"}, {schemas.TextValue, "string"},
		{schemas.NumberValue, numberType(s.numbers)}, {schemas.BoolValue, "boolean"}, {schemas.NullValue, "null"},
	} {
		if s.seen[t.kind] > 0 {
			types = append(types, t.name)
		}
	}
	if len(types) == 1 {
		v.Set("type", schemas.Text(types[0]))
	} else {
		v.Set("type", texts(types))
	}
	if f := format(s.texts); f != "" {
		v.Set("format", schemas.Text(f))
	} else if len(types) == 1 && isFreeText(s.texts) {
		v.Set("x-free-text", schemas.Bool(true))
	}
	if s.items != nil {
		v.Set("items", d.schema(s.items, pointer+"/*", kind))
	}
	if s.objects > 0 {
		d.objectSchema(&v, s, pointer, kind)
	}
	return v
}

func (d *draft) objectSchema(v *schemas.Value, s *shape, pointer, kind string) {
	properties, required := schemas.Value{Kind: schemas.MapValue}, schemas.List()
	for _, m := range s.members {
		below := d.schema(m.shape, pointer+"/"+schemas.EscapePointer(m.name), kind)
		below.Set("x-provenance", object("status", "documented", "section", m.file, "note", "seen in a captured request"))
		properties.Set(m.name, below)
		if m.count == s.objects && m.makeable() {
			required.Items = append(required.Items, schemas.Text(m.name))
		}
	}
	if len(required.Items) > 0 {
		v.Set("required", required)
	}
	if len(properties.Members) > 0 {
		v.Set("properties", properties)
	}
}

func numberType(literals []string) string {
	for _, n := range literals {
		if strings.Trim(n, "-0123456789") != "" {
			return "number"
		}
	}
	return "integer"
}
