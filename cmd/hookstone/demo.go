package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"

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

// demoDefects are tried in order; each contract shows the first that it can
// have and that no contract before it showed, so that several contracts show
// several mistakes that really happen.
var demoDefects = []string{
	"crashes-on-length-mismatch", "never-verifies", "compares-as-much-as-given", "accepts-any-signature",
}

// demoAtOnce is how many receivers are judged side by side: a run mostly waits.
const demoAtOnce = 8

// demoRow is a certified receiver in demo --json.
type demoRow struct {
	Provider string              `json:"provider"`
	Defect   string              `json:"defect,omitempty"`
	Outcome  conformance.Outcome `json:"outcome"`
	Finding  string              `json:"finding,omitempty"`
	// AsExpected: the right one is conformant, the wrong one failed for its defect.
	AsExpected bool  `json:"as_expected"`
	Millis     int64 `json:"duration_ms"`
}

// demoRun is one receiver to be certified, and what came of it.
type demoRun struct {
	provider *schemas.Provider
	defect   *receiver.Defect // nil: the right one
	done     chan struct{}
	result   *conformance.Result
	err      error
}

func demo(parent context.Context, c *console) error {
	library, err := schemas.Builtin()
	if err != nil {
		return environment(fmt.Errorf("the built-in contracts: %w", err), "")
	}
	ctx, signals := catchInterrupts(parent)
	defer signals.stop()
	runs, err := demoRuns(library)
	if err != nil {
		return err
	}
	slots := make(chan struct{}, demoAtOnce)
	for _, run := range runs {
		go func() {
			slots <- struct{}{}
			run.result, run.err = run.certify(ctx, library)
			<-slots
			close(run.done)
		}()
	}
	rows := []demoRow{}
	right := len(runs) > 0
	for i, run := range runs {
		<-run.done
		if ctx.Err() != nil {
			return environmentf("", "interrupted")
		}
		if run.err != nil {
			return environment(run.err, "")
		}
		if i%2 == 0 {
			c.say("%s", c.paint(bold, run.provider.Contract.Title))
		}
		row := run.row()
		run.tell(c, row)
		if i%2 == 1 {
			c.say("")
		}
		rows = append(rows, row)
		right = right && row.AsExpected
	}
	if c.json {
		if err := c.machine(rows); err != nil {
			return err
		}
	}
	if !right {
		return environmentf("", "the demonstration did not come out as it should: see above")
	}
	c.say("Next, your own receiver (Hookstone starts it with a secret in %s):", childSecretVariable)
	c.say("  hookstone certify %s --exec 'node app.js'", rows[len(rows)-1].Provider)
	return nil
}

// demoRuns are two for every contract: the right receiver, and one with a defect.
func demoRuns(library *schemas.Library) ([]*demoRun, error) {
	var runs []*demoRun
	shown := map[string]bool{}
	for _, p := range library.Providers() {
		wrong := demoDefect(p, shown)
		if wrong == nil {
			return nil, environmentf("", "no defect to show applies under contract %q", p.Name())
		}
		shown[wrong.Name] = true
		for _, d := range []*receiver.Defect{nil, wrong} {
			runs = append(runs, &demoRun{provider: p, defect: d, done: make(chan struct{})})
		}
	}
	return runs, nil
}

// demoDefect chooses what the wrong receiver of a contract does wrong; nil
// where it can have none of them.
func demoDefect(p *schemas.Provider, shown map[string]bool) *receiver.Defect {
	var again *receiver.Defect
	defects := receiver.Defects()
	for _, name := range demoDefects {
		i := slices.IndexFunc(defects, func(d receiver.Defect) bool { return d.Name == name && d.Applies(p.Contract) == "" })
		if i >= 0 && !shown[name] {
			return &defects[i]
		}
		if i >= 0 && again == nil {
			again = &defects[i]
		}
	}
	return again
}

// certify starts a reference receiver and judges it. It uses the engine
// without Ginkgo, which runs one suite at a time.
func (run *demoRun) certify(ctx context.Context, library *schemas.Library) (*conformance.Result, error) {
	secret := drawSecret(run.provider.Contract.Signing.Key)
	options := receiver.Options{Provider: run.provider, Secret: secret}
	if run.defect != nil {
		options.Defects = []string{run.defect.Name}
	}
	r, err := receiver.New(options)
	if err != nil {
		return nil, fmt.Errorf("the reference receiver: %w", err)
	}
	server, err := r.Start("")
	if err != nil {
		return nil, err
	}
	defer server.Close()
	target, err := url.Parse(server.URL())
	if err != nil {
		return nil, err
	}
	return conformance.Run(ctx, conformance.Config{
		Library: library, Provider: run.provider, Client: wire.NewClient(target, nil, wire.Limits{}),
		Secret: secret, Tool: tool(),
	})
}

// row tells whether the run came out as it should.
func (run *demoRun) row() demoRow {
	r := run.result
	row := demoRow{Provider: run.provider.Name(), Outcome: r.Outcome, Millis: r.Run.Finished.Sub(r.Run.Started).Milliseconds()}
	if len(r.Findings) > 0 {
		row.Finding = r.Findings[0].ID
	}
	if run.defect == nil {
		row.AsExpected = r.Outcome == conformance.Conformant
	} else {
		row.Defect = run.defect.Name
		row.AsExpected = r.Outcome == conformance.Nonconformant && row.Finding == run.defect.Finding
	}
	return row
}

// tell shows a verdict and its cause.
func (run *demoRun) tell(c *console, row demoRow) {
	r := run.result
	who := "right receiver"
	if run.defect != nil {
		who = "wrong receiver"
	}
	word, how := string(r.Outcome), red
	if r.Outcome == conformance.Conformant {
		how = green
	}
	c.say("  %s: %s, %d of %d MUST cases passed, %.1f s", who, c.paint(how, word),
		r.Score.Must.Passed, r.Score.Must.Total, float64(row.Millis)/1000)
	var lines []string
	if run.defect != nil {
		lines = append(lines, indented("    Its defect: ", wrapText(run.defect.Summary, columns-16, 2))...)
	}
	if len(r.Findings) > 0 {
		f := r.Findings[0]
		lines = append(lines, indented("    Found:      ", wrapText(fmt.Sprintf("%s (%s)", f.Title, f.ID), columns-16, 2))...)
		lines = append(lines, indented("    Fix:        ", wrapText(f.Fix, columns-16, 2))...)
	}
	if !row.AsExpected && r.Reason != "" {
		lines = append(lines, indented("    ", wrapText(r.Reason, columns-4, 2))...)
	}
	for _, line := range lines {
		c.say("%s", line)
	}
}
