package schedule

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hookstone/hookstone/simulator"
)

// Effects are what the receiver's own world shows of a run.
type Effects struct {
	Events        uint64   `json:"events"` // distinct genuine events that were sent
	Asked         uint64   `json:"asked"`  // of all events, how many the observer was asked about
	Applied       uint64   `json:"applied"`
	Total         uint64   `json:"total"`   // effects of genuine events
	Lost          uint64   `json:"lost"`    // acknowledged, and no effect
	Doubled       uint64   `json:"doubled"` // more than one effect
	Open          uint64   `json:"open"`    // never acknowledged: none or one is right
	ForgedApplied uint64   `json:"forged_applied"`
	StaleApplied  uint64   `json:"stale_applied"`
	Examples      []string `json:"examples"` // the first that are wrong
	Error         string   `json:"error,omitempty"`
}

// askers is how many questions are under way at a time.
const askers = 8

// question is about one event.
type question struct {
	class simulator.Class
	acked bool
	event string
	id    string
}

// observe goes over the plan once more and asks for every event's effects.
func (e *Engine) observe(ctx context.Context, out *Effects) error {
	select {
	case <-ctx.Done():
		return errors.New("the run was interrupted: the observer was not asked")
	case <-time.After(e.config.Settle):
	}
	out.Examples = []string{}
	types := e.recipe.generator.Types()
	if n, err := e.config.Observer.Count(ctx, "hookstone-never-sent-"+e.config.RunID, types[0]); err != nil {
		return err
	} else if n != 0 {
		return fmt.Errorf("it counts %d effects of an event that was never sent", n)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	questions := make(chan question, askers)
	var all sync.WaitGroup
	var mu sync.Mutex
	for range askers {
		all.Go(func() {
			for q := range questions {
				if ctx.Err() != nil {
					continue
				}
				n, err := e.config.Observer.Count(ctx, q.id, q.event)
				if err != nil {
					cancel(err)
					continue
				}
				mu.Lock()
				out.add(q, n)
				mu.Unlock()
			}
		})
	}
	err := e.questions(ctx, out, questions)
	close(questions)
	all.Wait()
	if err == nil {
		err = context.Cause(ctx)
	}
	return err
}

// questions asks about each event once, in the plan's order; about each nth
// where not all are to be asked about.
func (e *Engine) questions(ctx context.Context, out *Effects, questions chan<- question) error {
	m, err := e.recipe.maker()
	if err != nil {
		return err
	}
	total, planned := e.sentItems()
	every := uint64(1)
	if most := uint64(e.config.ObserveAtMost); most > 0 && planned > most {
		every = (planned + most - 1) / most
	}
	plan, err := e.recipe.planner(e.config.Start)
	if err != nil {
		return err
	}
	var asked uint64
	var it Item
	for i := uint64(0); i < total && plan.next(&it) && ctx.Err() == nil; i++ {
		if it.Class == simulator.Duplicate || it.Class == simulator.Redelivery {
			continue
		}
		if it.Class == simulator.Genuine {
			out.Events++
		}
		if asked++; asked%every != 0 {
			continue
		}
		m.event(&task{Item: it, origin: e.config.Start})
		q := question{class: it.Class, event: m.eventType, id: string(m.id), acked: it.Class == simulator.Genuine && e.acked.has(it.Ordinal)}
		if q.id == "" {
			continue
		}
		select {
		case questions <- q:
		case <-ctx.Done():
		}
	}
	return nil
}

// sentItems is how far the plan was carried out.
func (e *Engine) sentItems() (items, about uint64) {
	e.agenda.mu.Lock()
	defer e.agenda.mu.Unlock()
	n := e.agenda.plan.index
	if e.agenda.planned {
		n = e.config.Partition.local(e.agenda.next.Index)
	}
	return n, n
}

func (f *Effects) add(q question, n int) {
	f.Asked++
	wrong := func(counter *uint64, format string, args ...any) {
		*counter++
		if len(f.Examples) < maxOdd {
			f.Examples = append(f.Examples, fmt.Sprintf(format, args...))
		}
	}
	switch q.class {
	case simulator.Genuine:
		f.Total += uint64(n)
		if n > 0 {
			f.Applied++
		}
		if !q.acked {
			f.Open++
		}
		switch {
		case n == 0 && q.acked:
			wrong(&f.Lost, "%s %s was acknowledged and had no effect", q.event, q.id)
		case n > 1:
			wrong(&f.Doubled, "%s %s had %d effects", q.event, q.id, n)
		}
	case simulator.Stale:
		if n > 0 {
			wrong(&f.StaleApplied, "%s %s was stale and had %d effects", q.event, q.id, n)
		}
	case simulator.Forged:
		if n > 0 {
			wrong(&f.ForgedApplied, "%s %s was forged and had %d effects", q.event, q.id, n)
		}
	}
}
