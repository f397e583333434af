package conformance

import (
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
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
			probe: func(p *prober) { p.Genuine("") },
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
			ID: "acknowledge/documented-status", Level: statusLevel, Impact: Interoperability, lane: wholeRun,
			Summary:       "every acknowledgement carries the document's own success status",
			Purpose:       "A provider that counts only its documented status would send the event again.",
			Cites:         "/answers/acknowledge",
			NotApplicable: only(!s.anySuccess(), "the document itself takes every 2xx for an acknowledgement"),
			probe:         func(p *prober) { p.Genuine("") }, judgeRun: judgeDocumentedStatus,
		},
		{
			ID: "acknowledge/deadline", Level: deadlineLevel, Impact: DataLoss, lane: wholeRun,
			Summary: "every genuine delivery is answered within the provider's deadline",
			Purpose: "Past the deadline the provider takes the delivery for failed and sends it again.",
			Cites:   "/deadlines/acknowledge", Convention: "the document states no deadline; 10 s is ours",
			probe: func(p *prober) {
				p.obs.Fact("deadline_ms", p.run.terms.DeadlineMS)
				genuineTimes(3)(p)
			}, judgeRun: judgeDeadline,
		},
		{
			ID: "acknowledge/recommended-latency", Level: Should, Impact: Interoperability, lane: wholeRun,
			Summary:       "19 of 20 genuine deliveries are answered within the recommended time",
			Purpose:       "Close to the deadline a slow day turns into retries and duplicates.",
			Cites:         "/deadlines/recommended",
			Convention:    "the document recommends no time; 5 s is ours",
			NotApplicable: only(c.Deadlines.Recommended.Duration > 0 && c.Deadlines.Recommended != c.Deadlines.Acknowledge, "the contract recommends no time apart from the deadline"),
			probe:         genuineTimes(latencySize), judgeRun: judgeRecommended,
		},
	}
}

// anySuccess tells whether it is the document that takes every 2xx for an
// acknowledgement, and not our reading of its silence.
func (s *subject) anySuccess() bool {
	cite, ok := s.contract.CitationFor("/answers/acknowledge/counts")
	return ok && cite.Convention == "" && s.contract.Answers.Acknowledge.Counts == "2xx" && !s.contract.Answers.Acknowledge.Required
}

func genuineTimes(n int) func(*prober) {
	return func(p *prober) {
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
			probe:         documentedOnly(s.documentedEvents()),
		},
		{
			ID: "acknowledge/unknown-field", Level: Should, Impact: Interoperability,
			Summary: "additional members in envelope and data are ignored", Purpose: "Providers add members without notice.",
			Convention: "RFC 8259 receivers ignore members that they do not know; providers add them without a new version",
			probe:      accepting(fault.UnknownMembers()),
		},
		{
			ID: "acknowledge/unknown-event-type", Level: unknownLevel, Impact: Interoperability,
			Summary: "a signed event of an unknown type is acknowledged", Cites: "/identity/unknown_type",
			Purpose:    "A type that a receiver refuses is retried for hours, and may get the endpoint disabled.",
			Convention: "a type that the receiver does not handle is not an error of the delivery",
			probe:      accepting(fault.UnknownType(unknownType)),
		},
		{
			ID: "acknowledge/null-optional", Level: Should, Impact: Interoperability, Event: optional.event,
			Summary: "an optional member that is null is answered without a 5xx", Purpose: "Optional members are null in many providers' traffic.",
			Convention:    "a member that may be absent may be null",
			NotApplicable: only(optional.pointer != "", "no event has an optional member"),
			probe:         surviving(fault.Nulls(optional.pointer)),
		},
		{
			ID: "acknowledge/unicode", Level: unicodeLevel, Impact: DataLoss, Event: text.event,
			Summary: "emoji, right-to-left text, combining marks, U+2028 and CJK are acknowledged", Cites: unicodeCites,
			Purpose:    "A receiver that hashes or stores characters instead of bytes refuses real names and addresses.",
			Convention: "JSON text is UTF-8 (RFC 8259, 8.1)",
			probe:      likewise(text.pointer == "", fault.Unicode(text.pointer)),
		},
		{
			ID: "acknowledge/nul-character", Level: Should, Impact: Interoperability, lane: exclusive,
			Summary: "U+0000, escaped, in a string is answered without a 5xx", Purpose: "Several databases refuse the character; the delivery must not crash.",
			Convention: "U+0000 is a legal character of a JSON string when escaped (RFC 8259, 7)",
			probe:      addedMember(roleOdd, fault.NUL("")),
		},
		{
			ID: "acknowledge/extreme-numbers", Level: Should, Impact: Interoperability, lane: exclusive,
			Summary: "0, a negative number, 2^53−1 and 1e21 in an added member are answered without a 5xx", Purpose: "Numbers at the edges break careless parsers.",
			Convention: "numbers within RFC 8259, 6, and I-JSON's range",
			probe:      addedMember(roleOdd, fault.ExtremeNumbers()),
		},
		s.numberSpellings(),
		{
			ID: "acknowledge/large-body", Level: Should, Impact: DataLoss, lane: exclusive,
			Summary: "a delivery of 64 KiB is acknowledged (256 KiB is told)", Purpose: "An event with many items must not be lost to a body limit.",
			Convention: "common frameworks take 100 kB and more by default",
			probe:      probeLargeBody,
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
		probe: func(p *prober) {
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

func documentedOnly(types []string) func(*prober) {
	return func(p *prober) {
		for _, t := range types {
			events, err := p.run.plain.Context(p.key(), t, p.run.now())
			if err != nil {
				p.trouble(err)
				return
			}
			// The twin: the same event with all its members.
			twin := p.Deliver(simulator.Delivery{Role: role(roleTold, "all members of "+t), Class: simulator.Genuine, Event: p.InContext(t)})
			if !p.run.terms.acknowledged(twin) {
				p.obs.Fact("refused with all members: "+t, true)
				continue
			}
			for _, e := range events[:len(events)-1] {
				p.Deliver(simulator.Delivery{Role: roleContext, Class: simulator.Genuine, Event: e})
			}
			p.Deliver(simulator.Delivery{Role: role(roleGenuine, t), Class: simulator.Genuine, Event: events[len(events)-1]})
		}
	}
}

// plainMember is the twin of what is put into an added member: a receiver that
// refuses any added member tells nothing about its content.
var plainMember = fault.AddMember("", "hookstone_plain", `"plain"`)

// addedMember sends the twin, and then the odd member.
func addedMember(roleName string, f fault.Fault) func(*prober) {
	return func(p *prober) {
		if !p.Control(plainMember) {
			return
		}
		class := simulator.Genuine
		if roleName == roleOdd {
			class = simulator.Malformed
		}
		p.Deliver(simulator.Delivery{Role: role(roleName, f.Name), Class: class, Event: p.Fresh(), Faults: []fault.Fault{f}})
	}
}

// likewise is accepting, with the twin of an added member where it is one.
func likewise(added bool, f fault.Fault) func(*prober) {
	if added {
		return addedMember(roleGenuine, f)
	}
	return accepting(f)
}

func probeLargeBody(p *prober) {
	if !p.Control(plainMember) {
		return
	}
	p.Genuine("64 KiB", fault.Large(largeBody))
	p.told("256 KiB", simulator.Delivery{Class: simulator.Genuine, Event: p.Fresh(), Faults: []fault.Fault{fault.Large(hugeBody)}})
}
