package conformance

import (
	"fmt"
	"mime"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// hostileChallenge breaks an answer that is pasted together instead of
// encoded.
const hostileChallenge = "a\"b'c\\d<svg/onload=alert(1)>\U0001F511 é\u2028</script>{challenge}"

// handshakeCases: the verification of the endpoint by a challenge.
func handshakeCases(s *subject) []Case {
	h := s.contract.Handshake
	none := only(h != nil, "the contract has no handshake")
	forgedLevel := May
	if h != nil && h.Unsigned == "refused" {
		forgedLevel = Must
	}
	hand := func(c Case) Case {
		c.ID = "handshake/" + c.ID
		c.NotApplicable = none
		c.Cites = "/handshake"
		return c
	}
	return []Case{
		hand(Case{ID: "echo", Level: Must, Impact: DataLoss, Summary: "a verification request, unsigned or signed, is answered with its challenge",
			Purpose: "Without the echo the provider never activates the endpoint.", Probe: probeEcho, Judge: judgeEcho}),
		hand(Case{ID: "json", Level: Must, Impact: Security, Summary: "a challenge with quotes, markup, a backslash and emoji comes back exactly, in valid JSON",
			Purpose: "An answer pasted together from text breaks, or becomes markup under the attacker's hand.", Probe: probeHostileChallenge, Judge: judgeEcho}),
		hand(Case{ID: "media-type", Level: Should, Impact: Security, Summary: "the answer is declared as what it is",
			Purpose: "A challenge declared as HTML is a reflected script.", Probe: probeEcho, Judge: judgeEchoMediaType}),
		hand(Case{ID: "forged", Level: forgedLevel, Impact: Security, Summary: "a wrongly signed verification request is not echoed",
			Purpose: "Whoever gets an echo can register the endpoint as his own.", Probe: probeForgedHandshake, Judge: judgeNotEchoed}),
		hand(Case{ID: "challenge-in-event", Level: Should, Impact: Security, Summary: "a forged event that bears a challenge is rejected",
			Purpose: "A receiver that echoes whatever has a challenge answers forgers with success.", Probe: probeChallengeInEvent}),
		hand(Case{ID: "malformed", Level: Must, Impact: Interoperability, Lane: Exclusive, Summary: "no challenge, a number, an object or 64 KiB for a challenge are answered without a 5xx",
			Purpose: "The verification path is open to everybody, before any signature.", Probe: probeMalformedHandshake}),
		hand(Case{ID: "type-confusion", Level: Must, Impact: Security, Evidence: Effects, Summary: "an unsigned verification request that also bears a real event's type has no effect",
			Purpose: "The unsigned path must not be a way round the signature.", Probe: probeTypeConfusion, Judge: judgeNoEffect}),
		hand(Case{ID: "no-effect", Level: Must, Impact: Security, Evidence: Effects, Summary: "an unsigned verification request with an added id has no effect",
			Purpose: "A handshake is not an event, whatever it carries.", Probe: probeHandshakeEffect, Judge: judgeNoEffect}),
	}
}

// handshake makes a verification request.
func (p *Prober) handshake() generate.Event {
	e, err := p.run.generator.Event(p.key(), p.run.terms.Contract.Handshake.Type, p.run.now())
	p.trouble(err)
	return e
}

// challenge sends one in both forms, the unsigned one first.
func (p *Prober) challenge(r string, faults ...fault.Fault) {
	for _, form := range p.run.terms.Contract.Handshake.Forms {
		d := simulator.Delivery{Role: role(r, form), Class: simulator.Handshake, Event: p.handshake(), Faults: faults}
		if form == "unsigned" {
			d.Faults = append([]fault.Fault{fault.Unsigned()}, faults...)
		}
		p.Deliver(d)
	}
}

func probeEcho(p *Prober) { p.challenge(RoleTold) }

func probeHostileChallenge(p *Prober) {
	p.challenge(RoleTold, fault.Challenge(quoted(hostileChallenge)))
}

func probeForgedHandshake(p *Prober) {
	p.challenge(RoleTold)
	p.Deliver(simulator.Delivery{Role: role(RoleTold, "forged"), Class: simulator.Forged, Event: p.handshake(), Faults: []fault.Fault{fault.AnotherSecret()}})
}

func probeMalformedHandshake(p *Prober) {
	at := p.run.terms.Contract.Handshake.Challenge.Pointer
	for _, v := range []struct {
		label string
		f     fault.Fault
	}{
		{"no challenge", fault.WithoutChallenge()}, {"a number", fault.Challenge("42")}, {"an object", fault.Challenge(`{"toString":1}`)},
		{"64 KiB", fault.Challenge(quoted(strings.Repeat("c", 64<<10)))}, {"no data", fault.Remove(parentOf(at))},
	} {
		for _, form := range p.run.terms.Contract.Handshake.Forms {
			d := simulator.Delivery{Role: role(RoleOdd, v.label+", "+form), Class: simulator.Handshake, Event: p.handshake(), Faults: []fault.Fault{v.f}}
			if form == "unsigned" {
				d.Faults = append(d.Faults, fault.Unsigned())
			}
			p.Deliver(d)
		}
	}
}

func parentOf(pointer string) string { return pointer[:max(strings.LastIndexByte(pointer, '/'), 0)] }

// quoted spells a string as JSON.
func quoted(text string) string {
	return string(jsondoc.Text(text).Compact())
}

// echoOf returns the challenge that an attempt asked with, and whether its
// answer is one of the right forms.
func echoOf(h *schemas.Handshake, a *simulator.Attempt) (asked string, form *schemas.HandshakeAnswer, ok bool) {
	doc, err := jsondoc.Parse([]byte(bodyText(&a.Request)))
	if err != nil {
		return "", nil, false
	}
	v, _ := doc.Get(h.Challenge.Pointer)
	asked = v.Text
	if a.Answer == nil {
		return asked, nil, false
	}
	text := bodyText(a.Answer)
	for i := range h.Answers {
		f := &h.Answers[i]
		if f.Pointer == "" {
			if strings.TrimRight(text, "\r\n") == asked {
				return asked, f, true
			}
			continue
		}
		got, err := jsondoc.Parse([]byte(text))
		if err != nil {
			continue
		}
		if v, there := got.Get(f.Pointer); there && v.Kind == jsondoc.String && v.Text == asked {
			return asked, f, true
		}
	}
	return asked, nil, false
}

// echoed lists the forms that were answered rightly, in time.
func echoed(o *Observation, t *Terms) (forms []string, answers []*simulator.Attempt, kinds []*schemas.HandshakeAnswer) {
	h := t.Contract.Handshake
	for _, a := range o.withRole(RoleTold) {
		if a.Class != simulator.Handshake {
			continue
		}
		if _, kind, ok := echoOf(h, a); ok && slices.Contains(h.Status, a.Answer.Status) && a.Phases.Answer <= t.DeadlineMS {
			forms, answers, kinds = append(forms, strings.TrimPrefix(a.Role, RoleTold+":")), append(answers, a), append(kinds, kind)
		}
	}
	return forms, answers, kinds
}

// judgeEcho: at least one form is answered rightly; which one is told.
func judgeEcho(o *Observation, t *Terms) Judgement {
	if j, stop := preconditions(o, t); stop {
		return j
	}
	if forms, _, _ := echoed(o, t); len(forms) > 0 {
		return Judgement{Verdict: Passed, Reason: "answered in the form: " + strings.Join(forms, ", ")}
	}
	var violations []Violation
	for _, a := range o.withRole(RoleTold) {
		asked, _, _ := echoOf(t.Contract.Handshake, a)
		got := t.got(a)
		if a.Answer != nil {
			got += fmt.Sprintf(" with the body %q", clip(bodyText(a.Answer), 160))
		}
		violations = append(violations, Violation{Want: fmt.Sprintf("status %s with the challenge %q", oneOf(t.Contract.Handshake.Status), clip(asked, 80)), Got: got + labelOf(a), Attempt: a.ID})
	}
	return Judgement{Verdict: Failed, Violations: violations}
}

func judgeEchoMediaType(o *Observation, t *Terms) Judgement {
	if j, stop := preconditions(o, t); stop {
		return j
	}
	_, answers, kinds := echoed(o, t)
	if len(answers) == 0 {
		return Judgement{Verdict: Inconclusive, Reason: "no verification request was answered with its challenge"}
	}
	var violations []Violation
	for i, a := range answers {
		declared, _ := header(a.Answer, "Content-Type")
		media, _, err := mime.ParseMediaType(declared)
		if err != nil || media != kinds[i].MediaType && !(strings.HasSuffix(kinds[i].MediaType, "/json") && strings.HasSuffix(media, "+json")) {
			violations = append(violations, Violation{Want: "Content-Type: " + kinds[i].MediaType, Got: fmt.Sprintf("Content-Type: %q", declared), Attempt: a.ID})
		}
	}
	return verdictOf(violations, t, o)
}

// judgeNotEchoed: the wrongly signed request got no challenge back.
func judgeNotEchoed(o *Observation, t *Terms) Judgement {
	if j, stop := preconditions(o, t); stop {
		return j
	}
	if forms, _, _ := echoed(o, t); len(forms) == 0 {
		return Judgement{Verdict: Inconclusive, Reason: "no rightly made verification request was echoed either"}
	}
	a := o.labelled(role(RoleTold, "forged"))
	if a == nil || a.Answer == nil {
		return Judgement{Verdict: Passed}
	}
	asked, _, ok := echoOf(t.Contract.Handshake, a)
	if ok || asked != "" && strings.Contains(bodyText(a.Answer), asked) {
		return Judgement{Verdict: Failed, Violations: []Violation{{Want: "no echo of the challenge", Got: t.got(a) + " with the challenge", Attempt: a.ID}}}
	}
	return Judgement{Verdict: Passed}
}

// challenging gives an event a challenge where verification requests have it.
func (p *Prober) challenging(e generate.Event) (fault.Fault, bool) {
	h := p.run.terms.Contract.Handshake
	doc, err := jsondoc.Parse(e.Body)
	if err == nil {
		doc, err = doc.With(h.Challenge.Pointer, jsondoc.Text("c-"+e.ID))
	}
	if err != nil {
		p.trouble(err)
		return fault.Fault{}, false
	}
	return fault.Body("handshake.disguised", "is a verification request with an event's members", doc.Spell(jsondoc.Style{})), true
}

func probeChallengeInEvent(p *Prober) {
	if !p.Control() {
		return
	}
	e := p.Fresh()
	if f, ok := p.challenging(e); ok {
		p.forge(RoleForged, "", func() generate.Event { return e }, f)
	}
}

// disguised is an unsigned verification request that carries a real event.
func (p *Prober) disguised(label, eventType string, faults ...fault.Fault) {
	e := p.Fresh()
	f, ok := p.challenging(e)
	if !ok {
		return
	}
	p.Deliver(simulator.Delivery{Role: role(RoleTold, label), Class: simulator.Handshake, Event: e, Faults: append([]fault.Fault{f}, append(faults, fault.Unsigned())...)})
	if eventType != "" {
		e.Type = eventType // that the observer is asked about
	}
	p.Expect(label, e, 0)
}

// probeTypeConfusion names the handshake's type and a real one, in both orders.
func probeTypeConfusion(p *Prober) {
	t := p.run.terms.Contract.Handshake.Type
	p.disguised("the event's type last", "", fault.SecondType(t, true))
	p.disguised("the event's type first", "", fault.SecondType(t, false))
}

func probeHandshakeEffect(p *Prober) {
	t := p.run.terms.Contract.Handshake.Type
	p.disguised("with an id", t, fault.UnknownType(t))
}

// judgeNoEffect: whatever was answered, nothing was applied.
func judgeNoEffect(o *Observation, t *Terms) Judgement {
	if o.Trouble != "" {
		return Judgement{Verdict: Errored, Reason: o.Trouble}
	}
	return effectsJudgement(o, t)
}
