package schemas

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// path is a file of the provider's folder as messages name it.
func (p *Provider) path(file string) string { return path.Join(p.dir, file) }

// loadProvider reads one folder; nil where nothing can be made of it.
func loadProvider(fsys fs.FS, dir string, c care) (*Provider, Problems) {
	var ps Problems
	sub, err := fs.Sub(fsys, dir)
	if err != nil {
		ps.add(dir, "", err.Error())
		return nil, ps
	}
	p := &Provider{fsys: sub, dir: dir}
	files, err := formatFiles(sub)
	if err != nil {
		ps.add(dir, "", err.Error())
		return nil, ps
	}
	contents := make(map[string][]byte, len(files))
	for _, f := range files {
		text, err := fs.ReadFile(sub, f)
		if err != nil {
			ps.add(p.path(f), "", err.Error())
			return nil, ps
		}
		contents[f] = text
	}
	p.Digest = digest(files, contents)
	ps = append(ps, p.readContract(contents[contractFile], c)...)
	if p.Contract == nil {
		return nil, ps
	}
	p.set = newSchemaSet(idBase+p.Contract.Provider+"/", sub)
	ps = append(ps, p.readEvents(files, contents)...)
	if text, ok := contents[journeysFile]; ok {
		ps = append(ps, p.readJourneys(text, c)...)
	}
	if c == proven {
		ps = append(ps, p.proveSchemas(files)...)
	}
	return p, ps
}

// readContract sets p.Contract where the file can be decoded.
func (p *Provider) readContract(text []byte, c care) Problems {
	file := p.path(contractFile)
	root, ps := readYAML(file, text)
	if len(ps) > 0 {
		return ps
	}
	if c == proven {
		if ps = conforms("contract"+schemaSuffix, file, valueOf(root)); len(ps) > 0 {
			return ps
		}
	}
	contract, ps := decodeContract(file, root)
	if len(ps) > 0 {
		return ps
	}
	ps = append(ps, checkContract(file, contract)...)
	ps = append(ps, checkCitations(file, contract, root)...)
	contract.fillIn()
	p.Contract = contract
	return ps
}

func decodeContract(file string, root *yaml.Node) (*Contract, Problems) {
	var contract Contract
	if err := root.Decode(&contract); err != nil {
		return nil, Problems{{File: file, Reason: strings.TrimPrefix(err.Error(), "yaml: ")}}
	}
	if contract.Provider == "" {
		return nil, Problems{{File: file, Pointer: "/provider", Reason: "missing"}}
	}
	return &contract, nil
}

// readEvents pairs the contract's event clauses with their schema files.
func (p *Provider) readEvents(files []string, contents map[string][]byte) Problems {
	var ps Problems
	wanted := map[string]bool{}
	for _, clause := range p.Contract.Events {
		file := "events/" + clause.Type + schemaSuffix
		wanted[file] = true
		text, ok := contents[file]
		if !ok {
			ps.add(p.path(contractFile), "/events/"+EscapePointer(clause.Type), "there is no "+p.path(file))
			continue
		}
		e := &Event{Type: clause.Type, Summary: clause.Summary, Documented: clause.Documented, set: p.set, file: file}
		e.Handshake = p.Contract.Handshake != nil && p.Contract.Handshake.Type == clause.Type
		e.Citation, _ = p.Contract.CitationFor("/events/" + EscapePointer(clause.Type))
		e.members = sync.OnceValues(func() ([]Member, error) { return walkMembers(p.set, file) })
		var err error
		if e.Examples, err = examplesOf(text); err != nil {
			ps.add(p.path(file), "", err.Error())
		}
		p.Events = append(p.Events, e)
	}
	for _, f := range files {
		if strings.HasPrefix(f, "events/") && !wanted[f] {
			ps.add(p.path(f), "", "the contract lists no event of this name (events: in "+p.path(contractFile)+")")
		}
	}
	return ps
}

func examplesOf(schema []byte) ([]json.RawMessage, error) {
	var has struct {
		Examples []json.RawMessage `json:"examples"`
	}
	if err := json.Unmarshal(schema, &has); err != nil {
		return nil, fmt.Errorf("not a JSON Schema: %w", err)
	}
	for i, example := range has.Examples {
		var compact bytes.Buffer
		if err := json.Compact(&compact, example); err != nil {
			return nil, err
		}
		has.Examples[i] = compact.Bytes()
	}
	return has.Examples, nil
}

func (p *Provider) readJourneys(text []byte, c care) Problems {
	file := p.path(journeysFile)
	root, ps := readYAML(file, text)
	if len(ps) > 0 {
		return ps
	}
	if c == proven {
		if ps = conforms("journeys"+schemaSuffix, file, valueOf(root)); len(ps) > 0 {
			return ps
		}
	}
	var journeys Journeys
	if err := root.Decode(&journeys); err != nil {
		ps.add(file, "", strings.TrimPrefix(err.Error(), "yaml: "))
		return ps
	}
	p.Journeys = &journeys
	return nil
}
