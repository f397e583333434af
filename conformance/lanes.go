package conformance

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/wire"
)

// justBefore is how long before a receiver was found gone a case may have
// killed it: what throws after the answer does so at once.
const justBefore = time.Second

// toRun lists the indices of the cases of a lane that are to run.
func (r *run) toRun(lane Lane) []int {
	var out []int
	for i := range r.cases {
		if r.plan[i].runs && r.cases[i].Lane == lane {
			out = append(out, i)
		}
	}
	return out
}

// sharedLane runs the quick, well-formed cases in a bounded pool. Where the
// receiver is found gone, the pool ends. Once it is back, what is left is done
// one by one, and so is again what ran as it went: thus the case at fault is
// told, and no other.
func (r *run) sharedLane(ctx context.Context) {
	cases := r.toRun(Shared)
	ended := r.sideBySide(ctx, cases)
	suspects := r.suspects(cases)
	fallen := r.fallen.Swap(false)
	if len(cases) == 0 || r.stopped(ctx) {
		return
	}
	pause(ctx, afterThrow)
	deaths := r.life.deaths
	if !r.checkAlive(ctx, r.diagnosing(ctx, "diagnostic/liveness"), besideOthers(suspects)) {
		r.life.unexplained = r.dead
		return
	}
	if !fallen && r.life.deaths == deaths {
		return // dropped, and not dead: the cases' own matter
	}
	first := r.held(suspects)
	deaths = r.life.deaths
	r.life.careful = true
	latest := time.Now().Add(-justBefore)
	for _, i := range cases {
		at, ran := ended[i]
		if ran && at.Before(latest) && r.observations[r.cases[i].ID] != nil && !slices.Contains(suspects, r.cases[i].ID) {
			continue
		}
		if r.stopped(ctx) {
			return
		}
		r.runCase(ctx, &r.cases[i])
	}
	if r.life.deaths == deaths {
		r.unexplained("the receiver died while the quick cases ran side by side, and not again when they ran one by one", first)
	}
}

// sideBySide runs cases in the pool until all ran, or the receiver is found
// gone. It tells when which case ended.
func (r *run) sideBySide(ctx context.Context, cases []int) map[int]time.Time {
	var mu sync.Mutex
	var wg sync.WaitGroup
	ended := map[int]time.Time{}
	slots := make(chan struct{}, r.c.Concurrency)
	for _, i := range cases {
		slots <- struct{}{}
		if r.stopped(ctx) || r.fallen.Load() {
			break
		}
		wg.Add(1)
		go func() {
			defer func() { <-slots; wg.Done() }()
			r.runCase(ctx, &r.cases[i])
			mu.Lock()
			defer mu.Unlock()
			ended[i] = time.Now()
		}()
	}
	wg.Wait()
	return ended
}

// goneBefore tells whether an exclusive case found nobody listening from the
// start: what killed the receiver was sent before.
func (r *run) goneBefore(c *Case, o *Observation) bool {
	if c.Lane == Shared || r.life.careful || len(o.Attempts) == 0 || !met(&o.Attempts[0], wire.Refused) {
		return false
	}
	r.fallen.Store(true)
	return true
}

// foundGone tells whether a quick case found nobody listening: its observation
// is no evidence then, and the pool ends.
func (r *run) foundGone(c *Case, runs []*Observation) bool {
	if c.Lane != Shared || r.life.careful || !slices.ContainsFunc(runs, refusedIn) {
		return false
	}
	r.fallen.Store(true)
	return true
}

// refusedIn tells whether a delivery found nobody listening.
func refusedIn(o *Observation) bool {
	return slices.ContainsFunc(o.Attempts, func(a simulator.Attempt) bool { return met(&a, wire.Refused) })
}

// suspects names the cases of which a delivery was dropped.
func (r *run) suspects(cases []int) []string {
	var out []string
	for _, i := range cases {
		id := r.cases[i].ID
		if slices.ContainsFunc(r.runsOf(id), func(o *Observation) bool {
			return slices.ContainsFunc(o.Attempts, func(a simulator.Attempt) bool { return met(&a, wire.Closed, wire.Reset, wire.Incomplete) })
		}) {
			out = append(out, id)
		}
	}
	return out
}

// verdictBefore is what a case showed in the pool.
type verdictBefore struct {
	result CaseResult
	judged bool
	runs   []*Observation
}

func (r *run) held(ids []string) []verdictBefore {
	var out []verdictBefore
	for _, id := range ids {
		res, judged := r.results[id]
		out = append(out, verdictBefore{res, judged, r.runsOf(id)})
	}
	return out
}

// unexplained: the receiver died, and not again when what may have killed it
// ran on its own. What was seen then stands.
func (r *run) unexplained(note string, first []verdictBefore) {
	r.life.unexplained = note
	r.notes = append(r.notes, note)
	for _, v := range first {
		if len(v.runs) == 0 {
			continue
		}
		r.observed(v.runs[0].Case, v.runs)
		if v.judged {
			r.report(v.result)
		}
	}
}

// exclusiveLane runs the whole-run cases' own probes, hostile, slow and timing
// cases, and those that come last, one at a time, each followed by a genuine delivery that must be acknowledged.
func (r *run) exclusiveLane(ctx context.Context) {
	var previous *Case
	for _, i := range slices.Concat(r.toRun(WholeRun), r.toRun(Exclusive), r.toRun(Last)) {
		if r.stopped(ctx) {
			return
		}
		c := &r.cases[i]
		deaths, careful := r.life.deaths, r.life.careful
		r.runCase(ctx, c)
		found := r.fallen.Swap(false)
		if (found || r.life.deaths > deaths && !careful) && !r.stopped(ctx) {
			r.goBack(ctx, previous, c, found)
		}
		previous = c
	}
}

// goBack runs again the case at whose end the receiver was gone, and before it
// the one that it seemed to have survived: it may have died of that one a moment
// later. found says that the receiver was gone from the start, and not yet
// looked after.
func (r *run) goBack(ctx context.Context, previous, c *Case, found bool) {
	again := []*Case{c}
	where := besideOthers(nil)
	if previous != nil {
		again, where = []*Case{previous, c}, "after "+previous.ID
	}
	if found && !r.checkAlive(ctx, r.diagnosing(ctx, "diagnostic/liveness"), where) {
		r.life.unexplained = r.dead
		return
	}
	var first []verdictBefore
	if !found {
		first = r.held([]string{c.ID})
	}
	r.life.careful = true
	deaths := r.life.deaths
	for _, c := range again {
		if !r.stopped(ctx) {
			r.runCase(ctx, c)
		}
	}
	if r.life.deaths == deaths && !r.stopped(ctx) {
		r.unexplained("the receiver died "+where+", and not when that ran again", first)
	}
}
