//go:build linux

package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"time"
)

// turn is what a sender did in one turn.
type turn struct {
	cpu      time.Duration
	wall     time.Duration
	requests int64
}

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
	for _, s := range senders {
		p, size, err := launch(r, s, t, m.warmUp, core)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		if t.size == 0 {
			t.size = size
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
				if err := os.Truncate(all[i].journal, 0); err != nil {
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
	var t turn
	before, err := p.cpu()
	if err != nil {
		return t, err
	}
	first, _, err := r.counts()
	if err != nil {
		return t, err
	}
	began := time.Now()
	if err := p.resume(); err != nil {
		return t, err
	}
	time.Sleep(length)
	if err := p.pause(); err != nil {
		return t, err
	}
	t.wall = time.Since(began)
	time.Sleep(settle)
	after, err := p.cpu()
	if err != nil {
		return t, err
	}
	last, _, err := r.counts()
	t.cpu, t.requests = after-before, last-first
	return t, err
}

// ratio is how a sender's cost compares with another's.
type ratio struct {
	median    float64 // of the cycles' ratios
	low, high float64 // of the blocks of cycles, each pooled
}

// compare compares two senders cycle by cycle. Cycles in which one sent nothing
// do not count.
func compare(of, to []turn, block int) ratio {
	var each []float64
	r := ratio{}
	for from := 0; from < min(len(of), len(to)); from += block {
		var a, b turn
		for i := from; i < min(from+block, len(of), len(to)); i++ {
			a, b = a.plus(of[i]), b.plus(to[i])
			if x, y := of[i].micros(), to[i].micros(); x > 0 && y > 0 {
				each = append(each, x/y)
			}
		}
		x, y := a.micros(), b.micros()
		if x == 0 || y == 0 {
			continue
		}
		if r.low == 0 || x/y < r.low {
			r.low = x / y
		}
		r.high = max(r.high, x/y)
	}
	r.median = median(each)
	return r
}

func (t turn) plus(o turn) turn { return turn{t.cpu + o.cpu, t.wall + o.wall, t.requests + o.requests} }

// median of numbers; 0 of none.
func median(numbers []float64) float64 {
	if len(numbers) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(numbers))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// micros is the median cost of a request.
func (m *measured) micros() float64 {
	var each []float64
	for _, t := range m.turns {
		if t.requests > 0 {
			each = append(each, t.micros())
		}
	}
	return median(each)
}

// rate is the median of requests a second of its own turns.
func (m *measured) rate() float64 {
	var each []float64
	for _, t := range m.turns {
		each = append(each, float64(t.requests)/t.wall.Seconds())
	}
	return median(each)
}
