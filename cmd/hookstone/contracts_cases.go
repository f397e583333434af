package main

import (
	"slices"
	"strings"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/schemas"
	"github.com/spf13/cobra"
)

// caseRow is a case in contracts cases --json.
type caseRow struct {
	Provider      string             `json:"provider"`
	ID            string             `json:"id"`
	Level         conformance.Level  `json:"level"`
	Impact        conformance.Impact `json:"impact"`
	Family        string             `json:"family"`
	Evidence      string             `json:"evidence"` // answer, effects
	Summary       string             `json:"summary"`
	Purpose       string             `json:"purpose,omitempty"`
	Citation      conformance.Source `json:"citation"`
	NotApplicable string             `json:"not_applicable,omitempty"`
}

func contractsCasesCommand(c *console) *cobra.Command {
	var f contractFlags
	var families []string
	cmd := &cobra.Command{
		Use:   "cases [PROVIDER]",
		Short: "List the catalogue of cases",
		Long: `List every case of the catalogue with its level and what it wants: of one
provider's contract, or of all.`,
		Example: "  hookstone contracts cases {provider}\n  hookstone contracts cases {provider} --family signature --json",
		Args:    complaint(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			return contractsCases(c, &f, families, args)
		},
	}
	cmd.Flags().StringSliceVar(&families, "family", nil, "only these `families`, by comma")
	f.flags(cmd.Flags())
	return cmd
}

func contractsCases(c *console, f *contractFlags, families, args []string) error {
	library, err := f.library()
	if err != nil {
		return err
	}
	providers := library.Providers()
	if len(args) == 1 {
		_, p, err := f.provider(args[0])
		if err != nil {
			return err
		}
		providers = []*schemas.Provider{p}
	}
	rows := []caseRow{}
	known := []string{}
	for _, p := range providers {
		cases := conformance.Catalogue(library, p, nil)
		for i := range cases {
			if family := cases[i].Family(); !slices.Contains(known, family) {
				known = append(known, family)
			}
			if len(families) == 0 || slices.Contains(families, cases[i].Family()) {
				rows = append(rows, rowOf(p, &cases[i]))
			}
		}
	}
	for _, family := range families {
		if !slices.Contains(known, family) {
			return usagef("", "--family %q: known are %s", family, strings.Join(known, ", "))
		}
	}
	if c.json {
		return c.machine(rows)
	}
	last := ""
	for _, row := range rows {
		if row.Provider != last {
			last = row.Provider
			c.say("%s", c.paint(bold, last))
		}
		note := ""
		if row.NotApplicable != "" {
			note = " (does not apply: " + row.NotApplicable + ")"
		}
		c.say("  %-6s %s", strings.ToUpper(string(row.Level)), row.ID)
		for _, line := range indented("         ", wrapText(row.Summary+note, columns-9, 0)) {
			c.say("%s", line)
		}
	}
	return nil
}

func rowOf(p *schemas.Provider, k *conformance.Case) caseRow {
	evidence := "answer"
	if k.Evidence == conformance.Effects {
		evidence = "effects"
	}
	citation := conformance.Source{Document: "convention", Section: k.Convention}
	if cite, ok := p.Contract.CitationFor(k.Cites); k.Cites != "" && ok && cite.Convention == "" {
		citation = conformance.SourceOf(p.Contract, cite)
	}
	return caseRow{
		Provider: p.Name(), ID: k.ID, Level: k.Level, Impact: k.Impact, Family: k.Family(), Evidence: evidence,
		Summary: k.Summary, Purpose: k.Purpose, Citation: citation, NotApplicable: k.NotApplicable,
	}
}
