package conformance

import "strings"

// reserialises: the raw-body probes, or the refusal diagnostics, show that the
// receiver signs its own spelling of the JSON.
func reserialises(e *evidence) *explanation {
	label := e.accepted("diagnostic/refusal")
	if who, options, spelt := strings.Cut(strings.TrimPrefix(label, "signed over "), "'s spelling of the JSON"); spelt {
		language := who + options
		return &explanation{Cases: e.undone(), First: true,
			Title:    "The signature is checked over the body as " + language + " spells it again",
			Evidence: "a genuine delivery was refused, and the same bytes " + label + " were acknowledged"}
	}
	if label := e.accepted("diagnostic/spelling"); label != "" {
		cases := e.join(e.failed("raw-body/*", refused, accepted), e.failed("acknowledge/unicode", refused), e.failed("acknowledge/number-spellings", refused), e.failed("acknowledge/event/*", refused), e.failed("acknowledge/documented-fields-only", refused),
			e.failed("acknowledge/extreme-numbers"), e.failed("acknowledge/large-body"))
		return &explanation{Cases: cases,
			Title:    "The signature is checked over the body as " + label + " spells it again",
			Evidence: "a body with odd white space that was signed over " + label + "'s spelling of its JSON was acknowledged; " + e.shown(cases)}
	}
	return nil
}
