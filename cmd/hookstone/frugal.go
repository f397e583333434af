package main

import (
	"os"
	"runtime/debug"
)

// softMemory is what a certification is asked to live in: the collector works
// harder before it is passed. A few probes hold bodies of ten mebibytes, and
// without a limit their garbage would stay for the rest of the run.
const softMemory = 36 << 20

// frugal sets the soft limit, unless the environment has one (GOMEMLIMIT).
func frugal() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemory)
	}
}
