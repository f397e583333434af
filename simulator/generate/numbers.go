package generate

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

// registerRange compiles {$integer: 1..30} and {$decimal: 5.00..500.00}.
func (c *compiler) registerRange(v *schemas.Value, form string, b *builder) (*symbol, error) {
	text := v.Member(form).Text
	first, last, ok := strings.Cut(text, "..")
	if !ok || v.Member(form).Kind != schemas.TextValue {
		return nil, fmt.Errorf("%s wants a range such as 5..500, not %q", form, text)
	}
	lo, loScale, err := parseDecimal(first)
	if err != nil {
		return nil, err
	}
	hi, hiScale, err := parseDecimal(last)
	if err != nil {
		return nil, err
	}
	step, stepScale := int64(1), 0
	given := v.Member("step")
	if given != nil {
		if step, stepScale, err = parseDecimal(given.Text); err != nil {
			return nil, err
		}
	}
	scale := max(loScale, hiScale, stepScale)
	if form == "$integer" && scale > 0 {
		return nil, fmt.Errorf("$integer wants whole numbers, not %q", text)
	}
	lo, hi = lo*powersOf10[scale-loScale], hi*powersOf10[scale-hiScale]
	if given != nil {
		step *= powersOf10[scale-stepScale]
	}
	if hi < lo || step <= 0 {
		return nil, fmt.Errorf("range %q runs backwards or its step is not positive", text)
	}
	s := &symbol{kind: numberSymbol, reg: c.newRegister(), scale: scale}
	span := uint64(hi-lo)/uint64(step) + 1
	s.lo, s.hi = float64(lo)/float64(powersOf10[scale]), float64(hi)/float64(powersOf10[scale])
	if s.asText, err = asText(v); err != nil {
		return nil, err
	}
	if err := checkBounds(s.lo, s.hi, scale, s.asText); err != nil {
		return nil, err
	}
	b.add(instruction{op: opDrawRange, reg: s.reg, n: lo, step: step, span: span})
	return s, nil
}

// asText reads the option as: string | number.
func asText(v *schemas.Value) (bool, error) {
	as := v.Member("as")
	switch {
	case as == nil || as.Text == "number":
		return false, nil
	case as.Text == "string":
		return true, nil
	}
	return false, fmt.Errorf("as: %q is neither number nor string", as.Text)
}

func (c *compiler) registerComputed(v *schemas.Value, sc *scope, b *builder) (*symbol, error) {
	written := v.Member("$compute")
	if written.Kind != schemas.TextValue && written.Kind != schemas.NumberValue {
		return nil, errors.New("$compute wants an expression such as \"amount * 0.9\"")
	}
	e, err := parseExpression(written.Text, func(name string) (*symbol, error) { return c.lookup(name, sc, b) })
	if err != nil {
		return nil, err
	}
	scale := 0
	if given := v.Member("scale"); given != nil {
		if scale, err = strconv.Atoi(given.Text); err != nil || scale < 0 || scale > maxScale {
			return nil, fmt.Errorf("scale %q is not a number of decimals from 0 to %d", given.Text, maxScale)
		}
	} else if e.decimals {
		return nil, fmt.Errorf("expression %q can have decimals: say how many with scale", written.Text)
	}
	rounding := halfEven
	if given := v.Member("round"); given != nil {
		var ok bool
		if rounding, ok = roundings[given.Text]; !ok {
			return nil, fmt.Errorf("round: %q is none of half-even, half-up, down", given.Text)
		}
	}
	s := &symbol{kind: numberSymbol, reg: c.newRegister(), scale: scale, lo: e.lo, hi: e.hi, timed: e.timed}
	if s.asText, err = asText(v); err != nil {
		return nil, err
	}
	if err := checkBounds(s.lo, s.hi, scale, s.asText); err != nil {
		return nil, fmt.Errorf("expression %q: %w", written.Text, err)
	}
	b.add(instruction{op: opCompute, reg: s.reg, expr: e.expression, scale: scale, round: rounding})
	return s, nil
}

// registerTime compiles {$time: at + 14d}: a time, plus and minus lengths.
func (c *compiler) registerTime(v *schemas.Value, sc *scope, b *builder) (*symbol, error) {
	written := v.Member("$time")
	base, rest, _ := strings.Cut(strings.TrimSpace(written.Text), " ")
	if written.Kind != schemas.TextValue || !isName(base) {
		return nil, fmt.Errorf("$time wants a time and what to add, such as \"at + 14d\", not %q", written.Text)
	}
	from, err := c.lookup(base, sc, b)
	if err != nil {
		return nil, err
	}
	if from.kind != timeSymbol {
		return nil, fmt.Errorf("%q is %s, not a time", base, from.kind)
	}
	s := &symbol{kind: timeSymbol, reg: from.reg, form: from.form, timed: from.timed}
	if as := v.Member("as"); as != nil {
		var ok bool
		if s.form, ok = timeForms[as.Text]; !ok {
			return nil, fmt.Errorf("as: %q is no form of time: rfc3339, rfc3339-milliseconds, unix-seconds, unix-milliseconds, date are", as.Text)
		}
	}
	offsets, _, err := c.offsets(strings.Fields(rest), sc, b)
	if err != nil {
		return nil, fmt.Errorf("time %q: %w", written.Text, err)
	}
	if len(offsets) > 0 {
		s.reg = c.newRegister()
		b.add(instruction{op: opAddTime, reg: s.reg, from: from.reg, offsets: offsets})
	}
	return s, nil
}

// offsets compiles what is added to a time: [+ 5m..1h - 3s + days*1d]. It
// returns the least that they can come to, in ms.
func (c *compiler) offsets(words []string, sc *scope, b *builder) ([]offset, float64, error) {
	var offsets []offset
	var least float64
	if len(words)%2 != 0 {
		return nil, 0, errors.New("want + or - and a length, with spaces between them")
	}
	for ; len(words) > 0; words = words[2:] {
		o := offset{sign: 1, reg: -1}
		switch words[0] {
		case "+":
		case "-":
			o.sign = -1
		default:
			return nil, 0, fmt.Errorf("%q is neither + nor -", words[0])
		}
		lo, hi, err := c.offset(words[1], &o, sc, b)
		if err != nil {
			return nil, 0, err
		}
		if o.sign > 0 {
			least += lo
		} else {
			least -= hi
		}
		offsets = append(offsets, o)
	}
	return offsets, least, nil
}

func (c *compiler) offset(word string, o *offset, sc *scope, b *builder) (lo, hi float64, err error) {
	name, unit, timesRegister := strings.Cut(word, "*")
	if !timesRegister {
		o.min, o.max, err = parseRange(word)
		return float64(o.min), float64(o.max), err
	}
	s, err := c.lookup(name, sc, b)
	if err != nil {
		return 0, 0, err
	}
	if s.kind != numberSymbol || s.scale != 0 {
		return 0, 0, fmt.Errorf("%q is not a whole number", name)
	}
	if o.unit, err = parseLength(unit); err != nil {
		return 0, 0, err
	}
	if s.reg < 0 {
		o.min = s.num * o.unit
		o.max = o.min
	}
	o.reg = s.reg
	return s.lo * float64(o.unit), s.hi * float64(o.unit), nil
}
