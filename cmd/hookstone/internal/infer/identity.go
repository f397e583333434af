package infer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

var (
	typeMembers = []string{"type", "event_type", "eventType", "event", "event_name", "eventName", "topic", "action", "kind", "name"}
	idMembers   = []string{"id", "event_id", "eventId", "eventID", "uuid", "notification_id", "message_id", "delivery_id", "webhook_id"}
	timeMembers = []string{"timestamp", "created_at", "createdAt", "created", "occurred_at", "occurredAt", "event_time", "time", "date", "sent_at", "sentAt"}
)

func bodyLocation(tokens ...string) schemas.Location {
	var pointer strings.Builder
	for _, t := range tokens {
		pointer.WriteString("/" + schemas.EscapePointer(t))
	}
	return schemas.Location{Pointer: pointer.String()}
}

// findType finds where the event type stands, and sorts the captures by it.
func (d *draft) findType() error {
	c := &d.contract
	c.identity.typeAt = d.options.Type
	if c.identity.typeAt.IsZero() {
		c.identity.typeAt = d.guessType()
	}
	if c.identity.typeAt.IsZero() {
		return fmt.Errorf("no place of every captured request looks like the event type: say where it stands (body:/pointer or header:NAME)")
	}
	for i := range d.captures {
		one := &d.captures[i]
		kind, ok := d.at(one, c.identity.typeAt)
		if !ok {
			return fmt.Errorf("%s: there is no event type at %s", one.File, c.identity.typeAt)
		}
		if !eventName.MatchString(kind) {
			return fmt.Errorf("%s: %q at %s cannot be an event's name: letters, digits and . _ : - can", one.File, kind, c.identity.typeAt)
		}
		at := slices.IndexFunc(d.events, func(e *event) bool { return e.kind == kind })
		if at < 0 {
			at = len(d.events)
			d.events = append(d.events, &event{kind: kind, shape: newShape()})
		}
		d.events[at].captures = append(d.events[at].captures, one)
		d.events[at].shape.add(&one.event, one.File)
	}
	return nil
}

func (d *draft) guessType() schemas.Location {
	names := func(l schemas.Location) bool {
		texts, ok := d.all(l)
		return ok && !slices.ContainsFunc(texts, func(t string) bool { return !eventName.MatchString(t) })
	}
	for _, name := range typeMembers {
		if l := bodyLocation(name); names(l) {
			return l
		}
	}
	for _, name := range d.headerNames() {
		if l := headerLocation(name, ""); !isTransport(name) && typeName.MatchString(name) && names(l) {
			return l
		}
	}
	for _, m := range d.captures[0].event.Members {
		for _, name := range typeMembers {
			if l := bodyLocation(m.Name, name); names(l) {
				return l
			}
		}
	}
	return schemas.Location{}
}

// findID finds where the idempotency key stands.
func (d *draft) findID() error {
	c := &d.contract
	if !d.options.ID.IsZero() {
		if _, ok := d.all(d.options.ID); !ok {
			return fmt.Errorf("not every captured request has a text at %s", d.options.ID)
		}
		c.identity.id = []schemas.Location{d.options.ID}
		return nil
	}
	if c.identity.id = d.guessID(); len(c.identity.id) == 0 {
		return fmt.Errorf("no place of every captured request looks like an id: say where the idempotency key stands (body:/pointer or header:NAME)")
	}
	return nil
}

func (d *draft) guessID() []schemas.Location {
	var top []schemas.Location
	for _, name := range idMembers {
		if l := bodyLocation(name); d.distinct(l) {
			top = append(top, l)
		}
	}
	for _, name := range d.headerNames() {
		if l := headerLocation(name, ""); !isTransport(name) && idName.MatchString(name) && d.distinct(l) {
			top = append(top, l)
		}
	}
	if len(top) > 0 {
		return top[:1]
	}
	// The id of what the event is about, which may lie elsewhere in each type.
	var nested []schemas.Location
	for _, e := range d.events {
		l, ok := nestedID(e.shape, nil, len(e.captures), 0)
		if !ok {
			return nil
		}
		if !slices.Contains(nested, l) {
			nested = append(nested, l)
		}
	}
	return nested
}

// distinct tells that every capture has a text there, and different bodies
// have different ones.
func (d *draft) distinct(l schemas.Location) bool {
	texts, ok := d.all(l)
	if !ok {
		return false
	}
	bodies := map[string]string{}
	for i, t := range texts {
		body, seen := bodies[t]
		if seen && body != string(d.captures[i].Body) {
			return false
		}
		bodies[t] = string(d.captures[i].Body)
	}
	return true
}

func nestedID(s *shape, path []string, objects, depth int) (schemas.Location, bool) {
	for _, name := range idMembers {
		if m := s.member(name); m != nil && depth > 0 && m.count == objects && m.shape.seen[schemas.TextValue] == objects {
			return bodyLocation(append(path, name)...), true
		}
	}
	for _, m := range s.members {
		if depth < 3 && m.count == objects && m.shape.objects == objects {
			if l, ok := nestedID(m.shape, append(slices.Clone(path), m.name), objects, depth+1); ok {
				return l, true
			}
		}
	}
	return schemas.Location{}, false
}

// ids are the ids that were seen.
func (d *draft) ids() []string {
	var out []string
	for i := range d.captures {
		for _, l := range d.contract.identity.id {
			if t, ok := d.at(&d.captures[i], l); ok {
				out = unique(out, t)
				break
			}
		}
	}
	return out
}

// findTime finds where a delivery tells its time: in the signature's header,
// in one of its own, or in the body.
func (d *draft) findTime() {
	t := &d.contract.time
	for _, h := range d.contract.headers {
		if h.timeAt != "" {
			t.at, t.form, t.signed = headerLocation(h.name, h.timeAt), h.timeForm, true
			return
		}
	}
	for _, name := range d.headerNames() {
		l := headerLocation(name, "")
		values, ok := d.all(l)
		if isTransport(name) || !ok || idName.MatchString(name) {
			continue
		}
		if form := timeFormOf(values); form != "" {
			// A count of seconds is there to be signed; a date may be for reading.
			t.at, t.form, t.signed = l, form, form != "rfc3339"
			return
		}
	}
	for _, name := range timeMembers {
		l := bodyLocation(name)
		var texts, numbers []string
		for i := range d.captures {
			if v := lookup(&d.captures[i].event, l.Pointer); v != nil && v.Kind == schemas.TextValue {
				texts = append(texts, v.Text)
			} else if v != nil && v.Kind == schemas.NumberValue {
				numbers = append(numbers, v.Text)
			}
		}
		form := ""
		switch len(d.captures) {
		case len(texts):
			if form = timeFormOf(texts); form != "rfc3339" {
				form = ""
			}
		case len(numbers):
			form = timeFormOf(numbers)
		}
		if form != "" && l != d.contract.identity.typeAt {
			t.at, t.form, t.signed = l, form, true
			return
		}
	}
}
