package main

import (
	"github.com/spf13/cobra"
)

// contractRow is a contract in contracts list --json.
type contractRow struct {
	Provider   string   `json:"provider"`
	Title      string   `json:"title"`
	Platform   string   `json:"platform"`
	Events     []string `json:"events"` // types, in documented order
	EventCount int      `json:"event_count"`
	Digest     string   `json:"digest"`
}

func contractsListCommand(c *console) *cobra.Command {
	var f contractFlags
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the contracts",
		Example: "  hookstone contracts list\n  hookstone contracts list --json",
		Args:    complaint(cobra.NoArgs),
		RunE:    func(*cobra.Command, []string) error { return contractsList(c, &f) },
	}
	f.flags(cmd.Flags())
	return cmd
}

func contractsList(c *console, f *contractFlags) error {
	library, err := f.library()
	if err != nil {
		return err
	}
	rows := []contractRow{}
	wide := 0
	for _, p := range library.Providers() {
		row := contractRow{
			Provider: p.Name(), Title: p.Contract.Title, Platform: p.Contract.Platform,
			Events: []string{}, EventCount: len(p.Events), Digest: p.Digest,
		}
		for _, e := range p.Events {
			row.Events = append(row.Events, e.Type)
		}
		rows = append(rows, row)
		wide = max(wide, len(row.Provider))
	}
	if c.json {
		return c.machine(rows)
	}
	for _, row := range rows {
		c.say("%-*s  %2d %s  %s", wide, row.Provider, row.EventCount, plural(row.EventCount, "event ", "events"), row.Title)
	}
	return nil
}
