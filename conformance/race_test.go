//go:build race

package conformance_test

// raceFactor: under the race detector every sixth defect or so runs; the plain
// run takes them all.
const raceFactor = 6
