package conformance

import (
	"fmt"
	"sync"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/wire"
)

// transportCases: how a genuine delivery may come over HTTP and TCP.
func (s *subject) transportCases() []Case {
	return []Case{
		{
			ID: "acknowledge/charset-parameter", Level: Should, Impact: Interoperability,
			Summary: "a charset parameter on the media type changes nothing", Purpose: "HTTP clients add the parameter by themselves.",
			Convention: "media type parameters are part of Content-Type (RFC 9110, 8.3.1)",
			probe:      probeCharset,
		},
		{
			ID: "acknowledge/header-name-case", Level: Must, Impact: DataLoss,
			Summary: "the signature header is found in lower, upper and mixed case", Purpose: "HTTP/2 and many gateways send names in lower case.",
			Convention: "field names are case-insensitive (RFC 9110, 5.1)",
			probe:      accepting(fault.HeaderCase("lower"), fault.HeaderCase("upper"), fault.HeaderCase("mixed")),
		},
		{
			ID: "acknowledge/chunked", Level: Should, Impact: Interoperability, lane: exclusive,
			Summary: "a delivery in chunked transfer coding is acknowledged", Purpose: "Providers that stream their bodies send no length.",
			Convention: "a server that implements HTTP/1.1 decodes chunked (RFC 9112, 7.1)",
			probe:      accepting(fault.Chunked(0), fault.Chunked(7)),
		},
		{
			ID: "acknowledge/split-body", Level: Must, Impact: DataLoss, lane: exclusive,
			Summary: "a body that comes in two parts, a moment apart, is acknowledged", Purpose: "Every network may deliver a body in parts: one read call is not the whole.",
			Convention: "TCP is a stream (RFC 9293, 3.8); the body ends where its length says",
			probe:      accepting(fault.Slow(2, 2*splitPause)),
		},
		s.splitCharacter(),
		{
			ID: "acknowledge/slow-sender", Level: Should, Impact: Interoperability, lane: exclusive,
			Summary: "a body that comes in small pieces over a second is acknowledged, and another delivery meanwhile is not held up", Purpose: "One slow connection must not stop the traffic of all others.",
			Convention: "a receiver serves more than one connection at a time",
			probe:      probeSlowSender, judge: judgeSlowSender,
		},
		{
			ID: "acknowledge/connection-reuse", Level: Must, Impact: DataLoss, lane: exclusive,
			Summary: "genuine, forged, genuine, unsigned, genuine on one connection: acknowledged, rejected, acknowledged, rejected, acknowledged", Purpose: "A server that loses its place on a kept-alive connection answers the wrong delivery.",
			Convention: "persistent connections (RFC 9112, 9.3); the server may close one between two requests",
			probe:      probeConnectionReuse,
		},
		{
			ID: "acknowledge/pipelined", Level: Should, Impact: Security, lane: exclusive,
			Summary: "a genuine delivery and a forged one, written before either was answered, are answered each as it should be, in order", Purpose: "A gateway may write several deliveries on one connection: answers, and what is known of a delivery, must not pass from one to the next.",
			Convention: "answers come in the order of their requests (RFC 9112, 9.3.2); the server may close the connection after any of them",
			probe:      probePipelined, judge: judgePipelined,
		},
		{
			ID: "acknowledge/expect-continue", Level: May, Impact: Interoperability, lane: exclusive,
			Summary: "a sender that asks with Expect: 100-continue is acknowledged", Purpose: "Some HTTP clients ask before they send a body.",
			Convention: "100-continue (RFC 9110, 10.1.1)",
			probe:      accepting(fault.ExpectContinue()),
		},
		{
			ID: "acknowledge/no-redirect", Level: Must, Impact: DataLoss, lane: wholeRun,
			Summary: "no genuine delivery is answered with a redirect", Purpose: "Providers do not follow redirects: the event would be lost.",
			Cites: "/answers/acknowledge",
			probe: genuineTimes(1), judgeRun: judgeNoRedirect,
		},
	}
}

// splitCharacter: a character of several bytes comes in two parts.
func (s *subject) splitCharacter() Case {
	text := s.freeText()
	level := Should
	if text.pointer != "" {
		level = Must
	}
	unicode := fault.Unicode(text.pointer)
	return Case{ID: "acknowledge/split-character", Level: level, Impact: DataLoss, lane: exclusive, Event: text.event,
		Summary: "a body that is split within a character is acknowledged as the same body in one part is", Purpose: "Parts that are turned into text one by one lose the character between them.",
		Convention: "TCP is a stream (RFC 9293, 3.8): it knows no characters",
		probe: func(p *prober) {
			if p.Control(unicode) {
				p.Genuine("split", unicode, fault.SplitCharacter(splitPause))
			}
		}}
}

func probeCharset(p *prober) {
	if !p.Control() {
		return
	}
	base := p.run.terms.Contract.Request.MediaType
	p.Genuine("charset", fault.MediaType(base+"; charset=utf-8"))
	p.told("odd casing", simulator.Delivery{Class: simulator.Genuine, Event: p.Fresh(), Faults: []fault.Fault{fault.MediaType("Application/JSON;Charset=UTF-8")}})
}

// probeSlowSender uploads slowly, and half-way sends another delivery on a
// connection of its own.
func probeSlowSender(p *prober) {
	if !p.Control() {
		return
	}
	slow, quick := p.Fresh(), p.Fresh()
	upload := min(slowUpload, p.run.deadline/3)
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		p.Deliver(simulator.Delivery{Role: role(roleGenuine, "slow"), Class: simulator.Genuine, Event: slow,
			Faults: []fault.Fault{fault.Slow(slowPieces, upload)}})
	}()
	p.Pause(upload / 4)
	p.Deliver(simulator.Delivery{Role: role(roleGenuine, "meanwhile"), Class: simulator.Genuine, Event: quick})
	wg.Wait()
}

// judgeSlowSender adds to byRoles that the quick delivery was answered while
// the slow one was still being sent.
func judgeSlowSender(o *observation, t *terms) judgement {
	j := byRoles(o, t)
	slow, quick := o.labelled(role(roleGenuine, "slow")), o.labelled(role(roleGenuine, "meanwhile"))
	if j.Verdict != Passed || slow == nil || quick == nil {
		return j
	}
	sent := slow.SentAt.Add(time.Duration(slow.Phases.Write * float64(time.Millisecond)))
	answered := quick.SentAt.Add(time.Duration(quick.Phases.Total * float64(time.Millisecond)))
	if answered.After(sent) {
		return judgement{Verdict: Failed, Violations: []Violation{{
			Want: "another delivery is answered while a slow one is still being sent",
			Got:  fmt.Sprintf("it was answered only %s after the slow one had been sent", answered.Sub(sent).Round(time.Millisecond)), Attempt: quick.ID}}}
	}
	return j
}

// probeConnectionReuse plays three deliveries on one connection. A server may
// close between two of them: then the next goes over a new one.
func probeConnectionReuse(p *prober) {
	var conn *wire.Conn
	send := func(r, label string, class simulator.Class, faults ...fault.Fault) {
		e := p.Fresh()
		d := simulator.Delivery{Role: role(r, label), Class: class, Event: e, Faults: faults}
		var a *simulator.Attempt
		a, conn = p.DeliverOn(conn, d)
		if a.Connection.Reused && a.Answer == nil && a.Error != nil &&
			(a.Error.Kind == string(wire.Closed) || a.Error.Kind == string(wire.Reset)) {
			// The server closed the idle connection just as we wrote (RFC 9112,
			// 9.3.1): no fault of anybody; the same delivery on a new connection counts.
			p.obs.relabel(a.ID, role(roleTold, "closed before it was sent"))
			_, conn = p.DeliverOn(nil, d)
		}
	}
	send(roleGenuine, "first", simulator.Genuine)
	send(roleForged, "second", simulator.Forged, fault.TamperedValue(""))
	send(roleGenuine, "third", simulator.Genuine)
	// Who refuses before the body is read must read it all the same, or close.
	send(roleForged, "fourth, unsigned", simulator.Forged, fault.Unsigned())
	send(roleGenuine, "fifth", simulator.Genuine)
	if conn != nil {
		conn.Close()
	}
}
