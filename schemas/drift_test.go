package schemas

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Every member of our own formats tells what it is.
func TestMetaSchemasDescribeEveryMember(t *testing.T) {
	for _, name := range []string{"contract", "dialect", "report", "attempt"} {
		doc, err := meta().Document(name + schemaSuffix)
		if err != nil {
			t.Fatal(err)
		}
		root := doc.(map[string]any)
		described := 0
		var walk func(v any, at string)
		walk = func(v any, at string) {
			switch v := v.(type) {
			case map[string]any:
				properties, _ := v["properties"].(map[string]any)
				if properties != nil && v["additionalProperties"] == nil && !strings.HasSuffix(at, "/if") && !strings.HasSuffix(at, "/else") {
					if _, free := v["type"]; free {
						t.Errorf("%s: %s is open", name, at)
					}
				}
				for member, schema := range properties {
					object, ok := schema.(map[string]any)
					if !ok || strings.HasSuffix(at, "/if") || strings.HasSuffix(at, "/else") {
						continue
					}
					text, _ := object["description"].(string)
					if ref, ok := object["$ref"].(string); ok && text == "" {
						target, _ := lookup(root, strings.TrimPrefix(ref, "#"))
						if target, ok := target.(map[string]any); ok {
							text, _ = target["description"].(string)
						}
					}
					if text == "" {
						t.Errorf("%s: %s/%s has no description", name, at, member)
					}
					described++
				}
				for key, value := range v {
					walk(value, at+"/"+key)
				}
			case []any:
				for _, item := range v {
					walk(item, at)
				}
			}
		}
		walk(root, "")
		if described < 20 {
			t.Errorf("%s: only %d members were looked at", name, described)
		}
	}
}

// The meta-schema and the Go types say the same members.
func TestContractSchemaMatchesTheTypes(t *testing.T) {
	doc, err := meta().Document("contract" + schemaSuffix)
	if err != nil {
		t.Fatal(err)
	}
	for at, value := range map[string]any{
		"":                       Contract{},
		"/$defs/document":        Document{},
		"/$defs/citation":        Citation{},
		"/$defs/transport":       Transport{},
		"/$defs/request":         Request{},
		"/$defs/headerValue":     HeaderValue{},
		"/$defs/identity":        Identity{},
		"/$defs/time":            Time{},
		"/$defs/signing":         Signing{},
		"/$defs/signature":       Signature{},
		"/$defs/signingHeader":   SigningHeader{},
		"/$defs/answers":         Answers{},
		"/$defs/answer":          Answer{},
		"/$defs/deadlines":       Deadlines{},
		"/$defs/retries":         Retries{},
		"/$defs/handshake":       Handshake{},
		"/$defs/handshakeAnswer": HandshakeAnswer{},
		"/$defs/event":           EventClause{},
	} {
		properties, ok := lookup(doc, at+"/properties")
		if !ok {
			t.Errorf("contract.schema.json has no %s", at)
			continue
		}
		got := slices.Sorted(maps.Keys(properties.(map[string]any)))
		var want []string
		for field := range reflect.TypeOf(value).Fields() {
			if tag := field.Tag.Get("yaml"); tag != "-" {
				want = append(want, tag)
			}
		}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%T has %v; the meta-schema %v", value, want, got)
		}
	}
}

func BenchmarkBuiltin(b *testing.B) {
	for b.Loop() {
		if _, ps := load(embedded, trusted); len(ps) > 0 {
			b.Fatal(ps)
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	e, _ := builtinProvider(b, "usmewe").Event("loan.funded")
	for b.Loop() {
		if err := e.Validate(e.Examples[0]); err != nil {
			b.Fatal(err)
		}
	}
}
