package schedule

import (
	"sync"

	"github.com/hookstone/hookstone/schemas"
)

// sample holds bodies against their schemas, beside the workers and not in
// their way: a validation takes as long as several deliveries, and its depth
// would grow the stack of every worker.
type sample struct {
	provider *schemas.Provider
	begin    sync.Once
	bodies   chan sampled
	spare    chan []byte
	quit     chan struct{}
	ended    chan struct{}

	checked, invalid uint64 // by the one that validates
}

type sampled struct {
	event string
	body  []byte
}

// waitingBodies is how many may wait before a worker has to.
const waitingBodies = 64

func newSample(p *schemas.Provider) *sample {
	return &sample{
		provider: p, bodies: make(chan sampled, waitingBodies), spare: make(chan []byte, waitingBodies),
		quit: make(chan struct{}), ended: make(chan struct{}),
	}
}

// check hands a body over; it is copied. It may be called concurrently; once
// end was, it does nothing.
func (s *sample) check(event string, body []byte) {
	s.begin.Do(func() { go s.run() })
	var room []byte
	select {
	case room = <-s.spare:
	default:
	}
	select {
	case s.bodies <- sampled{event, append(room[:0], body...)}:
	case <-s.quit:
	}
}

func (s *sample) run() {
	defer close(s.ended)
	for {
		select {
		case b := <-s.bodies:
			s.validate(b)
		case <-s.quit:
			for len(s.bodies) > 0 {
				s.validate(<-s.bodies)
			}
			return
		}
	}
}

func (s *sample) validate(b sampled) {
	s.checked++
	event, ok := s.provider.Event(b.event)
	if !ok || event.Validate(b.body) != nil {
		s.invalid++
	}
	select {
	case s.spare <- b.body:
	default:
	}
}

// end waits for what was handed over and returns the counts.
func (s *sample) end() (checked, invalid uint64) {
	close(s.quit)
	s.begin.Do(func() { close(s.ended) }) // nothing was
	<-s.ended
	return s.checked, s.invalid
}
