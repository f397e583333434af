package schemas

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// proveSchemas proves the folder's schema files: our dialect, their addresses,
// that they compile, the provenance of every member, and the examples.
func (p *Provider) proveSchemas(files []string) Problems {
	var ps Problems
	for _, f := range files {
		if !strings.HasSuffix(f, schemaSuffix) {
			continue
		}
		doc, err := p.set.Document(f)
		if err != nil {
			ps.add(p.path(f), "", strings.TrimPrefix(err.Error(), f+": "))
			continue
		}
		ps = append(ps, conforms("dialect"+schemaSuffix, p.path(f), doc)...)
		if object, ok := doc.(map[string]any); ok {
			if id, ok := object["$id"].(string); ok && id != p.set.base+f {
				ps.add(p.path(f), "/$id", fmt.Sprintf("%q: want %q, where the folder's layout puts it, or none", id, p.set.base+f))
			}
		}
	}
	if len(ps) > 0 {
		return ps // what follows stands on sound schemas
	}
	for _, e := range p.Events {
		ps = append(ps, p.proveEvent(e)...)
	}
	return ps
}

func (p *Provider) proveEvent(e *Event) Problems {
	var ps Problems
	file := p.path(e.file)
	if _, err := p.set.Compile(e.file); err != nil {
		ps.add(file, "", err.Error())
		return ps
	}
	members, err := e.members()
	if err != nil {
		ps.add(file, "", err.Error())
		return ps
	}
	for _, m := range members {
		ps = append(ps, p.proveMember(m)...)
	}
	if len(e.Examples) == 0 {
		ps.add(file, "/examples", "an event needs an example: a whole body")
	}
	for i, example := range e.Examples {
		at := "/examples/" + strconv.Itoa(i)
		var invalid *Invalid
		if err := e.Validate(example); errors.As(err, &invalid) {
			for _, f := range invalid.Failures {
				ps.add(file, at+f.Pointer, f.Reason)
			}
			continue
		} else if err != nil {
			ps.add(file, at, err.Error())
			continue
		}
		ps = append(ps, p.proveExample(e, file, at, example)...)
	}
	return ps
}

// proveExample wants an example to be of its event, and to have an identity.
func (p *Provider) proveExample(e *Event, file, at string, example []byte) Problems {
	var ps Problems
	doc, err := DecodeJSON(example)
	if err != nil {
		ps.add(file, at, err.Error())
		return ps
	}
	typeAt := p.Contract.Identity.Type
	if e.Handshake {
		typeAt = p.Contract.Handshake.TypeAt
		if c := p.Contract.Handshake.Challenge; c.Pointer != "" {
			if _, ok := lookup(doc, c.Pointer); !ok {
				ps.add(file, at+c.Pointer, "no challenge where the contract says that it lies (/handshake/challenge)")
			}
		}
	}
	if typeAt.Pointer != "" {
		if v, _ := lookup(doc, typeAt.Pointer); v != e.Type {
			ps.add(file, at+typeAt.Pointer, fmt.Sprintf("%s: want the event's type %q", quote(v), e.Type))
		}
	}
	if e.Handshake {
		return ps
	}
	found := false
	for _, l := range p.Contract.Identity.ID {
		_, ok := lookup(doc, l.Pointer)
		found = found || ok || l.Header != ""
	}
	if !found {
		ps.add(file, at, "no idempotency key where the contract says that it lies (/identity/id)")
	}
	if t := p.Contract.Time.At.Pointer; t != "" {
		if _, ok := lookup(doc, t); !ok {
			ps.add(file, at+t, "no time where the contract says that it lies (/time/at)")
		}
	}
	return ps
}

// proveMember wants a member's provenance: of a known document, with the
// section that shows it; and an inferred member to be optional.
func (p *Provider) proveMember(m Member) Problems {
	var ps Problems
	file, pointer, _ := strings.Cut(m.At, "#")
	file = p.path(file)
	switch source := m.Provenance; source.Status {
	case "":
		ps.add(file, pointer, "no x-provenance: say whether a document shows this member (documented, with section) or we inferred it")
	case Inferred:
		if m.Required && !m.WithinInferred {
			ps.add(file, pointer, "inferred and required: what no document shows is optional")
		}
	case Documented:
		if m.WithinInferred {
			ps.add(file, pointer, "documented within a member that is inferred")
		}
		if source.Document == "" && len(p.Contract.Documents) > 1 {
			ps.add(file, pointer+"/x-provenance", "the contract has several documents: name one (document)")
		} else if _, ok := p.Contract.Documents[source.Document]; source.Document != "" && !ok {
			ps.add(file, pointer+"/x-provenance/document", fmt.Sprintf("unknown document %q", source.Document))
		}
	}
	if m.FreeText && len(m.Types) > 0 && m.Types[0] != "string" {
		ps.add(file, pointer+"/x-free-text", "free text is a string")
	}
	return ps
}
