package conformance

import (
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
)

// timeForms: a date of RFC 3339 may carry an offset, and a fraction of any
// length or none.
func (s *subject) timeForms(none string) Case {
	at := s.contract.Time.At
	return Case{ID: "freshness/rfc3339-forms", Level: Should, Impact: Interoperability, Lane: Exclusive,
		NotApplicable: firstOf(none, only(s.contract.Time.Form == "rfc3339" && at.Pointer != "", "the time is no date in the body")),
		Summary:       "a date with a numeric offset, without a fraction, and with one of nine digits is answered without a 5xx", Purpose: "The sender's library may spell the same moment otherwise from one day to the next.",
		Convention: "RFC 3339, 5.6",
		Probe: func(p *Prober) {
			p.clock()
			if !p.Control() {
				return
			}
			now := p.run.now()
			for _, form := range []struct{ label, text string }{
				{"a numeric offset", now.In(time.FixedZone("", 2*60*60)).Format("2006-01-02T15:04:05.000-07:00")},
				{"no fraction", now.UTC().Format("2006-01-02T15:04:05Z")},
				{"nine digits", now.UTC().Format("2006-01-02T15:04:05.000000000Z")},
			} {
				p.Deliver(simulator.Delivery{Role: role(RoleOdd, form.label), Class: simulator.Malformed, Event: p.Fresh(), Faults: []fault.Fault{fault.Set(at.Pointer, quoted(form.text))}})
			}
		}}
}
