// Command hookstone plays a webhook provider against a receiver and says
// whether the receiver is safe to release.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// commands is the whole command line, in the order that the help shows. Each
// constructor stands in the file of its command.
var commands = []func(*console) *cobra.Command{
	demoCommand,
	certifyCommand,
	sendCommand,
	simulateCommand,
	replayCommand,
	receiveCommand,
	explainCommand,
	reportCommand,
	contractsCommand,
	fixturesCommand,
	versionCommand,
}

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c := newConsole(stdout, stderr)
	root := rootCommand(c)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitConformant
	}
	var f *failure
	if !errors.As(err, &f) {
		// Commands return nothing but failures: this is cobra's own complaint.
		f = usage(err, "try: hookstone --help")
	}
	c.fail(f)
	return f.code
}

func rootCommand(c *console) *cobra.Command {
	root := &cobra.Command{
		Use:   "hookstone",
		Short: "Contract tests and simulation for webhook receivers",
		Long: `Hookstone plays the webhook provider. It sends your receiver genuine, rightly
signed deliveries and deliberately wrong ones, and says whether the receiver is
safe to release, with the likely cause of every failure and its fix.

Exit codes: 0 conformant, 1 not conformant, 2 usage or configuration error
(nothing was sent), 3 partial (a MUST could not be judged), 4 harness or
environment error.`,
		Example: `  hookstone demo
  hookstone certify {provider} --target http://127.0.0.1:3000/webhooks`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          subcommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetOut(c.stdout)
	root.SetErr(c.stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(err, "try: "+cmd.CommandPath()+" --help")
	})
	c.flags(root.PersistentFlags())
	for _, command := range commands {
		root.AddCommand(command(c))
	}
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), "Flags.FlagUsages", fmt.Sprint("Flags.FlagUsagesWrapped ", columns)))
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		// No provider's name stands in the code: the examples take the first
		// contract that is loaded.
		cmd.Example = fillExample(cmd.Example)
		help(cmd, args)
	})
	return root
}

// subcommand refuses words that are no command, and says which was meant.
func subcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "try: " + cmd.CommandPath() + " --help"
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean: " + cmd.CommandPath() + " " + near[0]
	}
	return usagef(hint, "unknown command %q", args[0])
}

// complaint wraps what cobra's argument checks say with a hint at the usage.
func complaint(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usage(err, "usage: "+cmd.UseLine()+"; see: "+cmd.CommandPath()+" --help")
		}
		return nil
	}
}
