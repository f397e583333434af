package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/fixtures/receiver"
	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/wire"
	"github.com/spf13/cobra"
)

func demoCommand(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "See a right receiver certified and a wrong one failed",
		Long: `For every built-in contract: start the reference receiver, once right and once
with a defect, certify both, and show both verdicts with the cause that was
found. Everything happens on this machine.

Exit codes: 0 the right one is conformant and the wrong one failed for its
defect, 4 otherwise.`,
		Example: "  hookstone demo",
		Args:    complaint(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return demo(cmd.Context(), c) },
	}
}

// demoFindings are tried in order; each contract shows a defect that should
// lead to the first finding that no contract before it showed, so that several
// contracts show several mistakes that really happen.
var demoFindings = []string{
	"crashes-on-malformed-signature", "accepts-unsigned", "reserialises-json", "compares-part-of-signature",
}

// demoRow is a certified receiver in demo --json.
type demoRow struct {
	Provider string              `json:"provider"`
	Defect   string              `json:"defect,omitempty"`
	Outcome  conformance.Outcome `json:"outcome"`
	Finding  string              `json:"finding,omitempty"`
	AsHoped  bool                `json:"as_expected"`
	Millis   int64               `json:"duration_ms"`
}

func demo(parent context.Context, c *console) error {
	library, err := schemas.Builtin()
	if err != nil {
		return environment(fmt.Errorf("the built-in contracts: %w", err), "")
	}
	ctx, signals := catchInterrupts(parent)
	defer signals.stop()
	rows := []demoRow{}
	right := true
	shown := map[string]bool{}
	for _, p := range library.Providers() {
		c.say("%s", c.paint(bold, p.Contract.Title))
		wrong, ok := demoDefect(p, shown)
		if !ok {
			return environmentf("", "no defect to show applies under contract %q", p.Name())
		}
		shown[wrong.Finding] = true
		for _, d := range []*receiver.Defect{nil, &wrong} {
			row, err := demoRun(ctx, c, signals, library, p, d)
			if err != nil {
				return err
			}
			rows = append(rows, row)
			right = right && row.AsHoped
		}
		c.say("")
	}
	if c.json {
		if err := c.machine(rows); err != nil {
			return err
		}
	}
	if !right {
		return environmentf("", "the demonstration did not come out as it should: see above")
	}
	if len(rows) == 0 {
		return environmentf("", "there is no built-in contract to show")
	}
	c.say("Next, your own receiver (Hookstone starts it with a secret in %s):", childSecretVariable)
	c.say("  hookstone certify %s --exec 'node app.js'", rows[len(rows)-1].Provider)
	return nil
}

// demoDefect chooses what the wrong receiver of a contract does wrong.
func demoDefect(p *schemas.Provider, shown map[string]bool) (receiver.Defect, bool) {
	var again *receiver.Defect
	defects := receiver.Defects()
	for _, finding := range demoFindings {
		i := slices.IndexFunc(defects, func(d receiver.Defect) bool {
			return d.Finding == finding && d.Applies(p.Contract) == ""
		})
		if i >= 0 && !shown[finding] {
			return defects[i], true
		}
		if i >= 0 && again == nil {
			again = &defects[i]
		}
	}
	if again == nil {
		return receiver.Defect{}, false
	}
	return *again, true
}

// demoRun certifies one reference receiver and tells the verdict.
func demoRun(ctx context.Context, c *console, signals *interrupts, library *schemas.Library, p *schemas.Provider, d *receiver.Defect) (demoRow, error) {
	secret := drawSecret(p.Contract.Signing.Key)
	options := receiver.Options{Provider: p, Secret: secret}
	row := demoRow{Provider: p.Name()}
	if d != nil {
		options.Defects = []string{d.Name}
		row.Defect = d.Name
	}
	r, err := receiver.New(options)
	if err != nil {
		return row, environment(fmt.Errorf("the reference receiver: %w", err), "")
	}
	server, err := r.Start("")
	if err != nil {
		return row, environment(err, "")
	}
	defer server.Close()
	target, err := url.Parse(server.URL())
	if err != nil {
		return row, environment(err, "")
	}
	line := newProgress(c)
	result, err := judge(ctx, conformance.Config{
		Library: library, Provider: p, Client: wire.NewClient(target, nil, wire.Limits{}), Secret: secret,
		Load: true, Progress: line.told, Tool: tool(),
	})
	signals.rearm()
	line.clear()
	if err != nil {
		return row, environment(err, "")
	}
	if ctx.Err() != nil {
		return row, environmentf("", "interrupted")
	}
	row.Outcome = result.Outcome
	row.Millis = result.Run.Finished.Sub(result.Run.Started).Milliseconds()
	if len(result.Findings) > 0 {
		row.Finding = result.Findings[0].ID
	}
	row.AsHoped = d == nil && result.Outcome == conformance.Conformant ||
		d != nil && result.Outcome == conformance.Nonconformant && row.Finding == d.Finding
	tellDemo(c, d, result, row)
	return row, nil
}

func tellDemo(c *console, d *receiver.Defect, r *conformance.Result, row demoRow) {
	took := r.Run.Finished.Sub(r.Run.Started).Round(10 * time.Millisecond)
	who := "right receiver"
	if d != nil {
		who = "wrong receiver"
	}
	word, how := string(r.Outcome), red
	if r.Outcome == conformance.Conformant {
		how = green
	}
	failed := r.Counts.Verdicts[conformance.Failed]
	c.say("  %s  %s  (%d of %d MUST cases passed, %d failed in all, %s)", who,
		c.paint(how, word), r.Score.Must.Passed, r.Score.Must.Total, failed, took)
	if d != nil {
		for _, line := range indented("    Its defect: ", wrapText(d.Summary, columns-16, 2)) {
			c.say("%s", line)
		}
	}
	if len(r.Findings) > 0 {
		f := r.Findings[0]
		for _, line := range indented("    Found: ", wrapText(fmt.Sprintf("%s (%s)", f.Title, f.ID), columns-11, 2)) {
			c.say("%s", line)
		}
		for _, line := range indented("    Fix: ", wrapText(f.Fix, columns-9, 2)) {
			c.say("%s", line)
		}
	}
	if !row.AsHoped && r.Reason != "" {
		c.say("    %s", clip(r.Reason, columns-4))
	}
}
