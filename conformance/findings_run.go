package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/wire"
)

// rules are in order from the most particular cause to the most general.
func rules() []rule {
	var all []rule
	for _, family := range [][]rule{runRules(), signatureRules(), freshnessRules(), handshakeRules(), acknowledgeRules(), effectRules(), robustnessRules()} {
		all = append(all, family...)
	}
	return all
}

// runRules name what concerns a run as a whole.
func runRules() []rule {
	return []rule{
		{
			ID: "not-a-receiver", Title: "This address does not take webhooks",
			Fix:   "Check the target's path and port, and the method and media type that the route is registered for.",
			Holds: notAReceiver,
		},
		{
			ID: "reserialises-json", Title: "The signature is checked over a re-serialised body",
			Fix:   "Compute the HMAC over the raw bytes of the request, before any JSON parsing: express.raw({type: 'application/json'}) (Express), a content type parser with parseAs 'buffer' (Fastify), await request.text() (Next.js), request.get_data() (Flask), request.body (Django, FastAPI: await request.body()), io.ReadAll(r.Body) (Go), @RequestBody byte[] (Spring), Request.Body read before model binding (ASP.NET), $request->getContent() (Laravel), request.raw_post (Rails).",
			Holds: reserialises,
		},
		{
			ID: "reserialises-json", Title: "Some numbers break the signature check: the body is spelled again",
			Fix:   "Compute the HMAC over the raw bytes of the request. Where the body has to be spelled again, spell its numbers as ECMAScript does: 0.00001 is not 1e-05, and 12345678.9 is not 1.23456789E7.",
			Holds: func(e *evidence) *explanation { return e.simple(e.failed("acknowledge/number-spellings", refused)) },
		},
		{
			ID: "always-refuses", Title: "Every genuine delivery is refused",
			Fix:   "See the evidence for the likelier cause, and compare the secret, the signed bytes and the header with the provider's document.",
			Holds: alwaysRefuses,
		},
		{
			ID: "endless-answer", Title: "Answers are longer than any answer may be",
			Fix:   "Answer a delivery with a status and a short body: nothing reads more of it than a log. Look for a loop, a stream or an error page that writes into the response.",
			Holds: endlessAnswer,
		},
		{
			ID: "malformed-answer", Title: "Answers are not proper HTTP",
			Fix:   "Let the server write status line and headers: a line printed to the socket, two answers to one request, or a header with a line break in it is no answer to the sender.",
			Holds: malformedAnswer,
		},
		{
			ID: "hangs", Title: "The receiver does not answer",
			Fix:   "Send the answer on every path, also when refusing and in error handlers; call res.end(), return a response, and set a timeout on what the handler waits for.",
			Holds: hangs,
		},
		{
			ID: "always-accepts", Title: "Whatever comes is answered with success",
			Fix:   "This address answers 200 to anything: a static page, a health check or a catch-all route. Point the run at the webhook's own path, or let the handler look at what it gets.",
			Holds: alwaysAccepts,
		},
		{
			ID: "shares-state-between-requests", Title: "Deliveries at the same time disturb each other",
			Fix:   "Keep the body, the signature and the event in variables of the request, never in globals, module state or a shared buffer.",
			Holds: sharesState,
		},
		{
			ID: "drops-connections", Title: "Connections are closed without an answer",
			Fix:   "Answer every delivery, also a refused one: read the body to its end first, and do not destroy the socket. Look for a proxy, a worker or a keep-alive timeout that ends connections.",
			Holds: dropsConnections,
		},
		{
			ID: "dies", Title: "The receiver stopped working during the run",
			Fix:   "Catch what the handler throws, asynchronous failures included (an unhandled rejection ends a Node process), and let a supervisor start the receiver again.",
			Holds: dies,
		},
		{
			ID: "rate-limited", Title: "The receiver limits the rate of deliveries",
			Fix:   "Exempt the harness, or lower --rate, and run again.",
			Holds: rateLimitedRun,
		},
		{
			ID: "clock-skewed", Title: "The receiver's clock is off",
			Fix: "Synchronise the clocks of the receiver and of the machine that runs the suite (NTP), and run again.",
			Holds: func(e *evidence) *explanation {
				if !e.skewed {
					return nil
				}
				return &explanation{Always: true, First: true, Evidence: "the Date headers of the answers differ by more than 10 s from this machine's clock"}
			},
		},
	}
}

// preflight is the observation of the first genuine deliveries.
func (e *evidence) preflight() *Observation { return e.diagnostics["preflight"] }

// nothingTaken tells whether no genuine delivery of the preflight was
// acknowledged although answers came.
func (e *evidence) nothingTaken() bool {
	o := e.preflight()
	if o == nil || len(o.Attempts) == 0 || rateLimited(&o.Attempts[0]) {
		return false
	}
	answered := false
	for i := range o.Attempts {
		if e.terms.acknowledged(&o.Attempts[i]) {
			return false
		}
		answered = answered || o.Attempts[i].Answer != nil || e.terms.symptom(&o.Attempts[i]) == dropped || e.terms.symptom(&o.Attempts[i]) == garbled
	}
	return answered && !e.terms.silent(o)
}

// undone are the cases that a refusal of everything leaves failed or open.
func (e *evidence) undone() []string {
	var out []string
	for _, id := range e.order {
		if v := e.results[id].Verdict; v == Failed {
			out = append(out, id)
		}
	}
	return out
}

// notAReceiver: answers that no webhook route gives to a genuine delivery.
func notAReceiver(e *evidence) *explanation {
	if !e.nothingTaken() || e.accepted("diagnostic/refusal") != "" {
		return nil
	}
	first := &e.preflight().Attempts[0]
	why := ""
	switch {
	case e.preflight().Facts["speaks_tls"] == true:
		why = "the port speaks TLS, and the target says http: give it as https://"
	case beyond(first):
		return nil // endless-answer
	case first.Answer == nil && e.terms.symptom(first) == garbled:
		why = "what listens there does not speak HTTP"
	case first.Answer == nil:
		return nil
	case first.Answer.Status == http.StatusNotFound:
		why = "404 Not Found: the path is likelier wrong than the secret"
	case first.Answer.Status == http.StatusMethodNotAllowed:
		why = "405 Method Not Allowed: the path exists and takes no POST"
	case first.Answer.Status/100 == 3:
		return nil
	case first.Answer.Status == http.StatusNotImplemented:
		why = "501 Not Implemented: the server takes no POST"
	}
	if why == "" {
		return nil
	}
	return &explanation{Cases: e.undone(), Always: true, First: true, Evidence: why, Title: "This address does not take webhooks: " + why}
}

// accepted returns the label of the first variant that the receiver took in a
// diagnostic; "" for none.
func (e *evidence) accepted(diagnostic string) string {
	if o := e.diagnostics[diagnostic]; o != nil {
		for i := range o.Attempts {
			if a := &o.Attempts[i]; e.terms.acknowledged(a) && strings.HasPrefix(a.Role, RoleTold+":") {
				return strings.TrimPrefix(a.Role, RoleTold+":")
			}
		}
	}
	return ""
}

// likeBadSignature: the status that this contract, or HTTP, has for it.
func (e *evidence) likeBadSignature(a *simulator.Attempt) bool {
	if a.Answer == nil {
		return false
	}
	if a.Answer.Status == http.StatusUnauthorized || a.Answer.Status == http.StatusForbidden {
		return true
	}
	if bad := e.terms.Contract.Answers.BadSignature; bad != nil {
		for _, s := range bad.Documented {
			if a.Answer.Status == s {
				return true
			}
		}
	}
	return false
}

func hangs(e *evidence) *explanation {
	if o := e.preflight(); o != nil && e.terms.silent(o) {
		x := e.simple(e.undone())
		if x == nil {
			x = &explanation{}
		}
		x.Always, x.First = true, true
		if e.firstLate() {
			return nil // answered, too late: slow-acknowledgement
		}
		a := &o.Attempts[0]
		x.Evidence = "the connection is accepted, and " + e.terms.got(a)
		if begun(a) {
			x.Title, x.Fix = begunTitle, begunFix
			x.Evidence = fmt.Sprintf("%d bytes of an answer came, and %s", a.Error.Received, e.terms.got(a))
		}
		return x
	}
	var cases []string
	for _, id := range e.failed("*") {
		if e.answeredLate() && strings.HasPrefix(id, "acknowledge/event/") {
			continue // slow-acknowledgement
		}
		if e.showsOnly(e.results[id], []symptom{silentTill}) && id != "acknowledge/deadline" && (id != "acknowledge/connection-reuse" || e.refusalBroke()) {
			cases = append(cases, id)
		}
	}
	if len(cases) == 0 {
		return nil
	}
	x := e.simple(e.join(cases, e.failed("acknowledge/deadline")))
	if !slices.ContainsFunc(cases, func(id string) bool { return !e.each(id, begun) }) {
		x.Title, x.Fix = begunTitle, begunFix
	}
	return x
}

// begunTitle and begunFix are for answers that begin, and never come to an end.
const (
	begunTitle = "The receiver begins its answers, and never ends them"
	begunFix   = "End the answer on every path (res.end(), return the response), declare the length that is really sent, and do not stream to a webhook's sender."
)

// begun tells whether a part of an answer came, and not all of it in time.
func begun(a *simulator.Attempt) bool {
	return a.Answer == nil && a.Error != nil && a.Error.Kind == string(wire.Timeout) && a.Error.Received > 0
}

// beyond tells whether an answer was longer than the sender reads.
func beyond(a *simulator.Attempt) bool {
	return a.Answer == nil && a.Error != nil && a.Error.Kind == string(wire.TooLarge)
}

// each tells whether a failed case's violating attempts, of which there is one
// at least, are all of a kind.
func (e *evidence) each(id string, kind func(*simulator.Attempt) bool) bool {
	r := e.results[id]
	if r == nil || r.Verdict != Failed && r.Verdict != Flaky {
		return false
	}
	violating := e.violating(r)
	return len(violating) > 0 && !slices.ContainsFunc(violating, func(a *simulator.Attempt) bool { return !kind(a) })
}

func endlessAnswer(e *evidence) *explanation {
	if o := e.preflight(); e.nothingTaken() && beyond(&o.Attempts[0]) {
		return &explanation{Cases: e.undone(), Always: true, First: true, Evidence: e.terms.got(&o.Attempts[0])}
	}
	var cases []string
	for _, id := range e.failed("*") {
		if e.each(id, beyond) {
			cases = append(cases, id)
		}
	}
	return e.simple(cases)
}

// malformedAnswer: what came back to deliveries that are otherwise taken is no
// HTTP.
func malformedAnswer(e *evidence) *explanation {
	if e.nothingTaken() {
		return nil // not-a-receiver
	}
	return e.simple(e.spoiltBy(garbled))
}

func dies(e *evidence) *explanation {
	var cases []string
	for _, id := range e.deadAfter() {
		// A receiver that a large body kills has a cause of its own.
		if id != "robustness/oversized-unsigned" {
			cases = append(cases, id)
		}
	}
	if o := e.diagnostics["diagnostic/liveness"]; o != nil && o.Facts["dead"] == true {
		cases = e.join(cases, e.spoiltBy(dropped), e.spoiltBy(gone))
	}
	if len(cases) == 0 || e.nothingTaken() {
		return nil
	}
	return &explanation{Cases: cases, Always: true, First: true, Evidence: "after " + strings.Join(cases, ", ") + " no genuine delivery was acknowledged any more"}
}

// deadAfter lists the cases after which no genuine delivery was acknowledged.
func (e *evidence) deadAfter() []string {
	var out []string
	for _, id := range e.order {
		if e.results[id].Facts["dead"] == true {
			out = append(out, id)
		}
	}
	return out
}

// alwaysAccepts: unsigned garbage and every method get a 2xx too.
func alwaysAccepts(e *evidence) *explanation {
	r := e.results["robustness/unsigned-malformed"]
	if r == nil || len(e.showing("signature/missing/*", accepted)) == 0 || len(e.effectless(e.acceptedForgeries())) > 0 {
		return nil
	}
	for i := range r.Attempts {
		if a := &r.Attempts[i]; e.forgery(a) && e.terms.symptom(a) != accepted {
			return nil
		}
	}
	for _, method := range []string{"get", "put", "delete"} {
		m := e.results["robustness/method/"+method]
		if m == nil || len(m.Attempts) == 0 || e.terms.symptom(&m.Attempts[len(m.Attempts)-1]) != accepted && !e.anyAccepted(m) {
			return nil
		}
	}
	return &explanation{Cases: e.join(e.acceptedForgeries(), e.counted("*", tooFew)), Evidence: "unsigned garbage, GET, PUT and DELETE were answered with 2xx like every delivery"}
}

// anyAccepted tells whether an odd request of the case was accepted.
func (e *evidence) anyAccepted(r *CaseResult) bool {
	for i := range r.Attempts {
		if a := &r.Attempts[i]; roleOf(a) == RoleOdd && e.terms.symptom(a) == accepted {
			return true
		}
	}
	return false
}

func rateLimitedRun(e *evidence) *explanation {
	for _, id := range e.order {
		r := e.results[id]
		for i := range r.Attempts {
			if rateLimited(&r.Attempts[i]) {
				return &explanation{Always: true, Evidence: id + " was answered 429 Too Many Requests, also after the wait that it asked for"}
			}
		}
	}
	return nil
}
