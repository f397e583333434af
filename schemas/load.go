package schemas

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// care is how much of a folder is proven while it is read.
type care int

const (
	trusted care = iota // the program's own: read only
	proven              // a user's: meta-schemas, citations, examples
)

const (
	contractFile = "contract.yaml"
	openapiFile  = "openapi.yaml"
	journeysFile = "journeys.yaml"
	schemaSuffix = ".schema.json"
)

// load reads the provider folders of fsys.
func load(fsys fs.FS, c care) (*Library, Problems) {
	var ps Problems
	l := &Library{}
	dirs, err := providerDirs(fsys)
	if err != nil {
		ps.add(".", "", err.Error())
		return l, ps
	}
	if len(dirs) == 0 {
		ps.add(".", "", "no contract.yaml here or in a folder below")
		return l, ps
	}
	defined := map[string]string{}
	for _, dir := range dirs {
		p, found := loadProvider(fsys, dir, c)
		ps = append(ps, found...)
		if p == nil {
			continue
		}
		if first, ok := defined[p.Name()]; ok {
			ps.add(p.path(contractFile), "/provider", fmt.Sprintf("both %s and %s define provider %q", first, p.path(contractFile), p.Name()))
			continue
		}
		defined[p.Name()] = p.path(contractFile)
		l.providers = append(l.providers, p)
	}
	sortProviders(l.providers)
	return l, ps
}

// providerDirs are the folders that hold a contract.yaml: the root, or those below it.
func providerDirs(fsys fs.FS) ([]string, error) {
	if _, err := fs.Stat(fsys, contractFile); err == nil {
		return []string{"."}, nil
	}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	var dirs []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if _, err := fs.Stat(fsys, path.Join(e.Name(), contractFile)); err == nil {
			dirs = append(dirs, e.Name())
		}
	}
	return dirs, nil
}

// formatFiles are the files that the format knows, in order of path.
func formatFiles(fsys fs.FS) ([]string, error) {
	var files []string
	for _, pattern := range []string{"*.yaml", "*" + schemaSuffix, "events/*" + schemaSuffix} {
		found, err := fs.Glob(fsys, pattern)
		if err != nil {
			return nil, err
		}
		for _, f := range found {
			if !strings.HasPrefix(path.Base(f), ".") {
				files = append(files, f)
			}
		}
	}
	slices.Sort(files)
	return files, nil
}

// digest covers every file's path, length and bytes.
func digest(files []string, contents map[string][]byte) string {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%s\n%d\n", f, len(contents[f]))
		h.Write(contents[f])
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
