package generate

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/hookstone/hookstone/schemas"
)

// choices reads {$choice: [a, b], weights: [3, 1]} and {$choice: {a: 3, b: 1}}.
func choices(v *schemas.Value) ([]schemas.Value, []uint64, error) {
	list := v.Member("$choice")
	var items, weights []schemas.Value
	switch list.Kind {
	case schemas.ListValue:
		items = list.Items
		if w := v.Member("weights"); w != nil {
			weights = w.Items
		}
	case schemas.MapValue:
		for _, m := range list.Members {
			items = append(items, schemas.Value{Kind: schemas.TextValue, Text: m.Name, Line: m.Value.Line})
			weights = append(weights, m.Value)
		}
	}
	if len(items) == 0 || weights != nil && len(weights) != len(items) {
		return nil, nil, errors.New("$choice wants a list, with as many weights where there are any, or texts with their weights")
	}
	if weights == nil {
		return items, nil, nil
	}
	var sum uint64
	cumulative := make([]uint64, len(weights))
	for i, w := range weights {
		n, err := strconv.ParseUint(w.Text, 10, 32)
		if err != nil || n == 0 {
			return nil, nil, fmt.Errorf("weight %q is not a whole number above 0", w.Text)
		}
		sum += n
		cumulative[i] = sum
	}
	return items, cumulative, nil
}

func (c *compiler) registerChoice(v *schemas.Value, sc *scope, b *builder) (*symbol, error) {
	items, weights, err := choices(v)
	if err != nil {
		return nil, err
	}
	return c.choose(items, weights, sc, b)
}

// choose compiles a choice into a register: all alternatives are of one kind.
func (c *compiler) choose(items []schemas.Value, weights []uint64, sc *scope, b *builder) (*symbol, error) {
	symbols := make([]*symbol, len(items))
	programs := make([]program, len(items))
	constant := true
	for i := range items {
		inner := &builder{}
		s, err := c.register(&items[i], sc, inner)
		if err != nil {
			return nil, fmt.Errorf("alternative %d: %w", i+1, err)
		}
		if s.kind != firstOr(symbols, s).kind || s.kind == nullSymbol {
			return nil, fmt.Errorf("alternative %d is %s, the first is %s: one name stands for one kind of value", i+1, s.kind, firstOr(symbols, s).kind)
		}
		symbols[i], programs[i] = s, inner.program()
		constant = constant && s.reg < 0
	}
	result := *symbols[0]
	result.reg = c.newRegister()
	for _, s := range symbols {
		result.scale = max(result.scale, s.scale)
		result.lo, result.hi = min(result.lo, s.lo), max(result.hi, s.hi)
		result.timed = result.timed || s.timed
		if s.asText != result.asText || s.form != result.form {
			return nil, errors.New("the alternatives are spelled differently (as): one name stands for one form")
		}
	}
	if constant {
		b.add(c.chooseConstant(symbols, weights, &result))
		return &result, nil
	}
	for i, s := range symbols {
		inner := &builder{done: programs[i]}
		if err := copyTo(&result, s, inner); err != nil {
			return nil, err
		}
		programs[i] = inner.program()
	}
	b.add(instruction{op: opChoose, sub: programs, weights: weights})
	return &result, nil
}

// firstOr is the first symbol, or s where there is none yet.
func firstOr(symbols []*symbol, s *symbol) *symbol {
	if symbols[0] != nil {
		return symbols[0]
	}
	return s
}

func (c *compiler) chooseConstant(symbols []*symbol, weights []uint64, result *symbol) instruction {
	in := instruction{op: opDrawNumber, reg: result.reg, weights: weights}
	if result.kind == textSymbol {
		in.op = opDrawText
	}
	for _, s := range symbols {
		if result.kind == textSymbol {
			in.texts = append(in.texts, []byte(s.text))
		} else {
			in.numbers = append(in.numbers, s.num*powersOf10[result.scale-s.scale])
		}
	}
	return in
}

// copyTo sets the register of one symbol from another of the same kind.
func copyTo(to, from *symbol, b *builder) error {
	switch {
	case to.kind == textSymbol && from.reg < 0:
		b.add(instruction{op: opDrawText, reg: to.reg, texts: [][]byte{[]byte(from.text)}})
	case to.kind == textSymbol:
		b.add(instruction{op: opRender, reg: to.reg, sub: []program{{{op: opText, reg: from.reg}}}})
	case to.kind == timeSymbol:
		b.add(instruction{op: opAddTime, reg: to.reg, from: from.reg})
	case from.reg < 0:
		b.add(instruction{op: opDrawNumber, reg: to.reg, numbers: []int64{from.num * powersOf10[to.scale-from.scale]}})
	case to.kind == boolSymbol || to.kind == numberSymbol:
		b.add(instruction{op: opCompute, reg: to.reg, scale: to.scale, expr: &expression{op: 'r', reg: from.reg, scale: from.scale}})
	default:
		return fmt.Errorf("%s cannot be chosen", to.kind)
	}
	return nil
}
