package schemas

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// folder copies an embedded provider's folder, to be spoilt by a test.
type folder fstest.MapFS

func copyOf(t *testing.T, provider string) folder {
	t.Helper()
	sub, err := fs.Sub(embedded, provider)
	if err != nil {
		t.Fatal(err)
	}
	f := folder{}
	err = fs.WalkDir(sub, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(sub, path)
		f[path] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// edit replaces a text that must stand in the file.
func (f folder) edit(t *testing.T, file, old, new string) {
	t.Helper()
	text := string(f[file].Data)
	if !strings.Contains(text, old) {
		t.Fatalf("%s does not hold %q", file, old)
	}
	f[file] = &fstest.MapFile{Data: []byte(strings.Replace(text, old, new, 1))}
}

func (f folder) fs() fs.FS { return fstest.MapFS(f) }

// wantProblem looks for a problem with the file, the pointer and the words.
func wantProblem(t *testing.T, ps Problems, file, pointer, words string) {
	t.Helper()
	for _, p := range ps {
		if p.File == file && p.Pointer == pointer && strings.Contains(p.Reason, words) {
			return
		}
	}
	t.Errorf("no problem %s: %s: …%s… among\n%v", file, pointer, words, ps)
}
