// Package reports renders a run's result for people and machines: an HTML
// page, report.json, JUnit, Markdown, CTRF, SARIF and the terminal summary.
// Every renderer is a pure function of the result: it opens no socket, reads
// no clock and judges nothing. What a receiver answered is hostile input; it
// is escaped for the format and never interpreted.
//
// It is not part of the promised API: see CONTRIBUTING.md.
package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/hookstone/hookstone/conformance"
)

// Format is one file that a result can be written as. A new format is a file
// of this package and a line in Formats.
type Format struct {
	Name  string // as in --format
	File  string // its name within the report folder
	Write func(io.Writer, *conformance.Result) error
}

// Formats lists the formats in the order in which they are told to people.
func Formats() []Format {
	return []Format{
		{"html", "report.html", HTML},
		{"json", "report.json", JSON},
		{"junit", "junit.xml", JUnit},
		{"markdown", "report.md", Markdown},
		{"ctrf", "ctrf.json", CTRF},
		{"sarif", "report.sarif", SARIF},
	}
}

// Lookup returns the format of that name.
func Lookup(name string) (Format, bool) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// Parse reads a comma-separated list of names, as --format takes it. Blanks
// around a name and repeated names are ignored; the order is the list's. An
// empty list and an unknown name are errors that name the known ones.
func Parse(list string) ([]Format, error) {
	var formats []Format
	seen := map[string]bool{}
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		if name == "" || seen[name] {
			continue
		}
		f, ok := Lookup(name)
		if !ok {
			return nil, fmt.Errorf("unknown report format %q (known: %s)", name, known())
		}
		seen[name] = true
		formats = append(formats, f)
	}
	if len(formats) == 0 {
		return nil, fmt.Errorf("no report format in %q (known: %s)", list, known())
	}
	return formats, nil
}

func known() string {
	var names []string
	for _, f := range Formats() {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}
