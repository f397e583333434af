package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/schedule"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// checkWorkers finds what cannot be shared among workers.
func (f *simulateFlags) checkWorkers(workers int) error {
	switch {
	case f.journal != "" && f.journal != "none":
		return usagef("leave it out, or write --journal none", "--journal FILE does not go with --workers: each worker keeps a journal in its folder, %s", filepath.Join(f.out, workerFolder(1)))
	case f.concurrency > 0 && f.concurrency < workers:
		return usagef(fmt.Sprintf("allow each worker one: --concurrency %d", workers), "%d deliveries at a time cannot be shared by %d workers", f.concurrency, workers)
	}
	return nil
}

func workerFolder(n int) string { return "worker-" + strconv.Itoa(n) }

// simulateWorkers has a run sent by several processes, and reports on it as on
// one.
func simulateWorkers(cmd *cobra.Command, c *console, f *simulateFlags, p *schemas.Provider, this *ran) error {
	if err := f.checkWorkers(this.Workers); err != nil {
		return err
	}
	to, err := f.prepare(p)
	if err != nil {
		return err
	}
	// What a worker would find wrong is told before any is started.
	if _, _, err := f.config(p, to, this); err != nil {
		return err
	}
	out, err := prepareOut(f.out)
	if err != nil {
		return err
	}
	defer out.discard()
	if err := f.keepRun(out, this); err != nil {
		return err
	}
	if err := to.keepLog(out.file("receiver.log")); err != nil {
		return err
	}
	commands, err := f.commands(cmd.Flags(), p, to, this, out)
	if err != nil {
		return err
	}
	ctx, signals := catchInterrupts(cmd.Context())
	defer signals.stop()
	defer to.stop()
	if err := to.start(ctx, c, signals); err != nil {
		return err
	}
	serve, err := f.serveMetrics(c)
	if err != nil {
		return err
	}
	defer serve.close()
	w, err := startCrew(commands)
	if err != nil {
		return err
	}
	signals.onKill(w.kill)
	c.note("seed %d, run %s, %d workers", this.Seed, this.RunID, this.Workers)
	if !w.prepared(ctx) {
		w.end()
		w.work(ctx)
		if ctx.Err() != nil {
			return environmentf("", "interrupted before the workers were ready; nothing was sent")
		}
		if fault := w.fault(); fault != nil {
			return fault
		}
		return environmentf("", "a worker ended before it began; nothing was sent")
	}
	f.hold(ctx, c)
	view := newSimulationView(c, this.Scenario)
	serve.attach(w.snapshot)
	view.follow(w.snapshot)
	if ctx.Err() == nil {
		w.begin()
	}
	w.work(ctx)
	view.stop()
	return concludeWorkers(c, out, w)
}

// keepRun writes what the workers share, and removes what an earlier run of
// another kind left.
func (f *simulateFlags) keepRun(out *outDir, this *ran) error {
	if f.resume {
		for i := range this.Workers {
			(&outDir{path: out.file(workerFolder(i + 1))}).forget("summary.json")
		}
		return nil
	}
	forgetWorkers(out)
	out.forget("journal.jsonl")
	err := writeJSON(out, "run.json", this)
	if err == nil {
		err = writeJSON(out, "scenario.json", this.Scenario)
	}
	if err != nil {
		return environment(err, "name a folder that can be written to: --out DIR")
	}
	return nil
}

// forgetWorkers removes what the workers of an earlier run left.
func forgetWorkers(out *outDir) {
	folders, _ := filepath.Glob(out.file("worker-*")) // the pattern is well-formed
	for _, path := range folders {
		folder := &outDir{path: path, made: true}
		for _, name := range []string{"run.json", "summary.json", "simulation.html", "journal.jsonl"} {
			folder.forget(name)
		}
		folder.discard()
	}
	out.forget("scenario.json")
}

// commands are the workers' command lines. The secret reaches them by the
// environment only.
func (f *simulateFlags) commands(set *pflag.FlagSet, p *schemas.Provider, to *aim, this *ran, out *outDir) ([]*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, environment(fmt.Errorf("--workers: %w", err), "")
	}
	shared := append([]string{"simulate", p.Name(), "--worker", "--target", to.url.String()}, f.forwarded(set, to)...)
	env := append(os.Environ(), secretVariable+"="+string(to.secret))
	if os.Getenv("GOMAXPROCS") == "" {
		// Each takes its share of the processors, rather than all of them a turn.
		env = append(env, "GOMAXPROCS="+strconv.Itoa((runtime.GOMAXPROCS(0)+this.Workers-1)/this.Workers))
	}
	var all []*exec.Cmd
	for i := range this.Workers {
		part := schedule.Partition{Index: i, Count: this.Workers}
		words := append(slices.Clone(shared), "--out", out.file(workerFolder(i+1)))
		if f.concurrency > 0 {
			words = append(words, "--concurrency", strconv.FormatUint(part.Share(uint64(f.concurrency)), 10))
		}
		if !f.resume {
			pin := "--start"
			if this.Pinned {
				pin = "--now"
			}
			words = append(words, "--partition", part.String(), "--seed", strconv.FormatUint(this.Seed, 10), "--run-id", this.RunID,
				pin, this.Start.Format(time.RFC3339Nano), "--scenario", out.file("scenario.json"))
		}
		cmd := exec.Command(self, words...)
		cmd.Args[0], cmd.Env = os.Args[0], env
		all = append(all, cmd)
	}
	return all, nil
}

// settled are the flags that a worker is not given, or given otherwise.
var settled = []string{
	"workers", "partition", "start", "seed", "run-id", "now", "out", "target", "exec", "secret-env", "secret-file", "concurrency", "metrics",
	"scenario", "rate", "duration", "deliveries", "arrivals", "burst", "retries", "clock", "fail-on", "json", "quiet", "no-color",
	"duplicates", "redeliveries", "stale", "forged", "reorder",
}

// forwarded spells the flags that were given again, but for those settled.
func (f *simulateFlags) forwarded(set *pflag.FlagSet, to *aim) (words []string) {
	set.Visit(func(flag *pflag.Flag) {
		if slices.Contains(settled, flag.Name) {
			return
		}
		values := []string{flag.Value.String()}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, value := range values {
			if flag.Name == "observer" || flag.Name == "fault-hook" {
				value = strings.ReplaceAll(value, "{port}", to.url.Port()) // theirs has no --exec
			}
			words = append(words, "--"+flag.Name+"="+value)
		}
	})
	return words
}

// concludeWorkers merges what the workers reported.
func concludeWorkers(c *console, out *outDir, w *crew) error {
	fault := w.fault()
	var parts []schedule.Part
	for i := range w.members {
		part, err := readPart(out.file(filepath.Join(workerFolder(i+1), "summary.json")))
		if errors.Is(err, fs.ErrNotExist) && fault != nil {
			fault.hint = "what the others did is told by: hookstone report --merge --incomplete " + out.path
			return fault
		}
		if err != nil {
			return environment(err, "")
		}
		parts = append(parts, part)
	}
	summary, err := schedule.Merge(parts, false)
	if err != nil {
		return environment(err, "")
	}
	err = concludeSimulation(c, out, summary)
	if fault != nil {
		return fault // such as a journal that could not be written
	}
	return err
}
