package schedule

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/journal"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Earlier is what the journal of an interrupted run says was done.
type Earlier struct {
	Attempts int
	Cut      bool  // the last record was cut
	Whole    int64 // length of the journal up to its last whole record
	sent     bitset
	acked    bitset // by index: acknowledged in some try
	left     map[uint64]leftover
}

// Unfinished is how many deliveries wait for a retry.
func (e *Earlier) Unfinished() int { return len(e.left) }

type leftover struct {
	tries  int
	signed time.Time // of the first try
}

// maxPlace bounds the places that a journal may name: a run of that many
// deliveries.
const maxPlace = 1 << 32

// ReadEarlier reads the journal of a run that was interrupted.
func ReadEarlier(p *schemas.Provider, r *journal.Reader) (*Earlier, error) {
	e := &Earlier{left: map[uint64]leftover{}}
	c := p.Contract
	for {
		a, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		e.Attempts++
		index, try, err := place(a.ID)
		if err != nil {
			return nil, err
		}
		e.sent.set(index)
		if !delivers(a.Class) {
			continue
		}
		outcome, kind := Unanswered, wire.Kind("")
		if a.Error != nil {
			kind = wire.Kind(a.Error.Kind)
		}
		if a.Answer != nil {
			outcome = outcomeOf(c, c.Deadlines.Acknowledge.Duration, a.Answer.Status, time.Duration(a.Phases.Answer*1e6))
		}
		again := outcome != Accepted && try <= len(c.Retries.Delays) && (kind == wire.Canceled || retried(&c.Retries, outcome, kind))
		left, waits := e.left[index]
		switch {
		case outcome == Accepted:
			e.acked.set(index)
			delete(e.left, index)
		case !again:
			delete(e.left, index)
		default:
			if !waits {
				left.signed = a.SentAt.Add(time.Duration(a.Signing.ClockOffsetMS) * time.Millisecond)
			}
			left.tries = max(left.tries, try)
			e.left[index] = left
		}
	}
	e.Cut, e.Whole = r.Cut(), r.Whole()
	return e, nil
}

// place reads an attempt's id: the delivery's place in the plan and its try.
func place(id string) (index uint64, try int, err error) {
	first, second, ok := strings.Cut(id, ".")
	if ok {
		index, err = strconv.ParseUint(first, 10, 64)
	}
	if ok && err == nil {
		try, err = strconv.Atoi(second)
	}
	if !ok || err != nil || try < 1 || index >= maxPlace {
		return 0, 0, fmt.Errorf("attempt %q is not one of a simulation", id)
	}
	return index, try, nil
}

func appendPlace(dst []byte, index uint64, try int) []byte {
	dst = strconv.AppendUint(dst, index, 10)
	return strconv.AppendInt(append(dst, '.'), int64(try), 10)
}

// unrecorded is the record of a try that the journal had dropped and whose
// delivery is unfinished when the run ends.
func unrecorded(p *pending, eventType, id string) *simulator.Attempt {
	return &simulator.Attempt{
		ID: string(appendPlace(nil, p.Index, p.tries)), Class: simulator.Redelivery, Event: simulator.EventRef{Type: eventType, ID: id},
		IntendedAt: p.first, SentAt: p.signed,
		Request: simulator.Message{Headers: [][2]string{}, Body: simulator.NewBytes(nil)},
		Error:   &simulator.Failure{Kind: string(wire.Canceled), Op: "read", Message: "not acknowledged: " + p.last.String() + "; waits for its next try"},
	}
}
