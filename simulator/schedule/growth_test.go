package schedule

import (
	"testing"
	"time"
)

// still is leisure that says what it is told to.
type still bool

func (s still) pass()       { time.Sleep(10 * time.Microsecond) }
func (s still) idle() bool  { s.pass(); return bool(s) }
func (s still) alone() bool { return true }

// growing is an agenda whose next delivery is due after some time, and tells
// when it adds a worker.
func growing(t *testing.T, due time.Duration, idle bool) (*agenda, <-chan time.Time) {
	t.Helper()
	c := configFor(t, provider(t, "sharmo-timestamped"), scenario(t, "phases: [{name: all, deliveries: 100, rate: 1/h}]"), "http://127.0.0.1:1/")
	e, err := newEngine(&c)
	if err != nil {
		t.Fatal(err)
	}
	a := e.agenda
	added := make(chan time.Time, 10)
	a.growth.leisure = still(idle)
	a.growth.spawn = func() bool { added <- time.Now(); return true }
	a.growth.quick = 2 * cheap
	a.epoch = time.Now().Add(due)
	a.advance()
	return a, added
}

// grow asks for a worker as take does, and waits until that is settled.
func (a *agenda) growFor(t *testing.T, freely bool) {
	t.Helper()
	a.mu.Lock()
	a.grow(freely)
	a.mu.Unlock()
	for range 10_000 {
		a.mu.Lock()
		settled := !a.growth.wanted
		a.mu.Unlock()
		if settled {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("after 10s it still looks for the moment to add a worker")
}

func TestGrowth(t *testing.T) {
	tests := map[string]struct {
		due     time.Duration
		idle    bool
		freely  bool
		with    func(*agenda)
		added   int
		atLeast time.Duration
	}{
		"at full speed":               {due: -time.Second, freely: true, added: 1},
		"ever later":                  {due: -time.Millisecond, idle: true, added: 1, atLeast: 2 * cheap},
		"ever later, much to do":      {due: -time.Millisecond, added: 1, atLeast: patience},
		"nothing due for long":        {due: time.Hour, added: 1},
		"one waits":                   {due: -time.Second, idle: true, with: func(a *agenda) { a.waiting = 1 }},
		"it is over":                  {due: -time.Second, idle: true, with: func(a *agenda) { a.stopped = true }},
		"there will be no more":       {due: -time.Second, idle: true, with: func(a *agenda) { a.growth.spawn = nil }},
		"nothing planned, no retries": {due: -time.Second, idle: true, with: func(a *agenda) { a.planned = false }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a, added := growing(t, test.due, test.idle)
			if test.with != nil {
				test.with(a)
			}
			began := time.Now()
			a.growFor(t, test.freely)
			if len(added) != test.added {
				t.Fatalf("%d workers were added; want %d", len(added), test.added)
			}
			if test.added > 0 {
				if took := (<-added).Sub(began); took < test.atLeast {
					t.Errorf("a worker was added after %v; want no sooner than %v", took, test.atLeast)
				}
			}
		})
	}
}

// To look when a worker is wanted does not begin a phase whose time counts from
// when a worker comes to it.
func TestGrowthBeginsNoPhase(t *testing.T) {
	a, added := growing(t, -time.Hour, false)
	a.paused = 7 // a phase at full speed was before
	epoch := a.epoch
	a.growFor(t, false)
	if len(added) != 1 || a.paused != 7 || !a.epoch.Equal(epoch) {
		t.Errorf("%d workers, phase %d, epoch moved by %v; want 1, 7, nothing", len(added), a.paused, a.epoch.Sub(epoch))
	}
}

// What is due does not wait for a trend where opening is cheap, or where what
// takes long is the network.
func TestGrowthTrend(t *testing.T) {
	for quick, want := range map[time.Duration]time.Duration{
		0: 0, 60 * time.Microsecond: 0, cheap: cheap, 600 * time.Microsecond: 600 * time.Microsecond,
		3 * time.Millisecond: longestTrend, far: 0, 150 * time.Millisecond: 0,
	} {
		if got := (&growth{quick: quick}).trend(); got != want {
			t.Errorf("where opening takes %v: %v; want %v", quick, got, want)
		}
	}
}

// whenever is leisure at which something happens.
type whenever struct {
	still
	happens func()
}

func (w whenever) idle() bool { w.happens(); return w.still.idle() }

// While what is due gets less late no worker is added, however late it is.
func TestGrowthNotWhileCatchingUp(t *testing.T) {
	a, added := growing(t, -time.Hour, true)
	looked := 0
	a.growth.leisure = whenever{true, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.epoch = a.epoch.Add(time.Second) // as if a later one were at the head
		if looked++; looked == 100 {
			a.waiting = 1 // and at last a worker is free
		}
	}}
	a.growFor(t, false)
	if looked != 100 || len(added) > 0 {
		t.Errorf("%d workers were added within %d looks; want none in 100", len(added), looked)
	}
}

// The last worker that there may be ends the asking.
func TestGrowthEnds(t *testing.T) {
	a, _ := growing(t, -time.Second, true)
	n := 0
	a.growth.spawn = func() bool { n++; return n < 3 }
	for range 5 {
		a.growFor(t, false)
	}
	if n != 3 || a.growth.spawn != nil {
		t.Errorf("asked for %d workers; want 3, the last of them refused more", n)
	}
}
