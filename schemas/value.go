package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// ParseValue reads a JSON text with the order of its members and the literals
// of its numbers. It refuses what DecodeJSON refuses. Of a repeated member the
// last value counts, at the place of the first, as JSON.parse has it.
func ParseValue(text []byte) (Value, error) {
	if _, err := DecodeJSON(text); err != nil {
		return Value{}, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return parseValue(d)
}

func parseValue(d *json.Decoder) (Value, error) {
	token, err := d.Token()
	if err != nil {
		return Value{}, err
	}
	switch t := token.(type) {
	case nil:
		return Value{}, nil
	case bool:
		return Value{Kind: BoolValue, Text: strconv.FormatBool(t)}, nil
	case json.Number:
		return Value{Kind: NumberValue, Text: string(t)}, nil
	case string:
		return Text(t), nil
	case json.Delim:
		if t == '[' {
			return parseList(d)
		}
		return parseMap(d)
	}
	return Value{}, errors.New("not JSON")
}

func parseList(d *json.Decoder) (Value, error) {
	list := Value{Kind: ListValue}
	for d.More() {
		item, err := parseValue(d)
		if err != nil {
			return list, err
		}
		list.Items = append(list.Items, item)
	}
	_, err := d.Token()
	return list, err
}

func parseMap(d *json.Decoder) (Value, error) {
	object := Value{Kind: MapValue}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return object, err
		}
		member, err := parseValue(d)
		if err != nil {
			return object, err
		}
		object.Set(key.(string), member)
	}
	_, err := d.Token()
	return object, err
}

// Text is a text as a Value.
func Text(s string) Value { return Value{Kind: TextValue, Text: s} }

// Bool is a boolean as a Value.
func Bool(b bool) Value { return Value{Kind: BoolValue, Text: strconv.FormatBool(b)} }

// Number is a whole number as a Value.
func Number(n int) Value { return Value{Kind: NumberValue, Text: strconv.Itoa(n)} }

// List is a list as a Value.
func List(items ...Value) Value { return Value{Kind: ListValue, Items: items} }

// Set gives a member of a mapping a value; a name that is not there yet
// becomes the last.
func (v *Value) Set(name string, member Value) {
	v.Kind = MapValue
	if old := v.Member(name); old != nil {
		*old = member
		return
	}
	v.Members = append(v.Members, NamedValue{Name: name, Value: member})
}

// MarshalJSON spells the value with its members in order.
func (v Value) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	err := v.spell(&out)
	return out.Bytes(), err
}

func (v *Value) spell(out *bytes.Buffer) error {
	switch v.Kind {
	case NullValue:
		out.WriteString("null")
	case BoolValue:
		out.WriteString(v.Text)
	case NumberValue:
		literal, err := jsonNumber(v.Text)
		if err != nil {
			return err
		}
		out.WriteString(literal)
	case TextValue:
		return spellText(out, v.Text)
	case ListValue:
		out.WriteByte('[')
		for i := range v.Items {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := v.Items[i].spell(out); err != nil {
				return err
			}
		}
		out.WriteByte(']')
	case MapValue:
		out.WriteByte('{')
		for i := range v.Members {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := spellText(out, v.Members[i].Name); err != nil {
				return err
			}
			out.WriteByte(':')
			if err := v.Members[i].Value.spell(out); err != nil {
				return err
			}
		}
		out.WriteByte('}')
	}
	return nil
}

func spellText(out *bytes.Buffer, text string) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the encoder ends with a line
	return nil
}

// jsonNumber spells a number of a YAML file, which may be .5, as JSON does.
func jsonNumber(literal string) (string, error) {
	if json.Valid([]byte(literal)) {
		return literal, nil
	}
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return "", fmt.Errorf("number %q cannot be written in JSON", literal)
	}
	return strconv.FormatFloat(f, 'g', -1, 64), nil
}

// flowWidth is how long a mapping or list may be to stand on one line.
const flowWidth = 100

// MarshalYAML makes the value's node: lines for what is long, one line for
// what is short and holds nothing but plain values.
func (v Value) MarshalYAML() (any, error) {
	n, _ := v.node()
	return n, nil
}

// node is the value's node and about how many characters it takes on one line.
func (v *Value) node() (*yaml.Node, int) {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: v.Text}
	nested := false
	size := 2
	switch v.Kind {
	case NullValue:
		n.Tag, n.Value = "!!null", "null"
	case BoolValue:
		n.Tag = "!!bool"
	case NumberValue:
		n.Tag = "!!float"
		if _, err := strconv.ParseInt(v.Text, 10, 64); err == nil {
			n.Tag = "!!int"
		}
	case TextValue:
		n.Tag = "!!str"
		n.SetString(v.Text)
	case ListValue:
		n.Kind, n.Value = yaml.SequenceNode, ""
		for i := range v.Items {
			item, length := v.Items[i].node()
			n.Content = append(n.Content, item)
			size += length + 2
			nested = nested || item.Kind != yaml.ScalarNode
		}
	case MapValue:
		n.Kind, n.Value = yaml.MappingNode, ""
		for i := range v.Members {
			member, length := v.Members[i].Value.node()
			key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str"}
			key.SetString(v.Members[i].Name)
			n.Content = append(n.Content, key, member)
			size += len(key.Value) + length + 4
			nested = nested || member.Kind != yaml.ScalarNode
		}
	}
	if n.Kind == yaml.ScalarNode {
		return n, len(n.Value)
	}
	if len(n.Content) == 0 || !nested && size < flowWidth {
		n.Style = yaml.FlowStyle
	}
	return n, size
}
