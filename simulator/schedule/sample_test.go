package schedule

import (
	"sync"
	"testing"
)

// Every body that was handed over before the end is validated, whoever handed
// it over, and one that comes later harms nobody.
func TestSample(t *testing.T) {
	p := provider(t, "usmewe")
	s := newSample(p)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 50 {
				event := p.Events[0].Type
				if i%10 == 0 {
					event = "no such event"
				}
				s.check(event, []byte("{}"))
			}
		})
	}
	all.Wait()
	if checked, invalid := s.end(); checked != 400 || invalid != 400 {
		t.Errorf("end = %d, %d; want 400 checked, all of them invalid", checked, invalid)
	}
	for range 2 * waitingBodies {
		s.check("late", nil)
	}
	if checked, invalid := newSample(p).end(); checked != 0 || invalid != 0 {
		t.Errorf("of nothing: %d, %d", checked, invalid)
	}
}
