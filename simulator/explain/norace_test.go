//go:build !race

package explain

// sample is of how many deliveries one is explained.
const sample = 1
