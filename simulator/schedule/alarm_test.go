package schedule

import (
	"sync"
	"testing"
	"time"
)

// An alarm goes off at its time and not before, and when it is rung.
func TestAlarm(t *testing.T) {
	for name, a := range map[string]alarm{"platform": newAlarm(), "timer": newTimerAlarm()} {
		for range 3 {
			began := time.Now()
			a.set(20 * time.Millisecond)
			a.wait()
			if took := time.Since(began); took < 20*time.Millisecond {
				t.Errorf("%s: it went off after %v; want 20ms", name, took)
			}
		}
		var mu sync.Mutex
		for range 100 {
			mu.Lock()
			a.set(time.Hour)
			go func() {
				mu.Lock()
				a.ring()
				mu.Unlock()
			}()
			mu.Unlock()
			a.wait()
		}
	}
}
