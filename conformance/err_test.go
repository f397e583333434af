package conformance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/conformance"
)

func TestErr(t *testing.T) {
	r := &conformance.Result{Outcome: conformance.Conformant}
	if err := r.Err(); err != nil {
		t.Errorf("a conformant run is an error: %v", err)
	}
	if err := (*conformance.Result)(nil).Err(); err == nil {
		t.Error("no result at all is no error")
	}
	r = &conformance.Result{Outcome: conformance.Nonconformant, Reason: "26 cases",
		Contract: conformance.ContractInfo{Provider: "acme"},
		Findings: []conformance.Finding{{ID: "accepts-unsigned", Title: "It takes all", Confidence: "high", Cases: []string{"a"}, Fix: "Verify."}}}
	for i := range 25 {
		r.Results = append(r.Results, conformance.CaseResult{ID: fmt.Sprintf("signature/%d", i), Level: conformance.Must, Verdict: conformance.Failed,
			Violations: []conformance.Violation{{Want: "rejected", Got: "200 OK"}}})
	}
	r.Results = append(r.Results,
		conformance.CaseResult{ID: "signature/waived", Level: conformance.Must, Verdict: conformance.Failed, Waived: &conformance.Waiver{}},
		conformance.CaseResult{ID: "signature/should", Level: conformance.Should, Verdict: conformance.Failed},
		conformance.CaseResult{ID: "signature/passed", Level: conformance.Must, Verdict: conformance.Passed})
	err := r.Err()
	if err == nil {
		t.Fatal("a run that failed is no error")
	}
	text := err.Error()
	for _, want := range []string{"nonconformant by the contract acme: 26 cases\n", "\naccepts-unsigned: It takes all (1 cases, high)\n\tVerify.", "\nfailed signature/19\n\twant rejected; got 200 OK", "\nand 5 more cases"} {
		if !strings.Contains(text, want) {
			t.Errorf("the error lacks %q:\n%s", want, text)
		}
	}
	for _, no := range []string{"signature/20", "waived", "should", "passed"} {
		if strings.Contains(text, no) {
			t.Errorf("the error tells of %q:\n%s", no, text)
		}
	}
}

// TestTarget: a URL in place of a client, and only one of the two.
func TestTarget(t *testing.T) {
	c := brief(t, "usmewe", "http://127.0.0.1:9/webhooks", nil)
	both := c
	both.Target = "http://127.0.0.1:9/webhooks"
	if _, err := conformance.Planned(both); err == nil || !strings.Contains(err.Error(), "both given") {
		t.Errorf("a target and a client: %v", err)
	}
	for target, want := range map[string]string{
		"http://127.0.0.1:9/webhooks": "", "https://example.com": "", "": "a target", "127.0.0.1:9": "no http or https URL", "ftp://x/": "no http or https URL", "http://": "no http or https URL",
	} {
		given := c
		given.Client, given.Target = nil, target
		_, err := conformance.Planned(given)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("target %q: %v; want %q", target, err, want)
		}
	}
}
