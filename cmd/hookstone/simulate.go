package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/reports"
	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/schedule"
	"github.com/spf13/cobra"
)

const defaultSimulationOut = "hookstone-simulation"

// simulateFlags are the flags of simulate.
type simulateFlags struct {
	aimFlags
	contractFlags
	pinFlags
	scenarioFlags
	partitionFlags
	observer      observerFlags
	concurrency   int
	nextSecret    string
	journal       string
	journalSync   bool
	resume        bool
	metrics       string
	validate      string
	observeAtMost int
	out           string
	dryRun        bool
	list          bool
}

func simulateCommand(c *console) *cobra.Command {
	var f simulateFlags
	cmd := &cobra.Command{
		Use:   "simulate PROVIDER",
		Short: "Play a provider's traffic, with all that goes wrong",
		Long: `Send related events in their order, and with them duplicates, redeliveries,
late, stale and forged deliveries, on a schedule that waits for nobody; retry
what is not acknowledged as the provider does; and judge whether each had the
outcome that it should have.

Rates, counts and conditions are those of the whole run. --workers shares it
among processes of this machine and merges what they report; --partition I/N
sends one share of N, beside other hosts that are given the others with the same
--seed, --run-id and --start: merge their summaries with hookstone report
--merge. No two shares send the same event.

Exit codes: 0 every outcome was as it should be, 1 some were not (or a
--fail-on condition holds), 2 usage or configuration error (nothing was sent),
3 partial (interrupted, or not everything could be judged), 4 harness or
environment error (nothing listens, folder or journal not writable).`,
		Example: `  hookstone simulate {provider} --target http://127.0.0.1:3000/webhooks
  hookstone simulate {provider} --target http://127.0.0.1:3000/webhooks \
    --rate 200/s --duration 1m --duplicates 5% --stale 1% --forged 2% \
    --observer 'http://127.0.0.1:3000/_effects?event_id={id}' \
    --fail-on 'lost > 0' --fail-on 'p99 > 3s'
  hookstone simulate {provider} --exec 'node app.js' --scenario black-friday
  hookstone simulate {provider} --target http://127.0.0.1:3000/webhooks \
    --rate max --deliveries 1000000 --workers 4
  hookstone simulate {provider} --scenario soak --dry-run`,
		Args: complaint(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.list {
				return listScenarios(c)
			}
			if len(args) == 0 {
				return usagef("hookstone simulate PROVIDER; list them with: hookstone contracts list", "no provider is named")
			}
			return simulate(cmd, c, &f, args[0])
		},
	}
	s := cmd.Flags()
	s.SortFlags = false
	f.aimFlags.flags(s)
	f.scenarioFlags.flags(s)
	f.partitionFlags.flags(s)
	s.BoolVar(&f.list, "list-scenarios", false, "list the scenarios that are built in")
	s.BoolVar(&f.dryRun, "dry-run", false, "send nothing: tell what would be sent")
	s.IntVar(&f.concurrency, "concurrency", 0, "at most `N` deliveries at a time (default 256, off loopback 4)")
	s.StringVar(&f.nextSecret, "next-secret-env", "", "`variable` with the secret that a scenario rotates to")
	f.observer.flags(s)
	s.IntVar(&f.observeAtMost, "observe-at-most", 0, "ask the observer about `N` events at most (default: all)")
	s.StringVar(&f.out, "out", defaultSimulationOut, "`folder` for summary, page and journal")
	s.StringVar(&f.journal, "journal", "", "`file` for the journal, or none (default: journal.jsonl in the folder)")
	s.BoolVar(&f.journalSync, "journal-sync", false, "wait for the disk rather than leave a record out")
	s.BoolVar(&f.resume, "resume", false, "go on with the interrupted run of the folder")
	s.StringVar(&f.metrics, "metrics", "", "`address` to serve Prometheus metrics at, such as 127.0.0.1:9464")
	s.StringVar(&f.validate, "validate", "sample", "bodies to hold against their schemas: all, sample (1 in 100) or off")
	f.pinFlags.flags(s)
	f.contractFlags.flags(s)
	return cmd
}

func listScenarios(c *console) error {
	var all []*schedule.Scenario
	for _, name := range schedule.Shipped() {
		s, err := schedule.LoadScenario(name)
		if err != nil {
			return environment(err, "")
		}
		all = append(all, s)
	}
	if c.json {
		return c.machine(all)
	}
	for _, s := range all {
		c.say("%s", s.Name)
		for _, line := range indented("    ", wrapText(s.Title, columns-4, 0)) {
			c.say("%s", line)
		}
	}
	return nil
}

func (f *simulateFlags) check() error {
	if f.dryRun && f.target == "" && f.exec == "" {
		f.target = printTarget
	}
	if err := f.aimFlags.check(); err != nil {
		return err
	}
	if err := f.partitionFlags.check(&f.pinFlags); err != nil { // before the pins are drawn
		return err
	}
	if err := f.pinFlags.check(); err != nil {
		return err
	}
	if err := f.observer.check(&f.targetFlags); err != nil {
		return err
	}
	if f.concurrency < 0 || f.observeAtMost < 0 {
		return usagef("", "--concurrency and --observe-at-most are numbers from 0 on")
	}
	if f.observeAtMost > 0 && f.observeAtMost < f.parts() {
		return usagef("", "--observe-at-most %d cannot be shared by %d partitions", f.observeAtMost, f.parts())
	}
	if _, known := validations[f.validate]; !known {
		return usagef("", "--validate %q: known are all, sample and off", f.validate)
	}
	if f.resume && (f.journal == "none" || f.partitionText != "" || f.startText != "" || f.pinFlags.set.Changed("seed") || f.pinFlags.set.Changed("run-id") || f.scenarioFlags.given()) {
		return usagef("a resumed run goes on with the seed, run id, start, scenario and journal that its folder holds", "--resume stands beside flags that would change the run")
	}
	return nil
}

var validations = map[string]int{"all": 1, "sample": 100, "off": 0}

func simulate(cmd *cobra.Command, c *console, f *simulateFlags, name string) error {
	if err := f.check(); err != nil {
		return err
	}
	c.quiet = c.quiet || f.worker // stdout is the line to the process that started it
	_, provider, err := f.contractFlags.provider(name)
	if err != nil {
		return err
	}
	this, earlier, err := f.plan(provider)
	if err != nil {
		return err
	}
	if f.dryRun {
		return dryRun(c, f, provider, this)
	}
	if this.Workers > 1 {
		return simulateWorkers(cmd, c, f, provider, this)
	}
	to, err := f.prepare(provider)
	if err != nil {
		return err
	}
	config, side, err := f.config(provider, to, this)
	if err != nil {
		return err
	}
	config.Earlier = earlier
	out, err := prepareOut(f.out)
	if err != nil {
		return err
	}
	defer out.discard()
	if err := to.keepLog(out.file("receiver.log")); err != nil {
		return err
	}
	closeJournal, err := f.openJournal(out, this, &config)
	if err != nil {
		return err
	}
	defer closeJournal()
	ctx, signals := catchInterrupts(cmd.Context())
	defer signals.stop()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	defer to.stop()
	if err := to.start(ctx, c, signals); err != nil {
		return err
	}
	stopObserver, err := f.observer.start(side, to)
	if err != nil {
		return err
	}
	defer stopObserver()
	if side.Observer != nil {
		config.Observer = side.Observer
	}
	view := newSimulationView(c, config.Scenario)
	serve, err := f.serveMetrics(c)
	if err != nil {
		return err
	}
	defer serve.close()
	config.Progress = func(e *schedule.Engine) {
		f.hold(ctx, c)
		serve.attach(e.Snapshot)
		view.follow(e.Snapshot)
	}
	if f.worker {
		line := newHand(os.Stdin, c.stdout, end)
		defer line.stop()
		config.Progress = func(e *schedule.Engine) { line.follow(ctx, e) }
	}
	c.note("seed %d, run %s", this.Seed, this.RunID)
	summary, err := schedule.Run(ctx, config)
	view.stop()
	if err != nil {
		return simulationError(err, to)
	}
	return concludeSimulation(c, out, summary)
}

// config is the engine's configuration; side holds observer and hook.
func (f *simulateFlags) config(p *schemas.Provider, to *aim, this *ran) (schedule.Config, *conformance.Config, error) {
	side := &conformance.Config{}
	f.observer.attach(side, to)
	config := schedule.Config{
		Provider: p, Client: f.client(to, p), Secret: to.secret, Extra: f.extra, Redactor: f.redactor(p, to.secret),
		Seed: this.Seed, RunID: this.RunID, Start: this.Start, Pinned: this.Pinned, Scenario: this.Scenario, Partition: this.Partition,
		Concurrency: f.concurrency, Answer: f.timeout, Validate: validations[f.validate],
		ObserveAtMost: int(this.Partition.Share(uint64(f.observeAtMost))), Settle: f.observer.settle,
	}
	if side.Observer != nil {
		config.Observer = side.Observer
	}
	if side.FaultHook != nil {
		config.Hook = side.FaultHook
	}
	for _, text := range this.Scenario.FailOn {
		t, err := schedule.ParseThreshold(text)
		if err != nil {
			return config, nil, usage(err, "")
		}
		if t.NeedsObserver() && !f.observer.given() && f.asked(text) {
			return config, nil, usagef("name one: --observer 'http://127.0.0.1:3000/_effects?event_id={id}'", "--fail-on %q is about effects and needs an observer", text)
		}
	}
	for i := range this.Scenario.Phases {
		phase := &this.Scenario.Phases[i]
		if len(phase.Outages) > 0 && config.Hook == nil {
			return config, nil, usagef("name one: --fault-hook http://127.0.0.1:3000/_fail", "scenario %q has outages, which need a fault hook", this.Scenario.Name)
		}
		if (phase.Secret == "next" || phase.Secret == "both") && f.nextSecret == "" {
			return config, nil, usagef("name it: --next-secret-env NAME", "scenario %q rotates the secret and needs the next one", this.Scenario.Name)
		}
	}
	if f.nextSecret != "" {
		secret, err := fromVariable("--next-secret-env", f.nextSecret)
		if err != nil {
			return config, nil, err
		}
		config.NextSecret = secret
		config.Redactor.Add(secret)
	}
	return config, side, nil
}

// simulationError words what ended a run before its summary.
func simulationError(err error, to *aim) error {
	var unreachable *schedule.Unreachable
	switch {
	case errors.As(err, &unreachable):
		return environment(fmt.Errorf("nothing answers at %s: %w", hostPort(to.url), err), "is the receiver running, and is the URL right?")
	case errors.Is(err, schedule.ErrConfig):
		return usage(err, "")
	}
	return environment(err, "")
}

// writeJSON makes a file of a value.
func writeJSON(out *outDir, name string, v any) error {
	return out.write(name, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(v)
	})
}

// concludeSimulation writes the files, where there is a folder for them, and
// says what came of the run.
func concludeSimulation(c *console, out *outDir, s *schedule.Summary) error {
	if out != nil {
		err := writeJSON(out, "summary.json", s)
		if err == nil {
			err = out.write("simulation.html", func(w io.Writer) error { return reports.SimulationHTML(w, s) })
		}
		if err != nil {
			return environment(err, "name a folder that can be written to: --out DIR")
		}
	}
	if c.json {
		if err := c.machine(s); err != nil {
			return err
		}
	}
	for _, line := range simulationLines(c, s) {
		c.say("%s", line)
	}
	if out != nil {
		c.say("")
		c.say("%s", strings.TrimRight("summary and page: "+out.file("simulation.html"), " "))
	}
	code := map[string]int{schedule.Conformant: exitConformant, schedule.Partial: exitPartial}
	if exit, known := code[s.Outcome]; !known {
		return verdict(exitNonconformant)
	} else if s.Journal != nil && s.Journal.Err != nil {
		return environment(fmt.Errorf("the journal could not be written: %w", s.Journal.Err), "make room, or name another file: --journal FILE")
	} else {
		return verdict(exit)
	}
}
