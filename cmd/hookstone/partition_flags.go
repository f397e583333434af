package main

import (
	"context"
	"fmt"
	"time"

	"github.com/hookstone/hookstone/simulator/schedule"
	"github.com/spf13/pflag"
)

// maxWorkers bounds --workers: no machine has use for more.
const maxWorkers = 256

// partitionFlags split a run over several processes.
type partitionFlags struct {
	partitionText string
	partition     schedule.Partition
	workers       int
	startText     string
	start         time.Time // zero: none
	worker        bool      // started by another process, see hand
}

func (p *partitionFlags) flags(f *pflag.FlagSet) {
	f.IntVar(&p.workers, "workers", 0, "send from `N` processes that share the load, and merge their reports")
	f.StringVar(&p.partitionText, "partition", "", "send the share `I/N` alone, such as 2/4, beside other hosts; merge with: hookstone report --merge")
	f.StringVar(&p.startText, "start", "", "RFC 3339 `time` that schedule and events count from; one to come is waited for")
	f.BoolVar(&p.worker, "worker", false, "")
	_ = f.MarkHidden("worker") // fails where the flag is not defined
}

// check finds mistakes; the pins say what the partitions of a run must share.
func (p *partitionFlags) check(pins *pinFlags) (err error) {
	if p.startText != "" {
		if pins.nowText != "" {
			return usagef("keep one of the two", "--start and --now are both given")
		}
		if p.start, err = time.Parse(time.RFC3339, p.startText); err != nil {
			return usage(fmt.Errorf("--start %q is not an RFC 3339 time", p.startText), "write --start 2026-01-31T12:00:00Z")
		}
	}
	if p.workers < 0 || p.workers > maxWorkers {
		return usagef("", "--workers %d: use 1 to %d", p.workers, maxWorkers)
	}
	if p.partitionText == "" {
		return nil
	}
	if p.workers > 0 {
		return usagef("keep one of the two: --workers makes the partitions itself", "--workers and --partition are both given")
	}
	if p.partition, err = schedule.ParsePartition(p.partitionText); err != nil {
		return usage(fmt.Errorf("--partition: %w", err), "")
	}
	if !pins.set.Changed("seed") || pins.runID == "" || p.startText == "" && pins.nowText == "" {
		return usagef("give all partitions the same: --seed N --run-id ID --start TIME", "--partition %s needs --seed, --run-id and --start (or --now), which the partitions of a run share", p.partition)
	}
	return nil
}

// parts is how many processes share what the run's flags say.
func (p *partitionFlags) parts() int { return max(p.workers, p.partition.Count, 1) }

// hold waits for a start that is to come.
func (p *partitionFlags) hold(ctx context.Context, c *console) {
	wait := time.Until(p.start)
	if p.start.IsZero() || wait <= 0 {
		return
	}
	c.note("waiting until %s", p.start.Format(time.RFC3339))
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
}
