package conformance

import (
	"sync/atomic"
	"time"
)

// limitRow is how many deliveries in a row must still be answered 429 after
// every wait before the run sends no more: each took its waits, and a run must
// end.
const limitRow = 3

// limitedRun is why a run ended that the receiver's rate limit left nothing
// of.
const limitedRun = "the receiver went on answering 429 Too Many Requests after the waits that it asked for"

// limitWait is how long all deliveries of a run together wait out 429s, where
// the run is not paced: a limit of a few deliveries a minute would keep it for
// hours. limitWaitPaced is the like off loopback.
const (
	limitWait      = 2 * time.Minute
	limitWaitPaced = 20 * time.Minute
)

// limit counts the deliveries that were answered 429 to the end. One other
// answer between them shows that the limit passes.
type limit struct {
	row    atomic.Int32
	waited atomic.Int64 // nanoseconds
	most   time.Duration
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
	return l.row.Load() >= limitRow || l.most > 0 && time.Duration(l.waited.Load()) > l.most
}
