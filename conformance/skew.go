package conformance

import (
	"net/http"
	"strings"
	"time"

	"github.com/hookstone/hookstone/simulator"
)

// skewLimit is how far a receiver's clock may be off before what rests on
// signing times can tell nothing.
const skewLimit = 10 * time.Second

// skew measures the receiver's clock by its Date headers (RFC 9110, 6.6.1),
// which have a resolution of a second: the estimate is the middle of the
// narrowest bounds that all answers allow.
type skew struct {
	known    bool
	low, top time.Duration
}

func (s *skew) observe(a *simulator.Attempt) {
	if a.Answer == nil {
		return
	}
	for _, h := range a.Answer.Headers {
		if !strings.EqualFold(h[0], "Date") {
			continue
		}
		date, err := http.ParseTime(h[1])
		if err != nil {
			return
		}
		// The receiver read its clock between our sending and the answer; its
		// whole second may be anywhere in [date, date+1s). Some servers cache
		// the Date for a second, which widens the bound downwards.
		begun := a.SentAt
		ended := begun.Add(time.Duration(a.Phases.Total * float64(time.Millisecond)))
		low, top := date.Sub(ended), date.Add(2*time.Second).Sub(begun)
		if !s.known || low > s.top || top < s.low {
			s.low, s.top, s.known = low, top, true
			return
		}
		s.low, s.top = max(s.low, low), min(s.top, top)
		return
	}
}

// estimate is nil where no answer told the time.
func (s *skew) estimate() *int64 {
	if !s.known {
		return nil
	}
	ms := (s.low/2 + s.top/2).Milliseconds() // a Date of any century: no overflow
	if s.low <= 0 && s.top >= 0 {
		ms = 0 // within what Date can tell
	}
	return &ms
}

// tooLarge tells whether freshness cannot be judged.
func (s *skew) tooLarge() bool {
	e := s.estimate()
	return e != nil && (*e > skewLimit.Milliseconds() || *e < -skewLimit.Milliseconds())
}
