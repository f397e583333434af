package conformance

import (
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// rawBodyCases: the same event in other spellings of JSON. A receiver that
// signs the bytes that came takes them all; one that parses and spells again
// does not.
func rawBodyCases(s *subject) []Case {
	none := only(s.contract.Signing.Body == "raw", "the contract signs re-serialised JSON")
	raw := func(id string, level Level, summary string, probe func(*Prober)) Case {
		return Case{ID: "raw-body/" + id, Level: level, Impact: DataLoss, Summary: summary, NotApplicable: none,
			Purpose: "The provider signs bytes, not values: any change of its JSON library would cut off a receiver that spells the body again.",
			Cites:   "/signing/body", Convention: "the signature covers the raw body", Probe: probe}
	}
	same := func(id, how string, f fault.Fault) Case {
		return raw(id, Must, "the same event "+how+", signed as sent, is acknowledged", accepting(f))
	}
	respelled := raw("respelled-after-signing", Should, "an event spelled otherwise after it was signed is rejected", forging(fault.RespelledAfterSigning(jsondoc.Python)))
	respelled.Impact = Security
	odd := func(id, summary string, f fault.Fault) Case {
		c := raw(id, Should, summary, surviving(f))
		c.Lane, c.Impact = Exclusive, Interoperability
		c.Cites, c.Convention = "", "RFC 8259 leaves it open how a parser takes this; a crash is no way"
		return c
	}
	return []Case{
		same("whitespace", "with spaces between its tokens", fault.Respelled(jsondoc.Whitespace)),
		same("pretty-printed", "indented over many lines", fault.Respelled(jsondoc.PrettyPrinted)),
		same("trailing-newline", "with a line break behind it", fault.Respelled(jsondoc.TrailingLine)),
		same("key-order", "with its members in another order", fault.Respelled(jsondoc.ReversedKeys)),
		same("escaped-unicode", `with its text escaped as \uXXXX`, fault.Respelled(jsondoc.EscapedUnicode)),
		raw("escaped-solidus", Must, `the same event with its solidi escaped as \/, signed as sent, is acknowledged`, probeEscapedSolidus),
		raw("number-forms", Must, "1.0 and 1e2 in an added member, signed as sent, are acknowledged", probeNumberForms),
		respelled,
		odd("duplicate-keys", "a repeated member name is answered without a 5xx", fault.DuplicateKeys()),
		odd("byte-order-mark", "a byte order mark before the JSON is answered without a 5xx", fault.ByteOrderMark()),
	}
}

// probeNumberForms has a twin of its own: the added member with canonical
// numbers. A receiver that refuses any added member says nothing here.
func probeNumberForms(p *Prober) {
	if p.takesAdded(fault.CanonicalNumbers()) {
		p.Genuine("1.0, 1e2", fault.NumberForms())
	}
}

// telltale is a value that every language's JSON library spells in its own way.
const telltale = `{"b":"é/<&> ","a":[1,2]}`

// pythonCompact is json.dumps with separators=(",", ":").
var pythonCompact = jsondoc.Style{Name: "Python", EscapeNonASCII: true, EscapeDelete: true, Unique: true, Numbers: jsondoc.PythonNumbers}

// probeEscapedSolidus adds a member with a solidus, as not every event has one;
// the twin has it unescaped.
func probeEscapedSolidus(p *Prober) {
	path := fault.AddMember("", "path", `"a/b"`)
	if p.takesAdded(path) {
		p.Genuine("", path, fault.Respelled(jsondoc.EscapedSolidus))
	}
}

// takesAdded sends the twin with an added member. A receiver that refuses it,
// and takes the event without, refuses added members: acknowledge/unknown-field
// tells that, and here there is nothing to tell.
func (p *Prober) takesAdded(f fault.Fault) bool {
	a := p.told("with an added member", simulator.Delivery{Class: simulator.Genuine, Event: p.Fresh(), Faults: []fault.Fault{f}})
	if p.run.terms.acknowledged(a) {
		return true
	}
	if p.Control() && p.run.terms.rejected(a) {
		p.obs.Fact("not_applicable", "the receiver refuses events with an added member")
	}
	return false
}

// respellers are the spellings that the diagnostics tell apart.
var respellers = []jsondoc.Style{jsondoc.ECMAScript, pythonCompact, jsondoc.Python, jsondoc.PHP, jsondoc.Ruby, jsondoc.Go}
