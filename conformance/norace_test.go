//go:build !race

package conformance_test

// raceFactor of 1: every defect runs.
const raceFactor = 1
