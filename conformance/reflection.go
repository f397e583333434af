package conformance

import (
	"fmt"
	"strings"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
)

// markup is what no page should give back as it is.
const markup = "<svg/onload=alert(1)>"

// probeReflection puts markup where an error message may quote it: into a body
// that is no JSON, and into the type of an event, forged and rightly signed.
func probeReflection(p *Prober) {
	if !p.Control() {
		return
	}
	send := func(label string, class simulator.Class, faults ...fault.Fault) {
		p.told(label, simulator.Delivery{Class: class, Event: p.Fresh(), Faults: faults})
	}
	send("no JSON, unsigned", simulator.Forged, fault.Body("body.markup", "is markup", []byte(markup)), fault.Unsigned())
	send("an unknown type, forged", simulator.Forged, fault.UnknownType(markup), fault.AnotherSecret())
	send("an unknown type", simulator.Malformed, fault.UnknownType(markup))
}

// judgeReflection looks for the markup in answers that a browser shows as HTML.
func judgeReflection(o *Observation, t *Terms) Judgement {
	if j, stop := preconditions(o, t); stop {
		return j
	}
	var violations []Violation
	seen := 0
	for _, a := range o.withRole(RoleTold) {
		if a.Answer == nil {
			continue
		}
		seen++
		declared, _ := header(a.Answer, "Content-Type")
		if strings.Contains(strings.ToLower(declared), "html") && strings.Contains(bodyText(a.Answer), markup) {
			violations = append(violations, Violation{Want: "no markup of the delivery in a page", Got: fmt.Sprintf("%s as %s with %s in it%s", status(a.Answer.Status), declared, markup, labelOf(a)), Attempt: a.ID})
		}
	}
	if seen == 0 {
		return Judgement{Verdict: Inconclusive, Reason: "nothing was answered"}
	}
	return verdictOf(violations, t, o)
}
