package conformance

import (
	"net/http"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/wire"
)

// symptom is what a receiver did with one attempt, in a word.
type symptom string

const (
	accepted   symptom = "accepted"   // 2xx in time
	redirected symptom = "redirected" // 3xx
	refused    symptom = "refused"    // 4xx
	limited    symptom = "limited"    // 429
	crashed    symptom = "crashed"    // 5xx
	dropped    symptom = "dropped"    // the connection ended without a complete answer
	silentTill symptom = "silent"     // no complete answer in time
	late       symptom = "late"       // answered after the deadline
	garbled    symptom = "garbled"    // not HTTP, or beyond all bounds
	gone       symptom = "gone"       // nobody listens any more
	unsent     symptom = "unsent"
)

func (t *terms) symptom(a *simulator.Attempt) symptom {
	if a.Answer != nil {
		switch {
		case a.Answer.Status == http.StatusTooManyRequests:
			return limited
		case a.Phases.Answer > t.DeadlineMS:
			return late
		case a.Answer.Status/100 == 2:
			return accepted
		case a.Answer.Status/100 == 3:
			return redirected
		case a.Answer.Status/100 == 4:
			return refused
		}
		return crashed
	}
	if a.Error == nil {
		return unsent
	}
	switch wire.Kind(a.Error.Kind) {
	case wire.Closed, wire.Reset, wire.Incomplete:
		return dropped
	case wire.Timeout:
		return silentTill
	case wire.Malformed, wire.TooLarge:
		return garbled
	case wire.Refused, wire.Unresolved, wire.Unreachable, wire.TLSFailed:
		return gone
	}
	return unsent
}
