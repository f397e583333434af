package main

import (
	"fmt"
	"strings"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/reports"
	"github.com/spf13/cobra"
)

// reportFlags are the flags of report.
type reportFlags struct {
	contractFlags
	out     string
	format  string
	rejudge bool
	merge   bool
	// incomplete allows partitions to be missing.
	incomplete bool
}

func reportCommand(c *console) *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "report REPORT",
		Short: "Render a report again, judge it again, or merge several",
		Long: `Render the report.json of an earlier run: the summary without flags, one format
on stdout, several into a folder. Nothing is sent.

With --rejudge what the run recorded is judged again by this version's judges
and findings, under the contract as it is now; a contract that has changed since
is told. The exit code is then the outcome's, as certify's; without it 0.

With --merge the arguments are the summaries of the partitions of one run
(simulate --partition): summary.json files, or folders with them. Counts add up,
latencies are merged exactly, and the verdict is passed on the whole, with the
exit code that simulate would give. Where a partition is missing that is an
error, or with --incomplete a partial verdict at best.`,
		Example: `  hookstone report hookstone-report/report.json
  hookstone report report.json --format markdown >> summary.md
  hookstone report report.json --rejudge --out judged-again
  hookstone report --merge host-a/summary.json host-b/summary.json --out whole`,
		Args: complaint(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case f.merge:
				return merge(c, &f, args, cmd.Flags().Changed("out"), cmd.Flags().Changed("format"))
			case len(args) > 1:
				return usagef("name one report; summaries of simulations are merged with --merge", "%d reports are named", len(args))
			case f.incomplete:
				return usagef("", "--incomplete belongs to --merge")
			}
			return report(c, &f, args[0], cmd.Flags().Changed("out"), cmd.Flags().Changed("format"))
		},
	}
	s := cmd.Flags()
	s.SortFlags = false
	s.StringVar(&f.format, "format", strings.Join(formatNames(), ","), "report `formats`, by comma; one alone may go to stdout")
	s.StringVar(&f.out, "out", "", "`folder` for the report")
	s.BoolVar(&f.rejudge, "rejudge", false, "judge the recorded evidence again")
	s.BoolVar(&f.merge, "merge", false, "merge the summaries of a simulation's partitions")
	s.BoolVar(&f.incomplete, "incomplete", false, "merge though partitions are missing: partial at best")
	f.contractFlags.flags(s)
	return cmd
}

func report(c *console, f *reportFlags, path string, toFolder, chosen bool) error {
	formats, err := reports.Parse(f.format)
	if err != nil {
		return usage(fmt.Errorf("--format: %w", err), "")
	}
	switch {
	case toFolder && f.out == "":
		return usagef("", "--out is empty")
	case chosen && !toFolder && len(formats) > 1:
		return usagef("name a folder: --out DIR", "%d formats do not fit on stdout", len(formats))
	case chosen && !toFolder && c.json:
		return usagef("leave one of the two, or name a folder: --out DIR", "--json and --format both want stdout")
	}
	r, err := readReport("REPORT", path)
	if err != nil {
		return err
	}
	if f.rejudge {
		if r, err = f.judgeAgain(c, r); err != nil {
			return err
		}
	}
	if err := f.render(c, r, formats, toFolder, chosen); err != nil {
		return err
	}
	if !f.rejudge {
		return nil
	}
	return verdict(exitCode(r.Gated()))
}

// judgeAgain judges a report by the contracts that are loaded now.
func (f *reportFlags) judgeAgain(c *console, before *conformance.Result) (*conformance.Result, error) {
	library, err := f.library()
	if err != nil {
		return nil, err
	}
	r, err := conformance.Rejudge(library, before)
	if err != nil {
		err := configError(err)
		if _, known := library.Provider(before.Contract.Provider); known != nil {
			err = usage(known, "the report is of a contract that is not loaded: --contracts DIR")
		}
		return nil, err
	}
	if p, err := library.Provider(before.Contract.Provider); err == nil && p.Digest != before.Contract.Digest {
		c.note("the contract has changed since the run: %s then, %s now", before.Contract.Digest, p.Digest)
	}
	return r, nil
}

// render writes the report where it was asked for.
func (f *reportFlags) render(c *console, r *conformance.Result, formats []reports.Format, toFolder, chosen bool) error {
	if chosen && !toFolder {
		if err := formats[0].Write(c.stdout, r); err != nil {
			return environment(fmt.Errorf("write to stdout: %w", err), "")
		}
		return nil
	}
	shown := ""
	if toFolder {
		out, err := prepareOut(f.out)
		if err != nil {
			return err
		}
		defer out.discard()
		if shown, err = writeReports(out, formats, r); err == nil {
			err = writeEvidence(out, r)
		}
		if err != nil {
			return environment(err, "name a folder that can be written to: --out DIR")
		}
	}
	if c.json {
		if err := reports.JSON(c.stdout, r); err != nil {
			return environment(fmt.Errorf("write to stdout: %w", err), "")
		}
	}
	if err := reports.Terminal(c.people(), r, reports.TerminalOptions{Color: c.color(c.people()), Width: c.width(), Out: shown}); err != nil {
		return environment(fmt.Errorf("write the summary: %w", err), "")
	}
	return nil
}
