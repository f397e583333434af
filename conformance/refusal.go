package conformance

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/explain"
	"github.com/hookstone/hookstone/simulator/fault"
)

// zones is how many hours a date may be off that is read without its zone.
const zones = 14

// refusalVariants are the mistakes that are looked for where every genuine
// delivery is refused: the known ways to sign otherwise, the commonest first,
// and then other names of the header and dates in other zones.
func (r *run) refusalVariants() []explain.Variant {
	out := explain.Variants(r.terms.Contract, r.siblings())
	out = append(out, explain.Variant{Label: "without a signature", Fix: "Refuse deliveries without a signature, and accept signed ones.", Fault: fault.Unsigned()})
	s := newSubject(nil, r.c.Provider, nil)
	name := s.signingHeader().Name
	others := []string{"X-" + name, "X-Signature", "X-Hub-Signature-256", "X-Hub-Signature", "X-Webhook-Signature", "Signature"}
	if bare, ok := strings.CutPrefix(name, "X-"); ok {
		others[0] = bare
	}
	for _, other := range others {
		out = append(out, explain.Variant{Label: "with its signature in the header " + other, Fix: "Read the signature from the documented header, " + name + ".", Fault: fault.OtherHeader(other)})
	}
	if r.terms.Contract.Time.Tolerance.Duration > 0 {
		const fix = "Read the time with its zone, or as the seconds that it is, and compare in UTC: a date that is read as local time is off by hours."
		for h := time.Duration(1); h <= zones; h++ {
			out = append(out,
				explain.Variant{Label: fmt.Sprintf("dated %d h ahead", h), Fix: fix, Fault: fault.Aged(-h * time.Hour)},
				explain.Variant{Label: fmt.Sprintf("dated %d h back", h), Fix: fix, Fault: fault.Aged(h * time.Hour)})
		}
	}
	return out
}

// diagnoseRefusal sends one event under each known mistake until one is taken:
// that names why every genuine delivery is refused. What a plain forgery is
// answered tells an answer of the signature check from one behind it.
func (r *run) diagnoseRefusal(ctx context.Context, eventType string) {
	obs := &Observation{Case: "diagnostic/refusal"}
	p := &Prober{ctx: ctx, run: r, c: &Case{ID: obs.Case}, obs: obs}
	r.diagnostics = append(r.diagnostics, obs)
	send := func(label string, f fault.Fault) *simulator.Attempt {
		return p.told(label, simulator.Delivery{Class: simulator.Forged, Event: p.Make(eventType), Faults: []fault.Fault{f}})
	}
	forged := 0
	if a := send("signed with another secret", fault.AnotherSecret()); a.Answer != nil {
		forged = a.Answer.Status
		obs.Fact("forged_status", float64(forged))
	}
	past := false
	for _, v := range r.refusalVariants() {
		a := send(v.Label, v.Fault)
		switch {
		case ctx.Err() != nil:
			return
		case r.terms.acknowledged(a):
			obs.Fact("fix", v.Fix)
			return
		case r.terms.symptom(a) == silentTill || r.terms.symptom(a) == gone:
			return // nothing more will be learnt
		case !past && forged != 0 && a.Answer != nil && a.Answer.Status != forged && !rateLimited(a) && bodied(a):
			past = true
			obs.Fact("past", v.Label)
			obs.Fact("past_got", r.terms.got(a))
			obs.Fact("past_fix", v.Fix)
		}
	}
}

// bodied tells whether an attempt carried the event as it is: what is refused
// for its form tells nothing of the signature.
func bodied(a *simulator.Attempt) bool { return a.Request.Body.Length > 2 }

// alwaysRefuses: answers came, none a 2xx. What the diagnostics found says why.
func alwaysRefuses(e *evidence) *explanation {
	if !e.nothingTaken() || notAReceiver(e) != nil {
		return nil
	}
	first := &e.preflight().Attempts[0]
	x := &explanation{Cases: e.undone(), Always: true, First: true}
	facts := map[string]any{}
	if d := e.diagnostics["diagnostic/refusal"]; d != nil && d.Facts != nil {
		facts = d.Facts
	}
	forged, _ := facts["forged_status"].(float64)
	past, _ := facts["past"].(string)
	variant := e.accepted("diagnostic/refusal")
	text := strings.TrimSpace(bodyText(first.Answer))
	switch {
	case strings.HasSuffix(variant, "spelling of the JSON"):
		return nil // reserialises-json
	case variant != "":
		x.Title = "Every genuine delivery is refused; one " + variant + " is taken"
		x.Evidence = fmt.Sprintf("a genuine delivery was answered %s, and the same event %s was acknowledged", e.terms.got(first), variant)
		x.Fix, _ = facts["fix"].(string)
	case first.Answer != nil && first.Answer.Status/100 == 3, e.terms.symptom(first) == dropped, beyond(first):
		return nil
	case strings.Contains(strings.ToLower(text), "csrf"):
		x.Title = "Every genuine delivery is refused by a protection against cross-site requests"
		x.Fix = "Exempt the webhook's route, which no browser calls and a signature protects: @csrf_exempt (Django), VerifyCsrfToken::$except (Laravel), skip_forgery_protection (Rails), csrf.exempt (Flask-WTF)."
		x.Evidence = e.quoted(first, text)
	case first.Answer != nil && forged != 0 && first.Answer.Status != int(forged):
		x.Title = "Genuine deliveries pass the signature check and are refused behind it"
		x.Evidence = fmt.Sprintf("%s; one that was signed with another secret: %s", e.quoted(first, text), status(int(forged)))
		x.Fix = "Look at what the handler does once the signature held: a body that was consumed by then, a parser or a validation that is too narrow, an age that is computed wrongly. The receiver's log names it."
		x.Confidence = "medium"
	case past != "":
		x.Title = "Every genuine delivery is refused; one " + past + " gets past the signature check"
		x.Evidence = fmt.Sprintf("a genuine delivery was answered %s, and the same event %s was answered %s", e.terms.got(first), past, facts["past_got"])
		x.Fix, _ = facts["past_fix"].(string)
		x.Confidence = "medium"
	case e.likeBadSignature(first):
		x.refusedAsForged(e, first, text)
	case first.Answer != nil && first.Answer.Status >= 500:
		x.Title = "Every genuine delivery ends in a server error"
		x.Evidence = e.quoted(first, text) + ": the handler fails before it can answer"
		x.Fix = "Read the receiver's log for the exception behind the status."
		x.Confidence = "medium"
	default:
		x.Title = "Every genuine delivery is refused"
		x.Evidence = "every genuine delivery: " + e.quoted(first, text)
		x.Confidence = "low"
	}
	return x
}

// refusedAsForged: every genuine delivery got what a bad signature gets, and no
// known mistake explains it.
func (x *explanation) refusedAsForged(e *evidence, first *simulator.Attempt, text string) {
	x.Confidence = "medium"
	x.Evidence = fmt.Sprintf("every genuine delivery was answered as a bad signature is: %s; no other spelling, encoding, key form or header was taken either", e.quoted(first, text))
	look := "let the receiver log the bytes that it signs and compare them with the signing base string in the report"
	if e.terms.Contract.Time.Tolerance.Duration > 0 {
		look += "; and look at how it reads the time: unit, zone, and the member or header that it takes it from"
	}
	if e.handed {
		x.Title = "Every genuine delivery is refused as if it were forged, although the receiver was given the run's secret"
		x.Fix = "See that the receiver reads its secret from HOOKSTONE_SECRET or WEBHOOK_SECRET, whole and as text. If it does, " + look + "."
		return
	}
	x.Title = "Every genuine delivery is refused: the run's secret is likelier wrong than the receiver"
	x.Fix = "Give the run the secret that the receiver is configured with (--secret-env, --secret-file, HOOKSTONE_SECRET), without quotes or a line break around it. If it is the right one, " + look + "."
}

// quoted is what came back to a delivery, with the beginning of its text.
func (e *evidence) quoted(a *simulator.Attempt, text string) string {
	if text == "" || a.Answer == nil || a.Answer.Status == http.StatusNoContent {
		return e.terms.got(a)
	}
	return fmt.Sprintf("%s, %q", e.terms.got(a), clip(text, 120))
}
