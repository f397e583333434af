package schedule

import (
	"slices"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Outcome is what a receiver made of an attempt.
type Outcome uint8

// The outcomes.
const (
	Accepted    Outcome = iota // acknowledged in time
	Refused                    // 4xx but 429
	Limited                    // 429
	Failed                     // any other status
	Late                       // would have been accepted in time
	Unanswered                 // no complete answer
	Interrupted                // the run ended first
	outcomes
)

// String is the outcome's name in summaries and thresholds.
func (o Outcome) String() string {
	return [...]string{"accepted", "refused", "limited", "failed", "late", "unanswered", "interrupted"}[o]
}

// outcomeOf judges an answer by the contract; a nil answer is none.
func outcomeOf(c *schemas.Contract, deadline time.Duration, status int, took time.Duration) Outcome {
	ack := status/100 == 2
	if c.Answers.Acknowledge.Counts == "documented" {
		ack = slices.Contains(c.Answers.Acknowledge.Documented, status)
	}
	switch {
	case ack && deadline > 0 && took > deadline:
		return Late
	case ack:
		return Accepted
	case status == 429:
		return Limited
	case status/100 == 4:
		return Refused
	}
	return Failed
}

// Classes are the classes of a simulation, in the order in which they are told.
var Classes = []simulator.Class{simulator.Genuine, simulator.Duplicate, simulator.Redelivery, simulator.Stale, simulator.Forged}

const classes = 5

func classOf(c simulator.Class) int { return slices.Index(Classes, c) }

// delivers tells whether the class brings an event that must be acknowledged.
func delivers(c simulator.Class) bool {
	return c == simulator.Genuine || c == simulator.Duplicate || c == simulator.Redelivery
}

// unexpected tells whether an attempt's outcome is not what it should have
// been. A delivery that will be tried again is not judged yet; a refusal that
// an outage hides, of what should be refused, is never judged.
func unexpected(c simulator.Class, o Outcome, again bool) bool {
	switch {
	case o == Interrupted, o == Limited, again: // 429 is never a verdict
		return false
	case delivers(c):
		return o != Accepted
	}
	return o == Accepted || o == Late
}

// retried tells whether the provider sends again after the outcome.
func retried(r *schemas.Retries, o Outcome, kind wire.Kind) bool {
	on := ""
	switch {
	case o == Accepted || o == Interrupted:
		return false
	case o == Late, o == Unanswered && kind == wire.Timeout:
		on = "timeout"
	case o == Unanswered:
		on = "connection"
	default:
		on = "non-2xx"
	}
	return slices.Contains(r.On, on)
}

// reason is the word that a provider writes into a retry's header.
func reason(o Outcome, kind wire.Kind) string {
	switch {
	case o == Late, o == Unanswered && kind == wire.Timeout:
		return "http_timeout"
	case o == Unanswered:
		return "connection_failed"
	}
	return "http_error"
}
