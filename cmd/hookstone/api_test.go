package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files of the API anew")

// promised are the packages whose exported names are kept.
var promised = []string{"conformance", "conformance/suite", "schemas", "simulator"}

// unpromised is what every other package that can be imported says of itself.
const unpromised = "It is not part of the promised API: see CONTRIBUTING.md."

// TestAPI holds the exported names of the promised packages to golden files, a
// line a name: none is added, changed or lost without being looked at.
func TestAPI(t *testing.T) {
	t.Parallel()
	byDir := map[string][]sourceFile{}
	for _, f := range sources(t) {
		if !f.test {
			byDir[f.dir()] = append(byDir[f.dir()], f)
		}
	}
	for _, dir := range promised {
		got := api(t, byDir[dir])
		file := filepath.Join("testdata", "api", strings.ReplaceAll(dir, "/", "-")+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(strings.Join(got, "\n")+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		var diff []string
		for _, line := range want {
			if !slices.Contains(got, line) {
				diff = append(diff, "- "+line)
			}
		}
		for _, line := range got {
			if !slices.Contains(want, line) {
				diff = append(diff, "+ "+line)
			}
		}
		if len(diff) > 0 {
			t.Errorf("the API of %s is not what %s says:\n%s\nif it is meant to be so: go test ./cmd/hookstone -run TestAPI -update, and tell it in CHANGELOG.md",
				dir, file, strings.Join(diff, "\n"))
		}
	}
}

// TestOthersPromiseNothing: a package that can be imported and is not meant to
// be says so.
func TestOthersPromiseNothing(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	for _, f := range sources(t) {
		dir := f.dir()
		if f.test || f.ast.Name.Name == "main" || slices.Contains(promised, dir) ||
			strings.HasPrefix(dir, "cmd/") || slices.Contains(strings.Split(dir, "/"), "internal") {
			continue
		}
		said[dir] = said[dir] || f.ast.Doc != nil && strings.Contains(strings.ReplaceAll(f.ast.Doc.Text(), "\n", " "), unpromised)
	}
	if len(said) < 8 {
		t.Errorf("only %d packages are looked at", len(said))
	}
	for dir, yes := range said {
		if !yes {
			t.Errorf("the comment of package %s lacks %q", dir, unpromised)
		}
	}
}

// api lists a package's exported names, sorted, a line a name.
func api(t *testing.T, files []sourceFile) []string {
	t.Helper()
	var lines []string
	for _, f := range files {
		file, err := parser.ParseFile(token.NewFileSet(), f.path, f.text, 0) // a copy, to be trimmed
		if err != nil {
			t.Fatal(err)
		}
		ast.FileExports(file)
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				signature := d.Name.Name + strings.TrimPrefix(types.ExprString(d.Type), "func")
				if d.Recv != nil {
					if base := strings.TrimPrefix(types.ExprString(d.Recv.List[0].Type), "*"); !ast.IsExported(base) {
						continue
					}
					signature = "(" + types.ExprString(d.Recv.List[0].Type) + ") " + signature
				}
				lines = append(lines, "func "+signature)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					lines = append(lines, specLines(d.Tok, spec)...)
				}
			}
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

func specLines(kind token.Token, spec ast.Spec) []string {
	switch s := spec.(type) {
	case *ast.ValueSpec:
		var lines []string
		for i, name := range s.Names {
			line := fmt.Sprintf("%s %s", kind, name.Name)
			if s.Type != nil {
				line += " " + types.ExprString(s.Type)
			}
			if i < len(s.Values) && kind == token.CONST {
				line += " = " + types.ExprString(s.Values[i])
			}
			lines = append(lines, line)
		}
		return lines
	case *ast.TypeSpec:
		name := "type " + s.Name.Name
		var fields *ast.FieldList
		kind := ""
		switch t := s.Type.(type) {
		case *ast.StructType:
			fields, kind = t.Fields, " struct"
		case *ast.InterfaceType:
			fields, kind = t.Methods, " interface"
		default:
			if s.Assign.IsValid() {
				name += " ="
			}
			return []string{name + " " + types.ExprString(s.Type)}
		}
		lines := []string{name + kind}
		for _, f := range fields.List {
			kind := types.ExprString(f.Type)
			if f.Tag != nil {
				kind += " " + f.Tag.Value
			}
			if len(f.Names) == 0 {
				lines = append(lines, name+": "+kind)
			}
			for _, field := range f.Names {
				lines = append(lines, name+": "+field.Name+" "+kind)
			}
		}
		return lines
	}
	return nil
}

// TestAPISeesChanges proves that the check can fail.
func TestAPISeesChanges(t *testing.T) {
	t.Parallel()
	const text = "package x\n// A is.\nconst A, b = 1, 2\nvar V T\ntype T struct{ X, y int `json:\"x\"`; z T }\ntype I interface{ M(n int) error; m() }\nfunc (t *T) M(a, b int) error { return nil }\nfunc f() {}\nfunc (t t) N() {}\ntype E = T\n"
	got := api(t, []sourceFile{{path: "x.go", text: []byte(text)}})
	want := []string{"const A = 1", "func (*T) M(a, b int) error", "type E = T", "type I interface", "type I: M func(n int) error", "type T struct", "type T: X int `json:\"x\"`", "var V T"}
	if !slices.Equal(got, want) {
		t.Errorf("the API is told as\n%s; want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
