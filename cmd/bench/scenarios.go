//go:build linux

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/hookstone/hookstone/simulator/schedule"
)

// scenario is a run of hookstone alone: at full speed, and again by an open
// model at half the rate that it reached.
type scenario struct {
	name        string
	connections int
	delay       time.Duration
	secure      bool
}

var scenarios = []scenario{
	{name: "64 connections", connections: 64},
	{name: "256 connections", connections: 256},
	{name: "1,024 connections", connections: 1024},
	{name: "64 connections, receiver takes 5 ms", connections: 64, delay: 5 * time.Millisecond},
	{name: "1,024 connections, receiver takes 5 ms", connections: 1024, delay: 5 * time.Millisecond},
	{name: "64 connections, HTTPS", connections: 64, secure: true},
}

// observed is what a run showed.
type observed struct {
	scenario
	cost    turn
	rss     int64 // the most that ever was
	summary *schedule.Summary
}

// observe runs one scenario for so long; rate is that of an open model.
func (b *bench) observe(s scenario, length time.Duration, rate string) (*observed, error) {
	certificate := ""
	if s.secure {
		certificate = b.certificate
	}
	r, err := startReceiver(b.receiverCore, s.delay, certificate)
	if err != nil {
		return nil, err
	}
	defer r.kill()
	out, journal := filepath.Join(b.dir, "scenario"), filepath.Join(b.dir, "scenario.jsonl")
	// What the run before this one wrote would be written to the disk during this.
	if err := os.Remove(journal); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	syscall.Sync()
	t := target{url: r.url, connections: s.connections, certificate: certificate}
	cmd := simulate(b.programs[0].program, b.provider, t, journal,
		"--rate", rate, "--duration", length.String(), "--quiet", "--out", out)
	cmd.Stderr = b.log
	p, err := start(cmd, b.senderCore)
	if err != nil {
		return nil, err
	}
	defer p.kill()
	o := &observed{scenario: s}
	time.Sleep(length / 4) // start and warming up
	if o.cost, err = watch(r, p, length/2); err != nil {
		return nil, err
	}
	_, o.rss = p.memory()
	ended := <-p.ended
	p.ended <- ended
	if ended != nil {
		return nil, fmt.Errorf("%s: %w", s.name, ended)
	}
	text, err := os.ReadFile(filepath.Join(out, "summary.json"))
	if err != nil {
		return nil, err
	}
	o.summary, err = schedule.ReadSummary(text)
	return o, err
}

// observeAll runs all of them so many times, each run at full speed followed by
// one on a schedule. Repetitions lie apart: a machine has its moods.
func (b *bench) observeAll(length time.Duration, rounds int) (full, half [][]*observed, err error) {
	full, half = make([][]*observed, len(scenarios)), make([][]*observed, len(scenarios))
	for round := range rounds {
		for i, s := range scenarios {
			o, err := b.observe(s, length, "max")
			if err != nil {
				return nil, nil, err
			}
			full[i] = append(full[i], o)
			if o, err = b.observe(s, length, fmt.Sprintf("%.0f/s", o.summary.Rate/2)); err != nil {
				return nil, nil, err
			}
			half[i] = append(half[i], o)
			fmt.Fprintf(b.log, "%s: %d of %d\n", s.name, round+1, rounds)
		}
	}
	return full, half, nil
}

// atRest is the memory of a simulation that does next to nothing.
func (b *bench) atRest() (int64, error) {
	o, err := b.observe(scenario{name: "at rest", connections: 1}, 4*time.Second, "1/s")
	if err != nil {
		return 0, err
	}
	return o.rss, nil
}
