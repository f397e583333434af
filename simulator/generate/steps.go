package generate

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hookstone/hookstone/schemas"
)

// step compiles one step. Its values stay known to the steps behind it.
func (c *compiler) step(s *schemas.Step, i int, sc *scope, out *journey) error {
	event, ok := c.index[s.Event]
	if !ok {
		return fmt.Errorf("the contract has no event %q", s.Event)
	}
	st := &out.steps[i]
	st.event = event
	template := c.templates[s.Event]
	if template == nil {
		template = &schemas.EventTemplate{}
	}
	sc.symbols["at"] = &symbol{kind: timeSymbol, reg: regAt, timed: true}
	sc.symbols["type"] = &symbol{kind: textSymbol, reg: -1, text: string(appendEscaped(nil, s.Event))}
	idReg := -1
	if c.source.ID != nil {
		b := &builder{}
		id, err := c.register(c.source.ID, sc, b)
		if err != nil {
			return fmt.Errorf("id: %w", err)
		}
		if id.kind != textSymbol || id.reg < 0 {
			return errors.New("id: it is not a text that is drawn")
		}
		sc.symbols["id"] = id
		idReg = id.reg
		out.add(b, i)
	}
	for _, values := range [][]schemas.NamedValue{s.Values, template.Values} {
		own := map[string]bool{}
		for n := range values {
			if own[values[n].Name] {
				return fmt.Errorf("value %q is defined twice", values[n].Name)
			}
			own[values[n].Name] = true
			b := &builder{}
			if err := c.declare(&values[n], sc, b); err != nil {
				return err
			}
			out.add(b, i)
		}
	}
	data, whole := choosePart(s.Data, template.Data), choosePart(s.Body, template.Body)
	if s.Data != nil {
		whole = s.Body
	}
	for variant := range st.bodies {
		var omit []string
		if variant == 1 {
			omit = c.provider.Events[event].Undocumented()
		}
		l, program, err := c.body(data, whole, sc, omit)
		if err != nil {
			return err
		}
		if variant == 0 {
			st.objects = l.objects
		}
		body := c.identify(program, l, idReg)
		if body.idReg >= 0 { // it is not in the body, but asked for
			program = append(slices.Clip(program), instruction{op: opComma, reg: body.idReg})
		}
		body.before, body.after = out.needed(program, i)
		st.bodies[variant] = body
	}
	if b := st.bodies[0]; b.id < 0 && b.idReg < 0 && len(c.provider.Contract.Identity.ID) > 0 && !c.provider.Events[event].Handshake {
		return fmt.Errorf("nothing in its body identifies it: the contract's identity.id names %v", c.identities)
	}
	return nil
}

func choosePart(own, common *schemas.Value) *schemas.Value {
	if own != nil {
		return own
	}
	return common
}

// body compiles one variant of a body.
func (c *compiler) body(data, whole *schemas.Value, sc *scope, omit []string) (*layout, program, error) {
	l := &layout{omit: omit, marks: map[string]int{}, marked: map[string]bool{}, objects: map[string]bool{}}
	for i, pointer := range c.identities {
		l.marks[pointer] = i
	}
	if whole == nil {
		whole = c.source.Envelope
		if whole == nil || data == nil {
			return nil, nil, errors.New("neither the step nor the event's template says what its data is")
		}
		l.data = func(p place, b *builder) error { return c.emit(data, sc, b, p, l) }
	}
	b := &builder{}
	if err := c.emit(whole, sc, b, place{}, l); err != nil {
		return nil, nil, err
	}
	if !l.objects[""] {
		return nil, nil, errors.New("its body is not an object")
	}
	return l, b.program(), nil
}

// identify says where in the body its identity lies.
func (c *compiler) identify(p program, l *layout, idReg int) body {
	b := body{render: p, id: -1, idReg: -1}
	identity := c.provider.Contract.Identity
	for _, location := range identity.ID {
		if location.Header != "" && idReg >= 0 {
			b.idReg = idReg
			break
		}
		if l.marked[location.Pointer] {
			b.id, b.idPointer = l.marks[location.Pointer], location.Pointer
			break
		}
	}
	for _, location := range identity.Scope {
		if location.Header == "" && l.marked[location.Pointer] {
			b.scope = append(b.scope, l.marks[location.Pointer])
			b.scopePointers = append(b.scopePointers, location.Pointer)
		}
	}
	return b
}
