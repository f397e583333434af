package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/spf13/pflag"
)

// settingsFile holds certify's flags beside the code that is certified. It is
// looked for in the working directory.
const settingsFile = "hookstone.yaml"

// settingsFlags are the keys that are not called like their flag.
var settingsFlags = map[string]string{"cases": "case", "families": "family", "levels": "level", "formats": "format"}

// rivals are flags that exclude each other: where one is given on the command
// line, the file's others do not count.
var rivals = [][]string{{"secret-env", "secret-file"}, {"observer", "observer-command"}}

// applySettings sets every flag that the command line left open to what the
// working directory's hookstone.yaml says, and returns the provider that it
// names. Without the file it does nothing.
func applySettings(f *pflag.FlagSet) (provider string, err error) {
	text, err := os.ReadFile(settingsFile)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", usage(err, "")
	}
	settings, err := schemas.ReadSettings(settingsFile, text)
	if err != nil {
		return "", usage(err, "its keys are certify's flags; the schema is schemas/hookstone.schema.json")
	}
	skip := overruled(f, settings)
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		values := settings[key]
		if key == "provider" {
			provider = values[0]
			continue
		}
		name := key
		if flag, other := settingsFlags[key]; other {
			name = flag
		}
		if f.Changed(name) || skip[name] {
			continue
		}
		if name == "format" {
			values = []string{strings.Join(values, ",")}
		}
		for i, value := range values {
			if err := setFlag(f, name, value, i); err != nil {
				return "", usage(fmt.Errorf("%s: /%s: %w", settingsFile, key, err), "")
			}
		}
	}
	return provider, nil
}

// setFlag sets a flag, or adds to one that takes several values. Flags that
// split at commas are given the value whole.
func setFlag(f *pflag.FlagSet, name, value string, i int) error {
	flag := f.Lookup(name)
	if flag == nil {
		return fmt.Errorf("certify has no flag --%s", name)
	}
	if list, ok := flag.Value.(pflag.SliceValue); ok {
		flag.Changed = true
		if i == 0 {
			return list.Replace([]string{value})
		}
		return list.Append(value)
	}
	return f.Set(name, value)
}

// overruled names the settings that a flag of the command line makes void. A
// receiver named by --target is not started, and one started by --exec has its
// own port: the file's other half counts only where {port} ties the two.
func overruled(f *pflag.FlagSet, settings map[string][]string) map[string]bool {
	skip := map[string]bool{}
	for _, group := range rivals {
		if slices.ContainsFunc(group, f.Changed) {
			for _, name := range group {
				skip[name] = true
			}
		}
	}
	if target := f.Lookup("target"); target.Changed && !strings.Contains(target.Value.String(), "{port}") {
		skip["exec"] = true
	}
	if of := settings["target"]; f.Changed("exec") && len(of) > 0 && !strings.Contains(of[0], "{port}") {
		skip["target"] = true
	}
	return skip
}
