package schedule

import (
	"encoding/json"
	"sync"
	"time"
	"unsafe"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/journal"
	"github.com/hookstone/hookstone/simulator/wire"
)

// desk is where a worker makes a delivery and writes its record. It holds
// nothing between two of them but memory, so that a few desks, warm in the
// cache, serve any number of workers.
type desk struct {
	*maker
	record journal.Record
	line   []byte
	place  []byte
	heard  []byte
}

// desks are those that nobody sits at. It is safe for concurrent use.
type desks struct {
	mu   sync.Mutex
	free []*desk // the one used last at the end
}

// take hands out a free desk, or a new one.
func (ds *desks) take(r *recipe) (*desk, error) {
	ds.mu.Lock()
	if n := len(ds.free); n > 0 {
		d := ds.free[n-1]
		ds.free = ds.free[:n-1]
		ds.mu.Unlock()
		return d, nil
	}
	ds.mu.Unlock()
	m, err := r.maker()
	return &desk{maker: m}, err
}

func (ds *desks) put(d *desk) {
	ds.mu.Lock()
	ds.free = append(ds.free, d)
	ds.mu.Unlock()
}

// leaks tells whether the answer holds a secret.
func (d *desk) leaks(w *worker) bool {
	d.heard = append(d.heard[:0], w.answer.Body...)
	for i := range w.answer.Len() {
		_, value := w.answer.Field(i)
		d.heard = append(append(d.heard, '\n'), value...)
	}
	return d.config.Redactor.Holds(d.heard)
}

// note writes the attempt's record; true where there is no journal to miss it.
func (d *desk) note(w *worker, r *result, failure *wire.Error, complete bool, began time.Time, dialed wire.Phases) bool {
	j, t := d.config.Journal, &w.task
	if j == nil {
		return true
	}
	d.place = appendPlace(d.place[:0], t.Index, t.try)
	if d.draft != nil {
		return j.Attempt(d.attempt(w, failure, complete, began, dialed))
	}
	phases := w.answer.Phases()
	phases.Resolve, phases.Connect, phases.TLS = dialed.Resolve, dialed.Connect, dialed.TLS
	phases.Total += dialed.Total
	d.record = journal.Record{
		ID: unsafe.String(unsafe.SliceData(d.place), len(d.place)), Role: d.config.Scenario.Phases[t.Phase].Name,
		Class: t.class, Type: d.eventType, EventID: d.id, Scope: d.scope,
		Intended: t.due, Sent: began, Signed: t.signed, Frame: w.e.frame, Head: d.request[d.signedStart:d.signedEnd], Body: d.body,
		Phases: phases, Err: failure, LeakedSecret: r.leaked,
		Reused: w.conn != nil && w.conn.Used() > 1, Closed: failure != nil || w.answer.Close,
	}
	if w.conn != nil {
		d.record.Conn = w.conn.Number()
	}
	if complete {
		d.record.Answer = &w.answer
	}
	d.line = journal.AppendRecord(d.line[:0], &d.record)
	if r.leaked || failure != nil {
		return d.clean()
	}
	return j.Append(d.line)
}

// clean writes the record without the secrets that the answer held.
func (d *desk) clean() bool {
	var a simulator.Attempt
	if err := json.Unmarshal(d.line, &a); err != nil {
		return false
	}
	d.config.Redactor.Attempt(&a)
	return d.config.Journal.Attempt(&a)
}

// attempt is the whole record of what the sender prepared.
func (d *desk) attempt(w *worker, failure *wire.Error, complete bool, began time.Time, dialed wire.Phases) *simulator.Attempt {
	t := &w.task
	out := wire.Outcome{Err: failure, Started: began, Phases: w.answer.Phases(), Received: w.answer.Received, Written: w.answer.Written}
	out.Phases.Resolve, out.Phases.Connect, out.Phases.TLS = dialed.Resolve, dialed.Connect, dialed.TLS
	out.Phases.Total += dialed.Total
	if w.conn != nil {
		out.Conn, out.Reused = w.conn.Number(), w.conn.Used() > 1
	}
	if complete {
		out.Response = w.answer.Response()
	}
	phase := &d.config.Scenario.Phases[t.Phase]
	delivery := d.delivery
	delivery.ID, delivery.Role, delivery.Class, delivery.Intended = string(d.place), phase.Name, t.class, t.due
	a := d.senders[phase.Secret].Record(delivery, d.draft, out)
	for i, line := range a.Request.Headers {
		if w.e.hidden[line[0]] {
			a.Request.Headers[i][1] = hidden
		}
	}
	d.config.Redactor.Attempt(&a)
	return &a
}
