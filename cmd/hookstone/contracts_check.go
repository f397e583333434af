package main

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/spf13/cobra"
)

func contractsCheckCommand(c *console) *cobra.Command {
	var recording string
	var f contractFlags
	cmd := &cobra.Command{
		Use:   "check [DIR | PROVIDER]",
		Short: "Check a folder of contracts",
		Long: `Check a folder of contracts (default: this one): every fault at once, with
file, JSON pointer and reason.

With --journal hold recorded traffic of a real provider (receive --record)
against its contract instead: unknown events, and fields that are unknown,
missing or of another type, each with how often it was seen.

Exit codes: 0 sound, 1 faults were found, 2 usage error, 3 the journal holds
nothing that could be checked.`,
		Example: "  hookstone contracts check ./my-contracts\n  hookstone contracts check ./my-contracts --json",
		Args:    complaint(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			if recording != "" {
				return contractsDrift(c, &f, recording, strings.Join(args, ""))
			}
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return contractsCheck(c, dir)
		},
	}
	cmd.Flags().StringVar(&recording, "journal", "", "`file` of recorded traffic to hold against its contract")
	f.flags(cmd.Flags())
	return cmd
}

func contractsCheck(c *console, dir string) error {
	fsys, err := folder("contracts check", dir)
	if err != nil {
		return err
	}
	problems := schemas.Check(fsys)
	if len(problems) == 0 {
		problems = uncompiled(fsys)
	}
	if c.json {
		if err := c.machine(problems); err != nil {
			return err
		}
	} else {
		for _, p := range problems {
			fmt.Fprintln(c.stdout, printable(p.String(), false))
		}
	}
	if len(problems) == 0 {
		c.say("%s is sound.", dir)
		return nil
	}
	c.note("%d %s in %s", len(problems), plural(len(problems), "fault", "faults"), dir)
	return verdict(exitNonconformant)
}

// uncompiled are the faults that show only when journeys are made into events:
// unknown names, ids of too little randomness, values that their schemas refuse.
func uncompiled(fsys fs.FS) schemas.Problems {
	library, err := schemas.Load(fsys)
	if err != nil {
		return schemas.Problems{{File: ".", Reason: err.Error()}}
	}
	var problems schemas.Problems
	for _, p := range library.Providers() {
		if _, err := generate.New(p, generate.Options{}); err != nil {
			problems = append(problems, schemas.Problem{File: p.Name() + "/journeys.yaml", Reason: err.Error()})
		}
	}
	return problems
}
