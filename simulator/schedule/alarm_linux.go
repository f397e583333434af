package schedule

import (
	"os"
	"syscall"
	"time"
	"unsafe"
)

// fileAlarm is a timer of the kernel's that is read like a connection: what
// waits for connections is woken by it to the microsecond, while the runtime
// waits for its own timers in whole milliseconds (epoll_wait).
type fileAlarm struct {
	file   *os.File
	fd     uintptr
	spec   struct{ interval, value syscall.Timespec }
	buffer [8]byte // how often it went off
}

// From <sys/timerfd.h>, <sys/eventfd.h> and <time.h>.
const (
	clockMonotonic = 1
	nonblocking    = syscall.O_NONBLOCK | syscall.O_CLOEXEC
)

// newAlarm is the runtime's timer where the kernel has none to give.
func newAlarm() alarm {
	fd, _, errno := syscall.Syscall(syscall.SYS_TIMERFD_CREATE, clockMonotonic, nonblocking, 0)
	if errno != 0 {
		return newTimerAlarm()
	}
	a := &fileAlarm{file: os.NewFile(fd, "timerfd"), fd: fd}
	if a.file == nil || a.file.SetReadDeadline(time.Time{}) != nil || !a.arm(time.Hour) {
		_ = a.file.Close() // it cannot be waited for like a connection
		return newTimerAlarm()
	}
	return a
}

func (a *fileAlarm) set(d time.Duration) { a.arm(d) }

// arm makes it go off once, in the time given or at once.
func (a *fileAlarm) arm(d time.Duration) bool {
	a.spec.value = syscall.NsecToTimespec(max(1, int64(d)))
	_, _, errno := syscall.RawSyscall6(syscall.SYS_TIMERFD_SETTIME, a.fd, 0, uintptr(unsafe.Pointer(&a.spec)), 0, 0, 0)
	return errno == 0
}

// wait cannot fail but where the file is closed, which it is when nothing
// holds it any more.
func (a *fileAlarm) wait() { _, _ = a.file.Read(a.buffer[:]) }

func (a *fileAlarm) ring() { a.arm(0) }
