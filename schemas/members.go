package schemas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Status is where a member of an event is known from.
type Status string

const (
	Documented Status = "documented" // a document shows it
	Inferred   Status = "inferred"   // ours, for realistic data
)

// Provenance is the source of one member: the content of x-provenance.
type Provenance struct {
	Status   Status
	Document string // key of Contract.Documents; "" where the contract has but one
	Section  string
	Note     string
}

// Member is one member of an event's body.
type Member struct {
	// Pointer is a JSON pointer into the body in which the token "*" stands for
	// every item of an array: /data/items/*/name.
	Pointer string
	Name    string
	// Types are the JSON types that the schema allows; empty: any.
	Types       []string
	Format      string
	Description string
	// Values are the only ones that the schema allows (const, enum), as JSON
	// texts; empty: any of the types.
	Values []string
	// Required tells whether the member's parent must have it.
	Required bool
	// FreeText tells whether people write it (x-free-text).
	FreeText   bool
	Provenance Provenance
	// WithinInferred tells whether an ancestor is inferred.
	WithinInferred bool
	// At is where the member's schema stands: "file#/pointer".
	At string
}

// piece is one schema object that applies to a place, with its address.
type piece struct {
	schema  map[string]any
	file    string
	pointer string
	choice  bool // stands in anyOf, oneOf, if …: what it requires is not always required
}

type memberWalk struct {
	set     *schemaSet
	members []Member
}

// maxMembers bounds the walk through schemas that refer to themselves.
const maxMembers = 5000

func walkMembers(set *schemaSet, file string) ([]Member, error) {
	w := &memberWalk{set: set}
	doc, err := set.Document(file)
	if err != nil {
		return nil, err
	}
	if err := w.place(doc, file, "", "", false, 0); err != nil {
		return nil, err
	}
	return w.members, nil
}

// place walks the members of the value that the schema describes.
func (w *memberWalk) place(schema any, file, at, pointer string, inferred bool, depth int) error {
	if depth > 32 || len(w.members) > maxMembers {
		return nil // a schema that refers to itself: what lies deeper repeats
	}
	pieces, err := w.pieces(schema, file, at, false, nil)
	if err != nil {
		return err
	}
	return w.inside(pieces, pointer, inferred, depth)
}

func (w *memberWalk) inside(pieces []piece, pointer string, inferred bool, depth int) error {
	names, required := map[string]bool{}, map[string]bool{}
	for _, p := range pieces {
		properties, _ := p.schema["properties"].(map[string]any)
		for name := range properties {
			names[name] = true
		}
		if list, ok := p.schema["required"].([]any); ok && !p.choice {
			for _, name := range list {
				if name, ok := name.(string); ok {
					required[name] = true
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		m := Member{Pointer: pointer + "/" + EscapePointer(name), Name: name, Required: required[name], WithinInferred: inferred}
		var below []piece
		for _, p := range pieces {
			properties, _ := p.schema["properties"].(map[string]any)
			if property, ok := properties[name]; ok {
				at := p.pointer + "/properties/" + EscapePointer(name)
				if m.At == "" {
					m.At = p.file + "#" + at
				}
				found, err := w.pieces(property, p.file, at, false, nil)
				if err != nil {
					return err
				}
				below = append(below, found...)
			}
		}
		m.describe(below)
		w.members = append(w.members, m)
		if depth > 32 || len(w.members) > maxMembers {
			return nil
		}
		if err := w.inside(below, m.Pointer, inferred || m.Provenance.Status == Inferred, depth+1); err != nil {
			return err
		}
	}
	for _, p := range pieces {
		if items, ok := p.schema["items"]; ok {
			if err := w.place(items, p.file, p.pointer+"/items", pointer+"/*", inferred, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// pieces gathers the schema and all that it joins in: $ref, allOf, and the
// branches of choices.
func (w *memberWalk) pieces(schema any, file, at string, choice bool, seen []string) ([]piece, error) {
	here := file + "#" + at
	if slices.Contains(seen, here) {
		return nil, nil
	}
	seen = append(seen, here)
	object, ok := schema.(map[string]any)
	if !ok {
		return nil, nil // true or false
	}
	pieces := []piece{{schema: object, file: file, pointer: at, choice: choice}}
	if ref, ok := object["$ref"].(string); ok {
		target, name, pointer, err := w.set.resolve(file, ref)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", here, err)
		}
		found, err := w.pieces(target, name, pointer, choice, seen)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, found...)
	}
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		branches, _ := object[keyword].([]any)
		for i, branch := range branches {
			found, err := w.pieces(branch, file, fmt.Sprintf("%s/%s/%d", at, keyword, i), choice || keyword != "allOf", seen)
			if err != nil {
				return nil, err
			}
			pieces = append(pieces, found...)
		}
	}
	return pieces, nil
}

// describe fills in what the pieces say; the nearest word counts.
func (m *Member) describe(pieces []piece) {
	for _, p := range pieces {
		if m.Provenance.Status == "" {
			m.Provenance = provenanceOf(p.schema)
		}
		if m.Description == "" {
			m.Description, _ = p.schema["description"].(string)
		}
		if m.Format == "" {
			m.Format, _ = p.schema["format"].(string)
		}
		if len(m.Values) == 0 {
			m.Values = valuesOf(p.schema)
		}
		if free, ok := p.schema["x-free-text"].(bool); ok && free {
			m.FreeText = true
		}
		if len(m.Types) == 0 {
			switch t := p.schema["type"].(type) {
			case string:
				m.Types = []string{t}
			case []any:
				for _, one := range t {
					if one, ok := one.(string); ok {
						m.Types = append(m.Types, one)
					}
				}
			}
		}
	}
}

// valuesOf are a schema's const or enum, as JSON texts.
func valuesOf(schema map[string]any) []string {
	values, _ := schema["enum"].([]any)
	if one, ok := schema["const"]; ok {
		values = []any{one}
	}
	var out []string
	for _, v := range values {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		if encoder.Encode(v) == nil { // a decoded JSON value can be encoded
			out = append(out, strings.TrimSpace(text.String()))
		}
	}
	return out
}

func provenanceOf(schema map[string]any) (p Provenance) {
	object, _ := schema["x-provenance"].(map[string]any)
	status, _ := object["status"].(string)
	p.Status = Status(status)
	p.Document, _ = object["document"].(string)
	p.Section, _ = object["section"].(string)
	p.Note, _ = object["note"].(string)
	return p
}
