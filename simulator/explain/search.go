package explain

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"slices"

	"github.com/hookstone/hookstone/schemas"
)

// Change is one thing in which the signature that came differs from the one
// that the contract asks for.
type Change struct {
	ID    string `json:"id"`    // stable: "body.python"
	Label string `json:"label"` // "signed over Python's spelling of the JSON"
	Fix   string `json:"fix"`
}

// The budget of a search: bytes hashed and bytes spelled anew. It is a few
// seconds of work; bodies of up to some 20 KiB are searched whole.
const (
	hashBudget  = 1 << 30
	spellBudget = 64 << 20
)

// match is a recipe that makes a digest which the request carries.
type match struct {
	recipe  recipe
	changes []Change
	rank    int
	order   int
}

// search looks for the fewest changes that make a received digest.
type search struct {
	scene
	library  *schemas.Library
	contract *schemas.Contract
	siblings map[string]bool // by provider
	received received
	mistakes []mistake

	tried   int
	hashed  int64
	spelled int64
	spent   bool // a budget ran out: not everything was tried
	found   []match
}

// variant is a recipe after the mistakes of one family.
type variant struct {
	recipe   recipe
	mistakes []int
}

// start is a contract's own recipe.
type start struct {
	recipe  recipe
	changes []Change
	rank    int
}

// run searches level by level: no change, one, two. It stops where no further
// level can hold anything smaller than what was found.
func (s *search) run() {
	own, ok := recipeOf(s.contract, s.capture, s.secret)
	if !ok {
		return
	}
	s.try(own, nil, 0)
	if s.done(1) {
		return
	}
	starts := s.others()
	single := s.singles(own, false)
	for _, list := range single {
		for _, v := range list {
			s.tryVariant(start{recipe: own}, v)
		}
	}
	for _, o := range starts {
		s.try(o.recipe, o.changes, o.rank)
	}
	if s.done(1) {
		return
	}
	for _, list := range s.singles(own, true) {
		for _, v := range list {
			s.tryVariant(start{recipe: own}, v)
		}
	}
	if s.done(2) {
		return
	}
	s.pairs(own, single)
	for _, o := range starts {
		for _, list := range s.singles(o.recipe, false) {
			for _, v := range list {
				s.tryVariant(o, v)
			}
		}
	}
}

// done tells whether what was found is at most so many changes.
func (s *search) done(level int) bool {
	for _, m := range s.found {
		if len(m.changes) <= level {
			return true
		}
	}
	return false
}

// others are the recipes of the other contracts, siblings first.
func (s *search) others() []start {
	var out []start
	if s.library == nil {
		return nil
	}
	for _, p := range s.library.Providers() {
		if p.Contract == s.contract || p.Name() == s.contract.Provider {
			continue
		}
		r, ok := recipeOf(p.Contract, s.capture, s.secret)
		if !ok {
			continue
		}
		st := start{recipe: r, changes: []Change{s.asOther(p.Contract)}, rank: rare}
		if s.siblings[p.Name()] {
			st.rank = likely
		}
		out = append(out, st)
		if r.stamp == "" && r.uses("timestamp") {
			// Under this contract's headers the time lies elsewhere.
			for _, stamp := range s.stamps {
				for _, spelled := range append([]string{stamp}, respelled(stamp)...) {
					st.recipe.stamp = spelled
					out = append(out, st)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b start) int { return cmp.Compare(a.rank, b.rank) })
	return out
}

func (s *search) asOther(c *schemas.Contract) Change {
	fix := "The request is signed by another provider's contract: " + c.Title + "."
	if s.siblings[c.Provider] {
		fix = "The request follows the platform's other contract: verify it by that one, or register the endpoint for this one."
	}
	return Change{ID: "contract." + c.Provider, Label: "signed as " + c.Provider + " does", Fix: fix}
}

// singles are the recipes after one mistake, by family: of those that guess
// too much for pairs, or of the others.
func (s *search) singles(from recipe, alone bool) [families][]variant {
	var out [families][]variant
	for i := range s.mistakes {
		m := &s.mistakes[i]
		if m.alone != alone {
			continue
		}
		for _, r := range s.apply(m, from) {
			out[m.family] = append(out[m.family], variant{r, []int{i}})
		}
	}
	return out
}

// apply applies a mistake within the budget.
func (s *search) apply(m *mistake, r recipe) []recipe {
	if m.family == ofBody {
		if s.spelled += int64(len(r.body)); s.spelled > spellBudget {
			s.spent = true
			return nil
		}
	}
	return m.apply(&s.scene, r)
}

// pairs tries two mistakes: of different families in any order, of the body or
// of the key one upon the other.
func (s *search) pairs(own recipe, single [families][]variant) {
	for _, f := range []family{ofBody, ofKey} {
		seen := map[[32]byte]bool{}
		for _, v := range single[f] {
			seen[v.print(f)] = true
		}
		for _, v := range single[f] {
			for i := range s.mistakes {
				m := &s.mistakes[i]
				if m.family != f || m.alone || i == v.mistakes[0] {
					continue
				}
				for _, r := range s.apply(m, v.recipe) {
					w := variant{r, []int{v.mistakes[0], i}}
					if p := w.print(f); !seen[p] {
						seen[p] = true
						s.tryVariant(start{recipe: own}, w)
					}
				}
			}
		}
	}
	for f := range families {
		for g := f + 1; g < families; g++ {
			for _, a := range single[f] {
				for _, b := range single[g] {
					s.tryVariant(start{recipe: own}, variant{joined(a.recipe, b.recipe, g), []int{a.mistakes[0], b.mistakes[0]}})
				}
			}
		}
	}
}

// joined is a with b's part of a family.
func joined(a, b recipe, f family) recipe {
	switch f {
	case ofBody:
		a.body = b.body
	case ofKey:
		a.key = b.key
	case ofAlgorithm:
		a.how = b.how
	case ofContent:
		a.parts = b.parts
		if b.uses("timestamp") {
			a.stamp = b.stamp
		}
	case ofStamp:
		a.stamp = b.stamp
	}
	return a
}

// print tells variants of a family apart.
func (v *variant) print(f family) [32]byte {
	if f == ofKey {
		return sha256.Sum256(v.recipe.key)
	}
	return sha256.Sum256(v.recipe.body)
}

func (s *search) tryVariant(from start, v variant) {
	changes := slices.Clone(from.changes)
	rank := from.rank
	if s.hopeless(&v.recipe) {
		return
	}
	for _, i := range v.mistakes {
		m := &s.mistakes[i]
		changes = append(changes, Change{m.id, m.label, m.fix})
		rank += m.rank
	}
	s.try(v.recipe, changes, rank)
}

// hopeless keeps to the budget.
func (s *search) hopeless(r *recipe) bool {
	if s.hashed+int64(len(r.body)) > hashBudget {
		s.spent = true
		return true
	}
	return false
}

// try compares a recipe's digest with those received, and notes how the one
// that fits hangs in its header.
func (s *search) try(r recipe, changes []Change, rank int) {
	if s.hopeless(&r) {
		return
	}
	s.tried++
	s.hashed += int64(len(r.body))
	for _, t := range s.received[string(r.sum())] {
		all, more := s.hanging(r, t, changes)
		s.found = append(s.found, match{r, all, rank + more, len(s.found)})
	}
}

// best are the matches with the fewest changes, the likeliest first.
func (s *search) best() []match {
	slices.SortStableFunc(s.found, func(a, b match) int {
		return cmp.Or(cmp.Compare(len(a.changes), len(b.changes)), cmp.Compare(a.rank, b.rank), cmp.Compare(a.order, b.order))
	})
	var out []match
	for _, m := range s.found {
		if len(m.changes) > len(s.found[0].changes) {
			break
		}
		if !slices.ContainsFunc(out, func(o match) bool {
			return slices.Equal(o.changes, m.changes) && bytes.Equal(o.recipe.body, m.recipe.body)
		}) {
			out = append(out, m)
		}
	}
	return out
}
