package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// editions are the catalogue's, oldest first. A case names the one that it came
// with in Since; a run pinned to an older one does not know it.
var editions = []string{"2026.1"}

// Editions lists the editions of the catalogue that a run can be pinned to,
// oldest first.
func Editions() []string { return slices.Clone(editions) }

// ofEdition keeps the cases that an edition holds.
func ofEdition(cases []Case, edition string) ([]Case, error) {
	at := slices.Index(editions, edition)
	if at < 0 {
		return nil, fmt.Errorf("%w: unknown edition %q (known: %s)", ErrConfig, edition, strings.Join(editions, ", "))
	}
	return slices.DeleteFunc(cases, func(c Case) bool { return slices.Index(editions, c.Since) > at }), nil
}
