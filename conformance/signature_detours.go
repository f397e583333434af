package conformance

import (
	"fmt"
	"strings"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
)

// signatureDetours: what a receiver may look at, and answer, before it comes to
// the signature. Each is sent without a signature and with a wrong one.
func (s *subject) signatureDetours() []Case {
	return []Case{
		forgery(Case{
			ID: "seen-event", Lane: Exclusive, Summary: "a forged delivery of an event that was taken before is rejected",
			Purpose: "Who looks for duplicates before the signature answers forgers, and tells them which events it knows.",
			Probe:   probeSeenEvent,
		}),
		forgery(Case{
			ID: "unknown-type", Lane: Exclusive, Summary: "a forged event of an unknown type is rejected",
			Purpose: "What is ignored must be verified first all the same: the type is the forger's choice.",
			Probe:   s.probeUnknownType,
		}),
		forgery(Case{
			ID: "test-claim", Lane: Exclusive, Summary: "a forgery that calls itself a test, or says that it comes from this machine or from the provider, is rejected",
			Purpose: "A way round the check that was built for testing is a way in for everybody.",
			Probe:   s.probeClaims,
		}),
		forgery(Case{
			ID: "other-path", Lane: Exclusive, Evidence: Effects, Summary: "unsigned deliveries to other spellings of the path have no effect",
			Purpose: "A check that is bound to one spelling of the path lets in what the router takes for the same.",
			Probe:   probeOtherPath, Judge: judgeNoEffect,
		}),
		forgery(Case{
			ID: "any-framing", Lane: Exclusive, Summary: "forgeries in chunked transfer coding and in a content coding get no 2xx",
			Purpose: "The check must not depend on how the body is wrapped.",
			Probe:   probeAnyFraming,
		}),
	}
}

// probeUnknownType forges a type that nobody knows and, where there is a
// handshake, one that begins as the handshake's.
func (s *subject) probeUnknownType(p *Prober) {
	if !p.Control() {
		return
	}
	for _, unknown := range []string{unknownType, "ping", "test", "webhook.test"} {
		p.forge(RoleForged, unknown, p.Fresh, fault.UnknownType(unknown))
	}
	if h := s.contract.Handshake; h != nil {
		if family, _, ok := strings.Cut(h.Type, "."); ok {
			p.forge(RoleForged, "beside the handshake", p.Fresh, fault.UnknownType(family+".unknown_event"))
		}
	}
}

// forge sends an event without a signature, and one signed with another secret.
func (p *Prober) forge(roleName, label string, event func() generate.Event, faults ...fault.Fault) {
	if label != "" {
		label += ", "
	}
	for _, how := range []struct {
		label string
		f     fault.Fault
	}{{"unsigned", fault.Unsigned()}, {"signed with another secret", fault.AnotherSecret()}} {
		p.Deliver(simulator.Delivery{Role: role(roleName, label+how.label), Class: simulator.Forged, Event: event(),
			Faults: append([]fault.Fault{how.f}, faults...)})
	}
}

func probeSeenEvent(p *Prober) {
	e := p.Fresh()
	if !p.run.terms.acknowledged(p.Deliver(simulator.Delivery{Role: RoleControl, Class: simulator.Genuine, Event: e})) {
		return
	}
	p.forge(RoleForged, "", func() generate.Event { return e })
}

// probeClaims lets a forgery claim by its headers, and then by its body, what a
// receiver may be tempted to believe.
func (s *subject) probeClaims(p *Prober) {
	if !p.Control() {
		return
	}
	platform := s.contract.Platform
	if platform == "" {
		platform = s.contract.Provider
	}
	var headers, members []fault.Fault
	for _, h := range [][2]string{
		{"User-Agent", strings.ToUpper(platform[:1]) + platform[1:] + "-Webhooks/1.0"},
		{"X-Forwarded-For", "127.0.0.1"}, {"X-Real-IP", "127.0.0.1"},
		{"X-Test", "true"}, {"X-Webhook-Test", "true"}, {"X-Debug", "true"}, {"X-Skip-Signature", "true"},
	} {
		headers = append(headers, fault.HeaderValue(h[0], h[1]))
	}
	for _, m := range [][2]string{{"test", "true"}, {"livemode", "false"}, {"sandbox", "true"}, {"debug", "true"}, {"environment", `"test"`}} {
		members = append(members, fault.AddMember("", m[0], m[1]))
	}
	p.forge(RoleForged, "by its headers", p.Fresh, headers...)
	p.forge(RoleForged, "by its body", p.Fresh, members...)
}

// probeOtherPath spells the target's path otherwise: routers forgive a slash, the
// case and an encoding, and what checks signatures may not.
func probeOtherPath(p *Prober) {
	if !p.Control() {
		return
	}
	path := p.run.sender.Client.Target()
	bare, query, found := strings.Cut(path, "?")
	if found {
		query = "?" + query
	}
	last := len(bare) - 1
	for _, other := range []string{strings.TrimSuffix(bare, "/") + "/", strings.ToUpper(bare), "/" + bare, bare[:last] + fmt.Sprintf("%%%02X", bare[last]), bare + "?x=1", bare + "/."} {
		if other == bare {
			continue
		}
		e := p.Fresh()
		p.Deliver(simulator.Delivery{Role: role(RoleTold, other), Class: simulator.Forged, Event: e, Faults: []fault.Fault{fault.Unsigned(), fault.Target(other + query)}})
		p.Expect(other, e, 0)
	}
}

func probeAnyFraming(p *Prober) {
	if !p.Control() {
		return
	}
	p.forge(RoleBarred, "chunked", p.Fresh, fault.Chunked(0))
	p.forge(RoleBarred, "gzip", p.Fresh, fault.ContentCoding("gzip"))
	p.forge(RoleBarred, "unknown coding", p.Fresh, fault.ContentCoding("x-unknown"))
}
