package reports

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/conformance"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with testdata/golden/name.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
		for i := range max(len(g), len(w)) {
			line := func(s []string) string {
				if i < len(s) {
					return s[i]
				}
				return "(end)"
			}
			if line(g) != line(w) {
				t.Fatalf("%s, line %d = %q; want %q (go test ./reports -update writes it anew)", name, i+1, line(g), line(w))
			}
		}
	}
}

func render(t *testing.T, f Format, r *conformance.Result) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b, r); err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	return b.Bytes()
}

func TestGoldens(t *testing.T) {
	for _, s := range samples {
		for _, f := range Formats() {
			t.Run(s.name+"/"+f.Name, func(t *testing.T) {
				golden(t, filepath.Join(s.name, f.File), render(t, f, s.make()))
			})
		}
		t.Run(s.name+"/terminal", func(t *testing.T) {
			var b bytes.Buffer
			if err := Terminal(&b, s.make(), TerminalOptions{Out: "hookstone-report"}); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join(s.name, "terminal.txt"), b.Bytes())
		})
	}
}

// A renderer leaves the result as it was, and writes the same twice.
func TestRenderersArePure(t *testing.T) {
	for _, s := range samples {
		r := s.make()
		for _, f := range Formats() {
			first, second := render(t, f, r), render(t, f, r)
			if !bytes.Equal(first, second) {
				t.Errorf("%s of %s differs from one time to the next", f.Name, s.name)
			}
		}
		if got, want := render(t, Formats()[1], r), render(t, Formats()[1], s.make()); !bytes.Equal(got, want) {
			t.Errorf("rendering changed the result %s", s.name)
		}
	}
}
