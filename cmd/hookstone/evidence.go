package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/reports"
)

// evidenceDir is the folder within --out that holds what failed cases sent and
// got.
const evidenceDir = "evidence"

// writeEvidence replaces the evidence of an earlier run by this one's.
func writeEvidence(out *outDir, r *conformance.Result) error {
	out.forgetEvidence()
	for f := range reports.Evidence(r) {
		dir := &outDir{path: filepath.Join(out.path, evidenceDir, f.Dir)}
		if err := os.MkdirAll(dir.path, 0o700); err != nil {
			return fmt.Errorf("write the evidence: %w", err)
		}
		if err := dir.write(f.Name, func(w io.Writer) error { _, err := w.Write(f.Data); return err }); err != nil {
			return err
		}
	}
	return nil
}

// forgetEvidence removes the files that writeEvidence makes, and the folders
// that this leaves empty. Whatever else lies there stays.
func (o *outDir) forgetEvidence() {
	root := o.file(evidenceDir)
	dirs, err := os.ReadDir(root)
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	for _, d := range dirs {
		files, err := os.ReadDir(filepath.Join(root, d.Name()))
		if err != nil {
			continue
		}
		for _, f := range files {
			if reports.EvidenceName.MatchString(f.Name()) {
				_ = os.Remove(filepath.Join(root, d.Name(), f.Name()))
			}
		}
		_ = os.Remove(filepath.Join(root, d.Name())) // fails where it holds something
	}
	_ = os.Remove(root)
}
