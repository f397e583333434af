package main

import (
	"fmt"
	"strings"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/schemas"
)

// planRow is a case in certify --dry-run --json.
type planRow struct {
	ID      string              `json:"id"`
	Family  string              `json:"family"`
	Level   conformance.Level   `json:"level"`
	Impact  conformance.Impact  `json:"impact"`
	Summary string              `json:"summary"`
	Runs    bool                `json:"runs"`
	Verdict conformance.Verdict `json:"verdict,omitempty"` // of one that does not run
	Reason  string              `json:"reason,omitempty"`
	Waived  *conformance.Waiver `json:"waived,omitempty"`
}

// planned is certify --dry-run --json. How many deliveries a case takes is
// known only as it runs: Deliveries is always null.
type planned struct {
	Provider   string                `json:"provider"`
	Edition    string                `json:"edition"`
	Profile    conformance.Profile   `json:"profile"`
	Target     string                `json:"target"`
	Selection  conformance.Selection `json:"selection"`
	Repeat     int                   `json:"repeat"`
	Running    int                   `json:"running"`
	Deliveries *int                  `json:"deliveries"`
	Cases      []planRow             `json:"cases"`
}

// rehearse prints what a run would do. Nothing is started, sent or written, and
// a secret that was not given is made up.
func (f *certifyFlags) rehearse(c *console, library *schemas.Library, p *schemas.Provider) error {
	to := &aim{}
	var err error
	if to.secret, err = f.given(); err != nil {
		return err
	}
	if to.secret == nil {
		to.secret = drawSecret(p.Contract.Signing.Key)
	}
	if to.url, err = f.url(1); err != nil {
		return err
	}
	config, err := f.config(library, p, to)
	if err != nil {
		return err
	}
	plan, err := conformance.PlanOf(config)
	if err != nil {
		return configError(err)
	}
	out := planned{
		Provider: p.Name(), Edition: config.Edition, Profile: config.Profile, Target: f.target, Selection: config.Selection, Repeat: config.Repeat, Cases: []planRow{},
	}
	if out.Target == "" {
		out.Target = "http://127.0.0.1:{port}" + defaultPath
	}
	if out.Edition == "" {
		out.Edition = conformance.Edition
	}
	if out.Profile == "" {
		out.Profile = conformance.Basic
	}
	for i := range plan {
		k := &plan[i]
		if k.Runs {
			out.Running++
		}
		out.Cases = append(out.Cases, planRow{ID: k.ID, Family: k.Family(), Level: k.Level, Impact: k.Impact, Summary: k.Summary,
			Runs: k.Runs, Verdict: k.Verdict, Reason: k.Reason, Waived: k.Waived})
	}
	if c.json {
		return c.machine(out)
	}
	out.tell(c)
	return nil
}

// tell prints the plan for people: what runs, and by reason what does not.
func (p *planned) tell(c *console) {
	c.say("%s  %s profile · edition %s · %s", c.paint(bold, "Plan for "+p.Provider), p.Profile, p.Edition, p.Target)
	times := ""
	if p.Repeat > 1 {
		times = fmt.Sprintf(", %d times each", p.Repeat)
	}
	c.say("  %d of %d cases would run%s. How many deliveries they take is known only", p.Running, len(p.Cases), times)
	c.say("  as they run. Nothing was sent.")
	c.say("")
	c.say("%s", c.paint(bold, fmt.Sprintf("Would run (%d)", p.Running)))
	var reasons []string
	idle := map[string][]string{}
	for _, row := range p.Cases {
		if row.Runs {
			waived := ""
			if row.Waived != nil {
				waived = fmt.Sprintf("  (waived until %s by %s)", row.Waived.Expires, printable(row.Waived.Owner, false))
			}
			c.say("  %-6s %s%s", strings.ToUpper(string(row.Level)), row.ID, waived)
			continue
		}
		why := fmt.Sprintf("%s: %s", row.Verdict, row.Reason)
		if idle[why] == nil {
			reasons = append(reasons, why)
		}
		idle[why] = append(idle[why], row.ID)
	}
	if len(reasons) > 0 {
		c.say("")
		c.say("%s", c.paint(bold, fmt.Sprintf("Would not run (%d)", len(p.Cases)-p.Running)))
	}
	for _, why := range reasons {
		for _, line := range indented("  ", wrapText(fmt.Sprintf("%s (%d)", why, len(idle[why])), columns-2, 0)) {
			c.say("%s", line)
		}
		for _, id := range idle[why] {
			c.say("         %s", id)
		}
	}
}
