package main

import (
	"os"

	"github.com/hookstone/hookstone/simulator/journal"
)

// contractsDrift holds recorded traffic of a provider against its contract.
func contractsDrift(c *console, f *contractFlags, path, name string) error {
	recording, err := openRecording(path)
	if err != nil {
		return err
	}
	recording.close()
	if recording.journal == nil {
		return usagef("name a journal.jsonl", "%s is a report, not a journal", path)
	}
	which := replayFlags{contractFlags: *f, provider: name}
	p, err := which.contract(recording)
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return usage(err, "")
	}
	defer file.Close()
	report, err := journal.CheckDrift(p, journal.NewReader(path, file))
	if err != nil {
		return usage(err, "")
	}
	if c.json {
		if err := c.machine(report); err != nil {
			return err
		}
	}
	for _, d := range report.Drifts {
		line := string(d.Kind) + ": " + d.Event
		if d.Pointer != "" {
			line += " " + d.Pointer
		}
		if d.Detail != "" {
			line += " (" + d.Detail + ")"
		}
		c.say("%6d× %s, first in %s", d.Count, clip(printable(line, false), 2*columns), printable(d.First, false))
	}
	c.say("%d of %d attempts are genuine events of %q: %d %s from the contract", report.Checked, report.Attempts, p.Name(),
		len(report.Drifts), plural(len(report.Drifts), "departure", "departures"))
	if report.Cut {
		c.note("the journal's last record was cut and is left out")
	}
	switch {
	case report.Checked == 0:
		c.note("nothing in %s could be checked", path)
		return verdict(exitPartial)
	case len(report.Drifts) > 0:
		return verdict(exitNonconformant)
	}
	return nil
}
