package generate

import "testing"

func TestHandshakeIsNeverDrawnByChance(t *testing.T) {
	for _, p := range providers(t) {
		g := newGenerator(t, p, Options{Seed: 5})
		s := g.Stream("case")
		drawn := map[string]bool{}
		for n := range uint64(3000) {
			j := s.Journey(n)
			for step := range s.Steps(j) {
				drawn[g.Types()[s.Type(j, step)]] = true
			}
		}
		for _, e := range p.Events {
			if drawn[e.Type] == e.Handshake {
				t.Errorf("%s: %s (handshake: %v) drawn by chance: %v", p.Name(), e.Type, e.Handshake, drawn[e.Type])
			}
			if !e.Handshake {
				continue
			}
			made, err := g.Event(Key{"case", 1}, e.Type, testTime)
			if err != nil || made.ID != "" || len(made.Body) == 0 {
				t.Errorf("%s: %s = %+v, %v; want a body without an id", p.Name(), e.Type, made, err)
			}
		}
	}
}
