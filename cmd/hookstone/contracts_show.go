package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/schemas"
	"github.com/spf13/cobra"
)

func contractsShowCommand(c *console) *cobra.Command {
	var f contractFlags
	cmd := &cobra.Command{
		Use:     "show PROVIDER [EVENT]",
		Short:   "Show a contract, or one of its events",
		Example: "  hookstone contracts show {provider}\n  hookstone contracts show {provider} {event}",
		Args:    complaint(cobra.RangeArgs(1, 2)),
		RunE: func(_ *cobra.Command, args []string) error {
			_, p, err := f.provider(args[0])
			if err != nil {
				return err
			}
			if len(args) == 1 {
				return showContract(c, p)
			}
			e, err := eventOf(p, args[1])
			if err != nil {
				return err
			}
			return showEvent(c, p, e)
		},
	}
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
func showContract(c *console, p *schemas.Provider) error {
	k := p.Contract
	if c.json {
		pages := []eventPage{}
		for _, e := range p.Events {
			pages = append(pages, pageOf(p, e, false))
		}
		return c.machine(map[string]any{
			"provider": p.Name(), "title": k.Title, "platform": k.Platform, "digest": p.Digest,
			"signing": signingSteps(k), "answers": answerRows(k), "events": pages,
		})
	}
	c.say("%s (%s)", c.paint(bold, k.Title), p.Name())
	for _, name := range sortedKeys(k.Documents) {
		c.say("  read from: %s", k.Documents[name].Title)
	}
	c.say("\n%s", c.paint(bold, "Signing"))
	for i, step := range signingSteps(k) {
		for _, line := range indented(fmt.Sprintf("  %d. ", i+1), wrapText(step, columns-5, 0)) {
			c.say("%s", line)
		}
	}
	c.say("\n%s", c.paint(bold, "Answers"))
	for _, row := range answerRows(k) {
		for _, line := range indented(fmt.Sprintf("  %-15s", row[0]), wrapText(row[1], columns-17, 0)) {
			c.say("%s", line)
		}
	}
	c.say("\n%s", c.paint(bold, "Events"))
	wide := 0
	for _, e := range p.Events {
		wide = max(wide, len(e.Type))
	}
	for _, e := range p.Events {
		c.say("%s", clip(fmt.Sprintf("  %-*s  %s", wide, e.Type, e.Summary), columns))
	}
	return nil
}

// signingSteps is the recipe of the signature, as a receiver would follow it.
func signingSteps(k *schemas.Contract) []string {
	var steps []string
	key := "Take the secret's bytes as the key"
	switch {
	case k.Signing.Key.Strip != "" && k.Signing.Key.Decode != "" && k.Signing.Key.Decode != "utf-8":
		key = fmt.Sprintf("Take %q off the secret and decode the rest as %s: that is the key", k.Signing.Key.Strip, k.Signing.Key.Decode)
	case k.Signing.Key.Decode != "" && k.Signing.Key.Decode != "utf-8":
		key = "Decode the secret as " + k.Signing.Key.Decode + ": that is the key"
	case k.Signing.Key.Strip != "":
		key = fmt.Sprintf("Take %q off the secret: the rest is the key", k.Signing.Key.Strip)
	}
	steps = append(steps, key+".")
	body := "the raw bytes of the request's body, before any parser touches them"
	if k.Signing.Body == "json-stringify" {
		body = "the body parsed and spelled again by JSON.stringify"
	}
	for _, s := range k.Signing.Signatures {
		line := fmt.Sprintf("%s: compute %s over %s, written as %s.", s.Name, s.Algorithm, s.Content.Text, s.Encode)
		if s.Legacy {
			line += " It is kept for old receivers."
		}
		steps = append(steps, line)
	}
	steps = append(steps, "{body} is "+body+".")
	for _, h := range k.Signing.Headers {
		var values []string
		for _, v := range h.Value {
			values = append(values, v.Text)
		}
		steps = append(steps, "Header "+h.Name+": "+strings.Join(values, h.Separator))
	}
	if t := k.Time.Tolerance.Duration; t > 0 {
		steps = append(steps, fmt.Sprintf("Refuse what was signed more than %s ago.", t))
	}
	return steps
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
func showEvent(c *console, p *schemas.Provider, e *schemas.Event) error {
	if c.json {
		return c.machine(pageOf(p, e, true))
	}
	c.say("%s: %s", c.paint(bold, e.Type), e.Summary)
	cite := conformance.SourceOf(p.Contract, e.Citation)
	c.say("%s, %s", cite.Document, cite.Section)
	if !e.Documented {
		c.say("The document does not show this event's data; the schema is inferred.")
	}
	for _, example := range e.Examples {
		var b bytes.Buffer
		if err := json.Indent(&b, example, "", "  "); err != nil {
			return environment(fmt.Errorf("example of %s: %w", e.Type, err), "")
		}
		c.say("\n%s", b.String())
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
