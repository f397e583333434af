package main

import (
	"testing"

	"github.com/hookstone/hookstone/fixtures/receiver"
	"github.com/hookstone/hookstone/schemas"
)

// TestDemoDefects: every name is a defect, and built-in contracts show
// different ones as long as there are enough.
func TestDemoDefects(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, d := range receiver.Defects() {
		known[d.Name] = true
	}
	for _, name := range demoDefects {
		if !known[name] {
			t.Errorf("there is no defect %q", name)
		}
	}
	library, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	runs, err := demoRuns(library)
	if err != nil {
		t.Fatal(err)
	}
	if want := 2 * len(library.Providers()); len(runs) != want || want == 0 {
		t.Fatalf("%d runs; want %d", len(runs), want)
	}
	shown := map[string]bool{}
	for i := 1; i < len(runs); i += 2 {
		if runs[i-1].defect != nil || runs[i].defect == nil {
			t.Fatalf("runs %d and %d are not a right and a wrong one", i-1, i)
		}
		if name := runs[i].defect.Name; shown[name] && len(shown) < len(demoDefects) {
			t.Errorf("%q is shown twice", name)
		} else {
			shown[name] = true
		}
	}
}
