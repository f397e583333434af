package explain

import (
	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
)

// family is the part of a recipe that a mistake changes. Mistakes of different
// families do not touch each other.
type family int

const (
	ofBody family = iota
	ofKey
	ofAlgorithm
	ofContent
	ofStamp
	families // their number
)

// mistake is one known way to go wrong.
type mistake struct {
	id     string // stable: "body.python", "secret.newline" …
	label  string // "signed over Python's spelling of the JSON"
	fix    string
	family family
	// rank orders by likelihood: mistakes of a lower one are tried first.
	rank int
	// apply changes a recipe; none where there is nothing to change. Several
	// are guesses of which at most one is right.
	apply func(s *scene, r recipe) []recipe
	// alone keeps it out of pairs: it guesses too much.
	alone bool
	// fault makes a delivery with it; nil: it cannot be sent.
	fault func(c *schemas.Contract) (fault.Fault, bool)
}

// scene is what the mistakes know beside the recipe that they change.
type scene struct {
	capture *Capture
	secret  []byte
	// stamps are the times that the request carries anywhere, as written.
	stamps []string
	// secrets are texts that stand in for a secret that is not configured.
	published []string
}

// Likelihoods: how often a mistake of a kind is met. Within one the order of
// the lists decides.
const (
	likely = iota
	usual
	rare
	odd
)

// mistakes lists every known mistake, the likeliest first. They are the same
// for every request; those that a request leaves nothing to change for do not
// apply.
func mistakes() []mistake {
	var out []mistake
	for _, list := range [][]mistake{spellingMistakes(), byteMistakes(), charsetMistakes(), keyMistakes(), algorithmMistakes(), contentMistakes(), stampMistakes()} {
		out = append(out, list...)
	}
	return out
}
