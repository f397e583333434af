package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/fixtures/receiver"
	"github.com/hookstone/hookstone/schemas"
)

// TestReproduce: the command that the report prints for a failed case fails it
// again, for one case of every family that fails.
func TestReproduce(t *testing.T) {
	t.Parallel()
	const secret = "whsec_5tR9xK2mWq7ZbV4nJc8LpYdH3fGs6Ta1"
	library, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for provider, defects := range map[string][]string{
		"sharmo-timestamped": {"strict-media-type", "crashes-on-length-mismatch", "accepts-future", "applies-duplicates", "crashes-on-null", "trims-body", "skips-check-under-load", "remembers-before-success"},
		"sharmo-body":        {"pastes-challenge"},
	} {
		p, err := library.Provider(provider)
		if err != nil {
			t.Fatal(err)
		}
		r, err := receiver.New(receiver.Options{Provider: p, Secret: []byte(secret), Defects: defects})
		if err != nil {
			t.Fatal(err)
		}
		server, err := r.Start("")
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		base := server.URL()[:len(server.URL())-len("/webhooks")]
		first := certifyByShell(t, secret, "hookstone certify "+provider+" --target "+server.URL()+" --settle 500ms --format json"+
			" --observer '"+base+receiver.EffectsPath+"?event_id={id}' --fault-hook "+base+receiver.FailPath)
		seen := map[string]bool{}
		for _, c := range first.Results {
			if c.Verdict != conformance.Failed || seen[c.Family] {
				continue
			}
			seen[c.Family] = true
			again := certifyByShell(t, secret, c.Reproduce)
			for _, k := range again.Results {
				if k.ID == c.ID && k.Verdict != conformance.Failed {
					t.Errorf("%s: %s (%s) when run again by: %s", c.ID, k.Verdict, k.Reason, c.Reproduce)
				}
			}
		}
		if want := map[string]int{"sharmo-timestamped": 8, "sharmo-body": 1}[provider]; len(seen) < want {
			t.Errorf("%s: only the families %v failed; %d are to be reproduced", provider, seen, want)
		}
	}
}

// certifyByShell runs a printed command as it stands, in a folder of its own,
// and reads the report.
func certifyByShell(t *testing.T, secret, command string) *conformance.Result {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOOKSTONE_SECRET="+secret, "CI=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != exitNonconformant && cmd.ProcessState.ExitCode() != exitConformant && cmd.ProcessState.ExitCode() != exitPartial {
		if err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out.String())
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "hookstone-report", "report.json"))
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out.String())
	}
	var result conformance.Result
	if err := json.Unmarshal(text, &result); err != nil {
		t.Fatal(err)
	}
	return &result
}
