package conformance

import (
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
)

// pipelined sends deliveries on one connection, each before the one ahead of it
// was answered.
func (p *Prober) pipelined(ds ...simulator.Delivery) {
	if p.obs.troubled() || p.ctx.Err() != nil {
		return
	}
	for i := range ds {
		ds[i].Case = p.c.ID
	}
	attempts, err := p.run.sendPipelined(p.ctx, ds)
	p.trouble(err)
	for _, a := range attempts {
		p.obs.record(a)
	}
}

func probePipelined(p *Prober) {
	if !p.Control() {
		return
	}
	genuine := func(label string) simulator.Delivery {
		return simulator.Delivery{Role: role(RoleTold, label), Class: simulator.Genuine, Event: p.Fresh()}
	}
	forged := simulator.Delivery{Role: role(RoleTold, "second"), Class: simulator.Forged, Event: p.Fresh(), Faults: []fault.Fault{fault.TamperedValue("")}}
	p.pipelined(genuine("first"), forged, genuine("third"))
}

// judgePipelined judges what was answered: where the server closed, what lay
// behind is to be sent again, and tells nothing.
func judgePipelined(o *Observation, t *Terms) Judgement {
	if j, stop := preconditions(o, t); stop {
		return j
	}
	var violations []Violation
	told := o.withRole(RoleTold)
	answered := 0
	for _, a := range told {
		s := t.symptom(a)
		if a.Answer != nil {
			answered++
		}
		switch {
		case a.Class == simulator.Forged && s == accepted:
			violations = append(violations, Violation{Want: "the forged delivery rejected (4xx)", Got: t.got(a) + labelOf(a), Attempt: a.ID})
		case a.Class == simulator.Genuine && (s == refused || s == garbled):
			violations = append(violations, Violation{Want: "the genuine delivery acknowledged (2xx)", Got: t.got(a) + labelOf(a), Attempt: a.ID})
		}
	}
	switch {
	case len(told) == 0:
		return unjudged(o)
	case len(violations) > 0:
		return verdictOf(violations, t, o)
	case answered < 2:
		return Judgement{Verdict: NotApplicable, Reason: "the server ends the connection after one delivery, as it may"}
	}
	return Judgement{Verdict: Passed}
}
