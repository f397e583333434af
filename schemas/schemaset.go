package schemas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// idBase is the address that our schema files have, whatever folder they were
// read from. Nothing is ever fetched from it.
const idBase = "https://hookstone.dev/schemas/"

// schemaSet is the schema files below one base address, decoded once and
// compiled when first needed. It is safe for concurrent use.
type schemaSet struct {
	base  string // ends with "/"
	fsys  fs.FS
	mu    sync.Mutex
	docs  map[string]any
	comp  *jsonschema.Compiler
	built map[string]*jsonschema.Schema
}

func newSchemaSet(base string, fsys fs.FS) *schemaSet {
	s := &schemaSet{base: base, fsys: fsys, docs: map[string]any{}, built: map[string]*jsonschema.Schema{}}
	s.comp = jsonschema.NewCompiler()
	s.comp.Draft = jsonschema.Draft2020
	s.comp.AssertFormat = true
	s.comp.LoadURL = s.open
	for _, f := range ownFormats {
		s.comp.Formats[f.name] = formatCheck(f.check)
	}
	return s
}

// open serves the compiler, from the set alone.
func (s *schemaSet) open(address string) (io.ReadCloser, error) {
	file, ok := strings.CutPrefix(address, s.base)
	if !ok {
		return nil, fmt.Errorf("%s lies outside the folder (%s)", address, s.base)
	}
	doc, err := s.document(file)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(text)), nil
}

// document is a file of the set, JSON or YAML, decoded. The caller holds mu.
func (s *schemaSet) document(file string) (any, error) {
	if doc, ok := s.docs[file]; ok {
		return doc, nil
	}
	text, err := fs.ReadFile(s.fsys, file)
	if err != nil {
		return nil, err
	}
	var doc any
	if strings.HasSuffix(file, ".yaml") {
		node, ps := readYAML(file, text)
		if len(ps) > 0 {
			return nil, ps
		}
		doc = valueOf(node)
	} else if doc, err = DecodeJSON(text); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	s.docs[file] = doc
	return doc, nil
}

// Document is a file of the set, decoded.
func (s *schemaSet) Document(file string) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.document(file)
}

// Compile compiles the schema at "file" or "file#/pointer".
func (s *schemaSet) Compile(ref string) (schema *jsonschema.Schema, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if schema, ok := s.built[ref]; ok {
		return schema, nil
	}
	// The compiler asserts types of what it has not checked yet, so that a
	// malformed schema can panic it.
	defer func() {
		if r := recover(); r != nil {
			schema, err = nil, fmt.Errorf("%s: malformed schema: %v", ref, r)
		}
	}()
	if schema, err = s.comp.Compile(s.base + ref); err != nil {
		return nil, err
	}
	s.built[ref] = schema
	return schema, nil
}

// resolve finds the schema that a $ref in a file names.
func (s *schemaSet) resolve(file, ref string) (any, string, string, error) {
	base, err := url.Parse(s.base + file)
	if err != nil {
		return nil, "", "", err
	}
	target, err := base.Parse(ref)
	if err != nil {
		return nil, "", "", fmt.Errorf("malformed $ref %q", ref)
	}
	pointer := target.Fragment
	target.Fragment, target.RawFragment = "", ""
	name, ok := strings.CutPrefix(target.String(), s.base)
	if !ok {
		return nil, "", "", fmt.Errorf("$ref %q leads out of the folder", ref)
	}
	doc, err := s.Document(name)
	if err != nil {
		return nil, "", "", fmt.Errorf("$ref %q: %w", ref, err)
	}
	if pointer != "" && checkPointer(pointer) != nil {
		return nil, "", "", fmt.Errorf("$ref %q: only JSON pointers are followed", ref)
	}
	found, ok := lookup(doc, pointer)
	if !ok {
		return nil, "", "", fmt.Errorf("$ref %q leads nowhere", ref)
	}
	return found, name, pointer, nil
}
