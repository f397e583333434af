//go:build race

package generate

// slowdown divides how much the tests of many events make: the race detector
// makes each many times slower, and what they prove needs no second look.
const slowdown = 10
