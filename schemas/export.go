package schemas

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// ExportOpenAPI is the provider's openapi.yaml as one document that stands by
// itself (OpenAPI 3.1): whatever it refers to in other files of the folder has
// become a component, event schemas under their event's type. Keywords that
// only make sense in files ($id, $schema, $defs) are left out. The document has
// webhooks and paths; paths are empty where the provider has no documented API.
// The error is fs.ErrNotExist where the folder has no openapi.yaml.
func (p *Provider) ExportOpenAPI() (Value, error) {
	b := &bundle{p: p, taken: map[string]string{}, files: map[string]Value{}}
	doc, err := b.file(openapiFile)
	if err != nil {
		return Value{}, err
	}
	b.reserve(&doc)
	if err := b.rewrite(&doc, openapiFile, keywords); err != nil {
		return Value{}, fmt.Errorf("%s: %w", p.path(openapiFile), err)
	}
	for len(b.pending) > 0 {
		c := b.pending[0]
		b.pending = b.pending[1:]
		if err := b.add(&doc, c); err != nil {
			return Value{}, fmt.Errorf("%s: %w", p.path(c.file), err)
		}
	}
	if doc.Member("paths") == nil {
		doc.Set("paths", Value{Kind: MapValue})
	}
	// Components come last, whatever order the file has.
	if components := doc.Member("components"); components != nil {
		last := *components
		doc.Members = slices.DeleteFunc(doc.Members, func(m NamedValue) bool { return m.Name == "components" })
		doc.Set("components", last)
	}
	return doc, nil
}

// bundle gathers what a document refers to.
type bundle struct {
	p       *Provider
	taken   map[string]string // "section/name" → "file#pointer"
	files   map[string]Value
	pending []component
}

// component is a part of another file that becomes one of the document's.
type component struct {
	section, name string
	file, pointer string
}

// file is a file of the folder with the order of its members.
func (b *bundle) file(name string) (Value, error) {
	if v, ok := b.files[name]; ok {
		return v.clone(), nil
	}
	text, err := fs.ReadFile(b.p.fsys, name)
	if err != nil {
		return Value{}, fmt.Errorf("%s: %w", b.p.path(name), err)
	}
	var v Value
	if strings.HasSuffix(name, ".yaml") {
		root, ps := readYAML(b.p.path(name), text)
		if len(ps) > 0 {
			return Value{}, ps
		}
		err = v.UnmarshalYAML(root)
	} else {
		v, err = ParseValue(text)
	}
	if err != nil {
		return Value{}, fmt.Errorf("%s: %w", b.p.path(name), err)
	}
	b.files[name] = v
	return v.clone(), nil
}

func (v *Value) clone() Value {
	out := *v
	out.Items = slices.Clone(v.Items)
	for i := range out.Items {
		out.Items[i] = out.Items[i].clone()
	}
	out.Members = slices.Clone(v.Members)
	for i := range out.Members {
		out.Members[i].Value = out.Members[i].Value.clone()
	}
	return out
}

// at is the value at a JSON pointer.
func (v *Value) at(pointer string) *Value {
	for _, token := range pointerTokens(pointer) {
		switch {
		case v == nil:
			return nil
		case v.Kind == MapValue:
			v = v.Member(token)
		case v.Kind == ListValue:
			found := (*Value)(nil)
			for i := range v.Items {
				if token == fmt.Sprint(i) {
					found = &v.Items[i]
				}
			}
			v = found
		default:
			return nil
		}
	}
	return v
}

// reserve keeps the names of the document's own components.
func (b *bundle) reserve(doc *Value) {
	components := doc.Member("components")
	if components == nil {
		return
	}
	for _, section := range components.Members {
		for _, m := range section.Value.Members {
			at := section.Name + "/" + m.Name
			b.taken[at] = openapiFile + "#/components/" + section.Name + "/" + EscapePointer(m.Name)
		}
	}
}

// add puts a component into the document, its own references rewritten.
func (b *bundle) add(doc *Value, c component) error {
	file, err := b.file(c.file)
	if err != nil {
		return err
	}
	part := file.at(c.pointer)
	if part == nil {
		return fmt.Errorf("nothing stands at %q", c.pointer)
	}
	if c.section == "schemas" {
		for _, keyword := range []string{"$schema", "$id", "$defs", "$comment"} {
			part.Members = slices.DeleteFunc(part.Members, func(m NamedValue) bool { return m.Name == keyword })
		}
	}
	if err := b.rewrite(part, c.file, keywords); err != nil {
		return err
	}
	if doc.Member("components") == nil {
		doc.Set("components", Value{Kind: MapValue})
	}
	components := doc.Member("components")
	if components.Member(c.section) == nil {
		components.Set(c.section, Value{Kind: MapValue})
	}
	components.Member(c.section).Set(c.name, *part)
	return nil
}

// reading says what the members of a mapping are.
type reading bool

const (
	keywords reading = false // of OpenAPI or JSON Schema
	names    reading = true  // chosen by whoever wrote the document
)

// named are the keywords whose members are names; opaque are those whose
// content is data.
var (
	named = map[string]bool{
		"properties": true, "patternProperties": true, "$defs": true, "dependentSchemas": true,
		"paths": true, "webhooks": true, "content": true, "responses": true, "headers": true, "encoding": true,
		"schemas": true, "parameters": true, "examples": true, "requestBodies": true, "securitySchemes": true,
		"links": true, "callbacks": true, "pathItems": true, "variables": true, "scopes": true,
	}
	opaque = map[string]bool{"example": true, "default": true, "const": true, "enum": true, "value": true}
)

// rewrite makes every reference below v one into the document.
func (b *bundle) rewrite(v *Value, file string, as reading) error {
	for i := range v.Items {
		if err := b.rewrite(&v.Items[i], file, keywords); err != nil {
			return err
		}
	}
	for i := range v.Members {
		m := &v.Members[i]
		inner := keywords
		if as == keywords {
			switch {
			case m.Name == "$ref" && m.Value.Kind == TextValue:
				ref, err := b.refer(file, m.Value.Text)
				if err != nil {
					return err
				}
				m.Value = Text(ref)
				continue
			case opaque[m.Name], strings.HasPrefix(m.Name, "x-"), m.Name == "examples" && m.Value.Kind == ListValue:
				continue
			case m.Name == "mapping":
				if err := b.mapping(&m.Value, file); err != nil {
					return err
				}
				continue
			}
			inner = reading(named[m.Name])
		}
		if err := b.rewrite(&m.Value, file, inner); err != nil {
			return err
		}
	}
	return nil
}

// mapping rewrites a discriminator's mapping: names of schemas stay, addresses
// are references.
func (b *bundle) mapping(v *Value, file string) error {
	for i := range v.Members {
		m := &v.Members[i].Value
		if m.Kind != TextValue || !strings.ContainsAny(m.Text, "/#") && !strings.HasSuffix(m.Text, schemaSuffix) {
			continue
		}
		ref, err := b.refer(file, m.Text)
		if err != nil {
			return err
		}
		*m = Text(ref)
	}
	return nil
}

// refer is the reference within the document that stands for one in a file.
func (b *bundle) refer(file, ref string) (string, error) {
	_, target, pointer, err := b.p.set.resolve(file, ref)
	if err != nil {
		return "", err
	}
	if target == openapiFile {
		return "#" + pointer, nil
	}
	section, name, err := place(target, pointer)
	if err != nil {
		return "", err
	}
	source := target + "#" + pointer
	for n := 1; ; n++ {
		numbered := name
		if n > 1 {
			numbered = fmt.Sprintf("%s-%d", name, n)
		}
		at := section + "/" + numbered
		switch b.taken[at] {
		case "":
			b.taken[at] = source
			b.pending = append(b.pending, component{section, numbered, target, pointer})
			fallthrough
		case source:
			return "#/components/" + section + "/" + EscapePointer(numbered), nil
		}
	}
}

// unnameable are characters that a component's name cannot have (OpenAPI
// 3.1, Components Object).
var unnameable = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// place is the section of the components in which a part of another file
// stands, and its name there.
func place(file, pointer string) (section, name string, err error) {
	tokens := pointerTokens(pointer)
	if len(tokens) == 3 && tokens[0] == "components" {
		return tokens[1], unnameable.ReplaceAllString(tokens[2], "_"), nil
	}
	stem, isSchema := strings.CutSuffix(path.Base(file), schemaSuffix)
	if !isSchema {
		return "", "", fmt.Errorf("$ref to %s#%s: of other YAML files only components can be referred to", file, pointer)
	}
	switch {
	case len(tokens) == 0:
		name = stem
	case len(tokens) == 2 && tokens[0] == "$defs":
		name = tokens[1]
	default:
		name = stem + "." + strings.Join(tokens, ".")
	}
	return "schemas", unnameable.ReplaceAllString(name, "_"), nil
}
