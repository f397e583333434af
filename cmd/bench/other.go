//go:build !linux

// Command bench measures hookstone simulate. It needs Linux.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "bench: it needs Linux: it gives each process a core of its own and reads their clocks")
	os.Exit(2)
}
