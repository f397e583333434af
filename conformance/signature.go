package conformance

import (
	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
)

// signatureCases: what a forger tries. Every forgery has its genuine twin
// first; those that may upset a parser run alone.
func signatureCases(s *subject) []Case {
	cases := s.signaturePerType()
	cases = append(cases, s.signatureSecrets()...)
	cases = append(cases, s.signatureTampering()...)
	cases = append(cases, s.signatureDetours()...)
	cases = append(cases, s.signatureDigests()...)
	cases = append(cases, s.signatureSchemes()...)
	cases = append(cases, s.signatureHeaders()...)
	return append(cases, s.signatureElements()...)
}

// forgery fills in what all cases of the family share.
func forgery(c Case) Case {
	c.ID = "signature/" + c.ID
	if c.Level == "" {
		c.Level = Must
	}
	if c.Impact == "" {
		c.Impact = Security
	}
	if c.Cites == "" {
		c.Cites = "/answers/bad_signature"
	}
	if c.Convention == "" {
		c.Convention = "a delivery whose signature does not verify must not be accepted"
	}
	return c
}

// signaturePerType: a check that is skipped for one event type is a hole as
// wide as one that is skipped for all.
func (s *subject) signaturePerType() []Case {
	var missing, wrong []Case
	for _, e := range s.events() {
		level := Must
		if !s.takes(e.Type) {
			level = Should
		}
		lenient := level == Should || !e.Documented
		missing = append(missing, forgery(Case{
			ID: "missing/" + e.Type, Level: level, Event: e.Type, Lane: Exclusive,
			Summary: "a " + e.Type + " without any signature is rejected",
			Purpose: "Whoever knows the address could otherwise play the provider.",
			Probe:   forging(fault.Unsigned()), Judge: judgePerType(lenient),
		}))
		wrong = append(wrong, forgery(Case{
			ID: "wrong-secret/" + e.Type, Level: level, Event: e.Type,
			Summary: "a " + e.Type + " signed with another secret is rejected",
			Purpose: "A signature that is only looked for, and not compared, protects nothing.",
			Probe:   forging(fault.AnotherSecret()), Judge: judgePerType(lenient),
		}))
	}
	return append(missing, wrong...)
}

// judgePerType: a type that the receiver is free not to take, and does not
// take, has no twin; then there is nothing to protect.
func judgePerType(lenient bool) func(*Observation, *Terms) Judgement {
	return func(o *Observation, t *Terms) Judgement {
		j := ByRoles(o, t)
		if j.Verdict == Inconclusive && lenient && len(o.withRole(RoleForged)) == 0 && o.Trouble == "" {
			for _, a := range o.withRole(RoleControl) {
				if t.rejected(a) {
					return Judgement{Verdict: NotApplicable, Reason: "the receiver does not take this event type, and need not"}
				}
			}
		}
		return j
	}
}

func (s *subject) signatureSecrets() []Case {
	return []Case{
		forgery(Case{
			ID: "empty-secret", Summary: "a delivery signed with the empty secret is rejected",
			Purpose: "An unset environment variable must not become a key that everyone knows.",
			Probe:   forging(fault.EmptySecret()),
		}),
		forgery(Case{
			ID: "blank-secret", Summary: "a delivery signed with a space as the secret is rejected",
			Purpose: "A blank setting must not become a key that everyone can guess.",
			Probe:   forging(fault.BlankSecret()),
		}),
		forgery(Case{
			ID: "published-secret", Summary: "deliveries signed with secrets printed in the documents, or with the usual placeholders, are rejected",
			Purpose: "Sample code is copied with its sample secret.",
			Probe:   probePublishedSecrets,
		}),
		forgery(Case{
			ID: "retired-secret", Needs: NeedsRetiredSecret, Summary: "a delivery signed with the retired secret is rejected",
			Purpose:    "A secret is retired because somebody else may know it.",
			Convention: "the run names the secret as retired",
			Probe:      func(p *Prober) { forging(fault.RetiredSecret(p.run.c.RetiredSecret))(p) },
		}),
	}
}

func probePublishedSecrets(p *Prober) {
	if !p.Control() {
		return
	}
	for _, secret := range publishedSecrets(p.run.terms.Contract) {
		if secret != string(p.run.c.Secret) {
			p.Forged("the secret "+secret, fault.PublishedSecret(secret))
		}
	}
}

func publishedSecrets(c *schemas.Contract) []string {
	var out []string
	for _, name := range sortedKeys(c.Documents) {
		out = append(out, c.Documents[name].Secrets...)
	}
	return append(out, fault.CommonSecrets()...)
}

func (s *subject) signatureTampering() []Case {
	return []Case{
		forgery(Case{
			ID: "tampered-value", Summary: "a delivery with a value changed after signing is rejected",
			Purpose: "The signature has to be computed over the body that came.",
			Probe:   forging(fault.TamperedValue("")),
		}),
		forgery(Case{
			ID: "tampered-type", Summary: "a delivery with its event type changed after signing is rejected",
			Purpose:       "One event must not be turned into another.",
			NotApplicable: only(s.signedType(), "the event type travels outside what is signed"),
			Probe:         forging(fault.TamperedType(s.otherType())),
		}),
		forgery(Case{
			ID: "appended", Summary: "a delivery with a member appended after signing is rejected",
			Purpose: "What is processed must be what was signed.",
			Probe:   forging(fault.Appended()),
		}),
		forgery(Case{
			ID: "emptied", Lane: Exclusive, Summary: "a delivery whose body was emptied after signing is rejected",
			Purpose: "No body is a body too, and its signature does not match.",
			Probe:   forging(fault.Emptied()),
		}),
		forgery(Case{
			ID: "other-delivery", Summary: "a delivery under another genuine delivery's signature is rejected",
			Purpose: "A signature that was seen once must be good for its own delivery only.",
			Probe:   probeOtherDelivery,
		}),
	}
}

// probeOtherDelivery sends a genuine delivery and puts its signature on
// another event.
func probeOtherDelivery(p *Prober) {
	first := simulator.Delivery{Role: RoleControl, Class: simulator.Genuine, Event: p.Fresh()}
	draft, err := p.run.prepare(first)
	if err != nil {
		p.trouble(err)
		return
	}
	if p.run.terms.acknowledged(p.Deliver(first)) {
		p.Forged("", fault.OtherDelivery(draft.Signed.Fields))
	}
}

// signedType tells whether the event type lies in what the signature covers.
func (s *subject) signedType() bool {
	return s.contract.Identity.Type.Pointer != "" && s.covers("body") || s.covers("type")
}

// otherType is a type that a control is not likely to have.
func (s *subject) otherType() string {
	events := s.events()
	return events[len(events)-1].Type
}
