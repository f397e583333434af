package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/reports"
	"github.com/hookstone/hookstone/schemas"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// The recipes for continuous integration, from this package's folder.
const (
	recipes    = "../../fixtures/ci"
	actionFile = "../../.github/actions/certify/action.yml"
)

// action is what the tests read of a composite action.
type action struct {
	Inputs map[string]struct{ Default string }
	Runs   struct {
		Using string
		Steps []struct {
			ID, Shell, Run, Uses string
			Env                  map[string]string
		}
	}
}

func readAction() (action, error) {
	var a action
	text, err := os.ReadFile(actionFile)
	if err == nil {
		err = yaml.Unmarshal(text, &a)
	}
	return a, err
}

// recipe SCRIPT FILE copies the shell recipe, or the script of the action's
// step of that id, into a file.
func recipe(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: recipe certify.sh|STEP FILE")
	}
	text := ""
	if strings.HasSuffix(args[0], ".sh") || strings.HasSuffix(args[0], ".yaml") {
		data, err := os.ReadFile(filepath.Join(recipes, args[0]))
		ts.Check(err)
		text = string(data)
	} else {
		a, err := readAction()
		ts.Check(err)
		for _, s := range a.Runs.Steps {
			if s.ID == args[0] {
				text = s.Run
			}
		}
	}
	if text == "" {
		ts.Fatalf("there is no recipe %q", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

var (
	reportFile = regexp.MustCompile(`\b(?:report\.(?:html|json|md|sarif)|junit\.xml|ctrf\.json)\b`)
	longFlag   = regexp.MustCompile(`(?:certify|hookstone)\b[^\n]*?(--[a-z][a-z-]*)`)
	expression = regexp.MustCompile(`\$\{\{`)
)

// What the recipes name exists: report files and flags.
func TestRecipes(t *testing.T) {
	t.Parallel()
	files := map[string]bool{}
	for _, f := range reports.Formats() {
		files[f.File] = true
	}
	certifyFlags := certifyCommand(newConsole(nil, nil)).Flags()
	names, err := filepath.Glob(filepath.Join(recipes, "*"))
	if err != nil || len(names) < 5 {
		t.Fatalf("recipes: %v, %v", names, err)
	}
	named := 0
	for _, name := range append(names, actionFile) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range reportFile.FindAllString(string(text), -1) {
			if named++; !files[f] && f != "report.json" {
				t.Errorf("%s names %s, which certify does not write", name, f)
			}
		}
		if filepath.Base(name) == "Dockerfile" {
			continue // docker's own flags
		}
		for _, m := range longFlag.FindAllStringSubmatch(string(text), -1) {
			if named++; certifyFlags.Lookup(strings.TrimPrefix(m[1], "--")) == nil {
				t.Errorf("%s uses %s, which certify does not have", name, m[1])
			}
		}
	}
	if named < 8 {
		t.Errorf("only %d files and flags are named: are these the recipes?", named)
	}
}

func TestAction(t *testing.T) {
	t.Parallel()
	a, err := readAction()
	if err != nil {
		t.Fatal(err)
	}
	if a.Runs.Using != "composite" || a.Inputs["out"].Default != defaultOut {
		t.Errorf("action: %+v", a)
	}
	for _, s := range a.Runs.Steps {
		if (s.Run == "") == (s.Uses == "") || s.Run != "" && s.Shell == "" {
			t.Errorf("step %q: want a script with its shell, or an action", s.ID)
		}
		// An input that is pasted into a script is a script.
		if expression.MatchString(s.Run) {
			t.Errorf("step %q pastes an expression into its script", s.ID)
		}
	}
}

// Every key of hookstone.yaml is a flag of certify, and the example is valid.
func TestSettingsAreFlags(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../schemas/hookstone.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties map[string]any
	}
	if err := yaml.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	certifyFlags := certifyCommand(newConsole(nil, nil)).Flags()
	if len(schema.Properties) < 20 {
		t.Fatalf("%d settings", len(schema.Properties))
	}
	for key := range schema.Properties {
		name := key
		if other, ok := settingsFlags[key]; ok {
			name = other
		}
		if key != "provider" && certifyFlags.Lookup(name) == nil {
			t.Errorf("the setting %q is no flag of certify", key)
		}
	}
	// Ids and the clock are pinned by hand alone, and a rehearsal is no run.
	byHand := []string{"run-id", "now", "dry-run", "help"}
	for _, name := range flagNames(certifyFlags) {
		known := schema.Properties[name] != nil || slices.Contains(byHand, name)
		for key, flag := range settingsFlags {
			known = known || flag == name && schema.Properties[key] != nil
		}
		if !known {
			t.Errorf("certify's flag --%s has no setting", name)
		}
	}
	example, err := os.ReadFile(filepath.Join(recipes, settingsFile))
	if err != nil {
		t.Fatal(err)
	}
	settings, err := schemas.ReadSettings(settingsFile, example)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(conformance.Editions(), settings["edition"][0]) {
		t.Errorf("the example's edition %v is not known", settings["edition"])
	}
}

func flagNames(f *pflag.FlagSet) []string {
	var names []string
	f.VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	return names
}
