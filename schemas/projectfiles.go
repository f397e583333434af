package schemas

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// Waiver is one entry of a file of waivers.
type Waiver struct {
	ID      string // of the case, whole
	Reason  string
	Owner   string
	Expires string // the last day (UTC) on which it holds: 2026-12-31
}

// ReadWaivers reads a file of waivers (waivers.schema.json): a YAML list, or an
// object with the list as its member waivers. file names it in the error, which
// is Problems with file, pointer and reason of each.
func ReadWaivers(file string, text []byte) ([]Waiver, error) {
	doc, ps := readProjectFile("waivers", file, text)
	if len(ps) > 0 {
		return nil, ps.err()
	}
	if whole, ok := doc.(map[string]any); ok {
		doc = whole["waivers"]
	}
	var waivers []Waiver
	for _, item := range doc.([]any) {
		w := item.(map[string]any)
		waivers = append(waivers, Waiver{
			ID: w["id"].(string), Reason: w["reason"].(string), Owner: w["owner"].(string), Expires: w["expires"].(string),
		})
	}
	return waivers, nil
}

// ReadSettings reads a hookstone.yaml (hookstone.schema.json): for every key
// that stands in it the texts of its values, one where it is not a list. file
// names it in the error, which is Problems with file, pointer and reason of
// each.
func ReadSettings(file string, text []byte) (map[string][]string, error) {
	doc, ps := readProjectFile("hookstone", file, text)
	if len(ps) > 0 {
		return nil, ps.err()
	}
	settings := map[string][]string{}
	for key, value := range doc.(map[string]any) {
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		settings[key] = []string{}
		for _, v := range list {
			settings[key] = append(settings[key], textOf(v))
		}
	}
	return settings, nil
}

// readProjectFile parses a YAML file and holds it against one of our schemas.
func readProjectFile(name, file string, text []byte) (any, Problems) {
	root, ps := readYAML(file, text)
	if len(ps) > 0 {
		return nil, ps
	}
	doc := valueOf(root)
	for _, p := range conforms(name+schemaSuffix, file, doc) {
		ps = append(ps, unknownKeys(p)...)
	}
	return doc, ps
}

var quotedName = regexp.MustCompile(`'([^']*)'`)

// unknownKeys makes a problem of every key that a schema does not know, at its
// own place. The key's value is not quoted: it may be a secret.
func unknownKeys(p Problem) Problems {
	names, unknown := strings.CutPrefix(p.Reason, "additionalProperties ")
	if !unknown {
		return Problems{p}
	}
	var ps Problems
	for _, name := range quotedName.FindAllStringSubmatch(names, -1) {
		ps.add(p.File, p.Pointer+"/"+EscapePointer(name[1]), "unknown key")
	}
	return ps
}

// textOf spells a scalar as a command line would.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return fmt.Sprint(v)
}
