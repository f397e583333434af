package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const defaultOut = "hookstone-report"

// outDir is the folder that a run's files go into. They may hold traffic: the
// folder is made for its owner alone, and so is every file.
type outDir struct {
	path string
	made bool
}

// prepareOut makes the folder and proves that it can be written to, before
// anything is sent.
func prepareOut(path string) (*outDir, error) {
	const hint = "name a folder that can be written to: --out DIR"
	o := &outDir{path: path}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		o.made = true
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, environment(fmt.Errorf("--out %q: %w", path, err), hint)
	}
	probe, err := os.CreateTemp(path, ".probe-*")
	if err != nil {
		return nil, environment(fmt.Errorf("--out %q is not writable: %w", path, err), hint)
	}
	_, err = probe.WriteString("probe")
	err = errors.Join(err, probe.Close(), os.Remove(probe.Name()))
	if err != nil {
		return nil, environment(fmt.Errorf("--out %q is not writable: %w", path, err), hint)
	}
	return o, nil
}

// file is the path of a file in the folder.
func (o *outDir) file(name string) string { return filepath.Join(o.path, name) }

// write makes a file whole or not at all: under another name first.
func (o *outDir) write(name string, render func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(o.path, ".new-*") // CreateTemp makes it 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", o.file(name), err)
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
			err = fmt.Errorf("write %s: %w", o.file(name), err)
		}
	}()
	err = errors.Join(render(f), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), o.file(name))
}

// forget removes a file of an earlier run that this one does not make.
func (o *outDir) forget(name string) { _ = os.Remove(o.file(name)) }

// discard removes the folder where this run made it and left nothing in it.
func (o *outDir) discard() {
	if o.made {
		_ = os.Remove(o.path) // fails where it holds something
	}
}
