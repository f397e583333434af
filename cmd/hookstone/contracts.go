package main

import (
	"github.com/spf13/cobra"
)

// contractsCommands are the subcommands of contracts, each in a file of its own.
var contractsCommands = []func(*console) *cobra.Command{
	contractsListCommand,
	contractsShowCommand,
	contractsCasesCommand,
	contractsCheckCommand,
	contractsExportCommand,
	contractsInitCommand,
}

func contractsCommand(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "contracts",
		Short: "Look at the contracts: events, signing, cases",
		Example: `  hookstone contracts list
  hookstone contracts show {provider}
  hookstone contracts cases {provider}
  hookstone contracts check ./my-contracts
  hookstone contracts export {provider}
  hookstone contracts init acme --from captured.http`,
		Args: subcommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usagef("try: hookstone contracts --help", "contracts needs a subcommand: list, show, cases, check, export or init")
		},
	}
	for _, command := range contractsCommands {
		cmd.AddCommand(command(c))
	}
	return cmd
}
