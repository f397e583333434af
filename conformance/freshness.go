package conformance

import (
	"fmt"
	"slices"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
)

// margin is how far on either side of the tolerance a delivery is dated, so
// that clocks and transport do not decide; ahead is a skew that every receiver
// should forgive.
const (
	margin = 30 * time.Second
	ahead  = 20 * time.Second
	year   = 365 * 24 * time.Hour
)

// freshnessCases: replays of old deliveries, and clocks that are off.
func freshnessCases(s *subject) []Case {
	t := s.contract.Time
	tolerance := t.Tolerance.Duration
	none := only(tolerance > 0, "the contract states no tolerance")
	justPast := Must
	if t.ToleranceIs == "typical" {
		justPast = Should
	}
	missing := Must
	if t.At.Pointer != "" {
		missing = Should
	}
	elements := none
	if elements == "" {
		elements = only(t.At.Element != "", "the timestamp is not an element of the signature header")
	}
	unsigned := none
	if unsigned == "" {
		unsigned = only(t.Signed, "the timestamp is not signed")
	}
	fresh := func(c Case) Case {
		c.ID = "freshness/" + c.ID
		if c.NotApplicable == "" {
			c.NotApplicable = none
		}
		if c.Impact == "" {
			c.Impact = Security
		}
		if c.Cites == "" {
			c.Cites = "/time/tolerance"
		}
		if c.Convention == "" {
			c.Convention = "a delivery outside the stated tolerance is a replay"
		}
		c.Judge = judgeFresh
		return c
	}
	replay := "An attacker who recorded a delivery could otherwise send it again for ever."
	stale := func(id string, level Level, age time.Duration, words string) Case {
		return fresh(Case{ID: id, Level: level, Summary: "a delivery that was rightly signed " + words + " is rejected", Purpose: replay,
			Probe: staleBy(-age)})
	}
	future := func(id string, by time.Duration, words string) Case {
		return fresh(Case{ID: "future/" + id, Level: Should, Summary: "a delivery dated " + words + " is rejected",
			Purpose:    "A signature dated ahead stays good for as long as it is ahead.",
			Convention: "a timestamp further ahead than the tolerance is as wrong as one further back",
			Cites:      "", Probe: staleBy(by)})
	}
	cases := []Case{
		fresh(Case{ID: "within-tolerance", Level: Must, Impact: DataLoss, Summary: fmt.Sprintf("a delivery signed %s ago is acknowledged", tolerance-margin),
			Purpose: "Deliveries wait in queues: what is within the tolerance must be taken.",
			Probe:   freshAt(-(tolerance - margin))}),
		stale("stale/1h", Must, time.Hour, "an hour ago"),
		stale("stale/1y", Must, year, "a year ago"),
		stale("just-past", justPast, tolerance+margin, fmt.Sprintf("%s ago, just past the tolerance,", tolerance+margin)),
		fresh(Case{ID: "small-skew-ahead", Level: Should, Impact: DataLoss, Summary: "a delivery dated 20 s ahead is acknowledged",
			Purpose:    "No two clocks agree: a sender's may be a little ahead.",
			Convention: "clocks of servers differ by seconds", Probe: freshAt(ahead)}),
		future("just-past", tolerance+margin, "further ahead than the tolerance"),
		future("1h", time.Hour, "an hour ahead"),
		future("1y", year, "a year ahead"),
		fresh(Case{ID: "re-dated", Level: Must, NotApplicable: unsigned, Summary: "an old delivery's signature under a fresh timestamp is rejected",
			Purpose: "The timestamp protects only while the signature covers it.",
			Probe:   probeReDated}),
		fresh(Case{ID: "two-timestamps", Level: Must, NotApplicable: elements, Summary: "a fresh and an old timestamp, with the signature over the old one, in both orders: rejected",
			Purpose: "A parser that checks the one and verifies with the other can be led past both checks.",
			Probe:   probeTwoTimestamps}),
		fresh(Case{ID: "missing", Level: missing, Lane: Exclusive, Summary: "a delivery without a timestamp is rejected",
			Purpose: "Without a time there is nothing that could be too old.",
			Probe:   staleWith(fault.TimestampMissing())}),
	}
	cases = append(cases, s.timeForms(none))
	for _, v := range []struct{ id, words string }{
		{"abc", "letters"}, {"now-abc", "the time with letters behind"}, {"plus-now", "the time with a plus before it"},
		{"now.5", "the time with a fraction"}, {"Infinity", "Infinity"}, {"empty", "nothing"}, {"milliseconds", "milliseconds"},
	} {
		cases = append(cases, fresh(Case{ID: "not-a-number/" + v.id, Level: Should, Lane: Exclusive,
			Summary: "a rightly signed timestamp that is " + v.words + " is rejected", Purpose: "A parser that makes NaN, zero or a far future of it lets a replay through.",
			Convention:    "a timestamp that is not of the documented form is no timestamp",
			NotApplicable: only(none == "" && s.timestampForm(v.id), firstOf(none, "the contract's form of time has no such spelling")),
			Probe:         staleWith(fault.TimestampSpelled(v.id))}))
	}
	return append(cases, fresh(Case{ID: "documented-status", Level: Should, Impact: Interoperability, Lane: WholeRun,
		NotApplicable: firstOf(none, only(s.contract.Answers.Stale != nil, "the contract states no status for a stale delivery")),
		Summary:       "a stale delivery is answered with the document's own status", Purpose: "Providers tell a clock that is off from an outage by the status.",
		Cites: "/answers/stale", Probe: staleBy(-time.Hour), JudgeRun: judgeStaleStatus}))
}

// timestampForm tells whether a variant can be spelled in the contract's form:
// a date has neither fractions of Unix seconds nor milliseconds to confuse.
func (s *subject) timestampForm(variant string) bool {
	if s.contract.Time.Form == "rfc3339" {
		return slices.Contains([]string{"abc", "empty", "now-abc", "milliseconds"}, variant)
	}
	return true
}

func firstOf(reasons ...string) string {
	for _, r := range reasons {
		if r != "" {
			return r
		}
	}
	return ""
}

// At makes an event dated so far from now, and the time to sign it with.
func (p *Prober) At(offset time.Duration) (generate.Event, time.Time) {
	at := p.run.now().Add(offset)
	e, err := p.run.generator.Event(p.key(), p.run.control, at)
	p.trouble(err)
	return e, at
}

// dated controls, and then sends a delivery dated off from now.
func dated(offset time.Duration, roleName string, class simulator.Class) func(*Prober) {
	return func(p *Prober) {
		p.clock()
		if p.Control() {
			e, at := p.At(offset)
			p.Deliver(simulator.Delivery{Role: roleName, Class: class, Event: e, At: at})
		}
	}
}

func freshAt(offset time.Duration) func(*Prober) {
	return dated(offset, RoleGenuine, simulator.Genuine)
}
func staleBy(offset time.Duration) func(*Prober) { return dated(offset, RoleForged, simulator.Stale) }

// staleWith sends a rightly signed delivery whose timestamp a fault spoils.
func staleWith(f fault.Fault) func(*Prober) {
	return func(p *Prober) {
		p.clock()
		if p.Control() {
			p.Deliver(simulator.Delivery{Role: RoleForged, Class: simulator.Stale, Event: p.Fresh(), Faults: []fault.Fault{f}})
		}
	}
}

// clock notes a skew that would decide the case by itself.
func (p *Prober) clock() {
	p.run.mu.Lock()
	skewed := p.run.skew.tooLarge()
	p.run.mu.Unlock()
	if skewed {
		p.obs.Fact("clock_skewed", true)
	}
}

func probeReDated(p *Prober) {
	p.clock()
	if !p.Control() {
		return
	}
	p.Forged("", fault.ReDated(time.Hour))
}

func probeTwoTimestamps(p *Prober) {
	p.clock()
	if !p.Control() {
		return
	}
	for _, freshFirst := range []bool{true, false} {
		label := "old, fresh"
		if freshFirst {
			label = "fresh, old"
		}
		p.Forged(label, fault.TwoTimestamps(time.Hour, freshFirst))
	}
}

// judgeFresh is ByRoles where the clocks agree.
func judgeFresh(o *Observation, t *Terms) Judgement {
	if o.Facts["clock_skewed"] == true {
		return Judgement{Verdict: Inconclusive, Reason: "the receiver's clock is more than 10 s off this machine's: what rests on signing times can tell nothing"}
	}
	return ByRoles(o, t)
}

// judgeStaleStatus looks at what was rejected because of its age.
func judgeStaleStatus(r *Overview) Judgement {
	if r.Own.Facts["clock_skewed"] == true {
		return judgeFresh(r.Own, r.Terms)
	}
	documented := r.Terms.Contract.Answers.Stale.Documented
	seen := 0
	bad := map[int]Violation{}
	for _, o := range r.Observations {
		if o != r.Own && !globPattern("freshness/stale/*").MatchString(o.Case) && o.Case != "freshness/just-past" {
			continue
		}
		for _, a := range o.withRole(RoleForged) {
			if !r.Terms.rejected(a) {
				continue
			}
			seen++
			if !slices.Contains(documented, a.Answer.Status) {
				bad[a.Answer.Status] = Violation{Want: "status " + oneOf(documented), Got: status(a.Answer.Status), Attempt: a.ID}
			}
		}
	}
	if seen == 0 {
		return Judgement{Verdict: Inconclusive, Reason: "no stale delivery was rejected"}
	}
	return fromMap(bad)
}
