package vectors

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/jsondoc"
	"github.com/hookstone/hookstone/simulator/wire"
)

// variant is a delivery made by one fault.
type variant struct {
	fault       fault.Fault
	expect      string
	reason      string
	why         string
	unsigned    bool // it carries no signature at all
	alternative int  // of the signing headers' forms
}

// variants makes every variant that the contract and the event have a place
// for.
func (s *series) variants() error {
	list, err := s.list()
	if err != nil {
		return err
	}
	for _, v := range list {
		if v.unsigned && s.unsignedHandshake() {
			// The first request comes before there is a secret: it is right without
			// a signature, and whether an empty header is one no document says.
			if v.fault.Name != fault.Unsigned().Name {
				continue
			}
			v.expect, v.reason = Accept, ""
			v.why = "the endpoint is verified before there is a secret"
		}
		var faults []fault.Fault
		if v.fault.Apply != nil {
			faults = append(faults, v.fault)
		}
		draft, err := s.prepare(v.alternative, faults...)
		if fault.IsNotApplicable(err) {
			continue
		}
		if err != nil {
			return err
		}
		s.append(draft, Delivery{Name: v.fault.Name, What: v.fault.Summary, Expect: v.expect, Reason: v.reason, Why: v.why})
	}
	return nil
}

func (s *series) unsignedHandshake() bool {
	h := s.maker.provider.Contract.Handshake
	return s.handshake && h != nil && slices.Contains(h.Forms, "unsigned")
}

func (s *series) list() ([]variant, error) {
	var all []variant
	accept := func(why string, faults ...fault.Fault) {
		for _, f := range faults {
			all = append(all, variant{fault: f, expect: Accept, why: why})
		}
	}
	reject := func(why string, faults ...fault.Fault) {
		for _, f := range faults {
			all = append(all, variant{fault: f, expect: Reject, reason: Signature, why: why})
		}
	}
	c := s.maker.provider.Contract
	other, err := s.other()
	if err != nil {
		return nil, err
	}

	accept("header names have no case (RFC 9110, section 5.1)", fault.HeaderCase("lower"))
	accept("members that no document names may come at any time", fault.UnknownMembers(), fault.Unicode(""))
	bytesSigned := c.Signing.Body != "json-stringify"
	spelled := "the signature covers the body's bytes, however they spell it"
	if !bytesSigned {
		spelled = "the signature covers the body as JSON.stringify spells it, however it was spelled on the way"
	}
	accept(spelled, fault.Respelled(jsondoc.Python), fault.Respelled(jsondoc.PrettyPrinted), fault.Respelled(jsondoc.EscapedUnicode))
	for _, h := range c.Signing.Headers {
		for i := range h.Alternatives {
			f := fault.Fault{Name: fmt.Sprintf("signature.alternative(%d)", i+1), Summary: "has the signature in another form of the header " + h.Name}
			all = append(all, variant{fault: f, expect: Accept, why: "the document can be read this way too", alternative: i + 1})
		}
	}

	for _, f := range []fault.Fault{fault.Unsigned(), fault.EmptySignature(), fault.OtherHeader("X-Signature")} {
		all = append(all, variant{fault: f, expect: Reject, reason: Signature, why: "there is no signature where the document puts it", unsigned: true})
	}
	reject("whoever signed it does not know the secret", fault.AnotherSecret(), fault.EmptySecret())
	for _, name := range slices.Sorted(maps.Keys(c.Documents)) {
		for _, secret := range c.Documents[name].Secrets {
			reject("everybody knows this secret: it is printed in the provider's document", fault.PublishedSecret(secret))
		}
	}
	reject("the signature is of another algorithm", fault.Algorithm("hmac-sha1"), fault.Algorithm("hmac-sha256"), fault.Algorithm("hmac-sha512"), fault.Algorithm("sha256"))
	reject("the digest is written in another encoding", fault.Encoding("base64"), fault.Encoding("hex"))
	reject("a part of the digest is not the digest", fault.SchemeOnly(), fault.Truncated(8), fault.Suffix())
	reject("the digest has something behind it", fault.Extended())
	reject("the digest is not the one of these bytes", fault.RandomDigest(), fault.OtherDelivery(other))
	reject("the body was changed after it was signed", fault.TamperedValue(""), fault.TamperedType(s.otherType()), fault.Appended(), fault.Emptied(),
		fault.RespelledAfterSigning(jsondoc.Python), fault.RespelledAfterSigning(jsondoc.PHP), fault.RespelledAfterSigning(jsondoc.PrettyPrinted),
		fault.RespelledAfterSigning(jsondoc.TrailingLine), fault.RespelledAfterSigning(jsondoc.ReversedKeys))
	reject("the signature is of the body as another language would spell it", fault.SignedAs(jsondoc.Python), fault.SignedAs(jsondoc.PHP))

	if tolerance := c.Time.Tolerance.Duration; tolerance > 0 {
		within := tolerance / 2
		accept(fmt.Sprintf("%s lie within the tolerance of %s", within, tolerance), fault.Aged(within))
		late := func(why string, f fault.Fault) {
			all = append(all, variant{fault: f, expect: Reject, reason: Time, why: why})
		}
		late(fmt.Sprintf("%s are more than the tolerance of %s", 2*tolerance, tolerance), fault.Aged(2*tolerance))
		late(fmt.Sprintf("a day is more than the tolerance of %s", tolerance), fault.Aged(24*time.Hour))
		late("without a time nobody can tell how old it is", fault.TimestampMissing())
		reject("the time was changed after it was signed", fault.ReDated(2*tolerance))
	}
	return all, nil
}

// otherType is the provider's next event type.
func (s *series) otherType() string {
	types := s.maker.sender.Generator.Types()
	return types[(slices.Index(types, s.event.Type)+1)%len(types)]
}

// other is the signing headers of another genuine delivery of the event type.
func (s *series) other() ([]wire.Field, error) {
	m := s.maker
	event, err := m.sender.Generator.Event(generate.Key{Case: "vectors", Number: 1}, s.event.Type, m.now)
	if err != nil {
		return nil, err
	}
	draft, err := m.sender.Prepare(simulator.Delivery{Event: event})
	if err != nil {
		return nil, errors.Join(errors.New("another delivery"), err)
	}
	return draft.Signed.Fields, nil
}
