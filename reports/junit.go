package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hookstone/hookstone/conformance"
)

// JUnit writes the XML that CI systems show: a test suite per family, a test
// case per case, named by its id in the class hookstone.<family>. A MUST or
// SHOULD that fails is a failure with want and got (its type names level and
// impact); what the harness could not do is an error; everything else without
// a verdict, and a failure that is waived or of a MAY, is skipped with the
// reason. A run that ended in an error is an error of its own, so that an
// empty report never reads as a good one.
func JUnit(w io.Writer, r *conformance.Result) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(junitOf(r)); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

type junitSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCounts
	Suites []junitSuite `xml:"testsuite"`
}

type junitCounts struct {
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Skipped  int    `xml:"skipped,attr"`
	Time     string `xml:"time,attr"`

	ms float64
}

type junitSuite struct {
	Name string `xml:"name,attr"`
	junitCounts
	Timestamp  string          `xml:"timestamp,attr,omitempty"`
	Properties []junitProperty `xml:"properties>property,omitempty"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name       string           `xml:"name,attr"`
	Class      string           `xml:"classname,attr"`
	Time       string           `xml:"time,attr"`
	Properties *junitProperties `xml:"properties"`
	Failure    *junitMessage    `xml:"failure"`
	Error      *junitMessage    `xml:"error"`
	Skipped    *junitSkipped    `xml:"skipped"`
	Out        string           `xml:"system-out,omitempty"`
}

type junitProperties struct {
	List []junitProperty `xml:"property"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

func junitOf(r *conformance.Result) *junitSuites {
	out := &junitSuites{Name: "hookstone"}
	if r.Outcome == conformance.OutcomeError || len(r.Results) == 0 {
		reason := "nothing was judged"
		if r.Reason != "" {
			reason = visible(r.Reason)
		}
		out.add(r, "run", junitCase{Name: "run/outcome", Class: "hookstone.run",
			Error: &junitMessage{Message: reason, Type: string(r.Outcome)}}, 0)
	}
	for _, c := range r.Results {
		out.add(r, visible(c.Family), junitCaseOf(c), c.DurationMS)
	}
	out.Time = seconds(out.ms)
	for i := range out.Suites {
		out.Suites[i].Time = seconds(out.Suites[i].ms)
	}
	return out
}

// add appends the case to its family's suite, which begins where its first
// case stands.
func (out *junitSuites) add(r *conformance.Result, family string, c junitCase, ms float64) {
	var suite *junitSuite
	for i := range out.Suites {
		if out.Suites[i].Name == "hookstone."+family {
			suite = &out.Suites[i]
		}
	}
	if suite == nil {
		out.Suites = append(out.Suites, junitSuite{Name: "hookstone." + family,
			Timestamp: stamp(r.Run.Started), Properties: junitRun(r)})
		suite = &out.Suites[len(out.Suites)-1]
	}
	suite.Cases = append(suite.Cases, c)
	for _, counts := range []*junitCounts{&suite.junitCounts, &out.junitCounts} {
		counts.Tests++
		counts.ms += ms
		switch {
		case c.Failure != nil:
			counts.Failures++
		case c.Error != nil:
			counts.Errors++
		case c.Skipped != nil:
			counts.Skipped++
		}
	}
}

func junitRun(r *conformance.Result) []junitProperty {
	return []junitProperty{
		{"hookstone.version", visible(r.Tool.Version)},
		{"hookstone.run", visible(r.Run.ID)},
		{"hookstone.seed", fmt.Sprint(r.Run.Seed)},
		{"hookstone.contract", visible(r.Contract.Provider)},
		{"hookstone.contract.digest", visible(r.Contract.Digest)},
		{"hookstone.edition", visible(r.Suite.Edition)},
		{"hookstone.target", visible(r.Target.URL)},
		{"hookstone.profile", string(r.Profile)},
		{"hookstone.outcome", string(r.Outcome)},
	}
}

func junitCaseOf(c conformance.CaseResult) junitCase {
	out := junitCase{Name: visible(c.ID), Class: "hookstone." + visible(c.Family), Time: seconds(c.DurationMS)}
	properties := []junitProperty{{"level", string(c.Level)}, {"impact", string(c.Impact)}, {"verdict", string(c.Verdict)}}
	for _, p := range []junitProperty{{"summary", visible(c.Summary)}, {"citation", cite(c.Citation)}, {"reproduce", visible(c.Reproduce)}} {
		if p.Value != "" {
			properties = append(properties, p)
		}
	}
	out.Properties = &junitProperties{properties}
	switch status, message := status(c); status {
	case statusFailed:
		out.Failure = &junitMessage{Message: message, Type: strings.Trim(string(c.Level)+"/"+string(c.Impact), "/"), Text: account(c)}
	case statusError:
		out.Error = &junitMessage{Message: message, Type: string(c.Verdict), Text: account(c)}
	case statusSkipped:
		out.Skipped = &junitSkipped{message}
		if failing(c.Verdict) {
			out.Out = account(c)
		}
	}
	return out
}

// seconds is milliseconds as JUnit wants them.
func seconds(ms float64) string { return fmt.Sprintf("%.3f", ms/1000) }

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05")
}
