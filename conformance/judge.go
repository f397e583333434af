package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/wire"
)

// acknowledged: any 2xx, complete, within the deadline.
func (t *terms) acknowledged(a *simulator.Attempt) bool {
	return a.Answer != nil && a.Answer.Status/100 == 2 && a.Phases.Answer <= t.DeadlineMS
}

// rejected: a complete 4xx within the deadline. 429 is neither.
func (t *terms) rejected(a *simulator.Attempt) bool {
	return a.Answer != nil && a.Answer.Status/100 == 4 && a.Answer.Status != http.StatusTooManyRequests &&
		a.Phases.Answer <= t.DeadlineMS
}

// refusedByServer: rejected, or the server itself broke the exchange off, as
// it may for a request that it cannot take.
func (t *terms) refusedByServer(a *simulator.Attempt) bool {
	if t.rejected(a) {
		return true
	}
	return a.Error != nil && slices.Contains([]string{string(wire.Closed), string(wire.Reset)}, a.Error.Kind)
}

// sound: a complete answer in time that is no 5xx.
func (t *terms) sound(a *simulator.Attempt) bool {
	return a.Answer != nil && a.Answer.Status < 500 && a.Phases.Answer <= t.DeadlineMS
}

func rateLimited(a *simulator.Attempt) bool {
	return a.Answer != nil && a.Answer.Status == http.StatusTooManyRequests
}

// got spells what came back.
func (t *terms) got(a *simulator.Attempt) string {
	switch {
	case a.Answer != nil && a.Phases.Answer > t.DeadlineMS:
		return fmt.Sprintf("%s, but only after %s", status(a.Answer.Status), millis(a.Phases.Answer))
	case a.Answer != nil:
		return status(a.Answer.Status)
	case a.Error == nil:
		return "nothing was sent"
	case a.Error.Kind == string(wire.Timeout):
		return "no complete answer within " + millis(t.DeadlineMS)
	case a.Error.Kind == string(wire.Closed), a.Error.Kind == string(wire.Reset):
		return "the connection was " + map[string]string{"closed": "closed", "reset": "reset"}[a.Error.Kind] + " without an answer"
	default:
		return a.Error.Message
	}
}

func status(code int) string {
	if text := http.StatusText(code); text != "" {
		return fmt.Sprintf("%d %s", code, text)
	}
	return fmt.Sprint(code)
}

func millis(ms float64) string {
	d := time.Duration(ms * float64(time.Millisecond))
	if d >= 10*time.Millisecond {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Microsecond).String()
}

// wants says per role what is wanted and whether it came.
func (t *terms) wants(a *simulator.Attempt) (want string, ok, judged bool) {
	within := "within " + millis(t.DeadlineMS)
	switch roleOf(a) {
	case roleGenuine:
		return "acknowledged (2xx) " + within, t.acknowledged(a), true
	case roleLiveness:
		return "a genuine delivery afterwards acknowledged (2xx) " + within, t.acknowledged(a), true
	case roleForged:
		return "rejected (4xx) " + within, t.rejected(a), true
	case roleRefused:
		return "rejected (4xx, or refused by the server) " + within, t.refusedByServer(a), true
	case roleBarred:
		return "no 2xx", a.Answer == nil || a.Answer.Status/100 != 2, a.Answer != nil || a.Error != nil
	case roleOdd:
		return "an answer below 500 " + within, t.sound(a), true
	}
	return "", true, false
}

// byRoles judges every attempt by its role and reports every mismatch. A
// control that was not acknowledged, or a 429 that did not pass, leaves the
// case inconclusive; so does an observation without evidence.
func byRoles(o *observation, t *terms) judgement {
	if j, stop := preconditions(o, t); stop {
		return j
	}
	violations, judged := t.mismatches(o)
	if judged == 0 && len(violations) == 0 {
		return unjudged(o)
	}
	return verdictOf(violations, t, o)
}

// mismatches holds every attempt against what its role wants, and counts those
// that the case is about: that the receiver lived on is no evidence of its own.
func (t *terms) mismatches(o *observation) (violations []Violation, judged int) {
	for i := range o.Attempts {
		a := &o.Attempts[i]
		want, ok, counts := t.wants(a)
		if !counts {
			continue
		}
		if roleOf(a) != roleLiveness {
			judged++
		}
		if !ok {
			violations = append(violations, Violation{Want: want, Got: t.got(a) + labelOf(a), Attempt: a.ID})
		}
	}
	return violations, judged
}

// unjudged says why there was nothing to judge: never a pass.
func unjudged(o *observation) judgement {
	if reason, ok := o.Facts["not_applicable"].(string); ok {
		return judgement{Verdict: NotApplicable, Reason: strings.TrimPrefix(reason, "not applicable: ")}
	}
	if reason, ok := o.Facts["inconclusive"].(string); ok {
		return judgement{Verdict: Inconclusive, Reason: reason}
	}
	return judgement{Verdict: Inconclusive, Reason: "nothing was sent that could be judged"}
}

// preconditions ends a judgement early where the evidence is spoilt.
func preconditions(o *observation, t *terms) (judgement, bool) {
	if o.Trouble != "" {
		return judgement{Verdict: Errored, Reason: o.Trouble}, true
	}
	for _, a := range o.withRole(roleControl) {
		if !t.acknowledged(a) && !rateLimited(a) {
			return judgement{Verdict: Inconclusive, Reason: fmt.Sprintf(
				"the genuine delivery of the same shape was not acknowledged (%s), so this case could tell nothing", t.got(a))}, true
		}
	}
	for i := range o.Attempts {
		if a := &o.Attempts[i]; rateLimited(a) && roleOf(a) != roleTold {
			return judgement{Verdict: Inconclusive, Reason: "the receiver went on answering 429 Too Many Requests after the wait that it asked for"}, true
		}
	}
	return judgement{}, false
}

// verdictOf turns mismatches into a verdict. Where the contract states no
// refusal status, a 2xx to a forgery tells nothing without an observer.
func verdictOf(violations []Violation, t *terms, o *observation) judgement {
	if len(violations) == 0 {
		return judgement{Verdict: Passed}
	}
	if t.Contract.Answers.BadSignature == nil && !t.Observed && onlyAcceptedForgeries(violations, o) {
		return judgement{Verdict: Inconclusive, Reason: "the contract states no status for a refusal, and without an observer a 2xx does not tell whether the delivery had an effect"}
	}
	return judgement{Verdict: Failed, Violations: violations}
}

func onlyAcceptedForgeries(violations []Violation, o *observation) bool {
	for _, v := range violations {
		ok := false
		for i := range o.Attempts {
			a := &o.Attempts[i]
			if a.ID == v.Attempt && roleOf(a) == roleForged && a.Answer != nil && a.Answer.Status/100 == 2 {
				ok = true
			}
		}
		if !ok {
			return false
		}
	}
	return true
}

func labelOf(a *simulator.Attempt) string {
	role := roleOf(a)
	if len(a.Role) > len(role) {
		return " (" + a.Role[len(role)+1:] + ")"
	}
	return ""
}
