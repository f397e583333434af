package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/reports"
	"github.com/hookstone/hookstone/schemas"
	"github.com/spf13/cobra"
)

// certifyFlags are the flags of certify.
type certifyFlags struct {
	aimFlags
	contractFlags
	pinFlags
	paceFlags
	gateFlags
	observer      observerFlags
	load          bool
	profile       string
	events        []string
	cases         []string
	families      []string
	levels        []string
	retiredSecret string
	dryRun        bool
	out           string
	format        string
	formats       []reports.Format
}

func certifyCommand(c *console) *cobra.Command {
	var f certifyFlags
	cmd := &cobra.Command{
		Use:   "certify PROVIDER",
		Short: "Judge a receiver: is it safe to release?",
		Long: `Send the receiver the provider's genuine deliveries and every deliberately
wrong one that the catalogue knows, judge its answers, name the likely causes of
what fails, and write a report.

A hookstone.yaml in the working directory holds flags and the provider; what the
command line says wins.

Exit codes: 0 conformant (with --gate regressions: no regression), 1 not
conformant, 2 usage or configuration error (nothing was sent, unless a waiver
proved superfluous), 3 partial (a MUST could not be judged), 4 harness or
environment error (nothing listens, report not writable, no start).`,
		Example: `  export HOOKSTONE_SECRET=…   # the receiver's signing secret
  hookstone certify {provider} --target http://127.0.0.1:3000/webhooks

  # start the receiver with a fresh secret, judge it, stop it
  hookstone certify {provider} --exec 'node app.js'

  # effects too: nothing is applied twice, nothing acknowledged is lost
  hookstone certify {provider} --exec 'node app.js' \
    --observer 'http://127.0.0.1:{port}/_effects?event_id={id}'`,
		Args: complaint(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			provider, err := applySettings(cmd.Flags())
			if err != nil {
				return err
			}
			if len(args) == 0 && provider != "" {
				args = []string{provider}
			}
			if err := complaint(cobra.ExactArgs(1))(cmd, args); err != nil {
				return err
			}
			return certify(cmd, c, &f, args[0])
		},
	}
	s := cmd.Flags()
	s.SortFlags = false
	f.aimFlags.flags(s)
	s.StringVar(&f.profile, "profile", "", "basic (answers) or full (answers and effects); default full with an observer, else basic")
	f.observer.flags(s)
	f.gateFlags.flags(s)
	s.BoolVar(&f.dryRun, "dry-run", false, "print what would run and what would not, and why; send nothing")
	s.StringSliceVar(&f.events, "events", nil, "event `types` the endpoint is subscribed to, by comma; the others become SHOULD (default: all)")
	s.StringArrayVar(&f.cases, "case", nil, "only cases whose id matches the `glob`; * crosses / (repeatable)")
	s.StringSliceVar(&f.families, "family", nil, "only these `families`, by comma")
	s.StringSliceVar(&f.levels, "level", nil, "only these `levels`, by comma: must, should, may")
	s.StringVar(&f.retiredSecret, "retired-secret-env", "", "`variable` with a secret that the receiver must no longer accept")
	s.BoolVar(&f.load, "load", false, "run load cases although the target is not loopback")
	s.StringVar(&f.out, "out", defaultOut, "`folder` for the report")
	s.StringVar(&f.format, "format", strings.Join(formatNames(), ","), "report `formats`, by comma")
	f.paceFlags.flags(s)
	f.pinFlags.flags(s)
	f.contractFlags.flags(s)
	return cmd
}

func (f *certifyFlags) check() error {
	for _, check := range []func() error{f.aimFlags.check, f.pinFlags.check, f.paceFlags.check, f.gateFlags.check, f.checkFormats} {
		if err := check(); err != nil {
			return err
		}
	}
	if err := f.observer.check(&f.targetFlags); err != nil {
		return err
	}
	switch conformance.Profile(f.profile) {
	case "", conformance.Basic:
	case conformance.Full:
		if !f.observer.given() {
			return usagef("name one: --observer 'http://127.0.0.1:3000/_effects?event_id={id}'", "--profile full judges effects and needs an observer")
		}
	default:
		return usagef("", "--profile %q: known are basic and full", f.profile)
	}
	return nil
}

func (f *certifyFlags) checkFormats() (err error) {
	if f.formats, err = reports.Parse(f.format); err != nil {
		return usage(fmt.Errorf("--format: %w", err), "")
	}
	return nil
}

func certify(cmd *cobra.Command, c *console, f *certifyFlags, name string) error {
	frugal()
	if err := f.check(); err != nil {
		return err
	}
	library, provider, err := f.contractFlags.provider(name)
	if err != nil {
		return err
	}
	if f.dryRun {
		return f.rehearse(c, library, provider)
	}
	to, err := f.prepare(provider)
	if err != nil {
		return err
	}
	config, err := f.config(library, provider, to)
	if err != nil {
		return err
	}
	if err := check(config); err != nil {
		return err
	}
	out, err := prepareOut(f.out)
	if err != nil {
		return err
	}
	defer out.discard()
	if err := to.keepLog(out.file("receiver.log")); err != nil {
		return err
	}
	ctx, signals := catchInterrupts(cmd.Context())
	defer signals.stop()
	defer to.stop()
	if err := to.start(ctx, c, signals); err != nil {
		return err
	}
	stopObserver, err := f.observer.start(&config, to)
	if err != nil {
		return err
	}
	defer stopObserver()
	line := newProgress(c)
	config.Progress = line.told
	result, err := judge(ctx, config)
	signals.rearm()
	line.clear()
	if err != nil {
		return configError(err)
	}
	f.hideAll(result, f.redactor(provider, to.secret, config.RetiredSecret))
	err = conclude(c, f, out, result)
	var failed *failure
	if errors.As(err, &failed) && failed.code == exitHarness {
		return err
	}
	if superfluous := unneeded(config.Waivers, result); superfluous != nil {
		return superfluous
	}
	return err
}

// config is the engine's configuration.
func (f *certifyFlags) config(library *schemas.Library, p *schemas.Provider, to *aim) (conformance.Config, error) {
	config := conformance.Config{
		Library: library, Provider: p, Client: f.client(to, p), Secret: to.secret, Extra: f.extra,
		Seed: f.seed, RunID: f.runID, Now: f.now,
		Profile:   conformance.Profile(f.profile),
		Selection: conformance.Selection{Cases: f.cases, Families: f.families, Levels: f.levels, Events: f.events},
		Rate:      f.rate, Concurrency: f.concurrency,
		Load:  f.load || loopback(to.url.Hostname()),
		Flags: f.reproduce(),
		Tool:  tool(),
	}
	if !loopback(to.url.Hostname()) {
		// Somebody else may depend on the host: press it gently.
		if config.Rate == 0 {
			config.Rate = 10
		}
		if config.Concurrency == 0 {
			config.Concurrency = 4
		}
	}
	f.observer.attach(&config, to)
	if to.child != nil {
		config.Restart = to.child.restart
	}
	if f.retiredSecret != "" {
		secret, err := fromVariable("--retired-secret-env", f.retiredSecret)
		if err != nil {
			return config, err
		}
		if string(secret) == string(to.secret) {
			return config, usagef("name the secret that was replaced", "--retired-secret-env names the secret in use")
		}
		config.RetiredSecret = secret
	}
	return config, f.gateFlags.attach(&config)
}

// reproduce spells the flags that a case's own command repeats.
func (f *certifyFlags) reproduce() string {
	words := f.reproduceAim()
	words = append(words, f.contractFlags.reproduce()...)
	words = append(words, f.paceFlags.reproduce()...)
	words = append(words, f.observer.reproduce()...)
	words = append(words, f.gateFlags.reproduce()...)
	if f.profile != "" {
		words = append(words, "--profile", f.profile)
	}
	if f.load {
		words = append(words, "--load")
	}
	if len(f.events) > 0 {
		words = append(words, "--events", strings.Join(f.events, ","))
	}
	if f.retiredSecret != "" {
		words = append(words, "--retired-secret-env", f.retiredSecret)
	}
	for i, word := range words {
		words[i] = quoteWord(word)
	}
	return strings.Join(words, " ")
}

// conclude writes the reports and says what came of the run.
func conclude(c *console, f *certifyFlags, out *outDir, r *conformance.Result) error {
	report, err := writeReports(out, f.formats, r)
	if err == nil {
		err = writeEvidence(out, r)
	}
	if err != nil {
		return environment(err, "name a folder that can be written to: --out DIR")
	}
	if c.json {
		if err := reports.JSON(c.stdout, r); err != nil {
			return environment(fmt.Errorf("write to stdout: %w", err), "")
		}
	}
	if r.Outcome == conformance.OutcomeError {
		return environmentf("is the receiver running, and is the URL right? Or let Hookstone start it: --exec 'node app.js'", "%s", r.Reason)
	}
	if err := reports.Terminal(c.people(), r, reports.TerminalOptions{Color: c.color(c.people()), Width: c.width(), Out: report}); err != nil {
		return environment(fmt.Errorf("write the summary: %w", err), "")
	}
	c.note("seed %d, run %s", r.Run.Seed, r.Run.ID)
	return verdict(exitCode(r.Gated()))
}
