package main

import (
	"runtime/debug"

	"github.com/hookstone/hookstone/conformance"
	"github.com/spf13/cobra"
)

// version is set by the release build (-ldflags "-X main.version=1.2.3").
var version = ""

// tool names this program in reports.
func tool() conformance.Tool {
	return conformance.Tool{Name: "hookstone", Version: versionString()}
}

func versionString() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

func versionCommand(c *console) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  hookstone version\n  hookstone version --json",
		Args:    complaint(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			if c.json {
				return c.machine(tool())
			}
			c.say("hookstone %s", versionString())
			return nil
		},
	}
}
