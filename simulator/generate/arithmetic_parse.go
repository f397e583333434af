package generate

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// computed is an expression with what is known of its result.
type computed struct {
	*expression
	lo, hi   float64
	decimals bool // some part has decimals, or divides
	timed    bool // some part rests on the journey's times
}

type arithmeticParser struct {
	text   string
	at     int
	depth  int
	lookup func(name string) (*symbol, error)
}

// parseExpression reads + - * / (also × and ÷), parentheses, numbers, names,
// min(a, b) and max(a, b).
func parseExpression(text string, lookup func(string) (*symbol, error)) (computed, error) {
	p := &arithmeticParser{text: strings.NewReplacer("×", "*", "÷", "/", "−", "-").Replace(text), lookup: lookup}
	c, err := p.sum()
	if err == nil && p.peek() != 0 {
		err = fmt.Errorf("%q stands where an operator should", p.text[p.at:])
	}
	if err != nil {
		return computed{}, fmt.Errorf("expression %q: %w", text, err)
	}
	return c, nil
}

func (p *arithmeticParser) peek() byte {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *arithmeticParser) sum() (computed, error) {
	if p.depth++; p.depth > 50 {
		return computed{}, fmt.Errorf("nested too deeply")
	}
	defer func() { p.depth-- }()
	left, err := p.product()
	for err == nil && (p.peek() == '+' || p.peek() == '-') {
		op := p.text[p.at]
		p.at++
		var right computed
		if right, err = p.product(); err == nil {
			left, err = combine(op, left, right)
		}
	}
	return left, err
}

func (p *arithmeticParser) product() (computed, error) {
	left, err := p.atom()
	for err == nil && (p.peek() == '*' || p.peek() == '/') {
		op := p.text[p.at]
		p.at++
		var right computed
		if right, err = p.atom(); err == nil {
			left, err = combine(op, left, right)
		}
	}
	return left, err
}

func (p *arithmeticParser) atom() (computed, error) {
	switch c := p.peek(); {
	case c == 0:
		return computed{}, fmt.Errorf("it ends where a value should stand")
	case c == '(':
		p.at++
		inner, err := p.sum()
		if err != nil {
			return inner, err
		}
		return inner, p.expect(')')
	case c == '-':
		p.at++
		if p.depth++; p.depth > 50 {
			return computed{}, fmt.Errorf("nested too deeply")
		}
		defer func() { p.depth-- }()
		inner, err := p.atom()
		if err != nil {
			return inner, err
		}
		return combine('-', computed{expression: &expression{op: 'n'}}, inner)
	case c >= '0' && c <= '9':
		return p.number()
	case isNameStart(c):
		return p.name()
	default:
		return computed{}, fmt.Errorf("%q stands where a value should", p.text[p.at:])
	}
}

func (p *arithmeticParser) expect(c byte) error {
	if p.peek() != c {
		return fmt.Errorf("a %q is missing", c)
	}
	p.at++
	return nil
}

func (p *arithmeticParser) number() (computed, error) {
	start := p.at
	for p.at < len(p.text) && (p.text[p.at] >= '0' && p.text[p.at] <= '9' || p.text[p.at] == '.') {
		p.at++
	}
	n, scale, err := parseDecimal(p.text[start:p.at])
	if err != nil {
		return computed{}, err
	}
	f := float64(n) / float64(powersOf10[scale])
	return computed{&expression{op: 'n', n: n, scale: scale}, f, f, scale > 0, false}, nil
}

func (p *arithmeticParser) name() (computed, error) {
	start := p.at
	for p.at < len(p.text) && isNamePart(p.text[p.at]) {
		p.at++
	}
	name := p.text[start:p.at]
	if op, ok := map[string]byte{"min": 'a', "max": 'z'}[name]; ok && p.peek() == '(' {
		p.at++
		left, err := p.sum()
		if err != nil {
			return left, err
		}
		if err := p.expect(','); err != nil {
			return left, err
		}
		right, err := p.sum()
		if err != nil {
			return right, err
		}
		if err := p.expect(')'); err != nil {
			return right, err
		}
		return combine(op, left, right)
	}
	s, err := p.lookup(name)
	if err != nil {
		return computed{}, err
	}
	if s.kind != numberSymbol {
		return computed{}, fmt.Errorf("%q is %s, not a number", name, s.kind)
	}
	e := &expression{op: 'r', reg: s.reg, scale: s.scale}
	if s.reg < 0 {
		e = &expression{op: 'n', n: s.num, scale: s.scale}
	}
	return computed{e, s.lo, s.hi, s.scale > 0, s.timed}, nil
}

// combine joins two expressions and bounds the result (interval arithmetic).
func combine(op byte, l, r computed) (computed, error) {
	c := computed{
		expression: &expression{op: op, left: l.expression, right: r.expression},
		decimals:   l.decimals || r.decimals || op == '/',
		timed:      l.timed || r.timed,
	}
	switch op {
	case '+':
		c.lo, c.hi = l.lo+r.lo, l.hi+r.hi
	case '-':
		c.lo, c.hi = l.lo-r.hi, l.hi-r.lo
	case 'a':
		c.lo, c.hi = min(l.lo, r.lo), min(l.hi, r.hi)
	case 'z':
		c.lo, c.hi = max(l.lo, r.lo), max(l.hi, r.hi)
	case '*':
		c.lo = min(l.lo*r.lo, l.lo*r.hi, l.hi*r.lo, l.hi*r.hi)
		c.hi = max(l.lo*r.lo, l.lo*r.hi, l.hi*r.lo, l.hi*r.hi)
	case '/':
		if r.lo <= 0 && r.hi >= 0 {
			return c, fmt.Errorf("it divides by a value that can be 0 (from %v to %v)", r.lo, r.hi)
		}
		c.lo = min(l.lo/r.lo, l.lo/r.hi, l.hi/r.lo, l.hi/r.hi)
		c.hi = max(l.lo/r.lo, l.lo/r.hi, l.hi/r.lo, l.hi/r.hi)
	}
	return c, nil
}

// parseDecimal reads a plain decimal such as -50.00 to a whole number of its
// last place.
func parseDecimal(text string) (n int64, scale int, err error) {
	whole, fraction, dotted := strings.Cut(text, ".")
	scale = len(fraction)
	n, err = strconv.ParseInt(whole+fraction, 10, 64)
	digits := strings.TrimPrefix(whole, "-")
	if err != nil || digits == "" || dotted && scale == 0 || scale > maxScale || strings.ContainsAny(text, "+_") || strings.Contains(fraction, "-") {
		return 0, 0, fmt.Errorf("%q is not a decimal such as 12 or 50.00 (at most %d decimals)", text, maxScale)
	}
	return n, scale, nil
}

// checkBounds refuses a number that its JSON form could not hold exactly.
func checkBounds(lo, hi float64, scale int, asText bool) error {
	limit := float64(exactDigits)
	if asText || scale == 0 {
		limit = 1 << 53
	}
	if m := math.Max(math.Abs(lo), math.Abs(hi)) * math.Pow10(scale); !(m < limit) {
		return fmt.Errorf("the value can have more digits than a double holds (from %v to %v with %d decimals)", lo, hi, scale)
	}
	return nil
}

func isNameStart(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

func isNamePart(c byte) bool { return isNameStart(c) || c >= '0' && c <= '9' }

// isName tells whether a text can name a value.
func isName(text string) bool {
	if text == "" || !isNameStart(text[0]) {
		return false
	}
	for i := range len(text) {
		if !isNamePart(text[i]) {
			return false
		}
	}
	return true
}
