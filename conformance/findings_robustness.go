package conformance

import "github.com/hookstone/hookstone/simulator"

// robustnessRules name what odd requests and load bring to light.
func robustnessRules() []rule {
	return []rule{
		{
			ID: "body-limit-missing", Title: "A body of any size is read into memory",
			Fix: "Limit the body before reading it (express.raw({limit}), http.MaxBytesReader, MAX_CONTENT_LENGTH, client_max_body_size) and answer 413 beyond.",
			Holds: func(e *evidence) *explanation {
				if e.each("robustness/oversized-unsigned", func(a *simulator.Attempt) bool { return e.terms.symptom(a) == gone }) {
					return nil // something else had ended the receiver
				}
				return e.simple(e.failed("robustness/oversized-unsigned"))
			},
		},
		{
			ID: "accepts-other-methods", Title: "Deliveries by other methods than POST are taken",
			Fix:   "Register the route for POST alone and answer 405 to the rest; check the signature whatever the method.",
			Holds: otherMethods,
		},
		{
			ID: "verifies-some-requests-only", Title: "Some requests reach the handler unchecked",
			Fix: "Verify in the one place that every request passes, before anything is looked at: not in a body parser that runs for one media type only, nor on one of several paths, nor unless a test flag, an address or the event's type says otherwise.",
			Holds: func(e *evidence) *explanation {
				x := whereAccepted("signature/any-media-type", "load/verdicts-hold", "signature/unknown-type", "signature/test-claim", "signature/any-framing", "signature/unknown-scheme", "acknowledge/connection-reuse", "acknowledge/pipelined")(e)
				if x != nil && len(x.Cases) == 1 && len(e.staleUnderLoad()) == 1 {
					return nil // the freshness check is the matter
				}
				if x != nil && len(e.failed("signature/unknown-scheme", accepted)) > 0 {
					x.Cases = e.join(x.Cases, e.failed("signature/algorithm-name", accepted))
				}
				if path := e.counted("signature/other-path", unwanted); x == nil && len(path) > 0 {
					x = e.simple(path)
				} else if x != nil {
					x.Cases = e.join(x.Cases, path)
				}
				return x
			},
		},
		{
			ID: "accepts-other-header", Title: "The signature is taken from any header",
			Fix:   "Read the documented header alone.",
			Holds: whereAccepted("signature/other-header"),
		},
		{
			ID: "crashes-on-other-methods", Title: "A request by another method than POST crashes the receiver",
			Fix:   "Answer 405 to methods that the route does not take.",
			Holds: func(e *evidence) *explanation { return e.simple(e.failed("robustness/method/*", broke...)) },
		},
		{
			ID: "depends-on-member-order", Title: "The order of the JSON members matters to the receiver",
			Fix: "Parse the body with a JSON parser and look members up by name: JSON objects have no order (RFC 8259, 4).",
			Holds: func(e *evidence) *explanation {
				if len(e.failed("raw-body/whitespace"))+len(e.failed("raw-body/pretty-printed")) > 0 {
					return nil
				}
				return e.simple(e.failed("raw-body/key-order"))
			},
		},
		{
			ID: "leaks-internals", Title: "Answers show stack traces, paths or source",
			Fix:   "Turn the framework's debug pages off (NODE_ENV=production, debug=False, app.UseExceptionHandler) and answer errors with a fixed text.",
			Holds: whereFailing("robustness/no-stack-trace"),
		},
		{
			ID: "reflects-input", Title: "Answers give back, as HTML, what they were sent",
			Fix:   "Answer errors with a fixed text, as text/plain or JSON: res.status(400).json({error: 'bad request'}). Express's res.send(text) and Flask's return text declare HTML.",
			Holds: whereFailing("robustness/no-reflection"),
		},
		{
			ID: "slow-under-load", Title: "A burst of deliveries is not answered in time",
			Fix:   "Acknowledge first and work afterwards, in a queue; size the worker pool and the database pool for bursts.",
			Holds: slowUnderLoad,
		},
		{
			ID: "rejects-expect-continue", Title: "Expect: 100-continue is refused",
			Fix:   "Let the server answer 100 Continue, or ignore the header.",
			Holds: whereFailing("acknowledge/expect-continue"),
		},
		{
			ID: "alters-body", Title: "The body is changed before the signature is checked",
			Fix:   "Compute the HMAC over the bytes as they came: no trimming, no collapsing of white space, no unescaping.",
			Holds: whereFailing("raw-body/whitespace", "raw-body/pretty-printed", "raw-body/trailing-newline", "raw-body/escaped-unicode", "raw-body/escaped-solidus", "raw-body/key-order", "raw-body/number-forms"),
		},
	}
}

// otherMethods: PUT or the like is taken; the same check by media type is
// another cause.
func otherMethods(e *evidence) *explanation {
	cases := e.failed("robustness/method-no-effect")
	if r := e.results["signature/any-media-type"]; r != nil && r.Verdict == Failed {
		put, other := false, false
		for _, v := range r.Violations {
			for i := range r.Attempts {
				if a := &r.Attempts[i]; a.ID == v.Attempt {
					put = put || a.Request.Method != e.terms.Contract.Request.Method
					other = other || a.Request.Method == e.terms.Contract.Request.Method
				}
			}
		}
		if put && !other {
			cases = e.join(cases, []string{"signature/any-media-type"})
		}
	}
	return e.simple(cases)
}

// slowUnderLoad: a burst is late or turned away, single deliveries are not.
func slowUnderLoad(e *evidence) *explanation {
	burst := e.failed("load/burst")
	if len(burst) == 0 || len(e.failed("acknowledge/event/*", late, silentTill)) > 0 {
		return nil
	}
	return e.simple(e.join(burst, e.failed("acknowledge/deadline"), e.failed("acknowledge/recommended-latency"), e.failed("idempotency/concurrent-acknowledged"),
		e.failed("idempotency/concurrent-acknowledged/all"), e.failed("load/*", crashed, late, silentTill, limited)))
}
