package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/hookstone/hookstone"

// layers says which of our own packages each package may import. A trailing
// "/..." stands for everything below. Tests may import what they like.
var layers = map[string][]string{
	"schemas":             {},
	"schemas/infer":       {"schemas"},
	"simulator/wire":      {"schemas"},
	"simulator/jsondoc":   {"schemas"},
	"simulator/sign":      {"schemas", "simulator/wire", "simulator/jsondoc"},
	"simulator/generate":  {"schemas", "simulator/wire", "simulator/jsondoc"},
	"simulator/fault":     {"schemas", "simulator/wire", "simulator/jsondoc", "simulator/sign", "simulator/generate"},
	"simulator":           {"schemas", "simulator/..."},
	"simulator/...":       {"schemas", "simulator", "simulator/..."}, // what builds on the sender
	"conformance":         {"schemas", "simulator", "simulator/..."},
	"conformance/observe": {"schemas", "conformance"},
	"conformance/suite":   {"schemas", "simulator", "simulator/...", "conformance"},
	"reports":             {"schemas", "simulator", "simulator/...", "conformance"},
	"fixtures/...":        {"schemas", "fixtures/..."},
	"cmd/k6":              {"cmd/k6/extension"}, // a module of its own
	"cmd/...":             {"schemas", "schemas/infer", "simulator", "simulator/...", "conformance", "conformance/...", "reports", "fixtures/..."},
}

// ginkgoHome is the one package that knows Ginkgo and Gomega.
const ginkgoHome = "conformance/suite"

type sourceFile struct {
	path string // from the module's root, with slashes
	test bool
	fset *token.FileSet
	ast  *ast.File
	text []byte
}

func (f sourceFile) dir() string { return path.Dir(f.path) }

// sources parses every Go file of the module.
func sources(t *testing.T) []sourceFile {
	t.Helper()
	root := filepath.Join("..", "..")
	var files []sourceFile
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); base == "testdata" || base == "node_modules" || base != ".." && strings.HasPrefix(base, ".") {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, name, text, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		files = append(files, sourceFile{filepath.ToSlash(rel), strings.HasSuffix(name, "_test.go"), fset, parsed, text})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("found %d Go files: this is not the module", len(files))
	}
	return files
}

func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	for _, f := range sources(t) {
		allowed, known := allowedFrom(f.dir())
		if !known {
			t.Errorf("%s: package %q has no place in the layers: give it one in this test", f.path, f.dir())
			continue
		}
		for _, imported := range f.ast.Imports {
			name := strings.Trim(imported.Path.Value, `"`)
			if ginkgo(name) && f.dir() != ginkgoHome {
				t.Errorf("%s imports %s: only %s may", f.path, name, ginkgoHome)
			}
			own, ours := strings.CutPrefix(name, module+"/")
			if !ours || f.test || matches(allowed, own) {
				continue
			}
			t.Errorf("%s imports %s: %s may import %v", f.path, own, f.dir(), allowed)
		}
	}
}

func ginkgo(imported string) bool {
	return strings.HasPrefix(imported, "github.com/onsi/")
}

func allowedFrom(dir string) ([]string, bool) {
	if allowed, ok := layers[dir]; ok {
		return allowed, true
	}
	for pattern, allowed := range layers {
		if matches([]string{pattern}, dir) {
			return allowed, true
		}
	}
	return nil, false
}

func matches(patterns []string, dir string) bool {
	for _, p := range patterns {
		below, tree := strings.CutSuffix(p, "/...")
		if p == dir || tree && strings.HasPrefix(dir, below+"/") {
			return true
		}
	}
	return false
}

// TestNoProviderInCode: facts about a provider are data. The names are those of
// the contract folders, and of providers that tests borrow.
func TestNoProviderInCode(t *testing.T) {
	t.Parallel()
	names := map[string]bool{"stripe": true, "shopify": true, "sharmo": true, "usmewe": true, "handcash": true, "standard-webhooks": true, "standardwebhooks": true}
	for _, pattern := range []string{"../../schemas/*/contract.yaml", "../../fixtures/contracts/*/contract.yaml"} {
		found, err := filepath.Glob(filepath.FromSlash(pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			names[filepath.Base(filepath.Dir(file))] = true
		}
	}
	delete(names, "github") // stands in every import
	delete(names, "slack")  // an English word
	var list []string
	for name := range names {
		list = append(list, regexp.QuoteMeta(name))
	}
	slices.Sort(list)
	named := regexp.MustCompile(`(?i)` + strings.Join(list, "|") + `|X-GitHub|X-Hub-Signature|X-Slack`)
	for _, f := range sources(t) {
		// A receiver of somebody's own knows its providers.
		if f.test || strings.HasPrefix(f.path, "fixtures/receivers/") {
			continue
		}
		for i, line := range strings.Split(string(f.text), "\n") {
			if word := named.FindString(line); word != "" {
				t.Errorf("%s:%d names a provider (%q): make it data", f.path, i+1, word)
			}
		}
	}
}

func TestNamesSayWhatIsInside(t *testing.T) {
	t.Parallel()
	vague := regexp.MustCompile(`^(utils?|common|helpers?|managers?|misc|shared)(_|\.|$)`)
	for _, f := range sources(t) {
		for _, part := range []string{f.ast.Name.Name, path.Base(f.path)} {
			if vague.MatchString(part) {
				t.Errorf("%s: %q says nothing: name it by its noun", f.path, part)
			}
		}
	}
}

// TestDirectionSeesWrongs proves that the checks above can fail.
func TestDirectionSeesWrongs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"schemas", "simulator", false},
		{"simulator/wire", "simulator/sign", false},
		{"simulator/fault", "simulator/generate", true},
		{"conformance", "conformance/suite", false},
		{"conformance/suite", "conformance", true},
		{"reports", "conformance/suite", false},
		{"fixtures/receiver", "simulator/sign", false},
		{"fixtures/receiver", "schemas", true},
		{"cmd/hookstone", "fixtures/receiver", true},
	} {
		allowed, known := allowedFrom(c.from)
		if got := known && matches(allowed, c.to); got != c.want {
			t.Errorf("may %s import %s = %t; want %t", c.from, c.to, got, c.want)
		}
	}
	if _, known := allowedFrom("helpers"); known {
		t.Error("a package without a place has one")
	}
	if !ginkgo("github.com/onsi/ginkgo/v2") {
		t.Error("Ginkgo is not seen")
	}
}
