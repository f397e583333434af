package conformance

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// refusalVariant is a way to sign that a receiver may expect by mistake.
type refusalVariant struct {
	Label string // "signed over Python's spelling of the JSON"
	Fix   string
	Fault fault.Fault
}

// refusalVariants are tried one after the other where every genuine delivery
// is refused: the first that is taken names the cause.
func (r *run) refusalVariants() []refusalVariant {
	const raw = "" // the rule's own fix
	var out []refusalVariant
	for _, s := range []jsondoc.Style{jsondoc.Python, jsondoc.PHP, jsondoc.Go, jsondoc.Ruby} {
		out = append(out, refusalVariant{Label: "signed over " + s.Name + "'s spelling of the JSON", Fix: raw, Fault: fault.SignedAs(s)})
	}
	secret := string(r.c.Secret)
	key := func(label, fix, text string) {
		if text != "" && text != secret {
			out = append(out, refusalVariant{Label: label, Fix: fix, Fault: otherKey(label, text)})
		}
	}
	const trim = "The receiver's secret and the run's differ only at their ends: trim the configured value, or take the line break out of its file."
	key("signed with the secret and a line break behind it", trim, secret+"\n")
	key("signed with the secret without white space around it", trim, strings.TrimSpace(secret))
	if i := strings.IndexByte(secret, '_'); i > 0 {
		const prefix = "Use the secret as the document says, its prefix included."
		key("signed with the secret without its prefix", prefix, secret[i+1:])
		if b, err := base64.StdEncoding.DecodeString(secret[i+1:]); err == nil {
			key("signed with the secret base64-decoded", "Use the secret's text as the key: it is not base64 here.", string(b))
		}
	}
	if b, err := base64.StdEncoding.DecodeString(secret); err == nil && len(b) > 0 {
		key("signed with the secret base64-decoded", "Use the secret's text as the key: it is not base64 here.", string(b))
	}
	const encoding = "Encode and compute the digest as the document says."
	out = append(out,
		refusalVariant{"signed in another encoding of the digest", encoding, otherEncoding(r.terms.Contract)},
		refusalVariant{"signed with HMAC-SHA1", encoding, fault.Algorithm("hmac-sha1")},
		refusalVariant{"signed with HMAC-SHA512", encoding, fault.Algorithm("hmac-sha512")},
		refusalVariant{"without a signature", "Refuse deliveries without a signature, and accept signed ones.", fault.Unsigned()},
	)
	for _, other := range r.siblings() {
		out = append(out, refusalVariant{"signed as " + other.Provider + " does", "The receiver implements the platform's other contract: certify it against that one, or register it for this one.", fault.SiblingScheme(other)})
	}
	return out
}

// otherKey signs with a variant of the run's own secret, used as it is for the
// key.
func otherKey(label, text string) fault.Fault {
	return fault.Fault{Name: "diagnostic.key", Summary: "is " + label, Stage: fault.InSigner, Apply: func(d *fault.Draft) error {
		d.Secrets, d.Key, d.Mistakes.RawKey = [][]byte{[]byte(text)}, "a variant of the configured one", true
		return nil
	}}
}

// diagnoseRefusal sends one event under each variant until one is taken.
func (r *run) diagnoseRefusal(ctx context.Context, eventType string) {
	obs := &Observation{Case: "diagnostic/refusal"}
	p := &Prober{ctx: ctx, run: r, c: &Case{ID: obs.Case}, obs: obs}
	r.diagnostics = append(r.diagnostics, obs)
	for _, v := range r.refusalVariants() {
		if ctx.Err() != nil {
			return
		}
		a := p.told(v.Label, simulator.Delivery{Class: simulator.Forged, Event: p.Make(eventType), Faults: []fault.Fault{v.Fault}})
		if r.terms.acknowledged(a) {
			obs.Fact("fix", v.Fix)
			return
		}
	}
}

// reserialises: the raw-body probes, or the refusal diagnostics, show that the
// receiver signs its own spelling of the JSON.
func reserialises(e *evidence) *explanation {
	if label := e.accepted("diagnostic/refusal"); strings.HasSuffix(label, "spelling of the JSON") {
		language := strings.TrimSuffix(strings.TrimPrefix(label, "signed over "), "'s spelling of the JSON")
		return &explanation{Cases: e.undone(), First: true,
			Title:    "The signature is checked over the body as " + language + " spells it again",
			Evidence: "a genuine delivery was refused, and the same bytes " + label + " were acknowledged"}
	}
	if label := e.accepted("diagnostic/spelling"); label != "" && e.terms.Contract.Signing.Body == "raw" {
		cases := e.join(e.failed("raw-body/*", refused, accepted), e.failed("acknowledge/unicode", refused), e.failed("acknowledge/event/*", refused), e.failed("acknowledge/documented-fields-only", refused),
			e.failed("acknowledge/extreme-numbers"), e.failed("acknowledge/large-body"))
		return &explanation{Cases: cases,
			Title:    "The signature is checked over the body as " + label + " spells it again",
			Evidence: "a body with odd white space that was signed over " + label + "'s spelling of its JSON was acknowledged; " + e.shown(cases)}
	}
	return nil
}
