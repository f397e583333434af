package extension

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// testRun is what the manifest says of the k6 operator's TestRun. Other members
// than these are an error.
type testRun struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	Metadata   struct{ Name string }
	Spec       struct {
		Parallelism int
		Separate    bool
		Script      struct {
			ConfigMap struct{ Name, File string } `yaml:"configMap"`
		}
		Arguments string
		Runner    struct {
			Image string
			Env   []struct {
				Name, Value string
				ValueFrom   struct {
					SecretKeyRef struct{ Name, Key string } `yaml:"secretKeyRef"`
				} `yaml:"valueFrom"`
			}
			Resources struct{ Requests map[string]string }
		}
	}
}

// TestManifest holds the manifest to what it rests on: the example's file and
// variables, the module's variables, and a secret that is not written in it.
func TestManifest(t *testing.T) {
	t.Parallel()
	read := func(name string) []byte {
		t.Helper()
		text, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	var m testRun
	decoder := yaml.NewDecoder(bytes.NewReader(read("testrun.yaml")))
	decoder.KnownFields(true)
	if err := decoder.Decode(&m); err != nil {
		t.Fatal(err)
	}
	if m.APIVersion != "k6.io/v1alpha1" || m.Kind != "TestRun" || m.Spec.Parallelism < 2 || m.Spec.Runner.Image == "" {
		t.Errorf("no distributed run: %+v", m)
	}
	example := string(read(m.Spec.Script.ConfigMap.File))
	given := regexp.MustCompile(`-e (\w+)=\S+`).FindAllStringSubmatch(m.Spec.Arguments, -1)
	if len(given) == 0 || len(given) != len(strings.Fields(m.Spec.Arguments))/2 {
		t.Errorf("arguments %q are not those that are known", m.Spec.Arguments)
	}
	for _, g := range given {
		if !strings.Contains(example, "__ENV."+g[1]) {
			t.Errorf("the example does not read %s", g[1])
		}
	}
	named := map[string]bool{}
	for _, v := range m.Spec.Runner.Env {
		named[v.Name] = true
		if (v.Name == secretVariable) != (v.Value == "") || (v.Value == "") != (v.ValueFrom.SecretKeyRef.Key != "") {
			t.Errorf("%s: the secret, and nothing else, comes from a Kubernetes secret", v.Name)
		}
	}
	for _, name := range []string{secretVariable, targetVariable, hostVariable} {
		if !named[name] {
			t.Errorf("the manifest does not give %s", name)
		}
	}
}
