package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/reports"
	"github.com/hookstone/hookstone/schemas"
	"github.com/spf13/pflag"
)

// gateFlags say what a release is held to: which failures are known, with what
// it is compared, how often each case runs, and by which edition.
type gateFlags struct {
	waivers  string
	baseline string
	gate     string
	edition  string
	repeat   int
}

func (g *gateFlags) flags(f *pflag.FlagSet) {
	f.StringVar(&g.waivers, "waivers", "", "YAML `file` of failures that are known and accepted: id, reason, owner, expires")
	f.StringVar(&g.baseline, "baseline", "", "an earlier report.json (`file`) to compare with")
	f.StringVar(&g.gate, "gate", "", "what counts against a release: must, or regressions (a MUST that had not failed in the baseline); default must")
	f.IntVar(&g.repeat, "repeat", 1, "run each case `N` times; verdicts that differ are flaky")
	f.StringVar(&g.edition, "edition", "", "hold to this `edition` of the catalogue: "+strings.Join(conformance.Editions(), ", ")+" (default the newest)")
}

func (g *gateFlags) check() error {
	if g.repeat < 1 {
		return usagef("", "--repeat %d: want at least 1", g.repeat)
	}
	if g.gate == string(conformance.GateRegressions) && g.baseline == "" {
		return usagef("give an earlier report.json: --baseline FILE", "--gate %s compares with a baseline, and none is given", g.gate)
	}
	return nil
}

// attach reads the files and adds what they say to a run's configuration.
func (g *gateFlags) attach(config *conformance.Config) error {
	config.Repeat, config.Edition, config.Gate = g.repeat, g.edition, conformance.Gate(g.gate)
	if g.waivers != "" {
		text, err := os.ReadFile(g.waivers)
		if err != nil {
			return usage(fmt.Errorf("--waivers: %w", err), "")
		}
		waivers, err := schemas.ReadWaivers(g.waivers, text)
		if err != nil {
			return usage(fmt.Errorf("--waivers:\n%w", err), "a waiver has id, reason, owner and expires (2026-12-31)")
		}
		for _, w := range waivers {
			config.Waivers = append(config.Waivers, conformance.CaseWaiver{
				Case: w.ID, Waiver: conformance.Waiver{Reason: w.Reason, Owner: w.Owner, Expires: w.Expires}})
		}
	}
	if g.baseline != "" {
		before, err := readReport("--baseline", g.baseline)
		if err != nil {
			return err
		}
		config.Baseline = before
	}
	return nil
}

// reproduce spells the flags that a single case's command needs.
func (g *gateFlags) reproduce() []string {
	if g.edition == "" {
		return nil
	}
	return []string{"--edition", g.edition}
}

// readReport reads a report.json that the user named.
func readReport(what, path string) (*conformance.Result, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, usage(fmt.Errorf("%s: %w", what, err), "name the report.json of a run")
	}
	r, err := reports.Read(bytes.NewReader(text))
	if err != nil {
		return nil, usage(fmt.Errorf("%s %q: %w", what, path, err), "name the report.json of a run")
	}
	return r, nil
}

// unneeded is the failure of waivers whose cases passed; nil where there are
// none. What the receiver does wrong weighs more: it keeps its own exit code.
func unneeded(waivers []conformance.CaseWaiver, r *conformance.Result) error {
	superfluous := conformance.Unneeded(waivers, r)
	if len(superfluous) == 0 {
		return nil
	}
	var lines []string
	for _, w := range superfluous {
		lines = append(lines, fmt.Sprintf("the waiver for %q is not needed: the case passed", w.Case))
	}
	code := exitCode(r.Gated())
	if code == exitConformant || code == exitPartial {
		code = exitUsage
	}
	return &failure{code: code, err: errors.New(strings.Join(lines, "\n")), hint: "take it out of the file of waivers: the report is written, and the run does not count"}
}
