package conformance

import (
	"fmt"
	"slices"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
)

// tryAlternatives sends with the other values that the document's text can be
// read as. The first that is taken is the run's form from then on, and told.
func (r *run) tryAlternatives(p *prober, eventType string) bool {
	for i, h := range r.terms.Contract.Signing.Headers {
		for _, value := range h.Alternatives {
			contract := *r.terms.Contract
			contract.Signing.Headers = slices.Clone(contract.Signing.Headers)
			contract.Signing.Headers[i].Value = value
			provider := *r.c.Provider
			provider.Contract = &contract
			r.newSenders(&provider)
			text := alternativeText(value)
			if r.terms.acknowledged(p.told(h.Name+": "+text, simulator.Delivery{Class: simulator.Genuine, Event: p.Make(eventType)})) {
				r.control = eventType
				r.notes = append(r.notes, fmt.Sprintf("the receiver refuses %s in the form that the document is read to send, and takes %q: the run used that form", h.Name, text))
				return true
			}
		}
	}
	r.newSenders(r.c.Provider)
	return false
}

func alternativeText(value []schemas.Template) string {
	text := ""
	for i, v := range value {
		if i > 0 {
			text += " "
		}
		text += v.Text
	}
	return text
}
