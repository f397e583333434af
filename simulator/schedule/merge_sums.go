package schedule

import (
	"fmt"
	"slices"

	"github.com/hookstone/hookstone/simulator/journal"
)

// sums adds up what the run counts beside its classes, and keeps the first of
// what is told one by one, in turn from each part.
func (m *merger) sums() {
	out := m.out
	var odd [][]Odd
	var giveUps [][]GiveUp
	for _, p := range m.parts {
		s := p.Summary
		out.Run.Interrupted = out.Run.Interrupted || s.Run.Interrupted
		out.Run.Resumed = out.Run.Resumed || s.Run.Resumed
		// Classes do not tell of these.
		out.Counts.LeakedOften += s.Counts.LeakedOften
		out.Counts.InFlight += s.Counts.InFlight
		out.Retries.Waiting += s.Retries.Waiting
		out.Retries.GaveUp += s.Retries.GaveUp
		out.Retries.Limited += s.Retries.Limited
		out.Retries.Shed += s.Retries.Shed
		out.Validation.Checked += s.Validation.Checked
		out.Validation.Invalid += s.Validation.Invalid
		for status, n := range s.Statuses {
			out.Statuses[status] += n
		}
		for kind, n := range s.Errors {
			out.Errors[kind] += n
		}
		if j := s.Journal; j != nil {
			if out.Journal == nil {
				out.Journal = &journal.Stats{}
			}
			out.Journal.Written += j.Written
			out.Journal.Dropped += j.Dropped
		}
		odd, giveUps = append(odd, s.Unexpected), append(giveUps, s.Retries.GiveUps)
	}
	out.Unexpected, out.Retries.GiveUps = inTurn(odd), inTurn(giveUps)
	if out.Run.Seconds > 0 {
		out.Rate = float64(out.Counts.Sent) / out.Run.Seconds
	}
}

// inTurn takes the first of each list, then the second, up to maxOdd.
func inTurn[T any](lists [][]T) []T {
	out := []T{}
	for i, more := 0, true; more; i++ {
		more = false
		for _, list := range lists {
			if i < len(list) && len(out) < maxOdd {
				out, more = append(out, list[i]), true
			}
		}
	}
	return out
}

// effects adds up what the observers saw. What one of them could not say is
// not known of the run.
func (m *merger) effects() {
	asked := slices.ContainsFunc(m.parts, func(p Part) bool { return p.Summary.Effects != nil })
	if !asked {
		return
	}
	out := &Effects{}
	var examples [][]string
	for _, p := range m.parts {
		e := p.Summary.Effects
		if e == nil {
			e = &Effects{Error: fmt.Sprintf("partition %s had no observer", p.Summary.Run.Partition)}
		}
		out.Events += e.Events
		out.Asked += e.Asked
		out.Applied += e.Applied
		out.Total += e.Total
		out.Lost += e.Lost
		out.Doubled += e.Doubled
		out.Open += e.Open
		out.ForgedApplied += e.ForgedApplied
		out.StaleApplied += e.StaleApplied
		examples = append(examples, e.Examples)
		if out.Error == "" {
			out.Error = e.Error
		}
	}
	out.Examples = inTurn(examples)
	m.out.Effects = out
}

func (t *Tallied) add(o Tallied) {
	t.Sent += o.Sent
	t.Accepted += o.Accepted
	t.Refused += o.Refused
	t.Limited += o.Limited
	t.Failed += o.Failed
	t.Late += o.Late
	t.Unanswered += o.Unanswered
	t.Interrupted += o.Interrupted
	t.Unexpected += o.Unexpected
	t.LeakedOften += o.LeakedOften
	t.InFlight += o.InFlight
}
