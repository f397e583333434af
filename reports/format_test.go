package reports

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/conformance"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ in, want, err string }{
		{"html", "report.html", ""},
		{"junit, sarif ,junit", "junit.xml report.sarif", ""},
		{"html,json,junit,markdown,ctrf,sarif", "report.html report.json junit.xml report.md ctrf.json report.sarif", ""},
		{"html,pdf", "", `unknown report format "pdf" (known: html, json, junit, markdown, ctrf, sarif)`},
		{"", "", `no report format in "" (known: html, json, junit, markdown, ctrf, sarif)`},
		{" , ", "", `no report format in " , " (known: html, json, junit, markdown, ctrf, sarif)`},
	} {
		formats, err := Parse(c.in)
		var files []string
		for _, f := range formats {
			files = append(files, f.File)
		}
		said := ""
		if err != nil {
			said = err.Error()
		}
		if got := strings.Join(files, " "); got != c.want || said != c.err {
			t.Errorf("Parse(%q) = %q, %q; want %q, %q", c.in, got, said, c.want, c.err)
		}
	}
	if _, ok := Lookup("HTML"); ok {
		t.Error(`Lookup("HTML") = true; names are lower case`)
	}
}

func TestReadGivesBackWhatWasWritten(t *testing.T) {
	for _, s := range samples {
		written := render(t, Formats()[1], s.make())
		r, err := Read(bytes.NewReader(written))
		if err != nil {
			t.Fatalf("Read(%s) = %v", s.name, err)
		}
		for _, f := range Formats() {
			if !bytes.Equal(render(t, f, r), render(t, f, s.make())) {
				t.Errorf("%s of %s differs after report.json was read back", f.Name, s.name)
			}
		}
	}
}

func TestReadRefuses(t *testing.T) {
	valid := string(render(t, Formats()[1], partialSample()))
	for _, c := range []struct{ name, in, want string }{
		{"nothing", " \n", "report is empty"},
		{"no JSON", "<html>", "report is not JSON of a run, line 1"},
		{"cut", valid[:len(valid)/2], "report is not JSON of a run, line "},
		{"a list", "[]", "report is not JSON of a run, line 1"},
		{"another object", "{}", `report has no "tool"`},
		{"two", valid + valid, "report goes on after its end"},
		{"outcome", strings.Replace(valid, `"outcome": "partial"`, `"outcome": "fine"`, 1), `report has an unknown outcome "fine"`},
		{"profile", strings.Replace(valid, `"profile": "full"`, `"profile": "half"`, 1), `report has an unknown profile "half"`},
		{"verdict", strings.Replace(valid, `"verdict": "passed"`, `"verdict": "ok"`, 1), `report has an unknown verdict "ok" at case "signature/missing/invoice.paid"`},
		{"level", strings.Replace(valid, `"level": "must"`, `"level": "shall"`, 1), `report has an unknown level "shall" at case "acknowledge/event/invoice.paid"`},
		{"twice", strings.Replace(valid, "refund.created", "invoice.paid", 1), `report has the case "acknowledge/event/invoice.paid" twice, again at results[1]`},
		{"type", strings.Replace(valid, `"seed": 8141592653`, `"seed": "x"`, 1), `report has a string at "run.seed" where it needs another type`},
	} {
		_, err := Read(strings.NewReader(c.in))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Read of %s = %v; want %q", c.name, err, c.want)
		}
	}
}

func TestJSONHasNoNullList(t *testing.T) {
	written := string(render(t, Formats()[1], &conformance.Result{Results: []conformance.CaseResult{{ID: "x"}}, Findings: []conformance.Finding{{}}}))
	for _, name := range []string{"results", "violations", "attempts", "findings", "cases", "verdicts"} {
		if strings.Contains(written, `"`+name+`": null`) {
			t.Errorf("%s is null in\n%s", name, written)
		}
	}
}
