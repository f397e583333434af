package generate

import "time"

// Stream makes the events of one case, without allocating once its memory has
// grown to the largest of them (pins aside). Everything is made from the
// number anew: there is no state between two events, so memory does not grow
// with the journeys under way. A Stream is for one goroutine.
type Stream struct {
	g    *Generator
	root root
	m    machine
	body *body // of the event made last
	text []byte
	pins pinned
}

// Stream returns the stream of a case.
func (g *Generator) Stream(caseName string) *Stream {
	s := &Stream{g: g, root: newRoot(g.options.Seed, g.options.RunID, caseName)}
	s.m.regs = make([]register, g.compiled.registers)
	s.m.marks = make([]mark, g.compiled.marks)
	return s
}

// Types are the provider's event types, in documented order: the place of one
// is its number for AppendEvent.
func (g *Generator) Types() []string { return g.compiled.types }

// Journey draws, by weight, which journey the number is.
func (s *Stream) Journey(number uint64) int {
	c := s.g.compiled
	s.root.seed(&s.m.rng, number, laneChoice)
	return s.m.pick(len(c.journeys), c.weights)
}

// JourneyName is the name of a journey in journeys.yaml.
func (s *Stream) JourneyName(journey int) string { return s.g.compiled.journeys[journey].name }

// Steps is how many events a journey has.
func (s *Stream) Steps(journey int) int { return len(s.g.compiled.journeys[journey].steps) }

// Type is the event type of a step, as its place in Types.
func (s *Stream) Type(journey, step int) int { return s.g.compiled.journeys[journey].steps[step].event }

// Offset is when the step comes, from the journey's first.
func (s *Stream) Offset(number uint64, journey, step int) time.Duration {
	j := &s.g.compiled.journeys[journey]
	s.pauses(j, number, j.paused, step)
	return time.Duration(s.elapsed(j, step)) * time.Millisecond
}

// Append appends the body of one step of a journey, dated at the given time;
// the times of the other steps that it tells of lie before it as the journey
// says. ID and Scope then tell its identity.
func (s *Stream) Append(dst []byte, number uint64, journey, step int, at time.Time) []byte {
	start := len(dst)
	s.m.out = dst
	s.render(number, target{journey, step}, at.UnixMilli())
	dst = s.m.out
	s.m.out = nil
	s.text = dst[start:]
	for i := range s.m.marks {
		s.m.marks[i].start -= start
		s.m.marks[i].end -= start
	}
	if len(s.g.pins) > 0 {
		dst = append(dst[:start], s.pin(s.text)...)
		s.text = dst[start:]
	}
	return dst
}

// AppendEvent appends the body of an event of a type, by its place in Types:
// the last event of its shortest journey prefix.
func (s *Stream) AppendEvent(dst []byte, number uint64, eventType int, at time.Time) []byte {
	t := s.shortest(number, eventType)
	return s.Append(dst, number, t.journey, t.step, at)
}

// ID is the idempotency key's first part of the event appended last; nil where
// it has none. It is valid until the body is changed or the next is made.
func (s *Stream) ID() []byte {
	switch {
	case s.pins.id != nil:
		return s.pins.id
	case s.body.id >= 0:
		m := s.m.marks[s.body.id]
		return s.text[m.start:m.end]
	case s.body.idReg >= 0:
		return s.m.regs[s.body.idReg].text
	}
	return nil
}

// Scopes is how many further parts the idempotency key of the event appended
// last has.
func (s *Stream) Scopes() int { return len(s.body.scope) }

// Scope is a further part of the key, as ID is its first.
func (s *Stream) Scope(i int) []byte {
	if s.pins.scope != nil {
		return s.pins.scope[i]
	}
	m := s.m.marks[s.body.scope[i]]
	return s.text[m.start:m.end]
}

// shortest draws, by weight, among the shortest prefixes for an event type.
func (s *Stream) shortest(number uint64, eventType int) target {
	c := s.g.compiled
	targets := c.shortest[eventType]
	if len(targets) == 1 {
		return targets[0]
	}
	s.root.seed(&s.m.rng, number, laneChoice)
	return targets[s.m.pick(len(targets), c.chances[eventType])]
}

// run draws one value.
func (s *Stream) run(u *unit, number, lane uint64) {
	if u.random {
		s.root.seed(&s.m.rng, number, lane+u.lane)
	}
	s.m.run(u.run)
}

// pauses draws the journey's pauses up to a step, and before them some of its
// values.
func (s *Stream) pauses(j *journey, number uint64, before []unit, step int) {
	s.m.arena = s.m.arena[:0]
	for i := range before {
		s.run(&before[i], number, j.lane)
	}
	s.root.seed(&s.m.rng, number, j.lane+lanePauses)
	s.m.run(j.pauses[:j.steps[step].drawn])
}

// elapsed is the time from the first step to another, in ms.
func (s *Stream) elapsed(j *journey, step int) (ms int64) {
	for i := 1; i <= step; i++ {
		ms += s.m.regs[j.steps[i].pause].num
	}
	return ms
}

// render appends the body of a step to m.out.
func (s *Stream) render(number uint64, t target, at int64) {
	m := &s.m
	j := &s.g.compiled.journeys[t.journey]
	s.body = &j.steps[t.step].bodies[0]
	if s.g.options.DocumentedOnly {
		s.body = &j.steps[t.step].bodies[1]
	}
	s.pauses(j, number, s.body.before, t.step)
	now, step := at-s.elapsed(j, t.step), timed
	m.regs[regStart].num = now
	for i := range s.body.after {
		u := &s.body.after[i]
		for ; step < u.step; step++ {
			now += m.regs[j.steps[step+1].pause].num
		}
		m.regs[regAt].num = now
		s.run(u, number, j.lane)
	}
	m.regs[regAt].num = at
	s.root.seed(&m.rng, number, j.lane+laneBodies+uint64(t.step))
	m.run(s.body.render)
}

// event makes one event with memory of its own.
func (s *Stream) event(number uint64, t target, at time.Time) Event {
	body := s.Append(nil, number, t.journey, t.step, at)
	e := Event{Type: s.g.compiled.types[s.Type(t.journey, t.step)], ID: string(s.ID()), At: at, Body: body}
	for i := range s.Scopes() {
		e.Scope = append(e.Scope, string(s.Scope(i)))
	}
	return e
}

// events makes the steps up to the target, which lies at the given time.
func (s *Stream) events(number uint64, t target, at time.Time) []Event {
	j := &s.g.compiled.journeys[t.journey]
	s.pauses(j, number, j.paused, t.step)
	times := make([]time.Time, t.step+1)
	for i := t.step; i >= 0; i-- {
		times[i] = at
		at = at.Add(-time.Duration(s.m.regs[j.steps[i].pause].num) * time.Millisecond)
	}
	events := make([]Event, len(times))
	for i, when := range times {
		events[i] = s.event(number, target{t.journey, i}, when)
	}
	return events
}
