package explain

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/sign"
)

// Guess is a contract that a request looks like.
type Guess struct {
	Provider string   `json:"provider"`
	Title    string   `json:"title"`
	Reasons  []string `json:"reasons"`
	weight   int
}

// Recognise tells which contracts a request looks like, most first, by its
// headers, its event type and the event's schema. It needs no secret.
func Recognise(library *schemas.Library, in *Capture) []Guess {
	var out []Guess
	if library == nil {
		return nil
	}
	for _, p := range library.Providers() {
		if g := look(p, in); g.weight > 0 {
			out = append(out, g)
		}
	}
	slices.SortStableFunc(out, func(a, b Guess) int { return cmp.Compare(b.weight, a.weight) })
	return out
}

// look weighs one contract: a header of its own tells most.
func look(p *schemas.Provider, in *Capture) Guess {
	g := Guess{Provider: p.Name(), Title: p.Contract.Title}
	because := func(weight int, reason string) {
		g.weight += weight
		g.Reasons = append(g.Reasons, reason)
	}
	signs := false
	for _, h := range p.Contract.Signing.Headers {
		value, ok := in.Value(h.Name)
		if !ok {
			continue
		}
		signs = true
		because(10, "has the header "+h.Name)
		for _, place := range hangs(p.Contract, mainName(p.Contract)) {
			if !strings.EqualFold(place.header, h.Name) {
				continue
			}
			for _, e := range elements(value) {
				text, ok := strings.CutPrefix(e, place.before)
				if ok && len(decodings(text)) > 0 {
					because(2, "holds a digest written as "+place.form)
					break
				}
			}
			break
		}
	}
	b := checkBody(p, in)
	if b.Known {
		because(4, "names the event "+b.Event)
		if b.Valid {
			because(3, "has a body as the event's schema describes")
		}
	}
	// An event's name alone is too little: other providers have it too.
	if !signs && !b.Valid {
		return Guess{}
	}
	return g
}

// chosen is the contract that the request is held against: the first whose
// signature is right, else the one that it looks like most.
func chosen(q *Question, looks []Guess) string {
	for _, g := range looks {
		p, err := q.Library.Provider(g.Provider)
		if err != nil {
			continue
		}
		scheme, err := sign.Compile(p.Contract)
		if err != nil {
			continue
		}
		at := time.Now()
		if stamp := checkTime(p.Contract, &q.Capture, at); !stamp.At.IsZero() {
			at = stamp.At // freshness does not choose
		}
		for n := range scheme.Alternatives() + 1 {
			form := scheme
			if n > 0 {
				form = scheme.Alternative(n)
			}
			if form.Verify(q.Capture.Fields, q.Capture.Body, at, q.Secret) == nil {
				return g.Provider
			}
		}
	}
	return looks[0].Provider
}
