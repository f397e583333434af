package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/simulator"
)

// acknowledgeRules name what is wrong with taking genuine deliveries.
func acknowledgeRules() []rule {
	failing := func(globs ...string) func(*evidence) *explanation {
		return func(e *evidence) *explanation {
			var lists [][]string
			for _, g := range globs {
				lists = append(lists, e.failed(g))
			}
			return e.simple(e.join(lists...))
		}
	}
	return []rule{
		{
			ID: "redirects", Title: "Deliveries are answered with a redirect",
			Fix:   "Register the address that answers itself, trailing slash, scheme and host included; exempt the path from login and canonical-host redirects. Providers do not follow redirects.",
			Holds: redirecting,
		},
		{
			ID: "requires-undocumented-field", Title: "Members that the document does not promise are required",
			Fix:   "Treat every member that the provider's document does not show as optional.",
			Holds: failing("acknowledge/documented-fields-only"),
		},
		{
			ID: "handles-some-event-types-only", Title: "Some documented event types are refused",
			Fix:   "Acknowledge every type that the endpoint is subscribed to; give the switch a default branch that answers 200, and do not let one handler's exception become the answer.",
			Holds: someTypesOnly,
		},
		{
			ID: "rejects-unknown-event-type", Title: "Events of an unknown type are refused",
			Fix:   "Acknowledge and ignore a type that you do not handle: providers add types, and retry what is refused.",
			Holds: failing("acknowledge/unknown-event-type"),
		},
		{
			ID: "rejects-unknown-field", Title: "Events with additional members are refused",
			Fix:   "Ignore members that you do not know: drop additionalProperties: false, extra=forbid, DisallowUnknownFields, FAIL_ON_UNKNOWN_PROPERTIES.",
			Holds: failing("acknowledge/unknown-field"),
		},
		{
			ID: "mangles-body-encoding", Title: "Text beyond ASCII breaks the signature check",
			Fix:   "Compute the HMAC over the bytes as received, before any decoding: express.raw(), request.get_data(), request.body (bytes), io.ReadAll. A detour through a string of another encoding changes them.",
			Holds: manglesEncoding,
		},
		{
			ID: "truncates-large-body", Title: "A large body fails the signature check",
			Fix:   "Read the body to its end before computing the HMAC: one read call may return only a part.",
			Holds: truncatesLarge,
		},
		{
			ID: "body-limit-too-small", Title: "A legitimate large delivery is refused",
			Fix:   "Raise the body limit to at least 1 MiB for the webhook's path (express.raw({limit: '1mb'}), client_max_body_size, MAX_CONTENT_LENGTH).",
			Holds: failing("acknowledge/large-body"),
		},
		{
			ID: "crashes-on-malformed-body", Title: "An unusual body crashes the receiver",
			Fix:   "Catch what parsing and handling throw. Acknowledge what is genuine but useless to you, answer 400 to what is no JSON, and never let an exception become a 500.",
			Holds: crashesOnBody,
		},
		{
			ID: "strict-media-type", Title: "A media type with a parameter is refused",
			Fix:   "Compare the media type without its parameters: application/json; charset=utf-8 is JSON.",
			Holds: failing("acknowledge/charset-parameter"),
		},
		{
			ID: "case-sensitive-header-name", Title: "The signature header is found in one casing only",
			Fix:   "Look the header up without regard to case, through the framework's own accessor: HTTP/2 and gateways send names in lower case.",
			Holds: failing("acknowledge/header-name-case"),
		},
		{
			ID: "rejects-chunked", Title: "Chunked transfer coding is refused",
			Fix:   "Let the server read chunked bodies: do not rely on Content-Length, and turn request buffering on in a proxy that cannot.",
			Holds: failing("acknowledge/chunked", "acknowledge/expect-continue"),
		},
		{
			ID: "blocks-on-slow-sender", Title: "One slow delivery holds up all others",
			Fix: "Serve connections side by side: a threaded or asynchronous server, or a buffering proxy before a single-threaded one.",
			Holds: func(e *evidence) *explanation {
				if len(e.failed("acknowledge/slow-sender", refused)) > 0 {
					return nil // truncates-large-body
				}
				return e.simple(e.failed("acknowledge/slow-sender"))
			},
		},
		{
			ID: "slow-acknowledgement", Title: "Genuine deliveries are acknowledged too slowly",
			Fix:   "Acknowledge first and work afterwards: put the event on a queue, or hand it to a background task, and answer at once.",
			Holds: slowAcknowledgement,
		},
		{
			ID: "undocumented-success-status", Title: "Deliveries are acknowledged with another status than the documented one",
			Fix: "Answer with the status that the document names.",
			Holds: func(e *evidence) *explanation {
				x := e.simple(e.failed("acknowledge/documented-status"))
				if x != nil {
					x.Minor = e.results["acknowledge/documented-status"].Level != Must
				}
				return x
			},
		},
	}
}

// crashesOnBody: something in the body makes an error of the server's.
func crashesOnBody(e *evidence) *explanation {
	fell := []symptom{crashed, dropped, garbled, gone}
	cases := e.join(e.failed("acknowledge/nul-character", fell...), e.failed("acknowledge/extreme-numbers", fell...), e.failed("acknowledge/null-optional", fell...),
		e.failed("acknowledge/unicode", fell...), e.failed("acknowledge/unknown-field", fell...), e.failed("acknowledge/unknown-event-type", fell...),
		e.failed("raw-body/duplicate-keys", fell...), e.failed("raw-body/byte-order-mark", fell...), e.failed("robustness/*", fell...), e.failed("handshake/malformed", fell...), e.failed("freshness/rfc3339-forms", fell...))
	cases = slices.DeleteFunc(cases, func(id string) bool {
		return id == "robustness/oversized-unsigned" || id == "robustness/no-stack-trace" || id == "robustness/no-reflection" || strings.HasPrefix(id, "robustness/method/")
	})
	if len(e.failed("signature/wrong-secret/*", fell...)) > 0 {
		return nil // every refusal ends so: wrong-refusal-status, drops-connections
	}
	return e.simple(cases)
}

func redirecting(e *evidence) *explanation {
	cases := e.failed("acknowledge/no-redirect")
	more := e.failed("acknowledge/*", redirected)
	if len(cases)+len(more) == 0 {
		return nil
	}
	return e.simple(e.join(cases, more, e.failed("acknowledge/event/*", redirected)))
}

// someTypesOnly: at least one type is taken and at least one refused.
func someTypesOnly(e *evidence) *explanation {
	bad := e.failed("acknowledge/event/*")
	if len(bad) == 0 || len(bad) >= e.judged("acknowledge/event/*") && e.judged("acknowledge/event/*") > 1 {
		return nil
	}
	taken := e.takenTypes()
	quick := bad[:0:0]
	for _, id := range bad {
		if !e.slowOnly(id) && !taken[strings.TrimPrefix(id, "acknowledge/event/")] {
			quick = append(quick, id)
		}
	}
	if len(quick) == 0 {
		return nil
	}
	var types []string
	for _, id := range quick {
		types = append(types, strings.TrimPrefix(id, "acknowledge/event/"))
	}
	return &explanation{Cases: e.join(quick, e.failed("acknowledge/documented-fields-only")),
		Title:    "Events of the type " + clip(strings.Join(types, ", "), 80) + " are refused",
		Evidence: fmt.Sprintf("%d of %d event types: %s", len(quick), e.judged("acknowledge/event/*"), e.shown(quick))}
}

func (e *evidence) slowOnly(id string) bool {
	r := e.results[id]
	return e.showsOnly(r, []symptom{late, silentTill})
}

// manglesEncoding: text beyond ASCII is refused although plain text is taken.
func manglesEncoding(e *evidence) *explanation {
	cases := e.failed("acknowledge/unicode", refused)
	if split := e.failed("acknowledge/split-character", refused); len(cases) == 0 && len(split) > 0 && len(e.failed("acknowledge/split-body")) == 0 {
		x := e.simple(split)
		x.Title = "A character that comes in two parts breaks the signature check"
		x.Fix = "Collect the body's parts as bytes and join those: Buffer.concat(chunks), never body += chunk, which turns each part into text on its own."
		return x
	}
	if len(cases) > 0 {
		cases = e.join(cases, e.failed("handshake/json"))
	}
	return e.simple(cases)
}

// truncatesLarge: a large body is refused like a bad signature, not like a
// large one.
func truncatesLarge(e *evidence) *explanation {
	if pieces := e.join(e.failed("acknowledge/slow-sender", refused), e.failed("acknowledge/split-body")); len(pieces) > 0 {
		x := e.simple(e.join(pieces, e.failed("acknowledge/split-character"), e.failed("acknowledge/large-body", refused), e.failed("acknowledge/chunked", refused)))
		x.Title = "A body that comes in pieces fails the signature check"
		return x
	}
	cases := e.failed("acknowledge/large-body")
	if len(cases) == 0 || e.terms.Contract.Answers.BadSignature == nil {
		return nil
	}
	for i := range e.results[cases[0]].Attempts {
		a := &e.results[cases[0]].Attempts[i]
		if roleOf(a) == RoleGenuine && a.Answer != nil {
			for _, code := range e.terms.Contract.Answers.BadSignature.Documented {
				if a.Answer.Status == code {
					return e.simple(cases)
				}
			}
		}
	}
	return nil
}

// firstLate tells whether the run's first delivery was answered after all.
func (e *evidence) firstLate() bool {
	o := e.preflight()
	return o != nil && len(o.Attempts) > 0 && e.terms.silent(o) && slices.ContainsFunc(o.Attempts, func(a simulator.Attempt) bool { return a.Answer != nil })
}

func slowAcknowledgement(e *evidence) *explanation {
	cases := e.join(e.failed("acknowledge/deadline"), e.failed("acknowledge/recommended-latency"), e.failed("acknowledge/event/*", late, silentTill), e.failed("handshake/*", late))
	if len(cases) == 0 {
		return nil
	}
	for _, id := range cases {
		if len(e.showing(id, silentTill)) > 0 && !e.answeredLate() && !e.firstLate() {
			return nil // never answered: hangs
		}
	}
	if len(e.failed("acknowledge/recommended-latency")) > 0 {
		cases = e.join(cases, e.failed("acknowledge/slow-sender"))
	}
	return e.simple(cases)
}
