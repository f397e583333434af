package schemas

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// readYAML parses one YAML document to its node. The core schema with string
// keys is all that our files use: repeated keys, aliases, merges and further
// documents are problems.
func readYAML(file string, text []byte) (*yaml.Node, Problems) {
	var ps Problems
	d := yaml.NewDecoder(strings.NewReader(string(text)))
	var doc yaml.Node
	if err := d.Decode(&doc); err != nil {
		ps.add(file, "", "not YAML: "+strings.TrimPrefix(err.Error(), "yaml: "))
		return nil, ps
	}
	var more yaml.Node
	if err := d.Decode(&more); err == nil {
		ps.add(file, "", "more than one YAML document")
		return nil, ps
	}
	if len(doc.Content) != 1 {
		ps.add(file, "", "empty")
		return nil, ps
	}
	root := doc.Content[0]
	checkNode(file, "", root, 0, &ps)
	if len(ps) > 0 {
		return nil, ps
	}
	return root, nil
}

func checkNode(file, pointer string, n *yaml.Node, depth int, ps *Problems) {
	if depth > maxDepth {
		ps.add(file, pointer, "nested too deeply")
		return
	}
	switch n.Kind {
	case yaml.AliasNode:
		ps.add(file, pointer, "aliases are not part of the format")
	case yaml.SequenceNode:
		for i, item := range n.Content {
			checkNode(file, pointer+"/"+strconv.Itoa(i), item, depth+1, ps)
		}
	case yaml.MappingNode:
		seen := make(map[string]bool, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" {
				ps.add(file, pointer, "line "+strconv.Itoa(key.Line)+": a key must be a plain name")
				continue
			}
			at := pointer + "/" + EscapePointer(key.Value)
			if seen[key.Value] {
				ps.add(file, at, "defined twice")
			}
			seen[key.Value] = true
			checkNode(file, at, n.Content[i+1], depth+1, ps)
		}
	}
}

// valueOf is the node as decoded JSON, numbers as json.Number.
func valueOf(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = valueOf(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		s := make([]any, len(n.Content))
		for i, item := range n.Content {
			s[i] = valueOf(item)
		}
		return s
	}
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		var b bool
		if n.Decode(&b) == nil {
			return b
		}
	case "!!int":
		var i int64
		if n.Decode(&i) == nil {
			return json.Number(strconv.FormatInt(i, 10))
		}
	case "!!float":
		var f float64
		if n.Decode(&f) == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return json.Number(strconv.FormatFloat(f, 'g', -1, 64))
		}
	}
	return n.Value
}
