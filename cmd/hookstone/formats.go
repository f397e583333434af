package main

import (
	"io"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/reports"
)

// formatNames are the names that --format takes, and its default: all.
func formatNames() []string {
	var names []string
	for _, f := range reports.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// writeReports writes the chosen formats, and removes what an earlier run left
// of the others: a folder never mixes two runs. It returns the path of the
// first, which is the one to look at.
func writeReports(out *outDir, chosen []reports.Format, r *conformance.Result) (string, error) {
	wanted := map[string]bool{}
	for _, f := range chosen {
		wanted[f.Name] = true
	}
	for _, f := range reports.Formats() {
		if !wanted[f.Name] {
			out.forget(f.File)
		}
	}
	for _, f := range chosen {
		if err := out.write(f.File, func(w io.Writer) error { return f.Write(w, r) }); err != nil {
			return "", err
		}
	}
	return out.file(chosen[0].File), nil
}
