package conformance

import (
	"fmt"
	"slices"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
)

// signatureHeaders: where the signature stands, and what stands beside it.
func (s *subject) signatureHeaders() []Case {
	return []Case{
		forgery(Case{
			ID: "other-header", lane: exclusive, Summary: "the genuine signature under another header name is rejected",
			Purpose: "A receiver that looks into any header can be led.",
			probe:   forging(fault.OtherHeader("X-Signature")),
		}),
		forgery(Case{
			ID: "any-media-type", lane: exclusive, Summary: "forgeries as text/plain, as a form, without a media type, and by PUT get no 2xx",
			Purpose: "The check must not depend on a header that the forger chooses.",
			probe:   probeAnyMediaType,
		}),
		forgery(Case{
			ID: "repeated-header", lane: exclusive,
			Summary: "a forged and the genuine signature line together, in both orders, get no 5xx; two forged ones are rejected",
			Purpose: "Frameworks join repeated lines, or pick one: neither may crash, nor let a forgery in.",
			probe:   probeRepeatedHeader,
		}),
		forgery(Case{
			ID: "documented-status", Level: Should, Impact: Interoperability, lane: wholeRun,
			Summary:       "a bad signature is answered with the document's own status",
			Purpose:       "Providers tell a misconfigured secret from an outage by the status.",
			NotApplicable: only(s.contract.Answers.BadSignature != nil, "the contract states no status for a bad signature"),
			probe:         forging(fault.AnotherSecret()), judgeRun: judgeRefusalStatus,
		}),
		forgery(Case{
			ID: "uppercase-hex", Level: May, Impact: Interoperability, Summary: "the right digest in upper case: told",
			Purpose:       "Both answers are right; a 5xx is not.",
			NotApplicable: only(s.signatureEncoding() == "hex", "the digest is not hexadecimal"),
			probe:         surviving(fault.Uppercase()),
		}),
		forgery(Case{
			ID: "no-leak", lane: wholeRun, Summary: "no answer to a forgery holds the secret or the signature that would have been right",
			Purpose: "An error message that prints the expected signature signs the forger's next attempt.",
			probe:   forgingEach(fault.AnotherSecret(), fault.Unsigned(), fault.TamperedValue("")), judgeRun: judgeNoLeak,
		}),
	}
}

func probeAnyMediaType(p *prober) {
	if !p.Control() {
		return
	}
	barred := func(label string, faults ...fault.Fault) {
		p.Deliver(simulator.Delivery{Role: role(roleBarred, label), Class: simulator.Forged, Event: p.Fresh(), Faults: faults})
	}
	for _, media := range []string{"text/plain", "application/x-www-form-urlencoded", ""} {
		label := media
		if media == "" {
			label = "no media type"
		}
		barred(label+", unsigned", fault.Unsigned(), fault.MediaType(media))
		barred(label+", signed with another secret", fault.AnotherSecret(), fault.MediaType(media))
	}
	barred("PUT, unsigned", fault.Unsigned(), fault.Method("PUT"))
	barred("PUT, signed with another secret", fault.AnotherSecret(), fault.Method("PUT"))
}

func probeRepeatedHeader(p *prober) {
	if !p.Control() {
		return
	}
	p.Odd("forged, genuine", fault.RepeatedHeader(true))
	p.Odd("genuine, forged", fault.RepeatedHeader(false))
	p.Forged("forged, forged", fault.RepeatedForged())
}

// judgeRefusalStatus looks at forgeries whose signature is well-formed and
// wrong: what else is malformed may rightly be answered with another 4xx.
func judgeRefusalStatus(r *overview) judgement {
	documented := r.Terms.Contract.Answers.BadSignature.Documented
	seen := 0
	bad := map[int]Violation{}
	look := func(o *observation) {
		for _, a := range o.withRole(roleForged) {
			if !r.Terms.rejected(a) {
				continue
			}
			seen++
			if !slices.Contains(documented, a.Answer.Status) {
				if _, told := bad[a.Answer.Status]; !told {
					bad[a.Answer.Status] = Violation{Want: "status " + oneOf(documented), Got: status(a.Answer.Status), Attempt: a.ID}
				}
			}
		}
	}
	for _, o := range r.Observations {
		if o == r.Own || globPattern("signature/wrong-secret/*").MatchString(o.Case) || o.Case == "signature/random" {
			look(o)
		}
	}
	if seen == 0 {
		return judgement{Verdict: Inconclusive, Reason: "no forgery with a well-formed signature was rejected"}
	}
	return fromMap(bad)
}

// judgeNoLeak looks at every forgery's answer; what leaked was found while the
// secret was known and stands with the attempt.
func judgeNoLeak(r *overview) judgement {
	seen := 0
	var violations []Violation
	r.each(func(o *observation, i int) {
		a := &o.Attempts[i]
		if a.Class != simulator.Forged && a.Class != simulator.Stale || a.Answer == nil {
			return
		}
		seen++
		what := ""
		switch {
		case a.LeakedSecret:
			what = "the secret"
		case a.LeakedSignature:
			what = "the signature that would have been right"
		default:
			return
		}
		if len(violations) < 10 {
			violations = append(violations, Violation{Want: "an answer without secret or expected signature", Got: fmt.Sprintf("%s with %s in it", status(a.Answer.Status), what), Attempt: a.ID})
		}
	})
	switch {
	case seen == 0:
		return judgement{Verdict: Inconclusive, Reason: "no forgery was answered"}
	case len(violations) > 0:
		return judgement{Verdict: Failed, Violations: violations}
	}
	return judgement{Verdict: Passed}
}

// signatureElements: headers of several elements ("t=…,v1=…").
func (s *subject) signatureElements() []Case {
	h := s.signingHeader()
	elements := only(h.Grammar == "elements", "the header is not made of elements")
	return []Case{
		forgery(Case{
			ID: "element-order", Level: May, Impact: Interoperability, NotApplicable: elements,
			Summary: "the header's elements in another order: told", Purpose: "Both answers are right; a 5xx is not.",
			probe: surviving(fault.ElementOrder()),
		}),
		forgery(Case{
			ID: "spaces", Level: May, Impact: Interoperability, NotApplicable: elements,
			Summary: "spaces between the header's elements: told", Purpose: "Both answers are right; a 5xx is not.",
			probe: surviving(fault.Spaces()),
		}),
		forgery(Case{
			ID: "unknown-element", Level: Should, Impact: DataLoss, NotApplicable: elements,
			Summary: "an unknown element beside the known ones is ignored", Purpose: "New schemes arrive beside the old one.",
			Convention: "elements that are not known are ignored, so that schemes can be added",
			probe:      accepting(fault.UnknownElement()),
		}),
		forgery(Case{
			ID: "second-valid", Level: Should, Impact: DataLoss,
			NotApplicable: only(h.Rotation == "repeat", "the header does not carry two signatures"),
			Summary:       "of two signatures one is right, in both orders: acknowledged", Purpose: "While a secret is rotated deliveries carry both signatures.",
			Convention: "rotation: signatures with the old and the new secret stand side by side",
			probe:      accepting(fault.SecondSignature(true), fault.SecondSignature(false)),
		}),
		forgery(Case{
			ID: "downgraded-scheme", Level: Should, NotApplicable: elements,
			Summary: "a delivery signed only as v0 is rejected", Purpose: "A scheme that was never documented must not be a way in.",
			probe: forging(fault.DowngradedScheme()),
		}),
	}
}

// schemePrefix is the text before the digest in a plain or list header.
func schemePrefix(h schemas.SigningHeader) (string, bool) {
	for _, v := range h.Value {
		if len(v.Parts) > 1 && v.Parts[0].Var == "" {
			return v.Parts[0].Literal, true
		}
	}
	return "", false
}

func (s *subject) signatureEncoding() string {
	for _, sig := range s.contract.Signing.Signatures {
		if !sig.Legacy {
			return sig.Encode
		}
	}
	return ""
}
