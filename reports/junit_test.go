package reports

import (
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/conformance"
)

// parsed reads JUnit as a CI system would, with types of its own.
type parsed struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
	Suites   []struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Cases    []struct {
			Name    string `xml:"name,attr"`
			Class   string `xml:"classname,attr"`
			Failure *struct {
				Message string `xml:"message,attr"`
				Type    string `xml:"type,attr"`
				Text    string `xml:",chardata"`
			} `xml:"failure"`
			Error *struct {
				Message string `xml:"message,attr"`
			} `xml:"error"`
			Skipped *struct {
				Message string `xml:"message,attr"`
			} `xml:"skipped"`
			Properties []struct {
				Name  string `xml:"name,attr"`
				Value string `xml:"value,attr"`
			} `xml:"properties>property"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

func parseJUnit(t *testing.T, r *conformance.Result) parsed {
	t.Helper()
	f, _ := Lookup("junit")
	var p parsed
	if err := xml.Unmarshal(render(t, f, r), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestJUnitCountsItsCases(t *testing.T) {
	for name, want := range map[string][4]int{ // tests, failures, errors, skipped
		"conformant":    {22, 0, 0, 2},
		"nonconformant": {22, 9, 1, 5},
		"partial":       {22, 0, 0, 17},
		"error":         {23, 0, 1, 22},
	} {
		i := slices.IndexFunc(samples, func(s struct {
			name string
			make func() *conformance.Result
		}) bool {
			return s.name == name
		})
		p := parseJUnit(t, samples[i].make())
		var got [4]int
		for _, s := range p.Suites {
			var own [4]int
			for _, c := range s.Cases {
				own[0]++
				switch {
				case c.Failure != nil:
					own[1]++
				case c.Error != nil:
					own[2]++
				case c.Skipped != nil:
					own[3]++
				}
			}
			if own != [4]int{s.Tests, s.Failures, s.Errors, s.Skipped} {
				t.Errorf("%s: suite %s says %d %d %d %d and holds %v", name, s.Name, s.Tests, s.Failures, s.Errors, s.Skipped, own)
			}
			for i := range got {
				got[i] += own[i]
			}
		}
		if said := [4]int{p.Tests, p.Failures, p.Errors, p.Skipped}; got != want || said != want {
			t.Errorf("%s holds %v and says %v; want %v", name, got, said, want)
		}
	}
}

func TestJUnitTells(t *testing.T) {
	p := parseJUnit(t, nonconformantSample())
	found := map[string]bool{}
	for _, s := range p.Suites {
		for _, c := range s.Cases {
			found[c.Name] = true
			family, _, _ := strings.Cut(c.Name, "/")
			if c.Class != "hookstone."+family || s.Name != c.Class {
				t.Errorf("%s has class %s in suite %s", c.Name, c.Class, s.Name)
			}
			switch c.Name {
			case "raw-body/whitespace":
				if c.Failure == nil || c.Failure.Message != "want 2xx within 5 s; got 400 Bad Request" || c.Failure.Type != "must/data-loss" || !strings.Contains(c.Failure.Text, "hookstone certify acme") {
					t.Errorf("%s fails with %+v", c.Name, c.Failure)
				}
			case "signature/empty-key":
				if c.Failure == nil || !strings.Contains(c.Failure.Message, "]]> --> {{.}}") {
					t.Errorf("%s fails with %+v; want what the receiver said, escaped", c.Name, c.Failure)
				}
			case "signature/body-tampered":
				if c.Failure == nil || !strings.Contains(c.Failure.Message, "⟨U+202E⟩") {
					t.Errorf("%s fails with %+v; want unseen characters spelled", c.Name, c.Failure)
				}
			case "idempotency/concurrent":
				if c.Skipped == nil || c.Skipped.Message != "inconclusive: the observer did not answer in time" {
					t.Errorf("%s is skipped with %+v", c.Name, c.Skipped)
				}
			case "freshness/future":
				if c.Skipped == nil || !strings.Contains(c.Skipped.Message, "waived until 2026-05-01 by payments") {
					t.Errorf("%s is skipped with %+v", c.Name, c.Skipped)
				}
			case "acknowledge/expect-continue":
				if c.Skipped == nil || !strings.HasPrefix(c.Skipped.Message, "MAY, told and not scored: want 100 Continue") {
					t.Errorf("%s is skipped with %+v", c.Name, c.Skipped)
				}
			}
			properties := map[string]string{}
			for _, p := range c.Properties {
				properties[p.Name] = p.Value
			}
			if properties["level"] == "" || properties["verdict"] == "" || properties["reproduce"] == "" {
				t.Errorf("%s has properties %v", c.Name, properties)
			}
		}
	}
	for _, c := range nonconformantSample().Results {
		if !found[c.ID] {
			t.Errorf("%s is missing", c.ID)
		}
	}
}

// An empty or failed run must not read as green.
func TestJUnitOfNothing(t *testing.T) {
	for _, r := range []*conformance.Result{{}, {Outcome: conformance.OutcomeError, Reason: "nothing listens"}} {
		if p := parseJUnit(t, r); p.Tests != 1 || p.Errors != 1 {
			t.Errorf("JUnit of %+v has %d tests, %d errors; want 1, 1", r.Outcome, p.Tests, p.Errors)
		}
	}
}

// Every token must be XML 1.0, whatever a receiver said.
func TestJUnitIsXML(t *testing.T) {
	f, _ := Lookup("junit")
	for _, r := range []*conformance.Result{nonconformantSample(), crowded(), largeSample(30, 30)} {
		dec := xml.NewDecoder(strings.NewReader(string(render(t, f, r))))
		for {
			if _, err := dec.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
}
