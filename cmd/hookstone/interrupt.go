package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// interrupts turns the first Ctrl-C (or SIGTERM) into the end of a context, so
// that the run stops sending and reports what was done; the second one ends
// the process at once, and what it started.
type interrupts struct {
	signals chan os.Signal
	quit    chan struct{}
	mu      sync.Mutex
	atKill  []func()
	stopped bool
}

// interruptedExit is what shells expect of a process that SIGINT ended.
const interruptedExit = 130

func catchInterrupts(parent context.Context) (context.Context, *interrupts) {
	ctx, cancel := context.WithCancelCause(parent)
	i := &interrupts{signals: make(chan os.Signal, 2), quit: make(chan struct{})}
	signal.Notify(i.signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for first := true; ; first = false {
			select {
			case <-i.quit:
				cancel(nil)
				return
			case <-i.signals:
			}
			if !first {
				i.mu.Lock()
				for _, f := range i.atKill {
					f()
				}
				os.Exit(interruptedExit)
			}
			cancel(errInterrupted)
		}
	}()
	return ctx, i
}

// onKill adds what a second Ctrl-C must still do.
func (i *interrupts) onKill(f func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.atKill = append(i.atKill, f)
}

// rearm takes the signals back after a Ginkgo run, whose own handler stays
// registered and would swallow them.
func (i *interrupts) rearm() {
	signal.Reset(os.Interrupt, syscall.SIGTERM)
	signal.Notify(i.signals, os.Interrupt, syscall.SIGTERM)
}

// stop gives the signals back to the system and ends the context.
func (i *interrupts) stop() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.stopped {
		return
	}
	i.stopped = true
	signal.Stop(i.signals)
	close(i.quit)
}

type interruptedError struct{}

func (interruptedError) Error() string { return "interrupted" }

// errInterrupted is the cause of a context that a signal ended.
var errInterrupted error = interruptedError{}
