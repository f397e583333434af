// Package journal keeps what was sent: JSON Lines of attempts
// (schemas/attempt.schema.json), written beside the senders and never in their
// way, and read back to the last whole record.
//
// It is not part of the promised API: see CONTRIBUTING.md.
package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/hookstone/hookstone/simulator"
)

// DefaultBuffer is how many bytes of records may wait for the disk.
const DefaultBuffer = 2 << 20

// gather is how long records are gathered before they are written together.
const gather = 2 * time.Millisecond

// Options are how a Writer behaves.
type Options struct {
	// Sync makes a sender wait for room rather than drop its record, and each
	// gathered write reach the disk where the output has a Sync method.
	Sync bool
	// Buffer is how many bytes may wait; 0: DefaultBuffer.
	Buffer int
}

// Stats are a Writer's counts.
type Stats struct {
	Written uint64 `json:"written"` // whole records that were written
	Dropped uint64 `json:"dropped"` // records that found no room, or came after a failure
	Err     error  `json:"-"`       // why writing ended early
}

// Writer writes records in the background. It is safe for concurrent use. A
// failed write ends the journal: what comes later is counted as dropped, and
// nothing is ever written behind a record that was cut.
type Writer struct {
	out  io.Writer
	sync bool
	room int

	mu     sync.Mutex
	space  *sync.Cond
	full   []byte // records waiting, each a whole line
	spare  []byte
	lines  uint64
	stats  Stats
	closed bool

	kick chan struct{}
	done chan struct{}
}

// NewWriter starts a journal. Close ends it; the output stays open.
func NewWriter(out io.Writer, o Options) *Writer {
	if o.Buffer <= 0 {
		o.Buffer = DefaultBuffer
	}
	w := &Writer{out: out, sync: o.Sync, room: o.Buffer, kick: make(chan struct{}, 1), done: make(chan struct{})}
	w.space = sync.NewCond(&w.mu)
	go w.run()
	return w
}

// Append takes one record: a line of JSON with its line end. It tells whether
// the record was taken; it is copied. A record larger than the whole buffer is
// taken only where nothing else waits.
func (w *Writer) Append(line []byte) bool { return w.append(line, w.sync) }

func (w *Writer) append(line []byte, wait bool) bool {
	w.mu.Lock()
	for wait && !w.closed && w.stats.Err == nil && len(w.full) > 0 && len(w.full)+len(line) > w.room {
		w.space.Wait()
	}
	if w.closed || w.stats.Err != nil || len(w.full) > 0 && len(w.full)+len(line) > w.room {
		w.stats.Dropped++
		w.mu.Unlock()
		return false
	}
	first := len(w.full) == 0
	w.full = append(w.full, line...)
	w.lines++
	if first {
		select { // under the lock: Close closes the channel under it
		case w.kick <- struct{}{}:
		default:
		}
	}
	w.mu.Unlock()
	return true
}

// Attempt appends the record of an attempt.
func (w *Writer) Attempt(a *simulator.Attempt) bool { return w.attempt(a, w.sync) }

// Must appends the record of an attempt and waits for room where there is
// none. It is false only for a journal that has ended.
func (w *Writer) Must(a *simulator.Attempt) bool { return w.attempt(a, true) }

func (w *Writer) attempt(a *simulator.Attempt, wait bool) bool {
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	if err := e.Encode(a); err != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.stats.Dropped++
		return false
	}
	return w.append(line.Bytes(), wait)
}

// Stats returns the counts so far.
func (w *Writer) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stats
}

// Close writes what waits and returns why writing ended early, if it did.
func (w *Writer) Close() error {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.kick)
		w.space.Broadcast()
	}
	w.mu.Unlock()
	<-w.done
	return w.Stats().Err
}

func (w *Writer) run() {
	defer close(w.done)
	for range w.kick {
		if !w.sync {
			time.Sleep(gather)
		}
		w.flush()
	}
	w.flush()
}

// flush writes all that waits in one write.
func (w *Writer) flush() {
	w.mu.Lock()
	batch, lines, failed := w.full, w.lines, w.stats.Err != nil
	w.full, w.spare, w.lines = w.spare[:0], nil, 0
	w.space.Broadcast()
	w.mu.Unlock()
	var n int
	var err error
	if len(batch) > 0 && !failed {
		n, err = w.out.Write(batch)
		if err == nil && n < len(batch) {
			err = io.ErrShortWrite
		}
		if f, ok := w.out.(interface{ Sync() error }); ok && w.sync && err == nil {
			err = f.Sync()
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	whole := lines
	if err != nil || failed {
		whole = uint64(bytes.Count(batch[:n], []byte{'\n'}))
		w.stats.Err = errors.Join(w.stats.Err, err)
	}
	w.stats.Written += whole
	w.stats.Dropped += lines - whole
	if cap(batch) <= w.room {
		w.spare = batch[:0]
	}
	w.space.Broadcast()
}
