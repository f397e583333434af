package conformance

import (
	"context"
	"fmt"
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
	if limit := countingLimit * c.run.c.Settle; c.given == nil && time.Since(c.began) > limit {
		c.given = fmt.Errorf("the observer was asked for %s, and no longer", limit)
	}
	if c.given != nil {
		e.Trouble = c.given.Error()
		return
	}
	n, err := c.run.c.Observer.Count(ctx, e.ID, e.Event)
	if err != nil {
		e.Trouble = err.Error()
		if c.failed++; c.failed == countingFailures {
			c.given = fmt.Errorf("the observer was given up after %d questions in a row: %w", c.failed, err)
		}
		return
	}
	c.failed, e.Count = 0, &n
}
