package generate

// builder collects a program; literals that stand side by side become one.
type builder struct {
	done    program
	literal []byte
}

func (b *builder) write(text string) { b.literal = append(b.literal, text...) }

func (b *builder) add(in instruction) {
	b.flush()
	b.done = append(b.done, in)
}

func (b *builder) flush() {
	if len(b.literal) > 0 {
		b.done = append(b.done, instruction{op: opLiteral, text: b.literal})
		b.literal = nil
	}
}

// program is what was collected.
func (b *builder) program() program {
	b.flush()
	return b.done
}

// writeInText appends a symbol within a text.
func (b *builder) writeInText(s *symbol) {
	switch {
	case s.kind == nullSymbol:
		b.write("null")
	case s.kind == textSymbol && s.reg < 0:
		b.write(s.text)
	case s.kind == textSymbol:
		b.add(instruction{op: opText, reg: s.reg})
	case s.kind == boolSymbol && s.reg < 0:
		b.write([...]string{"false", "true"}[s.num])
	case s.kind == boolSymbol:
		b.add(instruction{op: opBool, reg: s.reg})
	case s.kind == timeSymbol:
		b.add(instruction{op: opTime, reg: s.reg, scale: int(s.form)})
	case s.reg < 0 && s.asText:
		b.write(string(appendFixed(nil, s.num, s.scale)))
	case s.reg < 0:
		b.write(string(appendNumber(nil, s.num, s.scale)))
	case s.asText:
		b.add(instruction{op: opFixed, reg: s.reg, scale: s.scale})
	default:
		b.add(instruction{op: opNumber, reg: s.reg, scale: s.scale})
	}
}

// quoted tells whether the symbol is a JSON string.
func (s *symbol) quoted() bool {
	return s.kind == textSymbol || s.kind == numberSymbol && s.asText || s.kind == timeSymbol && s.form.quoted()
}

// append adds what another builder collected.
func (b *builder) append(other *builder) {
	for _, in := range other.done {
		b.add(in)
	}
	b.literal = append(b.literal, other.literal...)
}
