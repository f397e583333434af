package generate

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

// compiled is a provider's journeys as programs. It is not changed once made.
type compiled struct {
	file      string
	types     []string // event types, in documented order
	index     map[string]int
	journeys  []journey
	weights   []uint64   // cumulative, of the journeys; a handshake's counts nothing
	shortest  [][]target // for each type, the shortest prefixes that end with it
	chances   [][]uint64 // cumulative weights of those
	registers int
	marks     int
}

// journey is one journey as programs.
type journey struct {
	name   string
	lane   uint64
	units  []unit // all that can be drawn, in order
	paused []unit // those that the pauses rest on
	pauses program
	steps  []step
}

// unit draws one named value.
type unit struct {
	lane   uint64
	step   int // of which it is; timed: of none, but after the times are known; untimed: before
	random bool
	run    program
}

const (
	untimed = -2
	timed   = -1
)

type step struct {
	event  int
	pause  int     // register: ms since the step before
	drawn  int     // how much of the journey's pauses draws it and those before
	bodies [2]body // whole; documented members only
	// objects are the general pointers of the body's objects.
	objects map[string]bool
}

type body struct {
	before []unit // what is drawn before the times are known
	after  []unit // and what then
	render program
	id     int   // mark; -1: none
	idReg  int   // register, where there is no mark; -1: none
	scope  []int // marks
	// idPointer and scopePointers say where the marks lie.
	idPointer     string
	scopePointers []string
}

// target is a step of a journey.
type target struct{ journey, step int }

type compiler struct {
	*compiled
	source     *schemas.Journeys
	provider   *schemas.Provider
	sources    map[string]*schemas.Value
	shapes     map[string]*schemas.Value
	groups     map[string][]schemas.NamedValue
	templates  map[string]*schemas.EventTemplate
	identities []string // body pointers: first of the id, then of the scope
	regs       int
	depth      int
	timed      bool // whether a timed symbol was looked up
}

func (c *compiler) newRegister() int { c.regs++; return c.regs - 1 }

func (c *compiler) sourceNames() string {
	return strings.Join(slices.Sorted(maps.Keys(c.sources)), ", ")
}

// compile proves the journeys sound and makes them programs.
func compile(p *schemas.Provider) (*compiled, error) {
	c := &compiler{
		compiled: &compiled{file: p.Contract.Provider + "/journeys.yaml", index: map[string]int{}},
		source:   p.Journeys, provider: p,
		sources: map[string]*schemas.Value{}, shapes: map[string]*schemas.Value{},
		groups: map[string][]schemas.NamedValue{}, templates: map[string]*schemas.EventTemplate{},
	}
	if p.Journeys == nil {
		return nil, fmt.Errorf("%s: there is none: it says how the events are made", c.file)
	}
	if err := c.gather(); err != nil {
		return nil, fmt.Errorf("%s: %w", c.file, err)
	}
	for i := range p.Journeys.Journeys {
		if err := c.journey(&p.Journeys.Journeys[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", c.file, err)
		}
	}
	if err := c.reach(); err != nil {
		return nil, fmt.Errorf("%s: %w", c.file, err)
	}
	return c.compiled, nil
}

// gather indexes what journeys refer to by name.
func (c *compiler) gather() error {
	if c.source.Format != 1 {
		return fmt.Errorf("format is %d, this program knows 1", c.source.Format)
	}
	for i, e := range c.provider.Events {
		c.types = append(c.types, e.Type)
		c.index[e.Type] = i
	}
	builtin, err := builtinSources()
	if err != nil {
		return err
	}
	for _, named := range [][]schemas.NamedValue{builtin, c.source.Sources} {
		for i := range named {
			c.sources[named[i].Name] = &named[i].Value
		}
	}
	for i := range c.source.Shapes {
		c.shapes[c.source.Shapes[i].Name] = &c.source.Shapes[i].Value
	}
	for _, g := range c.source.Groups {
		c.groups[g.Name] = g.Values
	}
	for i := range c.source.Events {
		e := &c.source.Events[i]
		if _, ok := c.index[e.Event]; !ok {
			return fmt.Errorf("line %d: events: the contract has no event %q", e.Line, e.Event)
		}
		c.templates[e.Event] = e
	}
	id := c.provider.Contract.Identity
	for _, locations := range [][]schemas.Location{id.ID, id.Scope} {
		for _, l := range locations {
			if l.Pointer != "" && l.Header == "" && !slices.Contains(c.identities, l.Pointer) {
				c.identities = append(c.identities, l.Pointer)
			}
		}
	}
	c.marks = len(c.identities)
	return nil
}

func (c *compiler) journey(j *schemas.Journey) error {
	where := fmt.Sprintf("line %d: journey %q", j.Line, j.Name)
	if j.Weight < 0 {
		return fmt.Errorf("%s: weight %d is negative", where, j.Weight)
	}
	if len(j.Steps) == 0 || len(j.Steps) > laneUnits-laneBodies {
		return fmt.Errorf("%s: it has %d steps", where, len(j.Steps))
	}
	for _, other := range c.journeys {
		if other.name == j.Name {
			return fmt.Errorf("%s: there are two of this name", where)
		}
	}
	c.regs = firstFree
	out := journey{name: j.Name, lane: uint64(len(c.journeys)) * lanesPerJourney}
	sc := (&scope{}).child()
	sc.symbols["start"] = &symbol{kind: timeSymbol, reg: regStart, timed: true}
	if err := c.journeyValues(j, sc, &out); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	for i := range j.Steps {
		s := &j.Steps[i]
		if err := c.step(s, i, sc, &out); err != nil {
			return fmt.Errorf("line %d: journey %q: step %d (%s): %w", s.Line, j.Name, i+1, s.Event, err)
		}
	}
	if len(out.units) > lanesPerJourney-laneUnits {
		return fmt.Errorf("%s: it has %d values", where, len(out.units))
	}
	c.journeys = append(c.journeys, out)
	weight := uint64(max(j.Weight, 1))
	for _, st := range out.steps {
		if c.provider.Events[st.event].Handshake {
			weight = 0 // made when asked for, never by chance amid the traffic
		}
	}
	if len(c.weights) > 0 {
		weight += c.weights[len(c.weights)-1]
	}
	c.weights = append(c.weights, weight)
	c.registers = max(c.registers, c.regs)
	return nil
}

// journeyValues compiles the values that are drawn once, those that rest on
// times apart: times are known only when the pauses are, and pauses may rest
// on values.
func (c *compiler) journeyValues(j *schemas.Journey, sc *scope, out *journey) error {
	var all []schemas.NamedValue
	for _, name := range j.Uses {
		group, ok := c.groups[name]
		if !ok {
			return fmt.Errorf("uses: there is no group %q", name)
		}
		all = append(all, group...)
	}
	pauses := &builder{}
	own := map[string]bool{}
	for i, nv := range append(all, j.Values...) {
		if i >= len(all) {
			if own[nv.Name] {
				return fmt.Errorf("value %q is defined twice", nv.Name)
			}
			own[nv.Name] = true
		}
		b := &builder{}
		c.timed = false
		if err := c.declare(&nv, sc, b); err != nil {
			return err
		}
		when := untimed
		if c.timed {
			sc.symbols[nv.Name].timed = true
			when = timed
		}
		out.add(b, when)
	}
	for i := range j.Steps {
		reg, err := c.pause(&j.Steps[i], i, sc, pauses)
		if err != nil {
			return fmt.Errorf("step %d (%s): after %q: %w", i+1, j.Steps[i].Event, j.Steps[i].After, err)
		}
		out.steps = append(out.steps, step{pause: reg, drawn: len(pauses.program())})
	}
	out.pauses = pauses.program()
	out.paused, _ = out.needed(out.pauses, untimed)
	return nil
}

func (c *compiler) pause(s *schemas.Step, i int, sc *scope, b *builder) (int, error) {
	words := strings.Fields(s.After)
	if len(words) > 0 && i == 0 {
		return 0, errors.New("nothing comes before the first step")
	}
	if len(words) > 0 {
		words = append([]string{"+"}, words...)
	}
	c.timed = false
	offsets, least, err := c.offsets(words, sc, b)
	switch {
	case err != nil:
		return 0, err
	case c.timed:
		return 0, errors.New("it rests on a value that itself rests on the journey's times")
	case least < 0:
		return 0, errors.New("it can be negative")
	}
	reg := c.newRegister()
	b.add(instruction{op: opAddTime, reg: reg, from: -1, offsets: offsets})
	return reg, nil
}

// reach finds the shortest prefix for every event type.
func (c *compiler) reach() error {
	c.shortest = make([][]target, len(c.types))
	c.chances = make([][]uint64, len(c.types))
	for j := range c.journeys {
		weight := c.weights[j]
		if j > 0 {
			weight -= c.weights[j-1]
		}
		for s := range c.journeys[j].steps {
			e := c.journeys[j].steps[s].event
			best := c.shortest[e]
			if len(best) > 0 && (best[0].step < s || best[len(best)-1].journey == j) {
				continue
			}
			if len(best) > 0 && best[0].step > s {
				c.shortest[e], c.chances[e] = nil, nil
			}
			sum := weight
			if n := len(c.chances[e]); n > 0 {
				sum += c.chances[e][n-1]
			}
			c.shortest[e] = append(c.shortest[e], target{j, s})
			c.chances[e] = append(c.chances[e], sum)
		}
	}
	for e, targets := range c.shortest {
		if len(targets) == 0 {
			return fmt.Errorf("event %q occurs in no journey", c.types[e])
		}
	}
	return nil
}
