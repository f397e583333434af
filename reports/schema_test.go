package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/hookstone/hookstone/conformance"
)

// The schemas are the published ones: testdata/README.md says where they are from.
var published = map[string]string{"ctrf": "ctrf-0.0.schema.json", "sarif": "sarif-2.1.0.schema.json"}

func schemaOf(t *testing.T, format string) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile("testdata/" + published[format])
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	if err := c.AddResource("https://schema.example/"+format, bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("https://schema.example/" + format)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func decoded(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPublishedSchemas(t *testing.T) {
	for format := range published {
		schema := schemaOf(t, format)
		f, _ := Lookup(format)
		results := map[string]*conformance.Result{"empty": {}, "crowded": crowded(), "large": largeSample(30, 60)}
		for _, s := range samples {
			results[s.name] = s.make()
		}
		for name, r := range results {
			if err := schema.Validate(decoded(t, render(t, f, r))); err != nil {
				t.Errorf("%s of %s: %#v", format, name, err)
			}
		}
		// The schema must be able to refuse.
		broken := decoded(t, render(t, f, partialSample())).(map[string]any)
		delete(broken, map[string]string{"ctrf": "reportFormat", "sarif": "runs"}[format])
		if schema.Validate(broken) == nil {
			t.Errorf("the schema of %s takes a document without its required member", format)
		}
	}
}

// report.json is held against our own schema, with the attempts' beside it.
func TestReportSchema(t *testing.T) {
	const base = "https://hookstone.dev/schemas/"
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	for _, name := range []string{"report.schema.json", "attempt.schema.json"} {
		data, err := os.ReadFile("../schemas/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(base+name, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := c.Compile(base + "report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	f, _ := Lookup("json")
	for _, s := range samples {
		doc := decoded(t, render(t, f, s.make())).(map[string]any)
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %#v", s.name, err)
		}
		delete(doc, "outcome")
		if schema.Validate(doc) == nil {
			t.Errorf("the schema takes %s without its outcome", s.name)
		}
	}
}

func TestCTRFCounts(t *testing.T) {
	f, _ := Lookup("ctrf")
	for _, s := range samples {
		var got ctrfReport
		if err := json.Unmarshal(render(t, f, s.make()), &got); err != nil {
			t.Fatal(err)
		}
		n := map[string]int{}
		for _, c := range got.Results.Tests {
			n[c.Status]++
		}
		sum := got.Results.Summary
		if len(got.Results.Tests) != sum.Tests || n["passed"] != sum.Passed || n["failed"] != sum.Failed || n["skipped"] != sum.Skipped || n["other"] != sum.Other {
			t.Errorf("%s: summary %+v does not count its tests %v", s.name, sum, n)
		}
		if good := sum.Failed == 0 && sum.Other == 0; s.name == "conformant" && !good || (s.name == "nonconformant" || s.name == "error") && good {
			t.Errorf("%s: failed %d, other %d", s.name, sum.Failed, sum.Other)
		}
	}
}

func TestSARIFHoldsTheFailures(t *testing.T) {
	f, _ := Lookup("sarif")
	r := nonconformantSample()
	var got sarifLog
	if err := json.Unmarshal(render(t, f, r), &got); err != nil {
		t.Fatal(err)
	}
	run := got.Runs[0]
	if len(run.Tool.Driver.Rules) != len(r.Results) {
		t.Errorf("%d rules for %d cases", len(run.Tool.Driver.Rules), len(r.Results))
	}
	var lines []string
	for _, res := range run.Results {
		if rule := run.Tool.Driver.Rules[res.RuleIndex].ID; rule != res.RuleID {
			t.Errorf("ruleIndex %d is %s; want %s", res.RuleIndex, rule, res.RuleID)
		}
		lines = append(lines, fmt.Sprint(res.RuleID, " ", res.Level, " ", len(res.Suppressions), " ", res.Locations[0].Logical[0].Full))
	}
	want := strings.Join([]string{
		"acknowledge/documented-status warning 0", "acknowledge/deadline error 0", "acknowledge/expect-continue note 0",
		"raw-body/whitespace error 0", "raw-body/key-order error 0", "signature/missing/invoice.paid error 0",
		"signature/wrong-secret/invoice.paid error 0", "signature/body-tampered error 0", "signature/empty-key error 0",
		"freshness/future warning 1", "idempotency/duplicate error 0"}, "\n")
	for i, line := range lines {
		id, _, _ := strings.Cut(line, " ")
		lines[i] = strings.TrimSuffix(line, " "+r.Target.URL+"#"+id)
	}
	if s := strings.Join(lines, "\n"); s != want {
		t.Errorf("results =\n%s\nwant\n%s", s, want)
	}
	if res := run.Results[3]; res.Response.Status != 400 || res.Response.Body.Binary == "" || res.Request.Method != "POST" {
		t.Errorf("the exchange of %s = %+v, %+v", res.RuleID, res.Request, res.Response)
	}
	if got := runOf(t, f, errorSample()).Invocations[0]; got.Successful || got.Notifications[0].Level != "error" {
		t.Errorf("invocation of an error = %+v", got)
	}
}

func runOf(t *testing.T, f Format, r *conformance.Result) sarifRun {
	t.Helper()
	var log sarifLog
	if err := json.Unmarshal(render(t, f, r), &log); err != nil {
		t.Fatal(err)
	}
	return log.Runs[0]
}
