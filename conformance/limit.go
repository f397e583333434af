package conformance

import "sync/atomic"

// limitRow is how many deliveries in a row must still be answered 429 after
// every wait before the run sends no more: each took its waits, and a run must
// end.
const limitRow = 3

// limitedRun is why a run ended that the receiver's rate limit left nothing
// of.
const limitedRun = "the receiver went on answering 429 Too Many Requests after the waits that it asked for"

// limit counts the deliveries that were answered 429 to the end. One other
// answer between them shows that the limit passes.
type limit struct{ row atomic.Int32 }

func (l *limit) told(limited bool) {
	if limited {
		l.row.Add(1)
	} else {
		l.row.Store(0)
	}
}

// lasting tells whether the receiver answers nothing but 429 any more.
func (l *limit) lasting() bool { return l.row.Load() >= limitRow }
