package generate

import "testing"

// Every event of a contract, but its handshake, occurs in a journey that is
// drawn by chance, and no id of 10,000 journeys comes twice.
func TestEveryEventOccursInAJourney(t *testing.T) {
	for _, p := range providers(t) {
		g := newGenerator(t, p, Options{Seed: 5, RunID: "covered"})
		seen, ids := map[string]bool{}, map[string]bool{}
		for n := range uint64(10_000 / slowdown) {
			for _, e := range g.Journey(Key{"covered", n}, testTime) {
				seen[e.Type] = true
				key := e.Type + "\x00" + e.ID
				if ids[key] {
					t.Fatalf("%s: id %s comes twice", p.Name(), e.ID)
				}
				ids[key] = true
			}
		}
		for _, e := range p.Events {
			if !e.Handshake && !seen[e.Type] {
				t.Errorf("%s: no journey holds %s", p.Name(), e.Type)
			}
		}
	}
}
