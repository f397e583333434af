package conformance

import (
	"slices"
	"strings"
)

func lenientDecoding(e *evidence) *explanation {
	cases := e.join(e.failed("signature/trailing-garbage", accepted), e.failed("signature/base64", accepted), e.failed("signature/not-hex", accepted),
		e.failed("signature/control", accepted), e.failed("signature/non-ascii", accepted), e.failed("signature/multibyte", accepted))
	if len(cases) == 0 || len(e.failed("signature/extended", accepted))+len(e.failed("signature/suffix", accepted)) > 0 {
		return nil
	}
	return e.simple(e.join(cases, e.failed("signature/truncated/*", accepted), e.failed("signature/empty", accepted), e.failed("signature/blank", accepted), e.failed("signature/scheme-only", accepted)))
}

func comparesPart(e *evidence) *explanation {
	parts := e.join(e.failed("signature/truncated/*", accepted), e.failed("signature/altered/*", accepted), e.failed("signature/suffix", accepted), e.failed("signature/extended", accepted),
		e.failed("signature/trailing-garbage", accepted), e.failed("signature/oversized", accepted))
	if len(parts) == 0 {
		return nil
	}
	parts = e.join(parts, e.failed("signature/empty", accepted), e.failed("signature/blank", accepted), e.failed("signature/scheme-only", accepted))
	if e.partsTaken() {
		parts = e.join(parts, e.failed("signature/missing/*", accepted), e.failed("signature/other-header", accepted), e.showing("signature/any-media-type", accepted),
			e.failed("robustness/unsigned-*", accepted), e.detours(accepted), e.failed("signature/any-framing", accepted), e.showing("acknowledge/connection-reuse", accepted))
	}
	return e.simple(parts)
}

// partsTaken tells whether the beginning of the right digest is taken for it.
func (e *evidence) partsTaken() bool {
	return len(e.failed("signature/truncated/1", accepted))+len(e.failed("signature/truncated/8", accepted)) > 0
}

func crashesOnUnsigned(e *evidence) *explanation {
	missing := e.failed("signature/missing/*", broke...)
	if len(missing) == 0 || len(e.failed("signature/wrong-secret/*", broke...)) > 0 {
		return nil
	}
	return e.simple(e.join(missing, e.failed("signature/empty", broke...), e.failed("signature/blank", broke...), e.failed("signature/other-header", broke...), e.failed("robustness/unsigned-*", broke...), e.failed("robustness/oversized-unsigned", broke...),
		e.detours(broke...), e.failed("acknowledge/connection-reuse", broke...)))
}

// crashesOnMalformed: a wrong digest of the right form is refused, a malformed
// one breaks the receiver.
func crashesOnMalformed(e *evidence) *explanation {
	if len(e.failed("signature/wrong-secret/*", broke...)) > 0 {
		return nil
	}
	var cases []string
	for _, id := range e.failed("signature/*") {
		if !strings.HasPrefix(id, "signature/missing/") && !elementCase(id) && e.broken(id) {
			cases = append(cases, id)
		}
	}
	telling := slices.ContainsFunc(cases, func(id string) bool {
		return !slices.Contains(detours, id) && id != "signature/empty" && id != "signature/blank" && id != "signature/other-header" && id != "signature/other-contract" && id != "signature/any-media-type" && id != "signature/emptied"
	})
	missing := e.failed("signature/missing/*", broke...)
	var times []string
	if len(e.failed("freshness/stale/*", broke...)) == 0 {
		times = e.join(e.failed("freshness/not-a-number/*", broke...), e.failed("freshness/missing", broke...))
	}
	if len(cases) == 0 || !telling && len(missing) > 0 {
		return e.simple(times)
	}
	cases = e.join(cases, times)
	if len(missing) > 0 {
		missing = e.join(missing, e.failed("robustness/unsigned-*", broke...), e.failed("robustness/oversized-unsigned", broke...), e.failed("acknowledge/connection-reuse", broke...))
	}
	return e.simple(e.join(cases, missing))
}

// detours are cases that send a forgery without a signature beside one with a
// wrong one.
var detours = []string{"signature/seen-event", "signature/unknown-type", "signature/test-claim", "handshake/challenge-in-event"}

// detours lists those that failed with the symptoms alone.
func (e *evidence) detours(symptoms ...symptom) []string {
	var out []string
	for _, id := range detours {
		out = append(out, e.failed(id, symptoms...)...)
	}
	return out
}

// elementCase tells the cases that play with a header of elements: a parser
// that breaks on them is brittle, whatever the digest.
func elementCase(id string) bool {
	return slices.Contains([]string{"signature/unknown-element", "signature/second-valid", "signature/element-order", "signature/spaces"}, id)
}

// broken tells whether a violating attempt of the case broke the receiver.
func (e *evidence) broken(id string) bool {
	for _, s := range broke {
		if len(e.showing(id, s)) > 0 {
			return true
		}
	}
	return false
}
