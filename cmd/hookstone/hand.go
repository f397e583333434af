package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/hookstone/hookstone/simulator/schedule"
)

// goLine is what a worker waits for on its standard input.
const goLine = "go\n"

// handEvery is how often a worker tells how it stands.
const handEvery = 250 * time.Millisecond

// telling is a line of a worker's standard output.
type telling struct {
	Ready    bool               `json:"ready,omitempty"` // nothing was sent, and all is prepared
	Snapshot *schedule.Snapshot `json:"snapshot,omitempty"`
}

// hand is a worker's end of the line to the process that started it. The run
// begins when that says so, and ends when the line does: a worker never
// outlives what waits for it.
type hand struct {
	out   *json.Encoder
	begin chan struct{}
	quit  chan struct{}
	ended sync.WaitGroup
}

func newHand(in io.Reader, out io.Writer, end func(error)) *hand {
	// Where the other end has died, the report is written all the same.
	signal.Ignore(syscall.SIGPIPE)
	h := &hand{out: json.NewEncoder(out), begin: make(chan struct{}), quit: make(chan struct{})}
	go func() {
		r := bufio.NewReader(in)
		if line, _ := r.ReadString('\n'); line == goLine {
			close(h.begin)
			_, _ = io.Copy(io.Discard, r) // until it ends, however
		}
		end(errInterrupted)
	}()
	return h
}

// follow tells that all is prepared, waits for the word to begin, and then
// tells how the run stands.
func (h *hand) follow(ctx context.Context, e *schedule.Engine) {
	_ = h.out.Encode(telling{Ready: true}) // nobody listens: the line's end is heard elsewhere
	select {
	case <-ctx.Done():
		return
	case <-h.begin:
	}
	h.ended.Go(func() {
		tick := time.NewTicker(handEvery)
		defer tick.Stop()
		for {
			select {
			case <-h.quit:
				return
			case <-tick.C:
				if s, err := e.Detailed(); err == nil {
					_ = h.out.Encode(telling{Snapshot: &s})
				}
			}
		}
	})
}

// stop ends the telling.
func (h *hand) stop() {
	close(h.quit)
	h.ended.Wait()
}
