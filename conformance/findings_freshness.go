package conformance

import "github.com/hookstone/hookstone/simulator"

// freshnessRules name what is wrong with the check of a delivery's age.
func freshnessRules() []rule {
	return []rule{
		{
			ID: "no-freshness-check", Title: "The age of a delivery is not checked",
			Fix: "After the signature, compare the signed timestamp with the clock and refuse what lies outside the documented tolerance, and what tells no time at all. Otherwise a recorded delivery can be replayed for ever.",
			Holds: func(e *evidence) *explanation {
				year := e.failed("freshness/stale/1y", accepted)
				missing := e.failed("freshness/missing", accepted)
				if len(year)+len(missing) == 0 {
					return nil
				}
				if len(year) == 0 {
					x := e.simple(e.join(missing, e.failed("freshness/not-a-number/empty", accepted)))
					x.Title = "A delivery that tells no time is taken for a fresh one"
					x.Fix = "Refuse a delivery whose timestamp is missing: there is nothing that could be compared with the clock."
					return x
				}
				if len(e.failed("retry/late-redelivery", refused)) > 0 {
					return nil // refuses-late-redeliveries: it is another time that is checked
				}
				return e.simple(e.join(e.showing("freshness/*", accepted), e.failed("idempotency/stale-does-not-poison"), e.staleUnderLoad()))
			},
		},
		{
			ID: "tolerance-too-wide", Title: "Old deliveries are accepted beyond the documented tolerance",
			Fix: "Use the documented tolerance, in the unit of the timestamp: seconds are not minutes, nor milliseconds.",
			Holds: func(e *evidence) *explanation {
				if len(e.failed("freshness/stale/1y", accepted)) > 0 {
					return nil
				}
				wide := e.join(e.failed("freshness/just-past", accepted), e.failed("freshness/stale/1h", accepted))
				if len(wide) == 0 || len(e.failed("retry/late-redelivery", refused)) > 0 {
					return nil
				}
				// What is signed an hour ago lies within such a tolerance, too.
				return e.simple(e.join(wide, e.staleUnderLoad(), e.failed("freshness/re-dated", accepted), e.failed("freshness/two-timestamps", accepted), e.failed("idempotency/stale-does-not-poison")))
			},
		},
		{
			ID: "tolerance-too-narrow", Title: "Deliveries within the documented tolerance are refused",
			Fix:   "Use the documented tolerance in both directions: deliveries wait in queues, and a sender's clock may be a little ahead.",
			Holds: whereFailing("freshness/within-tolerance", "freshness/small-skew-ahead"),
		},
		{
			ID: "timestamp-not-signed", Title: "The timestamp that is checked is not the one that is signed",
			Fix: "Parse the header once, refuse repeated elements, and use the same timestamp for the age and for the signed content.",
			Holds: func(e *evidence) *explanation {
				if len(e.failed("freshness/stale/1h", accepted)) > 0 {
					return nil // what is not checked need not be signed
				}
				return whereAccepted("freshness/re-dated", "freshness/two-timestamps")(e)
			},
		},
		{
			ID: "accepts-future-timestamp", Title: "Deliveries dated far ahead are accepted",
			Fix:   "Compare the absolute difference: abs(now - timestamp) <= tolerance. now - timestamp alone is negative for a date ahead, and so always small enough.",
			Holds: whereAccepted("freshness/future/*"),
		},
		{
			ID: "lenient-timestamp-parsing", Title: "Timestamps that are none are accepted",
			Fix: "Accept the documented form of the timestamp only (for Unix seconds /^[0-9]+$/) before converting it. parseInt and floating-point parsers take more, and every comparison with NaN is false.",
			Holds: func(e *evidence) *explanation {
				x := whereAccepted("freshness/not-a-number/*", "freshness/missing")(e)
				if x != nil && len(x.Cases) == 1 && x.Cases[0] == "freshness/not-a-number/plus-now" {
					x.Minor = true // the same moment, in a spelling that is not documented
				}
				return x
			},
		},
		{
			ID: "refuses-late-redeliveries", Title: "A redelivery of an old event is refused",
			Fix: "Check the time of the signature, not the date of the event: a retry is signed anew hours after the event happened.",
			Holds: func(e *evidence) *explanation {
				late := e.failed("retry/late-redelivery")
				if len(late) == 0 || len(e.failed("freshness/stale/1h", accepted)) == 0 {
					return e.simple(late)
				}
				x := e.simple(e.join(late, e.showing("freshness/*", accepted), e.staleUnderLoad(), e.failed("idempotency/out-of-order", refused), e.failed("idempotency/stale-does-not-poison")))
				x.Title = "The date of the event is checked, and not the time of the signature"
				x.Evidence = "old signatures under a fresh event are taken, and a fresh signature under an old event is refused; " + e.shown(x.Cases)
				return x
			},
		},
	}
}

// staleUnderLoad is load/verdicts-hold where nothing but stale deliveries was
// accepted in it.
func (e *evidence) staleUnderLoad() []string {
	if e.each("load/verdicts-hold", func(a *simulator.Attempt) bool { return a.Class == simulator.Stale && e.terms.symptom(a) == accepted }) {
		return []string{"load/verdicts-hold"}
	}
	return nil
}

// whereFailing holds where any case of the globs failed.
func whereFailing(globs ...string) func(*evidence) *explanation {
	return func(e *evidence) *explanation {
		var lists [][]string
		for _, g := range globs {
			lists = append(lists, e.failed(g))
		}
		return e.simple(e.join(lists...))
	}
}

// handshakeRules name what is wrong with answering the verification request.
func handshakeRules() []rule {
	return []rule{
		{
			ID: "handshake-not-answered", Title: "The verification request is not answered with its challenge",
			Fix: "Answer the provider's verification request before anything that needs the secret: 200 with {\"challenge\": <the same text>}.",
			Holds: func(e *evidence) *explanation {
				echo := e.failed("handshake/echo")
				if len(echo) == 0 || len(e.failed("handshake/echo", late)) > 0 {
					return nil
				}
				x := e.simple(e.join(echo, e.failed("handshake/json"), e.failed("handshake/media-type")))
				if code := e.echoedWith(); code != 0 {
					x.Title = "The verification request is answered with status " + status(code)
					x.Fix = "Answer the verification request with " + oneOf(e.terms.Contract.Handshake.Status) + ": the challenge itself is right."
					return x
				}
				if challengeShown(e.results["handshake/echo"]) {
					return nil // handshake-not-json
				}
				return x
			},
		},
		{
			ID: "handshake-not-json", Title: "The answer to the verification request is not proper JSON",
			Fix: "Build the answer with the JSON encoder (res.json, jsonify, JsonResponse, json.Marshal) and declare it as application/json. Do not paste or escape the challenge by hand.",
			Holds: func(e *evidence) *explanation {
				cases := e.join(e.failed("handshake/json"), e.failed("handshake/media-type"))
				if r := e.results["handshake/echo"]; r != nil && r.Verdict == Failed {
					if !challengeShown(r) || e.echoedWith() != 0 {
						return nil
					}
					cases = e.join(cases, []string{"handshake/echo"})
				}
				return e.simple(cases)
			},
		},
		{
			ID: "handshake-unauthenticated", Title: "The verification request is a way round the signature",
			Fix:   "Take a delivery for a verification request only by its type, exactly at its place in the parsed body; check the signature whenever there is one; never dispatch an event from that path.",
			Holds: whereFailing("handshake/forged", "handshake/type-confusion", "handshake/challenge-in-event"),
		},
		{
			ID: "handshake-has-effect", Title: "A verification request is applied as if it were an event",
			Fix:   "Return right after the echo.",
			Holds: whereFailing("handshake/no-effect", "handshake/type-confusion"),
		},
	}
}

// echoedWith is the 2xx that the right echo of a challenge came with although
// it should have been another; 0 where no echo was right but for that.
func (e *evidence) echoedWith() int {
	r := e.results["handshake/echo"]
	if r == nil || r.Verdict != Failed {
		return 0
	}
	for i := range r.Attempts {
		a := &r.Attempts[i]
		if _, _, ok := echoOf(e.terms.Contract.Handshake, a); ok && a.Answer.Status/100 == 2 {
			return a.Answer.Status
		}
	}
	return 0
}

// challengeShown tells whether an answer held the challenge in some other form.
func challengeShown(r *CaseResult) bool {
	for i := range r.Attempts {
		a := &r.Attempts[i]
		asked := challengeOf(a)
		if a.Answer != nil && a.Answer.Status/100 == 2 && asked != "" && containsText(bodyText(a.Answer), asked) {
			return true
		}
	}
	return false
}
