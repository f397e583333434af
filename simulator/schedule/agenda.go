package schedule

import (
	"container/heap"
	"sync"
	"time"

	"github.com/hookstone/hookstone/simulator"
)

// pending is a delivery that waits for its next try.
type pending struct {
	Item
	due    time.Time
	first  time.Time // intended time of its first try
	signed time.Time // when the first try was signed
	tries  int       // so far
	why    string    // the last failure, as the provider words it
	last   Outcome
	noted  bool // the journal holds its last try
}

type queue []pending

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if q[i].due.Equal(q[j].due) {
		return q[i].Index < q[j].Index
	}
	return q[i].due.Before(q[j].due)
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(pending)) }
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}

// task is one attempt to be made now. Its Item keeps the class that was
// planned; class is what this attempt is.
type task struct {
	Item
	class  simulator.Class
	due    time.Time // intended
	atOnce bool      // at full speed: what is intended is when it is sent
	wave   bool      // the clock does not matter: at full speed, or late already
	taken  time.Time // when a worker took it
	signed time.Time // signing time
	first  time.Time
	origin time.Time // signing time of the first try
	try    int       // from 1
	why    string
	fresh  bool // signed anew, not the bytes of an earlier try
}

// agenda hands out what is due: planned items in order, and retries. Workers
// wait in it; one of them watches the clock, the others wait for their turn.
type agenda struct {
	mu      sync.Mutex
	turn    *sync.Cond
	alarm   alarm
	leisure leisure
	plan    *planner
	next    Item
	planned bool // next holds an item
	retries queue
	limit   int // of retries
	epoch   time.Time
	pinned  time.Time // not zero: signing times follow the plan
	renewed bool      // a redelivery renews its time
	out     int       // handed out and not yet done
	waiting int
	watched bool
	stopped bool
	paused  int // phase of full speed that is under way, from 1
	since   time.Time
	sent    [recall]time.Time // when genuine deliveries were signed, by ordinal
	earlier *Earlier          // what an earlier run sent; nil: nothing
	acked   *bitset           // genuine deliveries that were acknowledged, by ordinal; nil: nobody asks
	growth  growth
	shed    uint64
}

func newAgenda(p *planner) *agenda {
	a := &agenda{plan: p, limit: maxRetries}
	a.turn = sync.NewCond(&a.mu)
	return a
}

// attend prepares for waiting, which take and all but arrange may do.
func (a *agenda) attend() {
	a.alarm, a.leisure, a.growth.leisure = newAlarm(), newLeisure(), newLeisure()
	a.growth.look = a.growInTime
}

// maxRetries bounds the deliveries that wait for a retry.
const maxRetries = 100_000

// advance makes next the next planned item.
func (a *agenda) advance() {
	for {
		a.planned = a.plan.next(&a.next)
		if !a.planned || a.earlier == nil || !a.earlier.sent.has(a.next.Index) {
			return
		}
		a.resume()
	}
}

// resume goes over an item that an earlier run sent, and queues what it left
// unfinished.
func (a *agenda) resume() {
	it := &a.next
	left, waits := a.earlier.left[it.Index]
	at := a.plan.start.Add(it.Offset)
	if waits {
		at = left.signed
	}
	a.remember(it, at)
	if a.acked != nil && delivers(it.Class) && a.earlier.acked.has(it.Index) {
		a.acked.set(it.Ordinal)
	}
	if waits && delivers(it.Class) {
		now := time.Now()
		heap.Push(&a.retries, pending{Item: *it, due: now, first: now, signed: left.signed, tries: left.tries, why: "http_error", noted: true})
	}
}

// dueNext is when the next planned item is due.
func (a *agenda) dueNext(now time.Time) time.Time {
	phase := &a.plan.s.Phases[a.next.Phase]
	if !phase.Rate.Max {
		if a.paused > 0 {
			// Behind a phase at full speed, of which nobody knew how long it
			// would take, the schedule begins anew.
			a.epoch, a.paused = now.Add(-a.next.Offset), 0
		}
		return a.epoch.Add(a.next.Offset)
	}
	if a.paused != a.next.Phase+1 {
		a.paused, a.since = a.next.Phase+1, now
	}
	return a.since
}

// unclocked tells that a worker's taking it will say when the next planned item
// was due: it is at full speed, or begins a schedule behind such a phase.
func (a *agenda) unclocked() bool {
	return a.planned && (a.paused > 0 || a.plan.s.Phases[a.next.Phase].Rate.Max)
}

// head is when the next attempt is due, and whether it is a retry. None is known
// where all that may come depends on what is under way.
func (a *agenda) head(now time.Time) (due time.Time, retry, known bool) {
	if a.planned {
		due, known = a.dueNext(now), true
	}
	if len(a.retries) > 0 && (!known || a.retries[0].due.Before(due)) {
		due, retry, known = a.retries[0].due, true, true
	}
	return due, retry, known
}

// take waits until something is due; false when nothing will be any more.
func (a *agenda) take(t *task) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for {
		if a.stopped {
			return false
		}
		now := time.Now()
		due, retry, known := a.head(now)
		if a.planned {
			if p := &a.plan.s.Phases[a.next.Phase]; p.Rate.Max && p.Duration > 0 && now.Sub(a.since) >= time.Duration(p.Duration) {
				a.leave()
				continue
			}
		}
		switch {
		case !known && a.out == 0:
			a.stopped = true
			a.turn.Broadcast()
			return false
		case !known, a.watched && due.After(now):
			a.wait(func() { a.turn.Wait() })
		case due.After(now):
			a.watch(due.Sub(now))
		default:
			if retry {
				a.takeRetry(t, now)
			} else {
				a.takePlanned(t, due, now)
			}
			t.taken, t.wave = now, t.atOnce || now.Sub(t.due) > awake
			a.out++
			if a.waiting > 0 {
				a.turn.Signal()
			} else {
				a.grow(t.atOnce)
			}
			return true
		}
	}
}

func (a *agenda) wait(how func()) {
	a.waiting++
	how()
	a.waiting--
}

const (
	// nap is the least that anybody sleeps for: what becomes due meanwhile leaves
	// together, for being woken costs more than a delivery.
	nap = 250 * time.Microsecond
	// awake is the longest that is not slept through where the runtime has one
	// thread to run on. To sleep and be woken costs about as much as staying awake
	// so long: a runtime that falls idle thousands of times a second wakes its own
	// housekeeping as often.
	awake = 100 * time.Microsecond
)

// watch waits until something is due, or comes that is due earlier.
func (a *agenda) watch(d time.Duration) {
	a.watched = true
	asleep := d > awake || !a.leisure.alone()
	if asleep {
		a.alarm.set(max(d, nap))
	}
	a.wait(func() {
		a.mu.Unlock()
		if asleep {
			a.alarm.wait()
		} else {
			a.leisure.pass()
		}
		a.mu.Lock()
	})
	a.watched = false
}

// leave ends a phase at full speed whose time is over.
func (a *agenda) leave() {
	phase := a.next.Phase
	for a.planned && a.next.Phase == phase {
		if !a.plan.skip() {
			a.planned = false
			return
		}
		a.advance()
	}
}

func (a *agenda) takePlanned(t *task, due, now time.Time) {
	atOnce := a.plan.s.Phases[a.next.Phase].Rate.Max
	if atOnce {
		due = now
	}
	a.arrange(t, &a.next, due, now)
	t.atOnce = atOnce
	a.advance()
}

// arrange makes a planned item a task.
func (a *agenda) arrange(t *task, it *Item, due, now time.Time) {
	signed := now
	if !a.pinned.IsZero() {
		signed = a.pinned.Add(it.Offset)
	}
	*t = task{Item: *it, class: it.Class, due: due, first: due, signed: signed, origin: signed, try: 1, fresh: true}
	switch t.Class {
	case simulator.Genuine:
		a.remember(&t.Item, signed)
	case simulator.Duplicate:
		t.origin = a.signedAt(&t.Item)
		t.signed, t.fresh = t.origin, false
	case simulator.Redelivery:
		t.origin = a.signedAt(&t.Item)
		t.try = 2
		if !a.renewed {
			t.signed = t.origin
		}
	}
}

func (a *agenda) takeRetry(t *task, now time.Time) {
	p := heap.Pop(&a.retries).(pending)
	*t = task{Item: p.Item, class: simulator.Redelivery, due: p.due, first: p.first, signed: now, origin: p.signed, try: p.tries + 1, why: p.why, fresh: true}
	switch {
	case !a.renewed:
		t.signed = p.signed
	case !a.pinned.IsZero():
		t.signed = a.pinned.Add(p.due.Sub(a.epoch))
	}
}

// remember keeps when a genuine delivery was signed, for those that repeat it.
func (a *agenda) remember(it *Item, at time.Time) {
	if it.Class == simulator.Genuine {
		a.sent[it.Ordinal%recall] = at
	}
}

// signedAt is when the delivery that another repeats was signed. The planner
// repeats none that is no longer held.
func (a *agenda) signedAt(it *Item) time.Time { return a.sent[it.Ordinal%recall] }

// done tells that a task is finished.
func (a *agenda) done() {
	a.mu.Lock()
	a.out--
	if a.out == 0 && !a.planned && len(a.retries) == 0 {
		a.turn.Broadcast()
	}
	a.mu.Unlock()
}

// again queues a retry; false where too many wait.
func (a *agenda) again(p pending) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.retries) >= a.limit {
		a.shed++
		return false
	}
	heap.Push(&a.retries, p)
	a.alarm.ring()
	a.turn.Signal()
	return true
}

// stop ends the handing out.
func (a *agenda) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stopped = true
	a.turn.Broadcast()
	a.alarm.ring()
}

// status is how much waits.
func (a *agenda) status() (retries int, planned bool, shed uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.retries), a.planned, a.shed
}
