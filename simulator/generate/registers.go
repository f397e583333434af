package generate

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

// forms are the members that make a mapping a value to draw, with the options
// that may stand beside each.
var forms = map[string][]string{
	"$id": nil, "$pattern": nil, "$source": nil, "$boolean": nil,
	"$choice": {"weights"}, "$integer": {"step", "as"}, "$decimal": {"step", "as"},
	"$compute": {"scale", "round", "as"}, "$time": {"as"},
	"$let": {"in"}, "$shape": {"with"}, "$list": {"count"}, "$maybe": {"chance"},
}

// formOf returns the form of a mapping, "" for plain data.
func formOf(v *schemas.Value) (string, error) {
	form := ""
	for _, m := range v.Members {
		if strings.HasPrefix(m.Name, "$") {
			if _, ok := forms[m.Name]; !ok {
				return "", fmt.Errorf("there is no %s: known are %s", m.Name, strings.Join(formNames(), ", "))
			}
			if form != "" {
				return "", fmt.Errorf("both %s and %s: one of them makes a value", form, m.Name)
			}
			form = m.Name
		}
	}
	if form == "" {
		return "", nil
	}
	for _, m := range v.Members {
		if m.Name != form && !slices.Contains(forms[form], m.Name) {
			return "", fmt.Errorf("%s has no option %q%s", form, m.Name, optionsHint(form))
		}
	}
	return form, nil
}

func formNames() []string {
	var names []string
	for name := range forms {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func optionsHint(form string) string {
	if len(forms[form]) == 0 {
		return ": it has none"
	}
	return ": it has " + strings.Join(forms[form], ", ")
}

// register compiles a value into a register (or finds that it is a constant)
// and returns the symbol for it.
func (c *compiler) register(v *schemas.Value, sc *scope, b *builder) (*symbol, error) {
	switch v.Kind {
	case schemas.NullValue:
		return &symbol{kind: nullSymbol, reg: -1}, nil
	case schemas.BoolValue:
		s := &symbol{kind: boolSymbol, reg: -1}
		if v.Text == "true" {
			s.num = 1
		}
		return s, nil
	case schemas.NumberValue:
		return constantNumber(v.Text)
	case schemas.TextValue:
		return c.registerText(v.Text, sc, b)
	case schemas.ListValue:
		return nil, errors.New("a list cannot be named: write it in shapes, and {$shape: …} where it stands")
	}
	form, err := formOf(v)
	if err != nil {
		return nil, err
	}
	switch form {
	case "$id", "$pattern":
		return c.registerPattern(v.Member(form), form == "$id", b)
	case "$source":
		return c.registerSource(v.Member(form), b)
	case "$choice":
		return c.registerChoice(v, sc, b)
	case "$boolean":
		odds, err := chance(v.Member(form))
		if err != nil {
			return nil, err
		}
		s := &symbol{kind: boolSymbol, reg: c.newRegister()}
		b.add(instruction{op: opDrawBool, reg: s.reg, n: odds})
		return s, nil
	case "$integer", "$decimal":
		return c.registerRange(v, form, b)
	case "$compute":
		return c.registerComputed(v, sc, b)
	case "$time":
		return c.registerTime(v, sc, b)
	case "$let":
		inner, in, err := c.let(v, sc, b)
		if err != nil {
			return nil, err
		}
		return c.register(in, inner, b)
	case "":
		return nil, errors.New("an object cannot be named: write it in shapes, and {$shape: …} where it stands")
	}
	return nil, fmt.Errorf("%s cannot be named: write it where it stands", form)
}

// constantNumber reads a number as YAML spells it.
func constantNumber(literal string) (*symbol, error) {
	n, scale, err := parseDecimal(literal)
	if err != nil {
		f, floatErr := strconv.ParseFloat(literal, 64)
		if floatErr != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return nil, err
		}
		if n, scale, err = parseDecimal(string(appendFloat(nil, f))); err != nil {
			return nil, fmt.Errorf("number %s is too large or too small to be written plainly", literal)
		}
	}
	f := float64(n) / float64(powersOf10[scale])
	if err := checkBounds(f, f, scale, false); err != nil {
		return nil, err
	}
	return &symbol{kind: numberSymbol, reg: -1, num: n, scale: scale, lo: f, hi: f}, nil
}

// registerText compiles a template; {name} alone is the named value itself.
func (c *compiler) registerText(text string, sc *scope, b *builder) (*symbol, error) {
	parts, err := parseTemplate(text)
	if err != nil {
		return nil, err
	}
	if len(parts) == 1 && parts[0].name != "" {
		return c.lookup(parts[0].name, sc, b)
	}
	inner := &builder{}
	if err := c.writeParts(parts, sc, inner, b); err != nil {
		return nil, err
	}
	p := inner.program()
	if len(p) == 0 {
		return &symbol{kind: textSymbol, reg: -1}, nil
	}
	if len(p) == 1 && p[0].op == opLiteral {
		return &symbol{kind: textSymbol, reg: -1, text: string(p[0].text)}, nil
	}
	s := &symbol{kind: textSymbol, reg: c.newRegister()}
	b.add(instruction{op: opRender, reg: s.reg, sub: []program{p}})
	return s, nil
}

// writeParts writes a template's parts between the quotes; what it has to draw
// first (values that a shape was given) goes to draws.
func (c *compiler) writeParts(parts []templatePart, sc *scope, b, draws *builder) error {
	for _, p := range parts {
		if p.name == "" {
			b.write(string(appendEscaped(nil, p.literal)))
			continue
		}
		s, err := c.lookup(p.name, sc, draws)
		if err != nil {
			return err
		}
		b.writeInText(s)
	}
	return nil
}

// lookup finds the symbol of a name; a value that a shape was given is drawn
// where it is named.
func (c *compiler) lookup(name string, sc *scope, b *builder) (*symbol, error) {
	s, bound := sc.find(name)
	if bound != nil {
		return c.register(bound.value, bound.scope, b)
	}
	if s == nil {
		return nil, fmt.Errorf("there is no value %q here: there are %s", name, sc.names())
	}
	if s.timed {
		c.timed = true
	}
	return s, nil
}

func (c *compiler) registerPattern(v *schemas.Value, id bool, b *builder) (*symbol, error) {
	if v.Kind != schemas.TextValue {
		return nil, errors.New("a pattern is a text such as \"evt_[0-9a-zA-Z]{16}\"")
	}
	p, err := parsePattern(v.Text)
	if err != nil {
		return nil, err
	}
	if id && p.bits() < minIDBits {
		return nil, fmt.Errorf("id pattern %q has %.0f bits of randomness: %d are needed so that none comes twice (a text that may repeat is a $pattern)", v.Text, p.bits(), minIDBits)
	}
	s := &symbol{kind: textSymbol, reg: c.newRegister()}
	b.add(instruction{op: opDrawPattern, reg: s.reg, pattern: p})
	return s, nil
}

func (c *compiler) registerSource(v *schemas.Value, b *builder) (*symbol, error) {
	source, ok := c.sources[v.Text]
	if v.Kind != schemas.TextValue || !ok {
		return nil, fmt.Errorf("there is no source %q: there are %s", v.Text, c.sourceNames())
	}
	if c.depth++; c.depth > 20 {
		return nil, fmt.Errorf("source %q comes back to itself", v.Text)
	}
	defer func() { c.depth-- }()
	var s *symbol
	var err error
	if source.Kind == schemas.ListValue {
		s, err = c.choose(source.Items, nil, &scope{}, b)
	} else {
		s, err = c.register(source, &scope{}, b)
	}
	if err != nil {
		return nil, fmt.Errorf("source %q: %w", v.Text, err)
	}
	return s, nil
}

// let draws the named values and returns the scope that has them.
func (c *compiler) let(v *schemas.Value, sc *scope, b *builder) (*scope, *schemas.Value, error) {
	values, in := v.Member("$let"), v.Member("in")
	if values.Kind != schemas.MapValue || in == nil {
		return nil, nil, errors.New("want {$let: {name: value, …}, in: value}")
	}
	inner := sc.child()
	for i := range values.Members {
		if err := c.declare(&values.Members[i], inner, b); err != nil {
			return nil, nil, err
		}
	}
	return inner, in, nil
}

// declare compiles a named value and makes it known.
func (c *compiler) declare(nv *schemas.NamedValue, sc *scope, b *builder) error {
	if !isName(nv.Name) || slices.Contains(reserved, nv.Name) {
		return fmt.Errorf("%q cannot name a value: a name has letters, digits and _ and is none of %s", nv.Name, strings.Join(reserved, ", "))
	}
	s, err := c.register(&nv.Value, sc, b)
	if err != nil {
		return fmt.Errorf("value %q: %w", nv.Name, err)
	}
	sc.symbols[nv.Name] = s
	return nil
}

// chance reads odds from 0 to 1 as parts of 2^32.
func chance(v *schemas.Value) (int64, error) {
	if v == nil {
		return 1 << 31, nil
	}
	f, err := strconv.ParseFloat(v.Text, 64)
	if v.Kind != schemas.NumberValue || err != nil || !(f >= 0 && f <= 1) {
		return 0, fmt.Errorf("odds are a number from 0 to 1, not %q", v.Text)
	}
	return int64(math.Round(f * (1 << 32))), nil
}
