package conformance

import (
	"sync"
	"sync/atomic"
	"time"
)

// limitRow is how many deliveries in a row must still be answered 429 after
// every wait before the run sends no more: each took its waits, and a run must
// end.
const limitRow = 8

// limitedRun is why a run ended that the receiver's rate limit left nothing
// of.
const limitedRun = "the receiver went on answering 429 Too Many Requests after the waits that it asked for"

// limitWait is how much of a run's time may pass in waiting out 429s, where the
// run is not paced: a limit of a few deliveries a minute would keep it for
// hours. limitWaitPaced is the like off loopback.
const (
	limitWait      = time.Minute
	limitWaitPaced = 10 * time.Minute
)

// limit counts the deliveries that were answered 429 to the end. One other
// answer between them shows that the limit passes.
type limit struct {
	row  atomic.Int32
	most time.Duration

	mu      sync.Mutex
	waiting int           // deliveries that wait now
	since   time.Time     // when the first of them began to
	waited  time.Duration // while any waited
}

// wait counts a delivery's wait.
func (l *limit) wait(pause func()) {
	l.mu.Lock()
	if l.waiting++; l.waiting == 1 {
		l.since = time.Now()
	}
	l.mu.Unlock()
	pause()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting--; l.waiting == 0 {
		l.waited += time.Since(l.since)
	}
}

// met is how much time passed in waiting so far.
func (l *limit) met() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting > 0 {
		return l.waited + time.Since(l.since)
	}
	return l.waited
}

func (l *limit) told(limited bool) {
	if limited {
		l.row.Add(1)
	} else {
		l.row.Store(0)
	}
}

// lasting tells whether the receiver answers nothing but 429 any more, or has
// been waited for long enough.
func (l *limit) lasting() bool {
	return l.row.Load() >= limitRow || l.most > 0 && l.met() > l.most
}
