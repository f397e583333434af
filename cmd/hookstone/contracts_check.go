package main

import (
	"fmt"

	"github.com/hookstone/hookstone/schemas"
	"github.com/spf13/cobra"
)

func contractsCheckCommand(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "check [DIR]",
		Short: "Check a folder of contracts",
		Long: `Check a folder of contracts (default: this one): every fault at once, with
file, JSON pointer and reason.

Exit codes: 0 sound, 1 faults were found, 2 usage error.`,
		Example: "  hookstone contracts check ./my-contracts\n  hookstone contracts check ./my-contracts --json",
		Args:    complaint(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return contractsCheck(c, dir)
		},
	}
}

func contractsCheck(c *console, dir string) error {
	fsys, err := folder("contracts check", dir)
	if err != nil {
		return err
	}
	problems := schemas.Check(fsys)
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
