package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/hookstone/hookstone/conformance"
)

// progress counts along on one line of a terminal; elsewhere it is silent.
type progress struct {
	c     *console
	live  bool
	width int

	mu     sync.Mutex
	last   time.Time
	failed int
}

func newProgress(c *console) *progress {
	return &progress{c: c, live: c.live(), width: c.width()}
}

// told is a conformance.Config's Progress.
func (p *progress) told(done, total int, r conformance.CaseResult) {
	if !p.live {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Verdict == conformance.Failed || r.Verdict == conformance.Flaky {
		p.failed++
	}
	if done < total && time.Since(p.last) < 50*time.Millisecond {
		return
	}
	p.last = time.Now()
	// One column stays free: a full line would wrap.
	line := fmt.Sprintf("%3d/%d cases  %d failed  %s", done, total, p.failed, r.ID)
	fmt.Fprintf(p.c.stderr, "\r\x1b[K%s", clip(line, p.width-1))
}

// clear takes the line away.
func (p *progress) clear() {
	if p.live {
		p.mu.Lock()
		defer p.mu.Unlock()
		fmt.Fprint(p.c.stderr, "\r\x1b[K")
	}
}
