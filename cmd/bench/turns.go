//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"time"
)

// turn is what a sender did in one turn.
type turn struct {
	cpu      time.Duration
	wall     time.Duration
	waited   time.Duration // for a core, sender and receiver together
	requests int64
}

// sent tells whether it did anything.
func (t turn) sent() bool { return t.requests > 0 }

// quiet tells whether others kept neither side from its core for more than a
// twentieth of the time.
func (t turn) quiet() bool { return t.requests > 0 && t.waited < t.wall/20 }

// micros is the processor time of a request; 0 where none was sent.
func (t turn) micros() float64 {
	if t.requests == 0 {
		return 0
	}
	return float64(t.cpu.Nanoseconds()) / 1e3 / float64(t.requests)
}

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

// ratio is how a sender's cost compares with another's.
type ratio struct {
	median    float64 // of the cycles' ratios
	low, high float64 // of the blocks of cycles, each pooled
	cycles    int     // that count
}

// compare compares two senders cycle by cycle, in blocks of so many cycles. Only
// cycles count in which both turns were good.
func compare(of, to []turn, good func(turn) bool, block int) ratio {
	var each []float64
	var r ratio
	var a, b turn
	for i := range min(len(of), len(to)) {
		if !good(of[i]) || !good(to[i]) {
			continue
		}
		a, b = a.plus(of[i]), b.plus(to[i])
		each = append(each, of[i].micros()/to[i].micros())
		if r.cycles = len(each); r.cycles%block != 0 {
			continue
		}
		pooled := a.micros() / b.micros()
		if r.low == 0 || pooled < r.low {
			r.low = pooled
		}
		r.high = max(r.high, pooled)
		a, b = turn{}, turn{}
	}
	r.median = median(each)
	return r
}

func (t turn) plus(o turn) turn {
	return turn{t.cpu + o.cpu, t.wall + o.wall, t.waited + o.waited, t.requests + o.requests}
}

// median of numbers; 0 of none.
func median(numbers []float64) float64 {
	if len(numbers) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(numbers))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// micros is the median cost of a request, of the turns that were good.
func (m *measured) micros(good func(turn) bool) float64 {
	return m.median(good, turn.micros)
}

// rate is the median of requests a second, likewise.
func (m *measured) rate(good func(turn) bool) float64 {
	return m.median(good, func(t turn) float64 { return float64(t.requests) / t.wall.Seconds() })
}

func (m *measured) median(good func(turn) bool, of func(turn) float64) float64 {
	var each []float64
	for _, t := range m.turns {
		if good(t) {
			each = append(each, of(t))
		}
	}
	return median(each)
}
