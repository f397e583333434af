package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/reports"
	"github.com/hookstone/hookstone/schemas"
	"github.com/spf13/cobra"
)

func contractsShowCommand(c *console) *cobra.Command {
	var f contractFlags
	var format string
	cmd := &cobra.Command{
		Use:   "show PROVIDER [EVENT]",
		Short: "Show a contract, or one of its events",
		Long: `Show a contract (its deliveries, how they are signed step by step with a worked
example, answers, retries, events) or one of its events (an example, the schema
as a table), each clause with its source.`,
		Example: `  hookstone contracts show {provider}
  hookstone contracts show {provider} {event}
  hookstone contracts show {provider} --format html > {provider}.html`,
		Args: complaint(cobra.RangeArgs(1, 2)),
		RunE: func(_ *cobra.Command, args []string) error {
			if !slices.Contains(reports.PageFormats(), format) {
				return usagef("", "--format %q: known are %s", format, strings.Join(reports.PageFormats(), ", "))
			}
			_, p, err := f.provider(args[0])
			if err != nil {
				return err
			}
			if len(args) == 1 {
				return showContract(c, p, format)
			}
			e, err := eventOf(p, args[1])
			if err != nil {
				return err
			}
			return showEvent(c, p, e, format)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVar(&format, "format", "text", "`form` of the page: text, markdown or html")
	f.flags(cmd.Flags())
	return cmd
}

// eventPage is an event in contracts show --json.
type eventPage struct {
	Type       string             `json:"type"`
	Summary    string             `json:"summary"`
	Documented bool               `json:"documented"` // the document shows its data
	Handshake  bool               `json:"handshake"`
	Citation   conformance.Source `json:"citation"`
	Examples   []json.RawMessage  `json:"examples"`
	Schema     any                `json:"schema,omitempty"`
}

func pageOf(p *schemas.Provider, e *schemas.Event, whole bool) eventPage {
	page := eventPage{
		Type: e.Type, Summary: e.Summary, Documented: e.Documented, Handshake: e.Handshake,
		Citation: conformance.SourceOf(p.Contract, e.Citation), Examples: append([]json.RawMessage{}, e.Examples...),
	}
	if whole {
		page.Schema = e.Schema()
	}
	return page
}

// showContract tells how the provider signs, what it expects, what it sends.
func showContract(c *console, p *schemas.Provider, format string) error {
	k := p.Contract
	if c.json {
		pages := []eventPage{}
		for _, e := range p.Events {
			pages = append(pages, pageOf(p, e, false))
		}
		return c.machine(map[string]any{
			"provider": p.Name(), "title": k.Title, "platform": k.Platform, "digest": p.Digest,
			"signing": reports.SigningSteps(k), "answers": answerRows(k), "events": pages,
		})
	}
	page, err := reports.ContractPage(p)
	return shown(c, page, err, format)
}

// shown writes a page to stdout.
func shown(c *console, page *reports.Page, err error, format string) error {
	if err != nil {
		return environment(err, "")
	}
	text, err := page.Write(format)
	if err != nil {
		return usage(err, "")
	}
	if _, err := io.WriteString(c.stdout, text); err != nil {
		return environment(fmt.Errorf("write to stdout: %w", err), "")
	}
	return nil
}

// answerRows are what the provider makes of answers, in pairs of name and words.
func answerRows(k *schemas.Contract) [][2]string {
	status := func(a *schemas.Answer) string {
		if a == nil {
			return "not stated"
		}
		if len(a.Documented) == 0 {
			return "any " + a.Counts
		}
		text := strings.Trim(fmt.Sprint(a.Documented), "[]")
		if a.Counts != "" && a.Counts != "documented" {
			text += " (counted: " + a.Counts + ")"
		}
		return text
	}
	rows := [][2]string{
		{"acknowledge", status(&k.Answers.Acknowledge)},
		{"bad signature", status(k.Answers.BadSignature)},
	}
	if k.Time.Tolerance.Duration > 0 {
		rows = append(rows, [2]string{"stale", status(k.Answers.Stale)})
	}
	rows = append(rows, [2]string{"within", k.Deadlines.Acknowledge.String()})
	if r := k.Deadlines.Recommended.Duration; r > 0 && r != k.Deadlines.Acknowledge.Duration {
		rows = append(rows, [2]string{"recommended", r.String()})
	}
	var delays []string
	for _, d := range k.Retries.Delays {
		delays = append(delays, d.String())
	}
	retries := "none"
	if len(delays) > 0 {
		retries = "after " + strings.Join(delays, ", ")
		if k.Retries.From != "" {
			retries += " (from the " + strings.ReplaceAll(k.Retries.From, "-", " ") + ")"
		}
	}
	return append(rows, [2]string{"retries", retries})
}

// showEvent tells one event: where it comes from, an example, its schema.
func showEvent(c *console, p *schemas.Provider, e *schemas.Event, format string) error {
	if c.json {
		return c.machine(pageOf(p, e, true))
	}
	page, err := reports.EventPage(p, e)
	return shown(c, page, err, format)
}
