package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/journal"
	"github.com/hookstone/hookstone/simulator/schedule"
)

// ran is run.json: what a run must know of itself to go on later.
type ran struct {
	Provider string             `json:"provider"`
	Seed     uint64             `json:"seed"`
	RunID    string             `json:"run_id"`
	Start    time.Time          `json:"start"`
	Pinned   bool               `json:"pinned"`
	Journal  string             `json:"journal"`
	Scenario *schedule.Scenario `json:"scenario"`
	// Partition is the share that was sent; the zero value: all.
	Partition schedule.Partition `json:"partition,omitzero"`
	Workers   int                `json:"workers,omitempty"` // processes that shared it; 0: one
}

// plan settles what is sent: by the flags, or by what an interrupted run left.
func (f *simulateFlags) plan(p *schemas.Provider) (*ran, *schedule.Earlier, error) {
	if f.resume {
		return f.goOn(p)
	}
	s, err := f.scenario()
	if err != nil {
		return nil, nil, err
	}
	if u, err := f.url(1); err == nil && !loopback(u.Hostname()) {
		// Somebody else may depend on the host: press it gently.
		if f.rate == "" {
			s.Gentle(10)
		}
		if f.concurrency == 0 {
			f.concurrency = max(4/max(f.partition.Count, 1), 1)
		}
	}
	this := &ran{
		Provider: p.Name(), Seed: f.seed, RunID: f.runID, Start: f.clock().UTC(), Pinned: f.now != nil, Scenario: s, Journal: f.journal,
		Partition: f.partition, Workers: f.workers,
	}
	if !f.start.IsZero() {
		this.Start = f.start.UTC()
	}
	return this, nil, nil
}

// goOn reads what an interrupted run left in the folder.
func (f *simulateFlags) goOn(p *schemas.Provider) (*ran, *schedule.Earlier, error) {
	hint := "name the folder of the interrupted run: --out DIR"
	path := (&outDir{path: f.out}).file("run.json")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, usage(fmt.Errorf("--resume: %w", err), hint)
	}
	this := &ran{}
	if err := json.Unmarshal(text, this); err != nil || this.Scenario == nil {
		return nil, nil, usage(fmt.Errorf("--resume: %s is not a run's: %w", path, errors.Join(err)), hint)
	}
	if this.Provider != p.Name() {
		return nil, nil, usagef("", "--resume: the run in %s was of %q, not of %q", f.out, this.Provider, p.Name())
	}
	if this.Journal == "none" {
		return nil, nil, usagef("", "--resume: the run in %s kept no journal", f.out)
	}
	if f.workers > 0 && f.workers != max(this.Workers, 1) {
		return nil, nil, usagef("leave --workers out", "--resume: the run in %s has %d %s", f.out, max(this.Workers, 1), plural(max(this.Workers, 1), "worker", "workers"))
	}
	f.journal, f.seed, f.runID = this.Journal, this.Seed, this.RunID
	if this.Workers > 1 {
		return this, nil, nil // each worker reads its own journal
	}
	file, err := os.Open(f.journalPath(&outDir{path: f.out}))
	if err != nil {
		return nil, nil, usage(fmt.Errorf("--resume: %w", err), hint)
	}
	defer file.Close()
	earlier, err := schedule.ReadEarlier(p, journal.NewReader(file.Name(), file))
	if err != nil {
		return nil, nil, usage(fmt.Errorf("--resume: %w", err), "")
	}
	return this, earlier, nil
}

func (f *simulateFlags) journalPath(out *outDir) string {
	if f.journal == "" {
		return out.file("journal.jsonl")
	}
	return f.journal
}

// openJournal opens the journal: anew, or behind the last whole record.
func (f *simulateFlags) openJournal(out *outDir, this *ran, config *schedule.Config) (func(), error) {
	if !f.resume {
		forgetWorkers(out)
		if err := writeJSON(out, "run.json", this); err != nil {
			return nil, environment(err, "name a folder that can be written to: --out DIR")
		}
	}
	if f.journal == "none" {
		return func() {}, nil
	}
	mode := os.O_CREATE | os.O_WRONLY
	if config.Earlier == nil {
		mode |= os.O_TRUNC
	}
	file, err := os.OpenFile(f.journalPath(out), mode, 0o600)
	if err == nil && config.Earlier != nil {
		if err = file.Truncate(config.Earlier.Whole); err == nil {
			_, err = file.Seek(config.Earlier.Whole, io.SeekStart)
		}
	}
	if err != nil {
		return nil, environment(fmt.Errorf("--journal: %w", err), "name a file that can be written to: --journal FILE")
	}
	config.Journal = journal.NewWriter(file, journal.Options{Sync: f.journalSync})
	return func() { _, _ = config.Journal.Close(), file.Close() }, nil
}
