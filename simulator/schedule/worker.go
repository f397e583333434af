package schedule

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"
	"unsafe"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/journal"
	"github.com/hookstone/hookstone/simulator/wire"
)

// worker sends what the agenda hands it, on a connection of its own.
type worker struct {
	e      *Engine
	make   *maker
	conn   *wire.Conn
	used   time.Time // when the connection was used last
	answer wire.Answer
	task   task
	record journal.Record
	head   []byte
	line   []byte
	id     []byte
	heard  []byte
}

// idle is how long a connection may rest before it is looked at anew.
const idle = 50 * time.Millisecond

func (w *worker) run(ctx context.Context) {
	defer func() { w.conn.Close() }()
	for w.e.agenda.take(&w.task) {
		w.e.tally.start()
		err := w.do(ctx, &w.task)
		w.e.agenda.done()
		if err != nil {
			w.e.fail(err)
			return
		}
	}
}

// do makes, sends, judges and records one attempt. An error is ours.
func (w *worker) do(ctx context.Context, t *task) error {
	if err := w.make.make(t); err != nil {
		return err
	}
	if every := uint64(w.e.config.Validate); every > 0 && w.e.config.Partition.local(t.Index)%every == 0 && t.try == 1 {
		w.e.validate(w.make)
	}
	began := time.Now()
	failure, dialed := w.send(ctx)
	now := time.Now()
	r := result{phase: t.Phase, class: classOf(t.class), lag: began.Sub(t.due), outcome: Unanswered}
	complete := failure == nil || w.answer.Complete()
	kind := wire.Kind("")
	if failure != nil {
		kind = failure.Kind
		r.kind = string(kind)
	}
	switch {
	case complete:
		r.status = w.answer.Status
		r.outcome = outcomeOf(w.make.provider.Contract, w.e.config.Deadline, r.status, w.answer.Last.Sub(w.answer.Sent))
		r.latency = w.answer.Last.Sub(t.due)
	case kind == wire.Canceled:
		r.outcome = Interrupted
		r.latency = now.Sub(t.due)
	default:
		r.latency = now.Sub(t.due)
	}
	w.used = now
	if complete {
		r.leaked = w.leaks()
	}
	again := w.next(t, r.outcome, kind, now)
	r.unexpected = unexpected(t.class, r.outcome, again != nil)
	if !w.e.tally.add(&r, now) {
		return nil // the run was over: this one counts as interrupted
	}
	noted := w.note(t, &r, failure, complete, began, dialed)
	if delivers(t.class) && r.outcome == Accepted {
		w.e.acknowledged(t.Ordinal)
	}
	if r.unexpected {
		w.odd(t, &r, failure)
	}
	if again != nil {
		again.noted = noted
		if !w.e.agenda.again(*again) && t.Class == simulator.Genuine {
			w.e.giveUp(t, w.make, r.outcome, true)
		}
	} else if delivers(t.class) && r.outcome != Accepted && r.outcome != Interrupted && w.e.retries {
		w.e.giveUp(t, w.make, r.outcome, false)
	}
	return nil
}

// next is the delivery's next try; nil where there is none.
func (w *worker) next(t *task, o Outcome, kind wire.Kind, now time.Time) *pending {
	c := w.make.provider.Contract
	if !delivers(t.class) || !w.e.retries || t.try > len(c.Retries.Delays) || o != Interrupted && !retried(&c.Retries, o, kind) || o == Accepted {
		return nil
	}
	from := now
	if c.Retries.From == "first-attempt" {
		from = t.first
	}
	p := &pending{Item: t.Item, first: t.first, signed: t.origin, tries: t.try, why: reason(o, kind), last: o}
	p.due = from.Add(time.Duration(float64(c.Retries.Delays[t.try-1].Duration) / w.e.clock))
	if o == Interrupted {
		p.tries--
	}
	return p
}

// send exchanges on the worker's connection, or on a fresh one where that was
// closed meanwhile (RFC 9112, section 9.3.1).
func (w *worker) send(ctx context.Context) (*wire.Error, wire.Phases) {
	var dialed wire.Phases
	if w.conn != nil && time.Since(w.used) > idle && !w.conn.Usable() {
		w.drop()
	}
	for {
		if w.conn == nil {
			conn, out := w.e.config.Client.Open(ctx)
			if conn == nil {
				w.answer = wire.Answer{}
				return out.Err, out.Phases
			}
			w.conn, dialed = conn, out.Phases
		}
		reused := w.conn.Used() > 0
		err := w.conn.Roundtrip(w.make.request, w.e.config.Answer, &w.answer)
		if err == nil {
			return nil, dialed
		}
		var e *wire.Error
		errors.As(err, &e)
		gone := reused && w.answer.Received == 0 && (e.Kind == wire.Closed || e.Kind == wire.Reset || e.Kind == wire.Local)
		if !gone {
			return e, dialed
		}
		w.drop()
	}
}

func (w *worker) drop() {
	w.conn.Close()
	w.conn = nil
}

// leaks tells whether the answer holds a secret.
func (w *worker) leaks() bool {
	w.heard = append(w.heard[:0], w.answer.Body...)
	for i := range w.answer.Len() {
		_, value := w.answer.Field(i)
		w.heard = append(append(w.heard, '\n'), value...)
	}
	return w.e.config.Redactor.Holds(w.heard)
}

// note writes the attempt's record; true where there is no journal to miss it.
func (w *worker) note(t *task, r *result, failure *wire.Error, complete bool, began time.Time, dialed wire.Phases) bool {
	j := w.e.config.Journal
	if j == nil {
		return true
	}
	w.id = appendPlace(w.id[:0], t.Index, t.try)
	if w.make.draft != nil {
		return j.Attempt(w.attempt(t, failure, complete, began, dialed))
	}
	m := w.make
	w.head = append(w.head[:0], m.request[m.headStart:m.signedEnd]...)
	w.head = append(w.head, w.e.hiddenSuffix...)
	w.head = strconv.AppendInt(w.head, int64(len(m.body)), 10)
	w.head = append(w.head, "\r\n"...)
	phases := w.answer.Phases()
	phases.Resolve, phases.Connect, phases.TLS = dialed.Resolve, dialed.Connect, dialed.TLS
	phases.Total += dialed.Total
	w.record = journal.Record{
		ID: unsafe.String(unsafe.SliceData(w.id), len(w.id)), Role: w.e.config.Scenario.Phases[t.Phase].Name,
		Class: t.class, Type: m.eventType, EventID: m.id, Scope: m.scope,
		Intended: t.due, Sent: began, Signed: t.signed, Method: w.e.method, URL: w.e.url,
		Head: w.head, Body: m.body, Phases: phases, Err: failure, LeakedSecret: r.leaked,
		Reused: w.conn != nil && w.conn.Used() > 1, Closed: failure != nil || w.answer.Close,
	}
	if w.conn != nil {
		w.record.Conn = w.conn.Number()
	}
	if complete {
		w.record.Answer = &w.answer
	}
	w.line = journal.AppendRecord(w.line[:0], &w.record)
	if r.leaked || failure != nil {
		return w.clean()
	}
	return j.Append(w.line)
}

// clean writes the record without the secrets that the answer held.
func (w *worker) clean() bool {
	var a simulator.Attempt
	if err := json.Unmarshal(w.line, &a); err != nil {
		return false
	}
	w.e.config.Redactor.Attempt(&a)
	return w.e.config.Journal.Attempt(&a)
}

// attempt is the whole record of what the sender prepared.
func (w *worker) attempt(t *task, failure *wire.Error, complete bool, began time.Time, dialed wire.Phases) *simulator.Attempt {
	m := w.make
	out := wire.Outcome{Err: failure, Started: began, Phases: w.answer.Phases(), Received: w.answer.Received, Written: w.answer.Written}
	out.Phases.Resolve, out.Phases.Connect, out.Phases.TLS = dialed.Resolve, dialed.Connect, dialed.TLS
	out.Phases.Total += dialed.Total
	if w.conn != nil {
		out.Conn, out.Reused = w.conn.Number(), w.conn.Used() > 1
	}
	if complete {
		out.Response = w.answer.Response()
	}
	d := m.delivery
	d.ID, d.Role, d.Class, d.Intended = string(w.id), w.e.config.Scenario.Phases[t.Phase].Name, t.class, t.due
	a := m.senders[w.e.config.Scenario.Phases[t.Phase].Secret].Record(d, m.draft, out)
	for i, line := range a.Request.Headers {
		if w.e.hidden[line[0]] {
			a.Request.Headers[i][1] = hidden
		}
	}
	w.e.config.Redactor.Attempt(&a)
	return &a
}

// odd keeps an attempt whose outcome was not what it should have been.
func (w *worker) odd(t *task, r *result, failure *wire.Error) {
	o := Odd{
		ID: string(appendPlace(nil, t.Index, t.try)), Class: t.class, Event: w.make.eventType, EventID: string(w.make.id),
		Fault: w.make.fault, Outcome: r.outcome.String(), Status: r.status,
	}
	if failure != nil {
		o.Error = w.e.config.Redactor.String(failure.Error())
	}
	w.e.tally.note(o)
}
