package schemas

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v5"
)

func exported(t *testing.T, p *Provider) []byte {
	t.Helper()
	doc, err := p.ExportOpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestExportStandsByItself has kin-openapi read each export without any other
// file, and judges examples, and bodies that lack a member, by it alone.
func TestExportStandsByItself(t *testing.T) {
	l, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range l.Providers() {
		text := exported(t, p)
		loader := openapi3.NewLoader() // follows no reference to another document
		doc, err := loader.LoadFromData(text)
		if err != nil {
			t.Errorf("%s: %v", p.Name(), err)
			continue
		}
		if err := doc.Validate(context.Background()); err != nil {
			t.Errorf("%s: %v", p.Name(), err)
		}
		if doc.OpenAPI != "3.1.0" || len(doc.Webhooks) != len(p.Events) || doc.Paths == nil {
			t.Errorf("%s: OpenAPI %s, %d webhooks, paths %v; want 3.1.0 with %d, and paths", p.Name(), doc.OpenAPI, len(doc.Webhooks), doc.Paths, len(p.Events))
		}
		if strings.Contains(string(text), schemaSuffix) || strings.Contains(string(text), "$defs") {
			t.Errorf("%s: something still refers to a file", p.Name())
		}
		c := jsonschema.NewCompiler()
		c.Draft, c.AssertFormat = jsonschema.Draft2020, true
		if err := c.AddResource("doc.json", strings.NewReader(string(text))); err != nil {
			t.Fatal(err)
		}
		for _, e := range p.Events {
			ref := doc.Webhooks[e.Type].GetOperation(p.Contract.Request.Method).RequestBody.Value.Content[p.Contract.Request.MediaType].Schema.Ref
			schema, err := c.Compile("doc.json" + ref)
			if err != nil {
				t.Errorf("%s: %v", e.Type, err)
				continue
			}
			for _, example := range e.Examples {
				v, _ := DecodeJSON(example)
				if err := schema.Validate(v); err != nil {
					t.Errorf("%s: %v", e.Type, err)
				}
				delete(v.(map[string]any), strings.TrimPrefix(p.Contract.Identity.Type.Pointer, "/"))
				if err := schema.Validate(v); err == nil {
					t.Errorf("%s: valid without its type", e.Type)
				}
			}
		}
	}
}

// nodeModules is the folder with the packages of the npm validator.
func nodeModules(t *testing.T) string {
	t.Helper()
	const tool = "@seriousme/openapi-schema-validator"
	dir := os.Getenv("HOOKSTONE_NODE_MODULES")
	if dir == "" {
		dir = filepath.Join("..", "fixtures", "openapi", "node_modules")
	}
	_, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(dir, filepath.FromSlash(tool)))
	}
	if err == nil {
		return dir
	}
	if os.Getenv("HOOKSTONE_REQUIRE_TOOLS") == "1" {
		t.Fatalf("the OpenAPI validator is missing (npm ci --prefix fixtures/openapi): %v", err)
	}
	t.Skipf("node with %s is missing: npm ci --prefix fixtures/openapi", tool)
	return ""
}

// TestExportIsValidElsewhere has an independent validator judge the exports,
// and spoilt ones.
func TestExportIsValidElsewhere(t *testing.T) {
	modules := nodeModules(t)
	dir := t.TempDir()
	validate := func(documents ...string) (string, error) {
		cmd := exec.Command("node", append([]string{filepath.Join("..", "fixtures", "openapi", "validate.mjs")}, documents...)...)
		absolute, err := filepath.Abs(modules)
		if err != nil {
			t.Fatal(err)
		}
		cmd.Env = append(os.Environ(), "HOOKSTONE_NODE_MODULES="+absolute)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	l, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	var documents []string
	for _, p := range l.Providers() {
		file := filepath.Join(dir, p.Name()+".json")
		if err := os.WriteFile(file, exported(t, p), 0o600); err != nil {
			t.Fatal(err)
		}
		documents = append(documents, file)
	}
	out, err := validate(documents...)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"usmewe.json: 9 webhooks, 4 paths", "sharmo-body.json: 20 webhooks, 0 paths"} {
		if !strings.Contains(out, want) {
			t.Errorf("output lacks %q:\n%s", want, out)
		}
	}
	sound, err := os.ReadFile(filepath.Join(dir, "usmewe.json"))
	if err != nil {
		t.Fatal(err)
	}
	spoils := []struct{ name, old, new, say string }{
		{"keyword", `"webhooks":`, `"webhoks":`, "unevaluated properties"},
		{"reference", `"#/components/schemas/loan.created"`, `"#/components/schemas/loan.crated"`, "leads nowhere"},
		{"type", `"type": "object"`, `"type": "objet"`, "schemas/"},
		{"example", `"duration": 30`, `"duration": "30"`, "must be integer"},
	}
	documents = nil
	for _, c := range spoils {
		spoilt := strings.Replace(string(sound), c.old, c.new, 1)
		if spoilt == string(sound) {
			t.Fatalf("the export does not hold %s", c.old)
		}
		file := filepath.Join(dir, c.name+".json")
		if err := os.WriteFile(file, []byte(spoilt), 0o600); err != nil {
			t.Fatal(err)
		}
		documents = append(documents, file)
	}
	if out, err = validate(documents...); err == nil {
		t.Error("the spoilt documents are accepted")
	}
	for _, c := range spoils {
		if !regexp.MustCompile(c.name + `\.json: .*` + c.say).MatchString(out) {
			t.Errorf("%s for %s is not told as …%s…:\n%s", c.new, c.old, c.say, out)
		}
	}
}

// TestExportNames shows how names that meet are kept apart.
func TestExportNames(t *testing.T) {
	f := copyOf(t, "usmewe")
	f["other.schema.json"] = &fstest.MapFile{Data: []byte(`{
  "$id": "https://hookstone.dev/schemas/usmewe/other.schema.json",
  "$defs": {
    "userId": {"type": "string", "minLength": 3},
    "tree": {"type": "object", "properties": {
      "$ref": {"const": {"$ref": "kept"}, "x-provenance": {"status": "inferred"}},
      "below": {"$ref": "#/$defs/tree", "x-provenance": {"status": "inferred"}}
    }}
  }
}`)}
	f.edit(t, "events/loan.created.schema.json", `"$ref": "../defs.schema.json#/$defs/userId"`, `"$ref": "../other.schema.json#/$defs/userId"`)
	f.edit(t, "events/loan.created.schema.json", `"description": "What happened.",`, `"description": "What happened.", "allOf": [{"$ref": "../other.schema.json#/$defs/tree"}],`)
	f.edit(t, "defs.schema.json", `"time": {`, `"a:b": {"$ref": "#/$defs/time", "x-provenance": {"status": "documented", "section": "Event Structure"}}, "time": {`)
	f.edit(t, "events/loan.funded.schema.json", `defs.schema.json#/$defs/timestamp`, `defs.schema.json#/$defs/a:b`)
	l, err := Load(f.fs())
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.Provider("usmewe")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := p.ExportOpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	for pointer, want := range map[string]string{
		"/components/schemas/loan.created/properties/data/properties/userId/$ref": `"#/components/schemas/userId"`,
		"/components/schemas/userId/minLength":                                    `3`,
		"/components/schemas/loan.funded/properties/data/properties/userId/$ref":  `"#/components/schemas/userId-2"`,
		"/components/schemas/userId-2/pattern":                                    `"^user_[0-9A-Za-z]{6,40}$"`,
		"/components/schemas/tree/properties/below/$ref":                          `"#/components/schemas/tree"`,
		"/components/schemas/tree/properties/$ref/const":                          `{"$ref":"kept"}`,
		"/components/schemas/a_b/$ref":                                            `"#/components/schemas/time"`,
		"/components/schemas/loan.funded/properties/timestamp/$ref":               `"#/components/schemas/a_b"`,
	} {
		found := doc.at(pointer)
		if found == nil {
			t.Errorf("nothing at %s", pointer)
			continue
		}
		if got, _ := found.MarshalJSON(); string(got) != want {
			t.Errorf("%s = %s; want %s", pointer, got, want)
		}
	}
	// What was read is not changed by it.
	if again := exported(t, p); string(again) != string(exported(t, p)) {
		t.Error("two exports differ")
	}
}
