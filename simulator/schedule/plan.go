package schedule

import (
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/generate"
)

// Cases of the streams that events are drawn from: an id of one is never that
// of another.
const (
	genuineCase = "simulate"
	staleCase   = "simulate/stale"
	forgedCase  = "simulate/forged"
)

// Item is one planned delivery. All of it is a function of seed, run id,
// start and scenario.
type Item struct {
	Index  uint64        // of the run, in order of sending: see Partition
	Offset time.Duration // from the run's start to the intended time
	Class  simulator.Class
	Phase  int
	// Number, Journey and Step name the event within its stream.
	Number        uint64
	Journey, Step int
	At            time.Time // the event's own time
	Of            uint64    // the delivery that a duplicate or redelivery repeats
	Ordinal       uint64    // of the genuine delivery itself or repeated, from 0
	Kind          int       // which forgery, which age
}

const (
	window = 24  // journeys under way
	recall = 512 // deliveries that a duplicate can repeat
)

// underway is a journey that is being sent.
type underway struct {
	number  uint64
	journey int
	step    int // to be sent next
	anchor  time.Time
	steps   int
	swapped bool // step and step+1 change places; step+1 is out
}

// planner draws the items in order. Its memory does not grow.
type planner struct {
	s        *Scenario
	start    time.Time
	part     Partition
	stream   *generate.Stream
	rng      *rand.Rand
	kinds    []int // forgeries by phase
	ages     int   // ways to be stale; 0: none
	phase    int
	began    time.Duration // the phase's begin
	arrivals arrivals
	index    uint64 // items of this partition so far
	journeys uint64 // of this partition so far
	open     [window]underway
	recent   [recall]Item
	genuine  uint64      // sent so far
	weights  [][]float64 // by phase, by journey; nil: as drawn
	heaviest []float64
}

// newPlanner starts at the first item.
func newPlanner(s *Scenario, part Partition, g *generate.Generator, start time.Time, kinds []int, ages int) *planner {
	o := g.Options()
	h := fnv.New64a()
	h.Write([]byte(o.RunID))
	part.salt(h)
	p := &planner{s: s, part: part, start: start, stream: g.Stream(genuineCase), kinds: kinds, ages: ages}
	p.rng = rand.New(rand.NewPCG(o.Seed, h.Sum64()))
	p.arrivals = arrivals{p: &s.Phases[0], part: part}
	p.weights = make([][]float64, len(s.Phases))
	p.heaviest = make([]float64, len(s.Phases))
	return p
}

// weigh makes a phase's weights of the journeys.
func (p *planner) weigh(phase int, types []string, journeys int) {
	events := p.s.Phases[phase].Events
	if events == nil {
		return
	}
	p.weights[phase] = make([]float64, journeys)
	for j := range journeys {
		steps := p.stream.Steps(j)
		for step := range steps {
			p.weights[phase][j] += events[types[p.stream.Type(j, step)]] / float64(steps)
		}
		p.heaviest[phase] = max(p.heaviest[phase], p.weights[phase][j])
	}
}

// next draws the next item; false behind the last.
func (p *planner) next(it *Item) bool {
	for {
		at, ok := p.arrivals.next(p.rng)
		if ok {
			*it = Item{Index: p.part.global(p.index), Offset: p.began + at, Phase: p.phase}
			p.index++
			p.fill(it)
			return true
		}
		if !p.skip() {
			return false
		}
	}
}

// skip goes on to the next phase.
func (p *planner) skip() bool {
	if p.phase+1 >= len(p.s.Phases) {
		return false
	}
	length := Scenario{Phases: p.s.Phases[p.phase : p.phase+1]}
	p.began += length.Length()
	p.phase++
	p.arrivals = arrivals{p: &p.s.Phases[p.phase], part: p.part}
	return true
}

// fill draws what is sent.
func (p *planner) fill(it *Item) {
	mix := &p.s.Phases[it.Phase].Mix
	at := Percent(p.rng.Float64() * 100)
	draw := p.rng.Uint64()
	for _, share := range [...]struct {
		of    Percent
		class simulator.Class
	}{{mix.Forged, simulator.Forged}, {mix.Stale, simulator.Stale}, {mix.Duplicates, simulator.Duplicate}, {mix.Redeliveries, simulator.Redelivery}} {
		if at >= share.of {
			at -= share.of
			continue
		}
		switch {
		case share.class == simulator.Forged && p.kinds[it.Phase] > 0:
			it.Kind = int(draw % uint64(p.kinds[it.Phase]))
		case share.class == simulator.Stale && p.ages > 0:
			it.Kind = int(draw % uint64(p.ages))
		case (share.class == simulator.Duplicate || share.class == simulator.Redelivery) && p.genuine > 0:
			// The nearer a delivery, the likelier it is repeated.
			back := min(draw%uint64(1+draw>>32%recall), p.genuine-1)
			of := &p.recent[(p.genuine-1-back)%recall]
			it.Number, it.Journey, it.Step, it.At = of.Number, of.Journey, of.Step, of.At
			it.Of, it.Ordinal = of.Index, of.Ordinal
			it.Class = share.class
			return
		default:
			p.genuinely(it, draw)
			return
		}
		it.Class, it.Number = share.class, it.Index
		it.Journey = p.stream.Journey(it.Index)
		it.Step = int(draw >> 32 % uint64(p.stream.Steps(it.Journey)))
		it.At = p.start.Add(it.Offset)
		return
	}
	p.genuinely(it, draw)
}

// genuinely draws the next step of one of the journeys under way.
func (p *planner) genuinely(it *Item, draw uint64) {
	it.Class = simulator.Genuine
	u := &p.open[draw%window]
	if u.step >= u.steps {
		p.begin(u, it)
	}
	step := u.step
	switch {
	case u.swapped:
		u.swapped = false
		u.step += 2
	case step+1 < u.steps && p.rng.Float64()*100 < float64(p.s.Phases[it.Phase].Mix.Reorder):
		u.swapped = true
		step++
	default:
		u.step++
	}
	it.Number, it.Journey, it.Step = u.number, u.journey, step
	it.At = u.anchor.Add(p.stream.Offset(u.number, u.journey, step))
	it.Ordinal = p.genuine
	p.recent[p.genuine%recall] = *it
	p.genuine++
}

// begin opens a journey whose last event happens now: those before it lie in
// the past, so far apart as the journey says.
func (p *planner) begin(u *underway, it *Item) {
	for try := 0; ; try++ {
		u.number = p.part.global(p.journeys)
		p.journeys++
		u.journey = p.stream.Journey(u.number)
		weights := p.weights[it.Phase]
		if weights == nil || p.rng.Float64()*p.heaviest[it.Phase] < weights[u.journey] || try == 1000 {
			break
		}
	}
	u.steps, u.step, u.swapped = p.stream.Steps(u.journey), 0, false
	u.anchor = p.start.Add(it.Offset).Add(-p.stream.Offset(u.number, u.journey, u.steps-1))
}
