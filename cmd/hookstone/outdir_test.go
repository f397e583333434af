package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestWriteIsWholeOrNotAtAll: a renderer that fails leaves the old file.
func TestWriteIsWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	out, err := prepareOut(filepath.Join(t.TempDir(), "a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string, fail error) error {
		return out.write("report.json", func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return errors.Join(err, fail)
		})
	}
	if err := write("first", nil); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	if err := write("half", broken); !errors.Is(err, broken) {
		t.Fatalf("write = %v; want %v", err, broken)
	}
	text, err := os.ReadFile(out.file("report.json"))
	if err != nil || string(text) != "first" {
		t.Errorf("report.json = %q, %v; want the first", text, err)
	}
	entries, err := os.ReadDir(out.path)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v; want report.json alone", entries, err)
	}
}

func TestDiscardKeepsWhatHoldsSomething(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty, err := prepareOut(filepath.Join(dir, "empty"))
	if err != nil {
		t.Fatal(err)
	}
	empty.discard()
	if _, err := os.Stat(empty.path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the empty folder stays: %v", err)
	}
	full, err := prepareOut(filepath.Join(dir, "full"))
	if err != nil {
		t.Fatal(err)
	}
	if err := full.write("a", func(io.Writer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	full.discard()
	if _, err := os.Stat(full.file("a")); err != nil {
		t.Errorf("the file is gone: %v", err)
	}
	if out, err := prepareOut(dir); err != nil || out.made {
		t.Errorf("prepareOut of an existing folder = %+v, %v", out, err)
	}
}
