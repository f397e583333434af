package schedule

import "time"

// alarm wakes the one that waits for it, at a time or earlier. Between set and
// the end of wait nobody else may set it; set and ring are called under one
// lock. It may wake for nothing.
type alarm interface {
	set(time.Duration)
	wait()
	ring() // now: ends a wait that is under way
}

// timerAlarm is the runtime's timer. Where the process has nothing else to do
// it is up to a millisecond late.
type timerAlarm struct {
	timer *time.Timer
	rung  chan struct{}
}

func newTimerAlarm() *timerAlarm {
	a := &timerAlarm{timer: time.NewTimer(time.Hour), rung: make(chan struct{}, 1)}
	a.timer.Stop()
	return a
}

func (a *timerAlarm) set(d time.Duration) { a.timer.Reset(d) }

func (a *timerAlarm) wait() {
	select {
	case <-a.timer.C:
	case <-a.rung:
		a.timer.Stop()
	}
}

func (a *timerAlarm) ring() {
	select {
	case a.rung <- struct{}{}:
	default:
	}
}
