package conformance

import (
	"fmt"
	"sync"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Sizes and times of the acknowledge family.
const (
	largeBody   = 64          // KiB: // what every receiver should take
	hugeBody    = 256         // KiB:// told, not judged: common frameworks stop at 100 kB
	slowUpload  = time.Second // at most: a third of the deadline
	slowPieces  = 10
	splitPause  = 60 * time.Millisecond
	latencySize = 20 // deliveries that the recommended latency is measured over, at least
)

// unknownType is a type that no provider has.
const unknownType = "conformance.unknown_event"

// acknowledgeCases: what the provider sends on a good day, and oddities that
// are still genuine.
func acknowledgeCases(s *subject) []Case {
	cases := s.eventCases()
	cases = append(cases, s.latencyCases()...)
	cases = append(cases, s.contentCases()...)
	return append(cases, s.transportCases()...)
}

func (s *subject) eventCases() []Case {
	var cases []Case
	for _, e := range s.events() {
		convention := ""
		if !s.takes(e.Type) {
			convention = "the endpoint is not subscribed to this type: that it is still taken is good practice"
		}
		cases = append(cases, Case{
			ID: "acknowledge/event/" + e.Type, Level: s.eventLevel(e), Impact: DataLoss, Event: e.Type,
			Summary: "a genuine " + e.Type + ", after the events that lead to it, is acknowledged",
			Purpose: "A receiver that refuses an event it is subscribed to loses it once the retries end.",
			Cites:   "/events/" + e.Type, Convention: convention,
			Probe: func(p *Prober) { p.Genuine("") },
		})
	}
	return cases
}

func (s *subject) latencyCases() []Case {
	c := s.contract
	deadlineLevel := Must
	if cite, ok := c.CitationFor("/deadlines/acknowledge"); ok && cite.Convention != "" {
		deadlineLevel = Should
	}
	statusLevel := Should
	if c.Answers.Acknowledge.Required {
		statusLevel = Must
	}
	return []Case{
		{
			ID: "acknowledge/documented-status", Level: statusLevel, Impact: Interoperability, Lane: WholeRun,
			Summary:       "every acknowledgement carries the document's own success status",
			Purpose:       "A provider that counts only its documented status would send the event again.",
			Cites:         "/answers/acknowledge",
			NotApplicable: only(!s.anySuccess(), "the document itself takes every 2xx for an acknowledgement"),
			Probe:         func(p *Prober) { p.Genuine("") }, JudgeRun: judgeDocumentedStatus,
		},
		{
			ID: "acknowledge/deadline", Level: deadlineLevel, Impact: DataLoss, Lane: WholeRun,
			Summary: "every genuine delivery is answered within the provider's deadline",
			Purpose: "Past the deadline the provider takes the delivery for failed and sends it again.",
			Cites:   "/deadlines/acknowledge", Convention: "the document states no deadline; 10 s is ours",
			Probe: func(p *Prober) {
				p.obs.Fact("deadline_ms", p.run.terms.DeadlineMS)
				genuineTimes(3)(p)
			}, JudgeRun: judgeDeadline,
		},
		{
			ID: "acknowledge/recommended-latency", Level: Should, Impact: Interoperability, Lane: WholeRun,
			Summary:       "19 of 20 genuine deliveries are answered within the recommended time",
			Purpose:       "Close to the deadline a slow day turns into retries and duplicates.",
			Cites:         "/deadlines/recommended",
			Convention:    "the document recommends no time; 5 s is ours",
			NotApplicable: only(c.Deadlines.Recommended.Duration > 0 && c.Deadlines.Recommended != c.Deadlines.Acknowledge, "the contract recommends no time apart from the deadline"),
			Probe:         genuineTimes(latencySize), JudgeRun: judgeRecommended,
		},
	}
}

// anySuccess tells whether it is the document that takes every 2xx for an
// acknowledgement, and not our reading of its silence.
func (s *subject) anySuccess() bool {
	cite, ok := s.contract.CitationFor("/answers/acknowledge/counts")
	return ok && cite.Convention == "" && s.contract.Answers.Acknowledge.Counts == "2xx" && !s.contract.Answers.Acknowledge.Required
}

func genuineTimes(n int) func(*Prober) {
	return func(p *Prober) {
		for range n {
			if p.ctx.Err() != nil {
				return
			}
			p.Genuine("")
		}
	}
}

func (s *subject) contentCases() []Case {
	c := s.contract
	unknownLevel := Should
	if c.Identity.UnknownType == "may-refuse" {
		unknownLevel = May
	}
	text := s.freeText()
	unicodeLevel, unicodeCites := Should, ""
	if text.pointer != "" {
		unicodeLevel, unicodeCites = Must, "/events/"+text.event
	}
	optional := s.optionalMember()
	return []Case{
		{
			ID: "acknowledge/documented-fields-only", Level: Must, Impact: DataLoss,
			Summary:       "events that carry only the documented members are acknowledged",
			Purpose:       "A receiver must not require what the document does not promise.",
			Cites:         "/identity",
			NotApplicable: only(len(s.documentedEvents()) > 0, "the document shows no event's data"),
			Probe:         documentedOnly(s.documentedEvents()),
		},
		{
			ID: "acknowledge/unknown-field", Level: Should, Impact: Interoperability,
			Summary: "additional members in envelope and data are ignored", Purpose: "Providers add members without notice.",
			Convention: "RFC 8259 receivers ignore members that they do not know; providers add them without a new version",
			Probe:      accepting(fault.UnknownMembers()),
		},
		{
			ID: "acknowledge/unknown-event-type", Level: unknownLevel, Impact: Interoperability,
			Summary: "a signed event of an unknown type is acknowledged", Cites: "/identity/unknown_type",
			Purpose:    "A type that a receiver refuses is retried for hours, and may get the endpoint disabled.",
			Convention: "a type that the receiver does not handle is not an error of the delivery",
			Probe:      accepting(fault.UnknownType(unknownType)),
		},
		{
			ID: "acknowledge/null-optional", Level: Should, Impact: Interoperability, Event: optional.event,
			Summary: "an optional member that is null is answered without a 5xx", Purpose: "Optional members are null in many providers' traffic.",
			Convention:    "a member that may be absent may be null",
			NotApplicable: only(optional.pointer != "", "no event has an optional member"),
			Probe:         surviving(fault.Nulls(optional.pointer)),
		},
		{
			ID: "acknowledge/unicode", Level: unicodeLevel, Impact: DataLoss, Event: text.event,
			Summary: "emoji, right-to-left text, combining marks, U+2028 and CJK are acknowledged", Cites: unicodeCites,
			Purpose:    "A receiver that hashes or stores characters instead of bytes refuses real names and addresses.",
			Convention: "JSON text is UTF-8 (RFC 8259, 8.1)",
			Probe:      likewise(text.pointer == "", fault.Unicode(text.pointer)),
		},
		{
			ID: "acknowledge/nul-character", Level: Should, Impact: Interoperability, Lane: Exclusive,
			Summary: "U+0000, escaped, in a string is answered without a 5xx", Purpose: "Several databases refuse the character; the delivery must not crash.",
			Convention: "U+0000 is a legal character of a JSON string when escaped (RFC 8259, 7)",
			Probe:      addedMember(RoleOdd, fault.NUL("")),
		},
		{
			ID: "acknowledge/extreme-numbers", Level: Should, Impact: Interoperability, Lane: Exclusive,
			Summary: "0, a negative number, 2^53−1 and 1e21 in an added member are answered without a 5xx", Purpose: "Numbers at the edges break careless parsers.",
			Convention: "numbers within RFC 8259, 6, and I-JSON's range",
			Probe:      addedMember(RoleOdd, fault.ExtremeNumbers()),
		},
		s.numberSpellings(),
		{
			ID: "acknowledge/large-body", Level: Should, Impact: DataLoss, Lane: Exclusive,
			Summary: "a delivery of 64 KiB is acknowledged (256 KiB is told)", Purpose: "An event with many items must not be lost to a body limit.",
			Convention: "common frameworks take 100 kB and more by default",
			Probe:      probeLargeBody,
		},
	}
}

// numberSpellings: numbers that languages spell in several ways, each as
// ECMAScript does.
func (s *subject) numberSpellings() Case {
	n := s.number()
	return Case{
		ID: "acknowledge/number-spellings", Level: Must, Impact: DataLoss, Event: n.event, Cites: "/events/" + n.event,
		NotApplicable: only(n.pointer != "", "no documented member holds a fraction"),
		Summary:       "0.00001 and 12345678.9 in a documented number are acknowledged (1e-7 and 1e+21 are told)",
		Purpose:       "A receiver that spells the body again with another language's numbers refuses small and large amounts.",
		Convention:    "numbers as the provider's language spells them (ECMA-262, Number::toString)",
		Probe: func(p *Prober) {
			if !p.Control(fault.Set(n.pointer, "12.5")) {
				return
			}
			for _, text := range []string{"0.00001", "12345678.9"} {
				p.Genuine(text, fault.Set(n.pointer, text))
			}
			for _, text := range []string{"1e-7", "1e+21"} {
				p.told(text, simulator.Delivery{Class: simulator.Genuine, Event: p.Fresh(), Faults: []fault.Fault{fault.Set(n.pointer, text)}})
			}
		},
	}
}

func documentedOnly(types []string) func(*Prober) {
	return func(p *Prober) {
		for _, t := range types {
			events, err := p.run.plain.Context(p.key(), t, p.run.now())
			if err != nil {
				p.trouble(err)
				return
			}
			// The twin: the same event with all its members.
			twin := p.Deliver(simulator.Delivery{Role: role(RoleTold, "all members of "+t), Class: simulator.Genuine, Event: p.InContext(t)})
			if !p.run.terms.acknowledged(twin) {
				p.obs.Fact("refused with all members: "+t, true)
				continue
			}
			for _, e := range events[:len(events)-1] {
				p.Deliver(simulator.Delivery{Role: RoleContext, Class: simulator.Genuine, Event: e})
			}
			p.Deliver(simulator.Delivery{Role: role(RoleGenuine, t), Class: simulator.Genuine, Event: events[len(events)-1]})
		}
	}
}

// plainMember is the twin of what is put into an added member: a receiver that
// refuses any added member tells nothing about its content.
var plainMember = fault.AddMember("", "hookstone_plain", `"plain"`)

// addedMember sends the twin, and then the odd member.
func addedMember(roleName string, f fault.Fault) func(*Prober) {
	return func(p *Prober) {
		if !p.Control(plainMember) {
			return
		}
		class := simulator.Genuine
		if roleName == RoleOdd {
			class = simulator.Malformed
		}
		p.Deliver(simulator.Delivery{Role: role(roleName, f.Name), Class: class, Event: p.Fresh(), Faults: []fault.Fault{f}})
	}
}

// likewise is accepting, with the twin of an added member where it is one.
func likewise(added bool, f fault.Fault) func(*Prober) {
	if added {
		return addedMember(RoleGenuine, f)
	}
	return accepting(f)
}

func probeLargeBody(p *Prober) {
	if !p.Control(plainMember) {
		return
	}
	p.Genuine("64 KiB", fault.Large(largeBody))
	p.told("256 KiB", simulator.Delivery{Class: simulator.Genuine, Event: p.Fresh(), Faults: []fault.Fault{fault.Large(hugeBody)}})
}

func (s *subject) transportCases() []Case {
	return []Case{
		{
			ID: "acknowledge/charset-parameter", Level: Should, Impact: Interoperability,
			Summary: "a charset parameter on the media type changes nothing", Purpose: "HTTP clients add the parameter by themselves.",
			Convention: "media type parameters are part of Content-Type (RFC 9110, 8.3.1)",
			Probe:      probeCharset,
		},
		{
			ID: "acknowledge/header-name-case", Level: Must, Impact: DataLoss,
			Summary: "the signature header is found in lower, upper and mixed case", Purpose: "HTTP/2 and many gateways send names in lower case.",
			Convention: "field names are case-insensitive (RFC 9110, 5.1)",
			Probe:      accepting(fault.HeaderCase("lower"), fault.HeaderCase("upper"), fault.HeaderCase("mixed")),
		},
		{
			ID: "acknowledge/chunked", Level: Should, Impact: Interoperability, Lane: Exclusive,
			Summary: "a delivery in chunked transfer coding is acknowledged", Purpose: "Providers that stream their bodies send no length.",
			Convention: "a server that implements HTTP/1.1 decodes chunked (RFC 9112, 7.1)",
			Probe:      accepting(fault.Chunked(0), fault.Chunked(7)),
		},
		{
			ID: "acknowledge/split-body", Level: Must, Impact: DataLoss, Lane: Exclusive,
			Summary: "a body that comes in two parts, a moment apart, is acknowledged", Purpose: "Every network may deliver a body in parts: one read call is not the whole.",
			Convention: "TCP is a stream (RFC 9293, 3.8); the body ends where its length says",
			Probe:      accepting(fault.Slow(2, 2*splitPause)),
		},
		s.splitCharacter(),
		{
			ID: "acknowledge/slow-sender", Level: Should, Impact: Interoperability, Lane: Exclusive,
			Summary: "a body that comes in small pieces over a second is acknowledged, and another delivery meanwhile is not held up", Purpose: "One slow connection must not stop the traffic of all others.",
			Convention: "a receiver serves more than one connection at a time",
			Probe:      probeSlowSender, Judge: judgeSlowSender,
		},
		{
			ID: "acknowledge/connection-reuse", Level: Must, Impact: DataLoss, Lane: Exclusive,
			Summary: "genuine, forged, genuine, unsigned, genuine on one connection: acknowledged, rejected, acknowledged, rejected, acknowledged", Purpose: "A server that loses its place on a kept-alive connection answers the wrong delivery.",
			Convention: "persistent connections (RFC 9112, 9.3); the server may close one between two requests",
			Probe:      probeConnectionReuse,
		},
		{
			ID: "acknowledge/pipelined", Level: Should, Impact: Security, Lane: Exclusive,
			Summary: "a genuine delivery and a forged one, written before either was answered, are answered each as it should be, in order", Purpose: "A gateway may write several deliveries on one connection: answers, and what is known of a delivery, must not pass from one to the next.",
			Convention: "answers come in the order of their requests (RFC 9112, 9.3.2); the server may close the connection after any of them",
			Probe:      probePipelined, Judge: judgePipelined,
		},
		{
			ID: "acknowledge/expect-continue", Level: May, Impact: Interoperability, Lane: Exclusive,
			Summary: "a sender that asks with Expect: 100-continue is acknowledged", Purpose: "Some HTTP clients ask before they send a body.",
			Convention: "100-continue (RFC 9110, 10.1.1)",
			Probe:      accepting(fault.ExpectContinue()),
		},
		{
			ID: "acknowledge/no-redirect", Level: Must, Impact: DataLoss, Lane: WholeRun,
			Summary: "no genuine delivery is answered with a redirect", Purpose: "Providers do not follow redirects: the event would be lost.",
			Cites: "/answers/acknowledge",
			Probe: genuineTimes(1), JudgeRun: judgeNoRedirect,
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
	return Case{ID: "acknowledge/split-character", Level: level, Impact: DataLoss, Lane: Exclusive, Event: text.event,
		Summary: "a body that is split within a character is acknowledged as the same body in one part is", Purpose: "Parts that are turned into text one by one lose the character between them.",
		Convention: "TCP is a stream (RFC 9293, 3.8): it knows no characters",
		Probe: func(p *Prober) {
			if p.Control(unicode) {
				p.Genuine("split", unicode, fault.SplitCharacter(splitPause))
			}
		}}
}

func probeCharset(p *Prober) {
	if !p.Control() {
		return
	}
	base := p.run.terms.Contract.Request.MediaType
	p.Genuine("charset", fault.MediaType(base+"; charset=utf-8"))
	p.told("odd casing", simulator.Delivery{Class: simulator.Genuine, Event: p.Fresh(), Faults: []fault.Fault{fault.MediaType("Application/JSON;Charset=UTF-8")}})
}

// probeSlowSender uploads slowly, and half-way sends another delivery on a
// connection of its own.
func probeSlowSender(p *Prober) {
	if !p.Control() {
		return
	}
	slow, quick := p.Fresh(), p.Fresh()
	upload := min(slowUpload, p.run.deadline/3)
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		p.Deliver(simulator.Delivery{Role: role(RoleGenuine, "slow"), Class: simulator.Genuine, Event: slow,
			Faults: []fault.Fault{fault.Slow(slowPieces, upload)}})
	}()
	p.Pause(upload / 4)
	p.Deliver(simulator.Delivery{Role: role(RoleGenuine, "meanwhile"), Class: simulator.Genuine, Event: quick})
	wg.Wait()
}

// judgeSlowSender adds to ByRoles that the quick delivery was answered while
// the slow one was still being sent.
func judgeSlowSender(o *Observation, t *Terms) Judgement {
	j := ByRoles(o, t)
	slow, quick := o.labelled(role(RoleGenuine, "slow")), o.labelled(role(RoleGenuine, "meanwhile"))
	if j.Verdict != Passed || slow == nil || quick == nil {
		return j
	}
	sent := slow.SentAt.Add(time.Duration(slow.Phases.Write * float64(time.Millisecond)))
	answered := quick.SentAt.Add(time.Duration(quick.Phases.Total * float64(time.Millisecond)))
	if answered.After(sent) {
		return Judgement{Verdict: Failed, Violations: []Violation{{
			Want: "another delivery is answered while a slow one is still being sent",
			Got:  fmt.Sprintf("it was answered only %s after the slow one had been sent", answered.Sub(sent).Round(time.Millisecond)), Attempt: quick.ID}}}
	}
	return j
}

// probeConnectionReuse plays three deliveries on one connection. A server may
// close between two of them: then the next goes over a new one.
func probeConnectionReuse(p *Prober) {
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
			p.obs.relabel(a.ID, role(RoleTold, "closed before it was sent"))
			_, conn = p.DeliverOn(nil, d)
		}
	}
	send(RoleGenuine, "first", simulator.Genuine)
	send(RoleForged, "second", simulator.Forged, fault.TamperedValue(""))
	send(RoleGenuine, "third", simulator.Genuine)
	// Who refuses before the body is read must read it all the same, or close.
	send(RoleForged, "fourth, unsigned", simulator.Forged, fault.Unsigned())
	send(RoleGenuine, "fifth", simulator.Genuine)
	if conn != nil {
		conn.Close()
	}
}
