package schemas

import "fmt"

// Validate tells whether a body is what the event's schema describes. Members
// that the schema does not name are allowed: a provider may add some. The
// error is an *Invalid with every failure, or says why the schema itself
// cannot be used.
func (e *Event) Validate(body []byte) error {
	schema, err := e.set.Compile(e.file)
	if err != nil {
		return fmt.Errorf("event %q: %w", e.Type, err)
	}
	return validate(e.Type, schema, body)
}

// Schema is the event's schema as decoded JSON (numbers as json.Number), its
// references unresolved. It is shared: do not change it.
func (e *Event) Schema() any {
	doc, err := e.set.Document(e.file)
	if err != nil {
		return nil // loading proved that it decodes
	}
	return doc
}

// Members are the members of the event's body by a walk through its schema,
// parents before children. See Member for the pointers.
func (e *Event) Members() []Member {
	members, err := e.members()
	if err != nil {
		return nil // loading proved that it can be walked
	}
	return members
}

// Undocumented are the pointers of the outermost members that no document
// shows (provenance "inferred"), in the form of Member.Pointer. A body without
// them is what the documents promise.
func (e *Event) Undocumented() []string {
	return e.pointers(func(m Member) bool { return m.Provenance.Status == Inferred && !m.WithinInferred })
}

// FreeText are the pointers of documented string members that hold text that
// people write, where any character can stand.
func (e *Event) FreeText() []string {
	return e.pointers(func(m Member) bool {
		return m.FreeText && m.Provenance.Status == Documented && !m.WithinInferred
	})
}

// Optional are the pointers of the members that their parent need not have.
func (e *Event) Optional() []string {
	return e.pointers(func(m Member) bool { return !m.Required })
}

func (e *Event) pointers(choose func(Member) bool) []string {
	var pointers []string
	for _, m := range e.Members() {
		if choose(m) {
			pointers = append(pointers, m.Pointer)
		}
	}
	return pointers
}
