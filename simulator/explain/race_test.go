//go:build race

package explain

// The race detector makes the search ten times slower: it sees a sample.
const sample = 4
