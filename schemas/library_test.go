package schemas

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// What Builtin trusts is proven here.
func TestBuiltinIsSound(t *testing.T) {
	for _, p := range Check(embedded) {
		t.Error(p)
	}
}

func TestBuiltinDocuments(t *testing.T) {
	l, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	again, _ := Builtin()
	if l != again {
		t.Error("Builtin reads the contracts again")
	}
	hash := regexp.MustCompile(`^[0-9a-f]{64}$`)
	for _, p := range l.Providers() {
		if !regexp.MustCompile(`^sha256:[0-9a-f]{64}$`).MatchString(p.Digest) {
			t.Errorf("%s: digest %q", p.Name(), p.Digest)
		}
		for name, d := range p.Contract.Documents {
			if !hash.MatchString(d.SHA256) {
				t.Errorf("%s: document %q has the hash %q", p.Name(), name, d.SHA256)
			}
		}
		for _, e := range p.Events {
			if e.Citation == (Citation{}) || e.Summary == "" {
				t.Errorf("%s %s: citation %v, summary %q", p.Name(), e.Type, e.Citation, e.Summary)
			}
		}
	}
}

func TestBuiltinProviders(t *testing.T) {
	l, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, p := range l.Providers() {
		got[p.Name()] = len(p.Events)
	}
	for name, want := range map[string]int{"handcash": 3, "sharmo-body": 20, "sharmo-timestamped": 18, "usmewe": 9} {
		if got[name] != want {
			t.Errorf("%s has %d events; want %d", name, got[name], want)
		}
	}
	_, err = l.Provider("nobody")
	if err == nil || !strings.Contains(err.Error(), `unknown provider "nobody": known are `) || !strings.Contains(err.Error(), "usmewe") {
		t.Errorf("Provider(nobody) fails with %v", err)
	}
}

func TestLoadFindsFoldersAndTheFolderItself(t *testing.T) {
	alone := copyOf(t, "usmewe")
	several := fstest.MapFS{"README.md": {Data: []byte("x")}, ".git/contract.yaml": {Data: []byte("x")}}
	for path, file := range alone {
		several["one/"+path] = file
	}
	for name, fsys := range map[string]fs.FS{"alone": alone.fs(), "below": several} {
		l, err := Load(fsys)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(l.Providers()) != 1 || l.Providers()[0].Digest != builtinProvider(t, "usmewe").Digest {
			t.Errorf("%s: %d providers; want usmewe with the same digest", name, len(l.Providers()))
		}
	}
	if _, err := Load(fstest.MapFS{}); err == nil || !strings.Contains(err.Error(), "no contract.yaml") {
		t.Errorf("an empty folder: %v", err)
	}
}

func TestDigestCoversEveryFile(t *testing.T) {
	seen := map[string]string{}
	for file := range copyOf(t, "usmewe") {
		f := copyOf(t, "usmewe")
		f[file].Data = append(f[file].Data, ' ')
		l, _ := load(f.fs(), trusted)
		digest := l.Providers()[0].Digest
		if other, ok := seen[digest]; ok || digest == builtinProvider(t, "usmewe").Digest {
			t.Errorf("a change of %s leaves the digest as it was (or as with %q)", file, other)
		}
		seen[digest] = file
	}
	f := copyOf(t, "usmewe")
	f["README.md"] = &fstest.MapFile{Data: []byte("notes")}
	l, err := Load(f.fs())
	if err != nil || l.Providers()[0].Digest != builtinProvider(t, "usmewe").Digest {
		t.Errorf("notes beside the contract change the digest (%v)", err)
	}
}

func TestMergeAndSiblings(t *testing.T) {
	builtin, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	f := copyOf(t, "usmewe")
	own, err := Load(f.fs())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := builtin.Merge(own); err == nil || !strings.Contains(err.Error(), `both contract folders define provider "usmewe"`) {
		t.Errorf("merging a name twice: %v", err)
	}
	f.rename(t, "usmewe", "acme")
	if own, err = Load(f.fs()); err != nil {
		t.Fatal(err)
	}
	all, err := builtin.Merge(own)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range all.Providers() {
		names = append(names, p.Name())
	}
	if !slices.IsSorted(names) || !slices.Contains(names, "acme") || !slices.Contains(names, "usmewe") {
		t.Errorf("merged: %v", names)
	}
	acme, _ := all.Provider("acme")
	if siblings := all.Siblings(acme); len(siblings) != 1 || siblings[0].Name() != "usmewe" {
		t.Errorf("Siblings(acme) = %v; want usmewe, of the same platform", siblings)
	}
}

// rename gives the folder's provider another name, and its schemas addresses to match.
func (f folder) rename(t *testing.T, from, to string) {
	t.Helper()
	f.edit(t, contractFile, "provider: "+from, "provider: "+to)
	for file := range f {
		if strings.HasSuffix(file, schemaSuffix) {
			f.edit(t, file, idBase+from+"/", idBase+to+"/")
		}
	}
}
