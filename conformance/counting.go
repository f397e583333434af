package conformance

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// countingLimit is how long all counts of a run may take, in settle times.
	countingLimit = 60
	// countingFailures is how many questions in a row may go unanswered.
	countingFailures = 3
)

// counting asks the observer one question after the other, and none any more
// of one that is gone or too slow: a run must end.
type counting struct {
	mu     sync.Mutex
	run    *run
	began  time.Time
	failed int   // questions in a row
	given  error // why no more is asked
}

// fill counts one effect.
func (c *counting) fill(ctx context.Context, e *Effect) {
	if e.Trouble = c.run.life.forgotten(e.expected); e.Trouble != "" {
		return
	}
	if e.Trouble = c.refusal(); e.Trouble != "" {
		return
	}
	n, err := c.run.c.Observer.Count(ctx, e.ID, e.Event)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		e.Trouble = err.Error()
		if c.failed++; c.failed == countingFailures {
			c.given = fmt.Errorf("the observer was given up after %d questions in a row: %w", c.failed, err)
		}
		return
	}
	c.failed, e.Count = 0, &n
}

// refusal says why no more is asked; "" where it is.
func (c *counting) refusal() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if limit := countingLimit * c.run.c.Settle; c.given == nil && time.Since(c.began) > limit {
		c.given = fmt.Errorf("the observer was asked for %s, and no longer", limit)
	}
	if c.given != nil {
		return c.given.Error()
	}
	return ""
}
