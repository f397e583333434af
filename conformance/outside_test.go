package conformance_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestProjectOutside makes a Go project outside of this repository, which
// certifies its own handler with ten lines in its own test, offline. A
// receiver that is careless makes that test fail.
func TestProjectOutside(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a project")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "outside"))); err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	module := fmt.Sprintf("module example.com/mine\n\ngo 1.26.0\n\nrequire github.com/hookstone/hookstone v0.0.0\n\nreplace github.com/hookstone/hookstone => %q\n", root)
	for name, text := range map[string]string{"go.mod": module, "go.sum": string(sums)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n := lines(t, filepath.Join(dir, "handler_test.go"), "func TestReceiver"); n > 10 {
		t.Errorf("certifying takes %d lines; want at most 10", n)
	}
	binary := filepath.Join(dir, "mine.test")
	run(t, dir, nil, true, "go", "test", "-c", "-o", binary, ".")
	if out := run(t, dir, nil, true, binary, "-test.v"); !strings.Contains(out, "--- PASS: TestReceiver") {
		t.Errorf("the right receiver: %s", out)
	}
	if out := run(t, dir, []string{"CARELESS=1"}, false, binary, "-test.v"); !strings.Contains(out, "--- FAIL: TestReceiver") || !strings.Contains(out, "always-accepts: ") {
		t.Errorf("the careless receiver: %s", out)
	}
}

// lines counts the lines within a function's braces.
func lines(t *testing.T, file, function string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, body, found := strings.Cut(string(text), function)
	body, _, closed := strings.Cut(body, "\n}\n")
	if !found || !closed {
		t.Fatalf("%s holds no %s", file, function)
	}
	return strings.Count(body, "\n")
}

// run runs a program offline and wants it to succeed, or to fail.
func run(t *testing.T, dir string, env []string, want bool, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOWORK=off"), env...)
	out, err := cmd.CombinedOutput()
	if (err == nil) != want {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
