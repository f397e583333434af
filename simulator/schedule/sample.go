package schedule

import (
	"runtime"
	"sync"
	"sync/atomic"

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
	running  sync.WaitGroup

	checked, invalid atomic.Uint64
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
		quit: make(chan struct{}),
	}
}

// check hands a body over; it is copied. It may be called concurrently; once
// end was, it does nothing.
func (s *sample) check(event string, body []byte) {
	s.begin.Do(func() {
		for range runtime.GOMAXPROCS(0) {
			s.running.Go(s.run)
		}
	})
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
	for {
		select {
		case b := <-s.bodies:
			s.validate(b)
		case <-s.quit:
			for {
				select {
				case b := <-s.bodies:
					s.validate(b)
				default:
					return
				}
			}
		}
	}
}

func (s *sample) validate(b sampled) {
	s.checked.Add(1)
	event, ok := s.provider.Event(b.event)
	if !ok || event.Validate(b.body) != nil {
		s.invalid.Add(1)
	}
	select {
	case s.spare <- b.body:
	default:
	}
}

// end waits for what was handed over and returns the counts.
func (s *sample) end() (checked, invalid uint64) {
	s.begin.Do(func() {}) // from here on none begins
	close(s.quit)
	s.running.Wait()
	return s.checked.Load(), s.invalid.Load()
}
