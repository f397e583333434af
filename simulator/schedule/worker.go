package schedule

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/wire"
)

// worker sends what the agenda hands it, on a connection of its own. What it
// needs only between the waiting is the desk's, which workers share.
type worker struct {
	e      *Engine
	made   made
	conn   *wire.Conn
	used   time.Time // when the connection was used last
	answer wire.Answer
	task   task
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
	if err := w.prepare(t); err != nil {
		return err
	}
	if t.wave {
		// Where nobody waits for the clock, all workers make what they can before
		// any sends, send before any looks for its answer: the code stays in the
		// cache, the receiver is woken once for many, and few have to be parked.
		// So a run that is late catches up sooner.
		runtime.Gosched()
	}
	began, failure, dialed := w.send(ctx)
	if t.atOnce {
		t.due, t.first = began, began
	}
	r := result{phase: t.Phase, class: classOf(t.class), lag: began.Sub(t.due), outcome: Unanswered}
	complete := failure == nil || w.answer.Complete()
	now := w.answer.Last
	if !complete {
		now = time.Now()
	}
	kind := wire.Kind("")
	if failure != nil {
		kind = failure.Kind
		r.kind = string(kind)
	}
	r.latency = now.Sub(t.due)
	switch {
	case complete:
		r.status = w.answer.Status
		r.outcome = outcomeOf(w.e.config.Provider.Contract, w.e.config.Deadline, r.status, w.answer.Last.Sub(w.answer.Sent))
	case kind == wire.Canceled:
		r.outcome = Interrupted
	}
	w.used = now
	d, err := w.e.desks.take(w.e.recipe)
	if err != nil {
		return err
	}
	defer w.e.desks.put(d)
	d.made = &w.made
	if complete {
		r.leaked = d.leaks(w)
	}
	again := w.next(t, r.outcome, kind, now)
	r.unexpected = unexpected(t.class, r.outcome, again != nil)
	if !w.e.tally.add(&r, now) {
		return nil // the run was over: this one counts as interrupted
	}
	noted := d.note(w, &r, failure, complete, began, dialed)
	if delivers(t.class) && r.outcome == Accepted {
		w.e.acknowledged(t.Ordinal)
	}
	if r.unexpected {
		w.odd(t, &r, failure)
	}
	if again != nil {
		again.noted = noted
		if !w.e.agenda.again(*again) && t.Class == simulator.Genuine {
			w.e.giveUp(t, &w.made, r.outcome, true)
		}
	} else if delivers(t.class) && r.outcome != Accepted && r.outcome != Interrupted && w.e.retries {
		w.e.giveUp(t, &w.made, r.outcome, false)
	}
	return nil
}

// prepare makes the delivery, and hands a sample of the bodies to be validated.
func (w *worker) prepare(t *task) error {
	d, err := w.e.desks.take(w.e.recipe)
	if err != nil {
		return err
	}
	defer w.e.desks.put(d)
	d.made = &w.made
	if err := d.make(t); err != nil {
		return err
	}
	if every := uint64(w.e.config.Validate); every > 0 && w.e.config.Partition.local(t.Index)%every == 0 && t.try == 1 {
		w.e.sample.check(w.made.eventType, w.made.body)
	}
	return nil
}

// next is the delivery's next try; nil where there is none.
func (w *worker) next(t *task, o Outcome, kind wire.Kind, now time.Time) *pending {
	c := w.e.config.Provider.Contract
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
// closed meanwhile (RFC 9112, section 9.3.1). It tells when it began to.
func (w *worker) send(ctx context.Context) (began time.Time, failure *wire.Error, dialed wire.Phases) {
	if w.conn != nil {
		// A connection in constant use needs no look, nor another reading of the clock.
		if now := w.task.taken; now.Sub(w.used) > idle && !w.conn.Usable() {
			w.drop()
		}
	}
	for {
		if w.conn == nil {
			if began.IsZero() {
				began = time.Now()
			}
			conn, out := w.e.config.Client.Open(ctx)
			if conn == nil {
				w.answer = wire.Answer{}
				return began, out.Err, out.Phases
			}
			w.conn, dialed = conn, out.Phases
			w.e.agenda.opened(dialed.Total)
		}
		reused := w.conn.Used() > 0
		w.conn.Post(w.made.request, w.e.config.Answer, &w.answer)
		if w.task.wave {
			runtime.Gosched()
		}
		err := w.conn.Collect(&w.answer)
		if began.IsZero() {
			began = w.answer.Began
		}
		if began.IsZero() {
			began = time.Now() // the connection was found spent
		}
		if err == nil {
			return began, nil, dialed
		}
		var e *wire.Error
		errors.As(err, &e)
		gone := reused && w.answer.Received == 0 && (e.Kind == wire.Closed || e.Kind == wire.Reset || e.Kind == wire.Local)
		if !gone {
			return began, e, dialed
		}
		w.drop()
	}
}

func (w *worker) drop() {
	w.conn.Close()
	w.conn = nil
}

// odd keeps an attempt whose outcome was not what it should have been.
func (w *worker) odd(t *task, r *result, failure *wire.Error) {
	o := Odd{
		ID: string(appendPlace(nil, t.Index, t.try)), Class: t.class, Event: w.made.eventType, EventID: string(w.made.id),
		Fault: w.made.fault, Outcome: r.outcome.String(), Status: r.status,
	}
	if failure != nil {
		o.Error = w.e.config.Redactor.String(failure.Error())
	}
	w.e.tally.note(o)
}
