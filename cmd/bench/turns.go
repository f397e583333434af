//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"time"
)

// measured is a sender's turns, one a cycle.
type measured struct {
	*sender
	turns []turn
	rss   int64
}

// method says how long and how often.
type method struct {
	turn   time.Duration
	cycles int
	block  int // cycles
	warmUp time.Duration
}

// alternate lets the senders run in short turns, in another order each cycle:
// all of them are alive from the first to the last, and all but one stopped.
// The processor's speed changes within seconds, and so hits all alike.
func alternate(r *receiver, senders []*sender, t target, m method, core int, log io.Writer) ([]*measured, error) {
	var all []*measured
	var running []*process
	defer func() {
		for _, p := range running {
			p.kill()
		}
	}()
	whole := 0 // length of a request
	for _, s := range senders {
		t.body = static(whole - s.head)
		p, size, err := launch(r, s, t, m.warmUp, core)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		if whole == 0 {
			whole = size
		}
		running = append(running, p)
		all = append(all, &measured{sender: s})
		fmt.Fprintf(log, "%s is ready, %d bytes a request\n", s.name, size)
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	for cycle := range m.cycles {
		rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			one, err := take(r, running[i], m.turn)
			if err != nil {
				return nil, fmt.Errorf("%s, cycle %d: %w", all[i].name, cycle, err)
			}
			all[i].turns = append(all[i].turns, one)
			if all[i].journal != "" {
				// What was written is measured, not kept: the file goes on behind a hole.
				if err := os.Truncate(all[i].journal, 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return nil, err
				}
			}
		}
	}
	for i, p := range running {
		all[i].rss, _ = p.memory()
	}
	return all, nil
}

// launch starts a sender, waits until it sends, lets it warm up, and stops it.
// It tells the mean length of its requests.
func launch(r *receiver, s *sender, t target, warmUp time.Duration, core int) (*process, int, error) {
	cmd, err := s.command(s.program, t)
	if err != nil {
		return nil, 0, err
	}
	before, bytes, err := r.counts()
	if err != nil {
		return nil, 0, err
	}
	p, err := start(cmd, core)
	if err != nil {
		return nil, 0, err
	}
	now, length, since := before, bytes, time.Now()
	for now < before+1000 {
		time.Sleep(20 * time.Millisecond)
		if now, length, err = r.counts(); err != nil {
			break
		}
		select {
		case ended := <-p.ended:
			p.ended <- ended
			return nil, 0, fmt.Errorf("it ended: %w", ended)
		default:
		}
		if time.Since(since) > time.Minute {
			err = fmt.Errorf("it sent %d requests within a minute", now-before)
			break
		}
	}
	if err == nil {
		time.Sleep(warmUp)
		err = p.pause()
	}
	if err != nil {
		p.kill()
		return nil, 0, err
	}
	return p, int((length - bytes) / max(1, now-before)), nil
}

// settle is how long the last requests of a turn may take to be answered.
const settle = 3 * time.Millisecond

// take gives one process one turn.
func take(r *receiver, p *process, length time.Duration) (turn, error) {
	return meter(r, p, func() error {
		if err := p.resume(); err != nil {
			return err
		}
		time.Sleep(length)
		return p.pause()
	}, settle)
}

// watch measures a process that runs.
func watch(r *receiver, p *process, length time.Duration) (turn, error) {
	return meter(r, p, func() error { time.Sleep(length); return nil }, 0)
}

// meter reads counts and clocks before something was done and some time after.
func meter(r *receiver, p *process, do func() error, after time.Duration) (t turn, err error) {
	cpu, err := p.cpu()
	if err != nil {
		return t, err
	}
	first, _, err := r.counts()
	if err != nil {
		return t, err
	}
	waited, began := p.waited()+r.waited(), time.Now()
	if err := do(); err != nil {
		return t, err
	}
	t.wall = time.Since(began)
	time.Sleep(after)
	last, _, err := r.counts()
	if err != nil {
		return t, err
	}
	now, err := p.cpu()
	t.cpu, t.requests, t.waited = now-cpu, last-first, p.waited()+r.waited()-waited
	return t, err
}
