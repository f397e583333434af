package conformance

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hookstone/hookstone/simulator"
)

// pacer spaces deliveries evenly: a receiver that is not on this machine is
// asked at most so many a second.
type pacer struct {
	mu    sync.Mutex
	every time.Duration // 0: no cap
	next  time.Time
}

func newPacer(perSecond float64) *pacer {
	if perSecond <= 0 {
		return &pacer{}
	}
	return &pacer{every: time.Duration(float64(time.Second) / perSecond)}
}

func (p *pacer) wait(ctx context.Context) {
	if p.every == 0 {
		return
	}
	p.mu.Lock()
	now := time.Now()
	at := p.next
	if at.Before(now) {
		at = now
	}
	p.next = at.Add(p.every)
	p.mu.Unlock()
	pause(ctx, at.Sub(now))
}

// retryAfter is how long a 429 asks to wait (RFC 9110, 10.2.3), at most half a
// minute; where it does not say, the first wait, doubled each time.
func retryAfter(a *simulator.Attempt, try int, first time.Duration) time.Duration {
	const most = 30 * time.Second
	for _, h := range a.Answer.Headers {
		if !strings.EqualFold(h[0], "Retry-After") {
			continue
		}
		if s, err := strconv.Atoi(h[1]); err == nil && s >= 0 {
			return time.Duration(min(s, int(most/time.Second))) * time.Second
		}
		if at, err := http.ParseTime(h[1]); err == nil {
			return min(max(time.Until(at), 0), most)
		}
	}
	return first << try
}
