package generate

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// place is where in a body a value is written: the pointer with the numbers
// of items, and with * in their stead.
type place struct {
	pointer, general string
	varying          bool // within what may be absent, repeated or another
}

func (p place) member(name string) place {
	token := "/" + jsondoc.Escape(name)
	return place{p.pointer + token, p.general + token, p.varying}
}

func (p place) item(index string) place {
	return place{p.pointer + "/" + index, p.general + "/*", p.varying}
}

func (p place) vary() place { p.varying = true; return p }

// layout is what is known of a body that was compiled.
type layout struct {
	omit    []string       // general pointers that are left out
	marks   map[string]int // pointers whose place in the body is wanted
	marked  map[string]bool
	objects map[string]bool // general pointers of objects
	data    func(p place, b *builder) error
}

// emit compiles a value where it is written in a body.
func (c *compiler) emit(v *schemas.Value, sc *scope, b *builder, p place, l *layout) error {
	if mark, ok := l.marks[p.pointer]; ok && v.Kind != schemas.MapValue && v.Kind != schemas.ListValue {
		if p.varying {
			return fmt.Errorf("%s: it identifies the event, so it cannot be left out, repeated or chosen", p.pointer)
		}
		l.marked[p.pointer] = true
		return c.emitMarked(v, sc, b, p, l, mark)
	}
	switch v.Kind {
	case schemas.MapValue:
		form, err := formOf(v)
		if err != nil {
			return at(p, err)
		}
		if form == "" {
			return c.emitObject(v, sc, b, p, l)
		}
		return c.emitForm(form, v, sc, b, p, l)
	case schemas.ListValue:
		b.write("[")
		for i := range v.Items {
			if i > 0 {
				b.write(",")
			}
			if err := c.emit(&v.Items[i], sc, b, p.item(strconv.Itoa(i)), l); err != nil {
				return err
			}
		}
		b.write("]")
		return nil
	case schemas.NumberValue:
		f, err := strconv.ParseFloat(v.Text, 64)
		if err != nil || f-f != 0 {
			return at(p, fmt.Errorf("%q is not a number that JSON has", v.Text))
		}
		b.write(string(appendFloat(nil, f)))
		return nil
	case schemas.TextValue:
		if name := soleName(v.Text); name != "" {
			if name == "data" && l.data != nil {
				return l.data(p, b)
			}
			if _, bound := sc.find(name); bound != nil {
				return c.emit(bound.value, bound.scope, b, p, l)
			}
		}
	}
	return at(p, c.emitSymbol(v, sc, b, func() {}, func() {}))
}

// emitMarked writes a value and notes where its text begins and ends.
func (c *compiler) emitMarked(v *schemas.Value, sc *scope, b *builder, p place, l *layout, mark int) error {
	if name := soleName(v.Text); v.Kind == schemas.TextValue && name != "" {
		if _, bound := sc.find(name); bound != nil {
			return c.emit(bound.value, bound.scope, b, p, l)
		}
	}
	return at(p, c.emitSymbol(v, sc, b,
		func() { b.add(instruction{op: opMarkStart, scale: mark}) },
		func() { b.add(instruction{op: opMarkEnd, scale: mark}) }))
}

func (c *compiler) emitSymbol(v *schemas.Value, sc *scope, b *builder, before, after func()) error {
	if parts, err := parseTemplate(v.Text); v.Kind == schemas.TextValue && (err != nil || len(parts) > 1) {
		// A text of several parts is written straight into the body.
		if err != nil {
			return err
		}
		draws, text := &builder{}, &builder{}
		if err := c.writeParts(parts, sc, text, draws); err != nil {
			return err
		}
		b.append(draws)
		b.write(`"`)
		before()
		b.append(text)
		after()
		b.write(`"`)
		return nil
	}
	s, err := c.register(v, sc, b)
	if err != nil {
		return err
	}
	quote := ""
	if s.quoted() {
		quote = `"`
	}
	b.write(quote)
	before()
	b.writeInText(s)
	after()
	b.write(quote)
	return nil
}

func (c *compiler) emitObject(v *schemas.Value, sc *scope, b *builder, p place, l *layout) error {
	l.objects[p.general] = true
	b.write("{")
	written, first := false, true // whether surely, and whether surely not, a member stands before
	for i := range v.Members {
		m := &v.Members[i]
		inner := p.member(m.Name)
		if slices.Contains(l.omit, inner.general) {
			continue
		}
		if err := checkKey(m.Name); err != nil {
			return at(p, err)
		}
		value, odds, err := optional(&m.Value)
		if err != nil {
			return at(inner, err)
		}
		target := b
		if odds >= 0 {
			target, inner = &builder{}, inner.vary()
		}
		switch {
		case written:
			target.write(",")
		case !first:
			target.add(instruction{op: opComma})
		}
		target.write(`"` + string(appendEscaped(nil, m.Name)) + `":`)
		if err := c.emit(value, sc, target, inner, l); err != nil {
			return err
		}
		if odds >= 0 {
			b.add(instruction{op: opMaybe, n: odds, sub: []program{target.program()}})
		} else {
			written = true
		}
		first = false
	}
	b.write("}")
	return nil
}

// optional takes {$maybe: value, chance: 0.3} apart; odds are -1 for a value
// that is always there.
func optional(v *schemas.Value) (*schemas.Value, int64, error) {
	if v.Kind != schemas.MapValue || v.Member("$maybe") == nil {
		return v, -1, nil
	}
	if _, err := formOf(v); err != nil {
		return nil, 0, err
	}
	odds, err := chance(v.Member("chance"))
	return v.Member("$maybe"), odds, err
}

// checkKey refuses the keys that JSON.parse and JSON.stringify put elsewhere,
// and those that common frameworks refuse.
func checkKey(key string) error {
	if n, err := strconv.ParseUint(key, 10, 32); err == nil && strconv.FormatUint(n, 10) == key {
		return fmt.Errorf("key %q is an array index, which JavaScript moves to the front", key)
	}
	if key == "__proto__" || key == "constructor" {
		return fmt.Errorf("key %q is refused by common frameworks", key)
	}
	return nil
}

func (c *compiler) emitForm(form string, v *schemas.Value, sc *scope, b *builder, p place, l *layout) error {
	switch form {
	case "$shape":
		return c.emitShape(v, sc, b, p, l)
	case "$list":
		return c.emitList(v, sc, b, p, l)
	case "$let":
		inner, in, err := c.let(v, sc, b)
		if err != nil {
			return at(p, err)
		}
		return c.emit(in, inner, b, p, l)
	case "$choice":
		items, weights, err := choices(v)
		if err != nil {
			return at(p, err)
		}
		programs := make([]program, len(items))
		for i := range items {
			inner := &builder{}
			if err := c.emit(&items[i], sc, inner, p.vary(), l); err != nil {
				return err
			}
			programs[i] = inner.program()
		}
		b.add(instruction{op: opChoose, sub: programs, weights: weights})
		return nil
	case "$maybe":
		return at(p, errors.New("$maybe stands for a member of an object only"))
	}
	mark := func(op opcode) func() { return func() {} }
	if n, ok := l.marks[p.pointer]; ok {
		if p.varying {
			return at(p, errors.New("it identifies the event, so it cannot be left out, repeated or chosen"))
		}
		l.marked[p.pointer] = true
		mark = func(op opcode) func() { return func() { b.add(instruction{op: op, scale: n}) } }
	}
	return at(p, c.emitSymbol(v, sc, b, mark(opMarkStart), mark(opMarkEnd)))
}

func (c *compiler) emitShape(v *schemas.Value, sc *scope, b *builder, p place, l *layout) error {
	name := v.Member("$shape").Text
	shape, ok := c.shapes[name]
	if !ok {
		return at(p, fmt.Errorf("there is no shape %q", name))
	}
	if c.depth++; c.depth > 20 {
		return at(p, fmt.Errorf("shape %q comes back to itself", name))
	}
	defer func() { c.depth-- }()
	inner := sc
	if with := v.Member("with"); with != nil {
		inner = sc.child()
		for i := range with.Members {
			inner.bound[with.Members[i].Name] = binding{&with.Members[i].Value, sc}
		}
	}
	return c.emit(shape, inner, b, p, l)
}

func (c *compiler) emitList(v *schemas.Value, sc *scope, b *builder, p place, l *layout) error {
	lo, hi := uint64(1), uint64(1)
	if count := v.Member("count"); count != nil {
		first, last, ranged := strings.Cut(count.Text, "..")
		if !ranged {
			last = first
		}
		var errLo, errHi error
		lo, errLo = strconv.ParseUint(first, 10, 16)
		hi, errHi = strconv.ParseUint(last, 10, 16)
		if errLo != nil || errHi != nil || hi < lo {
			return at(p, fmt.Errorf("count %q is not a number or a range such as 1..3", count.Text))
		}
	}
	inner := &builder{}
	if err := c.emit(v.Member("$list"), sc, inner, p.item("*").vary(), l); err != nil {
		return err
	}
	b.write("[")
	b.add(instruction{op: opRepeat, n: int64(lo), span: hi - lo + 1, sub: []program{inner.program()}})
	b.write("]")
	return nil
}

// soleName is the name in a text that is {name} and nothing else.
func soleName(text string) string {
	parts, err := parseTemplate(text)
	if err != nil || len(parts) != 1 {
		return ""
	}
	return parts[0].name
}

// placed is an error with the pointer at which it arose.
type placed struct {
	pointer string
	err     error
}

func (e *placed) Error() string { return e.pointer + ": " + e.err.Error() }
func (e *placed) Unwrap() error { return e.err }

func at(p place, err error) error {
	var already *placed
	if err == nil || errors.As(err, &already) {
		return err
	}
	return &placed{p.pointer, err}
}
