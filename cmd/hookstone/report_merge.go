package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/hookstone/hookstone/simulator/schedule"
)

// longestSummary bounds a summary.json; one of ours has some 200 kB.
const longestSummary = 32 << 20

// readPart reads one partition's summary.
func readPart(path string) (schedule.Part, error) {
	info, err := os.Stat(path)
	if err != nil {
		return schedule.Part{}, err
	}
	if info.Size() > longestSummary {
		return schedule.Part{}, fmt.Errorf("%s: %d bytes are no summary's", path, info.Size())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return schedule.Part{}, err
	}
	s, err := schedule.ReadSummary(text)
	if err != nil {
		return schedule.Part{}, fmt.Errorf("%s: %w", path, err)
	}
	return schedule.Part{Name: path, Summary: s}, nil
}

// summaryPaths are the summaries that an argument of --merge means: a file, a
// simulation's folder, or the folders of its workers.
func summaryPaths(argument string) ([]string, error) {
	info, err := os.Stat(argument)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{argument}, nil
	}
	out := &outDir{path: argument}
	workers, err := filepath.Glob(out.file(filepath.Join("worker-*", "summary.json")))
	if err == nil && len(workers) > 0 {
		return workers, nil
	}
	return []string{out.file("summary.json")}, nil
}

// merge makes one summary of those of a run's partitions. Its exit code is the
// outcome's, as simulate's.
func merge(c *console, f *reportFlags, arguments []string, toFolder, chosen bool) error {
	switch {
	case f.rejudge:
		return usagef("", "--merge does not go with --rejudge: no evidence is judged")
	case chosen:
		return usagef("name a folder for summary.json and page: --out DIR", "--merge does not go with --format")
	case toFolder && f.out == "":
		return usagef("", "--out is empty")
	}
	var parts []schedule.Part
	for _, argument := range arguments {
		paths, err := summaryPaths(argument)
		if err != nil {
			return usage(fmt.Errorf("--merge: %w", err), "")
		}
		for _, path := range paths {
			part, err := readPart(path)
			if err != nil {
				return usage(fmt.Errorf("--merge: %w", err), "name the summary.json of simulate --partition, or the folder with it")
			}
			parts = append(parts, part)
		}
	}
	summary, err := schedule.Merge(parts, f.incomplete)
	if err != nil {
		return usage(fmt.Errorf("--merge: %w", err), "name the summary of each partition of one run; with some missing: --incomplete")
	}
	var out *outDir
	if toFolder {
		if out, err = prepareOut(f.out); err != nil {
			return err
		}
		defer out.discard()
	}
	return concludeSimulation(c, out, summary)
}
