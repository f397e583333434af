package generate

import "math/rand/v2"

// register holds one drawn value: a text, already escaped for JSON, or a
// number (a decimal's units, a moment's milliseconds, a boolean's 0 or 1).
type register struct {
	text []byte
	num  int64
}

// machine runs compiled programs. It keeps its memory from event to event, so
// that making one allocates nothing. It is for one goroutine at a time.
type machine struct {
	regs  []register
	arena []byte // texts of registers
	out   []byte // the body
	marks []mark
	rng   rand.PCG
}

// mark is where in the body a value lies, without quotes.
type mark struct{ start, end int }

// registers that every journey has.
const (
	regAt    = iota // the step's time
	regStart        // the first step's time
	firstFree
)

type opcode uint8

const (
	opLiteral opcode = iota // append text
	opText                  // append a register's text
	opNumber                // append a register as a JSON number of a scale
	opFixed                 // append a register with all decimals of a scale
	opTime                  // append a register as a time of a form
	opBool                  // append a register as true or false
	opComma                 // append a comma unless an object or array was just opened
	opMarkStart
	opMarkEnd
	opMaybe  // run the sub-program with odds of n in 2^32
	opChoose // run one of the sub-programs
	opRepeat // run the sub-program some times, commas between

	opDrawPattern
	opDrawText   // one of the texts
	opDrawNumber // one of the numbers
	opDrawRange  // n + step times 0 to span-1
	opDrawBool   // 1 with odds of n in 2^32
	opCompute
	opAddTime // a register plus offsets
	opRender  // run the sub-program into the register's text
)

// instruction is one step of a program; which fields count depends on the opcode.
type instruction struct {
	op      opcode
	reg     int // target or source
	scale   int // of numbers; timeForm; mark
	from    int // register
	n       int64
	step    int64
	span    uint64
	text    []byte
	texts   [][]byte
	numbers []int64
	weights []uint64 // cumulative; nil: equal
	pattern pattern
	offsets []offset
	expr    *expression
	round   rounding
	sub     []program
}

type program []instruction

// pick draws the index of one of n choices.
func (m *machine) pick(n int, cumulative []uint64) int {
	if cumulative == nil {
		return int(below(&m.rng, uint64(n)))
	}
	x := below(&m.rng, cumulative[len(cumulative)-1])
	for i, c := range cumulative {
		if x < c {
			return i
		}
	}
	return len(cumulative) - 1
}

func (m *machine) odds(n int64) bool { return int64(m.rng.Uint64()>>32) < n }

func (m *machine) run(p program) {
	for i := range p {
		in := &p[i]
		switch in.op {
		case opLiteral:
			m.out = append(m.out, in.text...)
		case opText:
			m.out = append(m.out, m.regs[in.reg].text...)
		case opNumber:
			m.out = appendNumber(m.out, m.regs[in.reg].num, in.scale)
		case opFixed:
			m.out = appendFixed(m.out, m.regs[in.reg].num, in.scale)
		case opTime:
			m.out = appendTime(m.out, m.regs[in.reg].num, timeForm(in.scale))
		case opBool:
			if m.regs[in.reg].num != 0 {
				m.out = append(m.out, "true"...)
			} else {
				m.out = append(m.out, "false"...)
			}
		case opComma:
			if last := m.out[len(m.out)-1]; last != '{' && last != '[' {
				m.out = append(m.out, ',')
			}
		case opMarkStart:
			m.marks[in.scale].start = len(m.out)
		case opMarkEnd:
			m.marks[in.scale].end = len(m.out)
		case opMaybe:
			if m.odds(in.n) {
				m.run(in.sub[0])
			}
		case opChoose:
			m.run(in.sub[m.pick(len(in.sub), in.weights)])
		case opRepeat:
			for k := in.n + int64(below(&m.rng, in.span)); k > 0; k-- {
				m.run(in.sub[0])
				if k > 1 {
					m.out = append(m.out, ',')
				}
			}
		case opDrawPattern:
			start := len(m.arena)
			m.arena = in.pattern.draw(m.arena, &m.rng)
			m.regs[in.reg].text = m.arena[start:]
		case opDrawText:
			m.regs[in.reg].text = in.texts[m.pick(len(in.texts), in.weights)]
		case opDrawNumber:
			m.regs[in.reg].num = in.numbers[m.pick(len(in.numbers), in.weights)]
		case opDrawRange:
			m.regs[in.reg].num = in.n + in.step*int64(below(&m.rng, in.span))
		case opDrawBool:
			m.regs[in.reg].num = 0
			if m.odds(in.n) {
				m.regs[in.reg].num = 1
			}
		case opCompute:
			m.regs[in.reg].num = in.expr.compute(m.regs, in.scale, in.round)
		case opAddTime:
			t := int64(0)
			if in.from >= 0 {
				t = m.regs[in.from].num
			}
			for o := range in.offsets {
				t += in.offsets[o].draw(m, &m.rng)
			}
			m.regs[in.reg].num = t
		case opRender:
			// A register's text holds no draws, so the arena is free to write to.
			start, out := len(m.arena), m.out
			m.out = m.arena
			m.run(in.sub[0])
			m.arena, m.out = m.out, out
			m.regs[in.reg].text = m.arena[start:]
		}
	}
}
