//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// heldUp is what a machine does to a program that is always ready to run: how
// often, and how long at most, its core was with somebody else, the host of a
// virtual machine included, who need not say so.
type heldUp struct {
	often   int // a millisecond or more at a time
	longest time.Duration
	of      time.Duration
}

// holdUps reads the clock for some time, and tells of the gaps.
func holdUps(length time.Duration, out io.Writer) {
	h := heldUp{of: length}
	began := time.Now()
	for last := began; last.Sub(began) < length; {
		now := time.Now()
		gap := now.Sub(last)
		if last = now; gap >= time.Millisecond {
			h.often++
		}
		h.longest = max(h.longest, gap)
	}
	fmt.Fprintln(out, h.often, h.longest.Nanoseconds())
}

// machine watches the sender's core while both cores are busy, as they are when
// something is sent.
func (b *bench) machine(length time.Duration) (h heldUp, err error) {
	self, err := os.Executable()
	if err != nil {
		return h, err
	}
	h.of = length
	command := func() *exec.Cmd { return exec.Command(self, "-read-clock", length.String()) }
	other, err := start(command(), b.receiverCore)
	if err != nil {
		return h, err
	}
	defer other.kill()
	cmd := command()
	out, err := cmd.StdoutPipe()
	if err != nil {
		return h, err
	}
	p, err := start(cmd, b.senderCore)
	if err != nil {
		return h, err
	}
	defer p.kill()
	if _, err := fmt.Fscan(out, &h.often, &h.longest); err != nil {
		return h, fmt.Errorf("reading the clock: %w", err)
	}
	return h, nil
}

// tell says it in a sentence.
func (h heldUp) tell(before heldUp) string {
	rate := func(h heldUp) float64 { return float64(h.often) / h.of.Seconds() }
	return fmt.Sprintf(`A program that did nothing but read the clock, both cores being busy, was held up for a millisecond or
more %.1f times a second before these runs, for %s at the longest, and %.1f times a second after them, for %s.
A hold-up makes late what falls due meanwhile, and until it is caught up what comes behind.`,
		rate(before), milliseconds(before.longest.Seconds()*1e3), rate(h), milliseconds(h.longest.Seconds()*1e3))
}
