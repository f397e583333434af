//go:build unix

package simulator

import (
	"syscall"
	"time"
)

// cpuTime is the processor time that this process has used: a machine that is
// shared slows the clock on the wall, not this one.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
