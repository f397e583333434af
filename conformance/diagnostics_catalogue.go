package conformance

import (
	"strings"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// diagnostics feed the findings.
func diagnostics() []diagnostic {
	return []diagnostic{spellingDiagnostic(), patienceDiagnostic(), spacedDiagnostic()}
}

// spellingDiagnostic sends one body that every language spells in its own way,
// spaced out and signed over each spelling in turn.
func spellingDiagnostic() diagnostic {
	return diagnostic{
		ID: "diagnostic/spelling",
		When: func(e *evidence) bool {
			return len(e.failed("raw-body/*", refused, accepted)) > 0 || len(e.failed("acknowledge/unicode", refused)) > 0 || len(e.failed("acknowledge/event/*", refused)) > 0
		},
		Probe: func(p *Prober) {
			for _, s := range respellers {
				if p.Terms().Contract.Signing.Body != "raw" && s.Name == jsondoc.ECMAScript.Name {
					continue // there it is the contract's own
				}
				p.told(s.Name, simulator.Delivery{Class: simulator.Forged, Event: p.Make(p.run.control), Faults: []fault.Fault{
					fault.AddMember("", "telltale", telltale), fault.Respelled(jsondoc.Whitespace), fault.SignedAs(s)}})
			}
		},
	}
}

// patienceDiagnostic waits longer for an event of a type that was not answered
// in time: slow is another cause than dead.
func patienceDiagnostic() diagnostic {
	var eventType string
	return diagnostic{
		ID: "diagnostic/patience",
		When: func(e *evidence) bool {
			for _, id := range e.failed("acknowledge/event/*", silentTill) {
				eventType = strings.TrimPrefix(id, "acknowledge/event/")
				return true
			}
			return false
		},
		Probe: func(p *Prober) {
			p.DeliverPatiently(simulator.Delivery{Role: role(RoleTold, eventType), Class: simulator.Genuine, Event: p.InContext(eventType)})
		},
	}
}

// answeredLate tells whether an event that was not answered in time is, a while
// later.
func (e *evidence) answeredLate() bool {
	o := e.diagnostics["diagnostic/patience"]
	if o == nil {
		return false
	}
	for _, a := range o.withRole(RoleTold) {
		if e.terms.symptom(a) == late {
			return true
		}
	}
	return false
}

const (
	spacedEvents = 3
	spacing      = 300 * time.Millisecond
)

// spacedDiagnostic sends events of the same moment one by one, each when the
// one before it is long done: what is lost then is taken for another, and what
// is lost only in company is dropped.
func spacedDiagnostic() diagnostic {
	return diagnostic{
		ID: "diagnostic/spaced",
		When: func(e *evidence) bool {
			return len(e.counted("idempotency/distinct-applied", tooFew))+len(e.counted("idempotency/acknowledged-applied", tooFew)) > 0
		},
		Probe: func(p *Prober) {
			at := p.run.now()
			var events []generate.Event
			for range spacedEvents {
				e, err := p.run.generator.Event(p.key(), p.run.control, at)
				p.trouble(err)
				events = append(events, e)
			}
			for _, e := range events {
				p.Pause(spacing)
				if p.run.terms.acknowledged(p.told("spaced", simulator.Delivery{Class: simulator.Genuine, Event: e})) {
					p.Expect("spaced", e, 1)
				}
			}
			p.Pause(p.run.c.Settle)
			asking := counting{run: p.run, began: time.Now()}
			applied := 0
			for i := range p.obs.Effects {
				asking.fill(p.ctx, &p.obs.Effects[i])
				if n := p.obs.Effects[i].Count; n != nil && *n > 0 {
					applied++
				}
			}
			p.obs.Fact("spaced_applied", applied == len(p.obs.Effects) && applied > 1)
		},
	}
}

// lostInCompany tells whether events that are lost among others are applied
// when they come one by one.
func (e *evidence) lostInCompany() bool {
	o := e.diagnostics["diagnostic/spaced"]
	return o != nil && o.Facts["spaced_applied"] == true
}
