//go:build race

package conformance_test

// raceFactor: under the race detector every fifteenth defect or so runs; the plain
// run takes them all.
const raceFactor = 15
