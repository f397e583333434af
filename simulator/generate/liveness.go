package generate

import "slices"

// add makes a unit of what was built; nothing where the value is a constant or
// another name for one that is there.
func (j *journey) add(b *builder, step int) {
	run := b.program()
	if len(run) == 0 {
		return
	}
	u := unit{lane: laneUnits + uint64(len(j.units)), step: step, run: run}
	run.walk(func(in *instruction) { u.random = u.random || in.random() })
	j.units = append(j.units, u)
}

// needed are the units that a program of a step rests on, and those that the
// pauses do: before the times are known, and then.
func (j *journey) needed(p program, step int) (before, after []unit) {
	wanted := map[int]bool{}
	want := func(in *instruction) {
		for _, reg := range in.reads() {
			wanted[reg] = true
		}
	}
	p.walk(want)
	j.pauses.walk(want)
	for i, u := range slices.Backward(j.units) {
		if u.step > step {
			continue
		}
		asked := false
		u.run.walk(func(in *instruction) { asked = asked || in.writes() && wanted[in.reg] })
		if !asked {
			continue
		}
		u.run.walk(want)
		if u.step == untimed {
			before = append(before, j.units[i])
		} else {
			after = append(after, j.units[i])
		}
	}
	slices.Reverse(before)
	slices.Reverse(after)
	return before, after
}

// walk calls f with every instruction, those within others too.
func (p program) walk(f func(*instruction)) {
	for i := range p {
		f(&p[i])
		for _, sub := range p[i].sub {
			sub.walk(f)
		}
	}
}

// random tells whether the instruction draws.
func (in *instruction) random() bool {
	switch in.op {
	case opMaybe, opChoose, opRepeat, opDrawPattern, opDrawText, opDrawNumber, opDrawRange, opDrawBool:
		return true
	case opAddTime:
		return slices.ContainsFunc(in.offsets, func(o offset) bool { return o.max > o.min })
	}
	return false
}

// writes tells whether the instruction sets its register.
func (in *instruction) writes() bool { return in.op >= opDrawPattern }

// reads are the registers that the instruction looks at.
func (in *instruction) reads() []int {
	var regs []int
	switch {
	case in.op == opAddTime:
		regs = append(regs, in.from)
		for _, o := range in.offsets {
			regs = append(regs, o.reg)
		}
	case in.op == opCompute:
		regs = in.expr.registers(regs)
	case !in.writes():
		regs = append(regs, in.reg)
	}
	return regs
}

// registers appends those that the expression looks at.
func (e *expression) registers(regs []int) []int {
	if e.op == 'r' {
		return append(regs, e.reg)
	}
	if e.left != nil {
		regs = e.right.registers(e.left.registers(regs))
	}
	return regs
}
