package conformance

import (
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// diagnostics feed the findings.
func diagnostics() []diagnostic {
	return []diagnostic{spellingDiagnostic(), patienceDiagnostic(), spacedDiagnostic(), againDiagnostic()}
}

// spellingDiagnostic sends one body that every language spells in its own way,
// spaced out and signed over each spelling in turn.
func spellingDiagnostic() diagnostic {
	return diagnostic{
		ID: "diagnostic/spelling",
		When: func(e *evidence) bool {
			return len(e.failed("raw-body/*", refused, accepted)) > 0 || len(e.failed("acknowledge/unicode", refused))+len(e.failed("acknowledge/number-spellings", refused)) > 0 || len(e.failed("acknowledge/event/*", refused)) > 0
		},
		Probe: func(p *Prober) {
			for _, s := range respellers {
				if p.Terms().Contract.Signing.Body != "raw" && (s.Name == jsondoc.ECMAScript.Name || s.Name == jsondoc.Ruby.Name) {
					continue // there it is the contract's own, and Ruby's is the same text
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

// resent is how many refused deliveries are sent again, and how often each.
const (
	resent      = 3
	resentTimes = 2
)

// againDiagnostic sends the bytes of genuine deliveries that were refused, where
// others were taken, once more and alone: what is refused again is refused for
// what it is, not for the company it came in.
func againDiagnostic() diagnostic {
	var refusedOnes []simulator.Attempt
	return diagnostic{
		ID: "diagnostic/again",
		When: func(e *evidence) bool {
			taken := e.takenTypes()
			e.plain(func(_ string, a *simulator.Attempt) {
				if taken[a.Event.Type] && e.terms.symptom(a) == refused && len(refusedOnes) < resent {
					refusedOnes = append(refusedOnes, *a)
				}
			})
			return e.mood()[refused] >= unsteady
		},
		Probe: func(p *Prober) {
			same := true
			for i := range refusedOnes {
				raw := rawOf(&refusedOnes[i])
				if raw == nil {
					return
				}
				for range resentTimes {
					a := p.told("again", simulator.Delivery{Class: simulator.Malformed, Event: p.Make(p.run.control), Faults: []fault.Fault{fault.RawBytes("a delivery that was refused", raw)}})
					same = same && p.run.terms.rejected(a)
				}
			}
			p.obs.Fact("refused_again", same)
		},
	}
}

// rawOf renders a recorded request anew; nil where not all of it was kept.
func rawOf(a *simulator.Attempt) []byte {
	body, err := base64.StdEncoding.DecodeString(a.Request.Body.Base64)
	target, urlErr := url.Parse(a.Request.URL)
	if err != nil || urlErr != nil || a.Request.Body.Truncated {
		return nil
	}
	out := []byte(a.Request.Method + " " + target.RequestURI() + " HTTP/1.1\r\n")
	for _, h := range a.Request.Headers {
		if strings.Contains(h[1], simulator.Redacted) {
			return nil
		}
		for _, r := range h[0] + ": " + h[1] { // bytes of a header are recorded as ISO 8859-1
			out = append(out, byte(r))
		}
		out = append(out, "\r\n"...)
	}
	return append(append(out, "\r\n"...), body...)
}

// lostInCompany tells whether events that are lost among others are applied
// when they come one by one.
func (e *evidence) lostInCompany() bool {
	o := e.diagnostics["diagnostic/spaced"]
	return o != nil && o.Facts["spaced_applied"] == true
}
