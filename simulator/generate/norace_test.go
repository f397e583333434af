//go:build !race

package generate

const slowdown = 1
