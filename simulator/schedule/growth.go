package schedule

import "time"

// growth adds workers while all there are have work. On a schedule it is in no
// hurry: to open a connection costs the processor as much as several deliveries,
// under TLS as fifty. Were one more opened for each that falls due meanwhile, a
// run would begin, and go on behind every hitch, by opening all it may have,
// late for all it should send. So one is added where what is due gets ever later,
// and where the others wait for the network: where they wait for the processor
// one more would have them wait for longer.
type growth struct {
	spawn  func() bool   // adds a worker; false: there will be no more. nil: nor is there one
	wanted bool          // somebody looks for the moment to add one
	quick  time.Duration // the least that opening a connection took; 0: none was
	look   func()        // growInTime, made once
	leisure
}

const (
	// cheap is an opening that costs so little that one too many does no harm.
	cheap = 250 * time.Microsecond
	// far is an opening that takes so long that most of it is the network's: it
	// keeps the processor no longer, and what is due would wait for each in turn.
	far = 5 * time.Millisecond
	// longestTrend is how long at most it is looked at whether deliveries get later.
	longestTrend = time.Millisecond
	// patience is how long a moment without work for the processor is waited for.
	patience = 5 * time.Millisecond
)

// trend is how long it is looked at whether deliveries get later: as long as
// opening a connection takes, where that is the processor's time and much of it.
func (g *growth) trend() time.Duration {
	if g.quick < cheap || g.quick >= far {
		return 0
	}
	return min(g.quick, longestTrend)
}

// grow adds a worker: freely, or when it is time. It is for when none waits.
func (a *agenda) grow(freely bool) {
	g := &a.growth
	switch {
	case g.spawn == nil || a.stopped || g.wanted:
	case freely:
		a.add()
	default:
		g.wanted = true
		go g.look()
	}
}

func (a *agenda) add() {
	if !a.growth.spawn() {
		a.growth.spawn = nil
	}
}

// growInTime adds a worker when it is time, or none where one waits before.
func (a *agenda) growInTime() {
	began := time.Now()
	var since time.Time
	var before time.Duration // how late it was then
	for {
		idle := a.growth.idle()
		now := time.Now()
		a.mu.Lock()
		if a.stopped || a.waiting > 0 || a.growth.spawn == nil {
			break
		}
		if a.unclocked() {
			a.add()
			break
		}
		due, _, known := a.head(now)
		if !known {
			break
		}
		late := now.Sub(due)
		if late < -awake {
			a.add() // it will watch the clock
			break
		}
		if since.IsZero() {
			since, before = now, late
		}
		if now.Sub(since) >= a.growth.trend() {
			if late > max(before, 0) && (idle || now.Sub(began) >= patience) {
				a.add()
				break
			}
			since, before = now, late
		}
		a.mu.Unlock()
		if now.Sub(began) >= patience && !a.growth.alone() {
			time.Sleep(longestTrend) // it has work for long and keeps up
		}
	}
	a.growth.wanted = false
	a.mu.Unlock()
}

// opened tells how long opening a connection took.
func (a *agenda) opened(took time.Duration) {
	a.mu.Lock()
	if g := &a.growth; g.quick == 0 || took < g.quick {
		g.quick = took
	}
	a.mu.Unlock()
}
