package schemas

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// CitationFor returns the source of the clause at a JSON pointer into the
// contract: the citation of the longest prefix, in whole tokens.
func (c *Contract) CitationFor(pointer string) (Citation, bool) {
	for at := pointer; at != ""; at = at[:strings.LastIndexByte(at, '/')] {
		if cite, ok := c.Citations[at]; ok {
			return cite, true
		}
		if strings.LastIndexByte(at, '/') < 0 {
			break
		}
	}
	return Citation{}, false
}

// uncited are the parts of a contract that name it rather than state a clause.
var uncited = map[string]bool{
	"format": true, "provider": true, "title": true, "platform": true, "documents": true, "citations": true,
}

// checkCitations wants every leaf covered, every citation well-formed and
// about something that stands there.
func checkCitations(file string, c *Contract, root *yaml.Node) Problems {
	var ps Problems
	stands := map[string]bool{}
	var walk func(n *yaml.Node, pointer string)
	walk = func(n *yaml.Node, pointer string) {
		stands[pointer] = true
		switch {
		case n.Kind == yaml.MappingNode && len(n.Content) > 0:
			for i := 0; i+1 < len(n.Content); i += 2 {
				if key := n.Content[i].Value; pointer != "" || !uncited[key] {
					walk(n.Content[i+1], pointer+"/"+EscapePointer(key))
				}
			}
		case n.Kind == yaml.SequenceNode && len(n.Content) > 0:
			for i, item := range n.Content {
				walk(item, pointer+"/"+strconv.Itoa(i))
			}
		default:
			if _, ok := c.CitationFor(pointer); !ok {
				ps.add(file, pointer, "no citation covers it (add one under citations)")
			}
		}
	}
	walk(root, "")
	for prefix, cite := range c.Citations {
		at := "/citations/" + EscapePointer(prefix)
		switch {
		case checkPointer(prefix) != nil:
			ps.add(file, at, "a citation's key is a JSON pointer into the contract")
		case !stands[prefix]:
			ps.add(file, at, "cites a place that the contract does not have")
		}
		switch {
		case cite.Convention != "" && (cite.Document != "" || cite.Section != ""):
			ps.add(file, at, "cites a document and a convention: one of the two is the source")
		case cite.Convention != "":
		case cite.Document == "" || cite.Section == "":
			ps.add(file, at, "needs document and section, or convention")
		default:
			if _, ok := c.Documents[cite.Document]; !ok {
				ps.add(file, at+"/document", "unknown document "+strconv.Quote(cite.Document)+" (see documents)")
			}
		}
	}
	return ps
}
