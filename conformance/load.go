package conformance

import (
	"fmt"
	"sync"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
)

// Sizes of the load family: a bad minute, not a benchmark.
const (
	burstSize = 100
	loadRate  = 400         // deliveries a second, on an absolute schedule
	loadTime  = time.Second // at most: half of the deadline
)

// loadCases: what holds for one delivery must hold for many at once.
func loadCases(s *subject) []Case {
	load := func(c Case) Case {
		c.ID = "load/" + c.ID
		c.lane, c.needs = exclusive, needsLoad
		c.Convention = "what holds for one delivery holds for many at once"
		return c
	}
	return []Case{
		load(Case{ID: "burst", Level: Should, Impact: DataLoss, Cites: "/deadlines/acknowledge", Summary: fmt.Sprintf("%d genuine deliveries at once are all acknowledged within the deadline", burstSize),
			Purpose: "Providers send in bursts: after an outage, at the turn of the month.",
			probe: func(p *prober) {
				if p.Control() {
					p.flood(burstSize, func(int) { p.Genuine("burst") })
					p.obs.thin("burst", p.Terms())
				}
			}}),
		load(Case{ID: "verdicts-hold", Level: Must, Impact: Security, Summary: "under load no forgery is accepted, and no genuine delivery refused for its signature",
			Purpose: "State that deliveries share is harmless until two of them meet.", probe: probeVerdictsHold, judge: judgeVerdictsHold}),
		load(Case{ID: "nothing-lost", Level: Must, Impact: DataLoss, Evidence: Effects, Summary: "every event acknowledged under load is applied exactly once",
			Purpose: "A queue that overflows loses what was acknowledged.",
			probe: func(p *prober) {
				if !p.Control() {
					return
				}
				p.flood(batchSize, func(int) {
					e := p.Make(p.run.control)
					if p.run.terms.acknowledged(p.Deliver(simulator.Delivery{Role: role(roleTold, "load"), Class: simulator.Genuine, Event: e})) {
						p.Expect("", e, 1)
					}
				})
				p.obs.thin("load", p.Terms())
			}}),
	}
}

// flood starts n deliveries at once.
func (p *prober) flood(n int, send func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Add(1)
		go func() { defer wg.Done(); send(i) }()
	}
	wg.Wait()
}

// probeVerdictsHold sends a mix on an absolute schedule, whatever comes back.
func probeVerdictsHold(p *prober) {
	if !p.Control() {
		return
	}
	stale := p.run.terms.Contract.Time.Tolerance.Duration > 0
	began := time.Now()
	var wg sync.WaitGroup
	for i := range int(min(loadTime, p.run.deadline/2).Seconds() * loadRate) {
		at := began.Add(time.Duration(i) * time.Second / loadRate)
		p.Pause(time.Until(at))
		if p.ctx.Err() != nil {
			break
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			d := simulator.Delivery{Role: role(roleTold, "load"), Class: simulator.Genuine, Event: p.Make(p.run.control), Intended: at}
			switch {
			case i%4 == 1:
				d.Class, d.Faults = simulator.Forged, []fault.Fault{fault.AnotherSecret()}
			case i%4 == 3 && i%8 == 3:
				d.Class, d.Faults = simulator.Forged, []fault.Fault{fault.TamperedValue("")}
			case i%4 == 3 && stale:
				d.Class, d.Faults = simulator.Stale, []fault.Fault{fault.Aged(time.Hour)}
			}
			p.Deliver(d)
		}()
	}
	wg.Wait()
	p.obs.keepOdd(p.run.terms)
}

// keepOdd keeps the attempts that went wrong and a few that went right, and
// counts the rest.
func (o *observation) keepOdd(t terms) {
	o.mu.Lock()
	defer o.mu.Unlock()
	kept := o.Attempts[:0:0]
	right := map[simulator.Class]int{}
	for _, a := range o.Attempts {
		if roleOf(&a) == roleTold && asItShould(&a, &t) {
			if right[a.Class]++; right[a.Class] > 3 {
				continue
			}
		}
		kept = append(kept, a)
	}
	if o.Facts == nil {
		o.Facts = map[string]any{}
	}
	for class, n := range right {
		o.Facts["right: "+string(class)] = float64(n)
	}
	o.Attempts = kept
}

func asItShould(a *simulator.Attempt, t *terms) bool {
	if a.Class == simulator.Genuine {
		return t.acknowledged(a)
	}
	return t.rejected(a)
}

// judgeVerdictsHold judges what load must never change. A delivery that is
// late or answered 5xx under load is another case's matter.
func judgeVerdictsHold(o *observation, t *terms) judgement {
	if j, stop := preconditions(o, t); stop {
		return j
	}
	var violations []Violation
	seen := 0
	for _, a := range o.withRole(roleTold) {
		seen++
		switch {
		case len(violations) == 10:
		case a.Class != simulator.Genuine && t.symptom(a) == accepted:
			violations = append(violations, Violation{Want: "a " + string(a.Class) + " delivery rejected (4xx), also under load", Got: t.got(a), Attempt: a.ID})
		case a.Class == simulator.Genuine && t.symptom(a) == refused:
			violations = append(violations, Violation{Want: "a genuine delivery not refused, also under load", Got: t.got(a), Attempt: a.ID})
		}
	}
	if seen == 0 {
		return judgement{Verdict: Inconclusive, Reason: "nothing was sent that could be judged"}
	}
	return verdictOf(violations, t, o)
}
