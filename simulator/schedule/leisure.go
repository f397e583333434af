package schedule

import (
	"runtime"
	"time"
)

// leisure is for what comes after everything else. It is for one goroutine at
// a time.
type leisure interface {
	pass()       // returns when everything that was ready to run had its turn
	idle() bool  // passes, and tells whether there was nothing
	alone() bool // whether to pass again and again takes nobody's time
}

// promptly is how soon a turn comes where nothing else is to be done: the
// runtime may have to wake a thread for it.
const promptly = 40 * time.Microsecond

// turns is leisure as every platform has it: it does not see what came for
// connections and was not looked for yet.
type turns struct{}

func (turns) alone() bool { return false }

func (turns) pass() {
	// Once would not do: now and then the runtime takes the last first.
	for range 16 {
		runtime.Gosched()
	}
}

func (t turns) idle() bool {
	began := time.Now()
	t.pass()
	return time.Since(began) < promptly
}
