package infer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

// Options say what captures cannot show.
type Options struct {
	// Name is the provider's.
	Name string
	// Type and ID are where the event type and the idempotency key stand; zero:
	// guessed.
	Type, ID schemas.Location
	// Secret is what the captured requests were signed with; nil: unknown, and
	// how they were signed is a guess by form.
	Secret []byte
}

// Draft is a contract folder in the making.
type Draft struct {
	// Files are the folder's files by path.
	Files map[string][]byte
	// Events are the event types that were seen.
	Events []string
	// Signing says in words how the signature is taken to be made.
	Signing string
	// Proven tells that the secret explained every captured signature.
	Proven bool
	// Notes are for whoever edits the folder: what was left out, and why.
	Notes []string
}

// draft is what was found out so far.
type draft struct {
	name     string
	options  Options
	captures []Capture
	events   []*event
	contract guesses
	notes    []string
}

// event is one event type with its captures.
type event struct {
	kind     string
	captures []*Capture
	shape    *shape
}

// guesses are the contract's clauses.
type guesses struct {
	identity struct {
		typeAt schemas.Location
		id     []schemas.Location
	}
	time struct {
		at     schemas.Location
		form   string
		signed bool
	}
	headers    []signingHeader
	signatures []signature
	constants  []Header
	content    string
	strip      string
	decode     string
	proven     bool
}

// providerName is the contract format's rule.
var providerName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// eventName is the contract format's rule, which a file's name must bear.
var eventName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,127}$`)

// Infer drafts the folder. The error says what the captures do not show and
// how to say it.
func Infer(captures []Capture, o Options) (*Draft, error) {
	if !providerName.MatchString(o.Name) {
		return nil, fmt.Errorf("provider name %q: use a-z, 0-9 and -, 64 at most", o.Name)
	}
	if len(captures) == 0 {
		return nil, errors.New("no captured request")
	}
	d := &draft{name: o.Name, options: o, captures: captures}
	if !slices.Contains([]string{"POST", "PUT", "PATCH"}, captures[0].Method) {
		return nil, fmt.Errorf("%s is a %s request: deliveries are POST, PUT or PATCH", captures[0].File, captures[0].Method)
	}
	for i := range captures {
		if captures[i].Method != captures[0].Method {
			return nil, fmt.Errorf("%s is a %s request, %s a %s: a contract has one method", captures[0].File, captures[0].Method, captures[i].File, captures[i].Method)
		}
	}
	if err := d.readHeaders(); err != nil {
		return nil, err
	}
	if err := d.findType(); err != nil {
		return nil, err
	}
	if err := d.findID(); err != nil {
		return nil, err
	}
	d.findTime()
	d.sortHeaders()
	d.recipe()
	out := &Draft{Signing: d.describe(), Proven: d.contract.proven}
	for _, e := range d.events {
		out.Events = append(out.Events, e.kind)
	}
	var err error
	if out.Files, err = d.files(); err != nil {
		return nil, err
	}
	out.Notes = d.notes
	return out, nil
}

func (d *draft) note(format string, args ...any) {
	d.notes = unique(d.notes, fmt.Sprintf(format, args...))
}

// at is the text at a place of a capture.
func (d *draft) at(c *Capture, l schemas.Location) (string, bool) {
	if l.Header == "" {
		v := lookup(&c.event, l.Pointer)
		if v == nil || v.Kind != schemas.TextValue {
			return "", false
		}
		return v.Text, true
	}
	value, ok := c.header(l.Header)
	if !ok || l.Element == "" {
		return value, ok
	}
	for _, h := range d.contract.headers {
		if strings.EqualFold(h.name, l.Header) {
			for _, part := range strings.Split(value, h.separator) {
				if m := elementForm.FindStringSubmatch(part); m != nil && m[1] == l.Element {
					return m[2], true
				}
			}
		}
	}
	return "", false
}

// all are the texts at a place in every capture; not ok where one lacks it.
func (d *draft) all(l schemas.Location) ([]string, bool) {
	var out []string
	for i := range d.captures {
		text, ok := d.at(&d.captures[i], l)
		if !ok || text == "" {
			return nil, false
		}
		out = append(out, text)
	}
	return out, true
}

// headerNames are the headers of all captures, in order of first sight.
func (d *draft) headerNames() []string {
	var names []string
	for _, c := range d.captures {
		for _, h := range c.Headers {
			if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, h.Name) }) {
				names = append(names, h.Name)
			}
		}
	}
	return names
}

// readHeaders finds the headers that carry signatures.
func (d *draft) readHeaders() error {
	type found struct {
		header     *signingHeader
		signatures []signature
	}
	var candidates []found
	var others []string
	for _, name := range d.headerNames() {
		if isTransport(name) {
			continue
		}
		values, everywhere := d.all(headerLocation(name, ""))
		if everywhere && !idName.MatchString(name) {
			if h, s := signing(name, values); h != nil {
				candidates = append(candidates, found{h, s})
				continue
			}
		}
		others = append(others, name)
	}
	if slices.ContainsFunc(candidates, func(f found) bool { return signingName.MatchString(f.header.name) }) {
		candidates = slices.DeleteFunc(candidates, func(f found) bool { return !signingName.MatchString(f.header.name) })
	}
	if len(candidates) == 0 {
		return fmt.Errorf("no header of every captured request looks like a signature (hex or base64 of 20, 32, 48 or 64 bytes, bare, behind a prefix, or among elements): there are %s", listOf(others))
	}
	c := &d.contract
	for _, f := range candidates {
		for i, s := range f.signatures {
			name := s.name
			for n := 2; taken(c.signatures, s.name); n++ {
				s.name = fmt.Sprintf("%s_%d", name, n)
			}
			value := &f.header.value[f.header.digests[i]]
			*value = strings.Replace(*value, "{"+name+"}", "{"+s.name+"}", 1)
			c.signatures = append(c.signatures, s)
		}
		c.headers = append(c.headers, *f.header)
	}
	return nil
}

func taken(signatures []signature, name string) bool {
	return slices.Contains([]string{"timestamp", "id", "type", "body"}, name) ||
		slices.ContainsFunc(signatures, func(s signature) bool { return s.name == name })
}

func listOf(names []string) string {
	if len(names) == 0 {
		return "none but those of the transport"
	}
	return strings.Join(names, ", ")
}

// hash covers every capture, so that the contract names what it was read
// from.
func (d *draft) hash() string {
	h := sha256.New()
	for _, c := range d.captures {
		fmt.Fprintf(h, "%s\n%d\n", c.File, len(c.Body))
		for _, line := range c.Headers {
			fmt.Fprintf(h, "%s: %s\n", line.Name, line.Value)
		}
		h.Write(c.Body)
	}
	return hex.EncodeToString(h.Sum(nil))
}
