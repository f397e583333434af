package conformance

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/hookstone/hookstone/simulator"
)

// broke are the symptoms of a check that failed instead of refusing.
var broke = []symptom{crashed, dropped, silentTill, late, garbled, gone}

// signatureRules name what is wrong with a signature check.
func signatureRules() []rule {
	return []rule{
		{
			ID: "acknowledges-forgeries", Title: "Forgeries are recognised, but answered with success",
			Fix:   "Answer a delivery whose signature does not verify with the documented 4xx, and return before anything else: res.status(401).end(); return (Express), abort(401) (Flask), HttpResponse(status=401) (Django). A 2xx tells the provider, and a forger, that the event was taken.",
			Holds: acknowledgesForgeries,
		},
		{
			ID: "accepts-unsigned", Title: "Deliveries without a signature are accepted",
			Fix:   "Refuse a delivery that lacks the signature header before looking at its body, for every event type and method. A check inside `if (signature) { … }` is no check.",
			Holds: acceptsUnsigned,
		},
		{
			ID: "accepts-any-signature", Title: "The signature is looked for, but not compared",
			Fix:   "Compute the HMAC over the raw body with the shared secret and compare it with the received digest in constant time (crypto.timingSafeEqual, hmac.compare_digest, hmac.Equal, MessageDigest.isEqual, hash_equals). Return when it differs.",
			Holds: acceptsAnySignature,
		},
		{
			ID: "accepts-empty-secret", Title: "Deliveries signed with an empty or blank secret are accepted",
			Fix:   "Fail at start-up where the secret is unset, empty or blank: an environment variable that is missing must not become an empty key.",
			Holds: whereAccepted("signature/empty-secret", "signature/blank-secret"),
		},
		{
			ID: "accepts-published-secret", Title: "Deliveries signed with a published secret are accepted",
			Fix:   "Take the secret out of the code that was copied from the documentation, and configure the one that the provider issued. Accept no second, built-in secret.",
			Holds: whereAccepted("signature/published-secret"),
		},
		{
			ID: "accepts-retired-secret", Title: "The retired secret still signs",
			Fix:   "End the overlap of a rotation: drop the old secret from the list that the receiver tries.",
			Holds: whereAccepted("signature/retired-secret"),
		},
		{
			ID: "lenient-signature-decoding", Title: "The digest is decoded leniently before it is compared",
			Fix:   "Refuse a digest that is not exactly the documented number of hexadecimal digits before decoding it: Buffer.from(x, 'hex') stops silently at the first bad character, and other decoders skip white space or accept another alphabet. Compare decoded bytes of equal length.",
			Holds: lenientDecoding,
		},
		{
			ID: "compares-part-of-signature", Title: "Only a part of the digest is compared",
			Fix:   "Compare the whole digest, after checking that its length is the expected one. startsWith, indexOf, includes and comparisons over the shorter length let a digest be guessed piece by piece.",
			Holds: comparesPart,
		},
		{
			ID: "accepts-other-algorithm", Title: "Another algorithm's digest is accepted",
			Fix: "Accept the documented algorithm alone. Do not take the algorithm from the delivery, and do not fall back to a weaker one.",
			Holds: func(e *evidence) *explanation {
				globs := []string{"signature/plain-sha256", "signature/md5", "signature/sha1", "signature/sha512"}
				if len(e.failed("signature/unknown-scheme", accepted)) == 0 {
					globs = append(globs, "signature/algorithm-name")
				}
				return whereAccepted(globs...)(e)
			},
		},
		{
			ID: "accepts-other-contract", Title: "The sibling contract's signature is accepted",
			Fix:   "Verify by the contract that this endpoint is registered for, and by it alone.",
			Holds: whereAccepted("signature/other-contract", "signature/downgraded-scheme"),
		},
		{
			ID: "checks-part-of-body", Title: "The signature is checked over something other than the body that came",
			Fix:   "Compute the HMAC over every byte of the raw body, and process exactly those bytes. Do not sign a selection of members, a re-built object or a body that was read earlier.",
			Holds: whereAccepted("signature/tampered-*", "signature/appended", "signature/emptied", "signature/other-delivery"),
		},
		{
			ID: "wrong-refusal-status", Title: "Forgeries are refused with the wrong status",
			Fix:   "Answer a bad signature with the documented status. An exception that reaches the framework becomes a 500, which the provider takes for an outage and retries; a redirect is followed by nobody.",
			Holds: wrongRefusalStatus,
		},
		{
			ID: "crashes-on-unsigned", Title: "A delivery without a signature crashes the receiver",
			Fix:   "Check that the header exists before using it: headers['…'] is undefined (None, null) when it is missing, and calling a method on it throws.",
			Holds: crashesOnUnsigned,
		},
		{
			ID: "crashes-on-malformed-signature", Title: "A malformed signature crashes the receiver",
			Fix:   "Refuse a digest of the wrong length or alphabet before comparing: crypto.timingSafeEqual throws when the lengths differ, hmac.compare_digest throws on non-ASCII text, hex decoders throw on other characters. Catch what verification throws and answer with the documented 4xx.",
			Holds: crashesOnMalformed,
		},
		{
			ID: "leaks-secret", Title: "An answer to a forgery reveals the secret or the expected signature",
			Fix:   "Answer with a fixed text. Never put the expected signature, the secret or the signing string into a response.",
			Holds: func(e *evidence) *explanation { return e.simple(e.failed("signature/no-leak")) },
		},
		{
			ID: "brittle-header-parsing", Title: "The signature header is parsed too narrowly",
			Fix: "Split the header into its elements, look each up by name, ignore unknown ones, and treat a repeated or joined header as a list. Refuse what cannot be parsed with a 4xx.",
			Holds: func(e *evidence) *explanation {
				if e.refusedAgain() {
					x := e.simple(e.spoiltBy(refused))
					if x != nil {
						x.First = true
						x.Title = "Some genuine signatures are refused for the characters that they hold"
						x.Fix = "Take the prefix off as a whole: TrimPrefix, removeprefix, slice(prefix.length). TrimLeft, lstrip and strip take a set of characters and eat into digests that begin with one of them."
						x.Evidence = "genuine deliveries that were refused are refused again, byte for byte and alone, while others are taken; " + x.Evidence
					}
					return x
				}
				var byPlace []string // an element that is left out moves the others, too
				if len(e.failed("signature/element-order", broke...)) > 0 {
					byPlace = e.failed("freshness/missing", broke...)
				}
				return e.simple(e.join(byPlace, e.failed("signature/repeated-header"), e.failed("signature/unknown-element"), e.failed("signature/element-order"), e.failed("signature/spaces"), e.failed("signature/uppercase-hex"),
					e.failed("signature/second-valid", broke...), e.failed("freshness/two-timestamps", broke...)))
			},
		},
		{
			ID: "ignores-rotated-signature", Title: "Only one of several signatures is tried", Minor: true,
			Fix:   "Accept a delivery when any signature of the documented scheme in the header verifies: while a secret is rotated there are two.",
			Holds: func(e *evidence) *explanation { return e.simple(e.failed("signature/second-valid")) },
		},
	}
}

// simple explains the cases by what they showed; nil for none.
func (e *evidence) simple(cases []string) *explanation {
	if len(cases) == 0 {
		return nil
	}
	return &explanation{Cases: cases, Evidence: e.shown(cases)}
}

// whereAccepted holds where a forgery of the cases was answered with 2xx although
// a plain wrong signature is not.
func whereAccepted(globs ...string) func(*evidence) *explanation {
	return func(e *evidence) *explanation {
		var lists [][]string
		for _, g := range globs {
			lists = append(lists, e.failed(g, accepted))
		}
		return e.simple(e.join(lists...))
	}
}

// acceptedForgeries are all cases in which a forgery was answered with 2xx.
func (e *evidence) acceptedForgeries() []string {
	return e.join(e.showing("signature/*", accepted), e.showing("acknowledge/connection-reuse", accepted), e.showing("acknowledge/pipelined", accepted),
		e.showing("freshness/*", accepted), e.showing("raw-body/respelled-after-signing", accepted), e.showing("handshake/*", accepted),
		e.showing("robustness/unsigned-*", accepted), e.showing("load/verdicts-hold", accepted), e.showing("robustness/oversized-unsigned", accepted), e.failed("robustness/method/*"),
		e.counted("signature/other-path", unwanted))
}

// showing lists failed cases of which at least one violating attempt showed
// the symptom.
func (e *evidence) showing(glob string, s symptom) []string {
	var out []string
	for _, id := range e.failed(glob) {
		if slices.ContainsFunc(e.violating(e.results[id]), func(a *simulator.Attempt) bool { return e.terms.symptom(a) == s }) {
			out = append(out, id)
		}
	}
	return out
}

func acceptsUnsigned(e *evidence) *explanation {
	missing := e.showing("signature/missing/*", accepted)
	if e.partsTaken() && len(e.showing("signature/wrong-secret/*", accepted)) == 0 {
		return nil // no text is a part of every digest: compares-part-of-signature
	}
	if len(missing) == 0 {
		return e.simple(e.join(e.failed("signature/empty", accepted), e.failed("signature/blank", accepted), e.failed("signature/scheme-only", accepted)))
	}
	x := &explanation{Cases: missing, Evidence: e.shown(missing)}
	if wrong := e.showing("signature/wrong-secret/*", accepted); len(wrong) > 0 {
		x.Cases = e.join(e.acceptedForgeries(), e.failed(forgeriesCase))
		x.Evidence = fmt.Sprintf("deliveries without a signature were accepted (%s), and so were those with a wrong one (%s)", e.shown(missing), e.shown(wrong))
		return x
	}
	x.Cases = e.join(missing, e.failed("signature/empty", accepted), e.failed("signature/blank", accepted), e.failed("signature/scheme-only", accepted),
		e.failed("signature/other-header", accepted), e.showing("signature/any-media-type", accepted), e.failed("robustness/unsigned-*", accepted),
		e.detours(accepted), e.failed("signature/any-framing", accepted), e.counted("signature/other-path", unwanted))
	if judged := e.judged("signature/missing/*"); len(missing) < judged {
		x.Title = "Deliveries of some event types are accepted without a signature"
		x.Evidence = fmt.Sprintf("%d of %d event types: %s", len(missing), judged, e.shown(missing))
	}
	return x
}

func acceptsAnySignature(e *evidence) *explanation {
	wrong := e.showing("signature/wrong-secret/*", accepted)
	if len(wrong) == 0 {
		return nil
	}
	x := &explanation{Cases: e.join(e.acceptedForgeries(), e.failed(forgeriesCase)), Evidence: e.shown(wrong)}
	if judged := e.judged("signature/wrong-secret/*"); len(wrong) < judged {
		x.Title = "The signature is not compared for some event types"
		x.Evidence = fmt.Sprintf("%d of %d event types: %s", len(wrong), judged, e.shown(wrong))
	}
	return x
}

// judged counts the cases of a glob that have a verdict of the receiver's.
func (e *evidence) judged(glob string) int {
	re := globPattern(glob)
	n := 0
	for _, id := range e.order {
		if v := e.results[id].Verdict; re.MatchString(id) && (v == Passed || v == Failed || v == Flaky) {
			n++
		}
	}
	return n
}

// refusalWords are what an answer says that means no although its status says
// yes.
var refusalWords = regexp.MustCompile(`(?i)invalid|error|fail|reject|denied|forbidden|unauthori[sz]ed|mismatch|bad signature|not verified|ignored|"(ok|success|valid|verified)"\s*:\s*false`)

// acknowledgesForgeries: forgeries answered 2xx that had no effect, or whose
// answer says no where genuine ones do not.
func acknowledgesForgeries(e *evidence) *explanation {
	cases := slices.DeleteFunc(e.acceptedForgeries(), e.emptyOnly)
	switch {
	case len(cases) == 0:
		return nil
	case e.plainForgeriesRefused(cases):
		return answeredFirst(e, cases)
	}
	if quiet := e.effectless(cases); len(quiet) > 0 {
		return &explanation{Cases: e.acceptedForgeries(), Evidence: e.shown(quiet) + "; the observer counted no effect of them"}
	}
	for _, id := range cases {
		r := e.results[id]
		o := &observation{Attempts: r.Attempts}
		control, forged := o.labelled(roleControl), o.labelled(roleForged)
		if control == nil || forged == nil || forged.Answer == nil || control.Answer == nil {
			continue
		}
		text := bodyText(forged.Answer)
		if e.terms.symptom(forged) == accepted && refusalWords.MatchString(text) && !refusalWords.MatchString(bodyText(control.Answer)) {
			return &explanation{Cases: cases, Evidence: fmt.Sprintf("%s with the body %q", e.shown(cases), clip(text, 120))}
		}
	}
	return nil
}

// plainForgeriesRefused tells whether what was accepted is only what a receiver
// can look at before it comes to the signature.
func (e *evidence) plainForgeriesRefused(accepted []string) bool {
	return !slices.ContainsFunc(accepted, func(id string) bool {
		return !slices.Contains(detours, id) && id != "signature/any-framing" && id != "signature/any-media-type"
	})
}

// answeredFirst: forgeries of known events, or of unknown types, get success and
// have no effect: the receiver was done with them before it looked at the
// signature.
func answeredFirst(e *evidence, cases []string) *explanation {
	seen, unknown := e.failed("signature/seen-event", accepted), e.failed("signature/unknown-type", accepted)
	if len(seen)+len(unknown) < len(cases) || len(seen) > 0 && len(unknown) > 0 {
		return nil
	}
	x := e.simple(cases)
	if len(seen) > 0 {
		x.Title = "Known events are answered before the signature is checked"
		x.Fix = "Verify the signature first, and look for duplicates behind it: otherwise whoever has seen or guesses an event's id gets success for a forgery, and learns which events were taken."
		return x
	}
	x.Title = "Events of unknown types are acknowledged before the signature is checked"
	x.Fix = "Verify the signature first, and look at the event's type behind it: the type is part of what the signature protects."
	return x
}

// emptyOnly tells whether nothing but empty bodies was accepted in a case.
func (e *evidence) emptyOnly(id string) bool {
	for i := range e.results[id].Attempts {
		a := &e.results[id].Attempts[i]
		if e.forgery(a) && e.terms.symptom(a) == accepted && a.Request.Body.Length > 0 {
			return false
		}
	}
	return true
}

// forgery tells whether an attempt is one that must not be taken.
func (e *evidence) forgery(a *simulator.Attempt) bool {
	return a.Class == simulator.Forged || a.Class == simulator.Stale
}

// effectless lists the cases whose accepted forgeries were all observed to have
// had no effect; nil if any of the cases had one.
func (e *evidence) effectless(cases []string) []string {
	r := e.results[forgeriesCase]
	if r == nil || !e.terms.Observed {
		return nil
	}
	counted := map[string]bool{}
	for _, x := range r.Effects {
		if x.Count == nil {
			continue
		}
		if *x.Count > 0 {
			return nil
		}
		counted[x.Label] = true
	}
	var out []string
	for _, id := range cases {
		if counted[id] {
			out = append(out, id)
		}
	}
	return out
}

// wrongRefusalStatus: every plain wrong signature gets the same wrong status.
func wrongRefusalStatus(e *evidence) *explanation {
	bad := e.join(e.failed("signature/wrong-secret/*", crashed, redirected), e.failed("freshness/stale/*", crashed, redirected))
	plain := e.join(e.failed("signature/documented-status"), e.failed("freshness/documented-status"))
	if len(bad) == 0 {
		return e.simple(plain)
	}
	if len(e.failed("signature/wrong-secret/*", crashed, redirected)) == 0 {
		return e.simple(e.join(bad, plain, e.failed("freshness/*", crashed, redirected)))
	}
	return e.simple(e.join(bad, plain, e.failed("signature/*", crashed, redirected), e.failed("freshness/*", crashed, redirected), e.failed("acknowledge/connection-reuse", crashed, redirected), e.failed("robustness/unsigned-*", crashed, redirected), e.failed("raw-body/respelled-after-signing", crashed, redirected)))
}
