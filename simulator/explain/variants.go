package explain

import (
	"cmp"
	"slices"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
)

// Variant is a known mistake as a fault: a way to sign that a receiver which
// refuses every genuine delivery may expect. The receiver that takes a
// delivery with the fault makes the mistake.
type Variant struct {
	ID    string // as Change.ID
	Label string // "signed over Python's spelling of the JSON"
	Fix   string // of the receiver
	Fault fault.Fault
}

// Variants are the known mistakes that can be sent under a contract, in order
// of likelihood: first those that are met every day, then the contracts of the
// same platform, then the rest. Where a fault is not applicable to an event
// (the bytes are the same), the mistake would not show either.
func Variants(c *schemas.Contract, siblings []*schemas.Contract) []Variant {
	type ranked struct {
		Variant
		rank int
	}
	var all []ranked
	for _, m := range mistakes() {
		if m.fault == nil {
			continue
		}
		if f, ok := m.fault(c); ok {
			all = append(all, ranked{Variant{m.id, m.label, m.fix, f}, m.rank})
		}
	}
	if s, ok := mainSignature(c); ok {
		for _, name := range []string{"hex", "base64", "hex-upper"} {
			if s.Encode != name {
				change := encoded(name, s.Encode)
				all = append(all, ranked{Variant{change.ID, change.Label, algorithmFix, fault.Encoding(name)}, likely})
			}
		}
		all = append(all, ranked{Variant{"signature.missing", "without a signature", "Refuse deliveries without a signature, and accept signed ones.", fault.Unsigned()}, usual})
	}
	for _, other := range siblings {
		const fix = "The receiver implements the platform's other contract: certify it against that one, or register it for this one."
		all = append(all, ranked{Variant{"contract." + other.Provider, "signed as " + other.Provider + " does", fix, fault.SiblingScheme(other)}, likely})
	}
	slices.SortStableFunc(all, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
	out := make([]Variant, len(all))
	for i, v := range all {
		out[i] = v.Variant
	}
	return out
}
