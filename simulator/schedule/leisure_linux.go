package schedule

import (
	"os"
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

// glance lets everything else go first, what just came for connections
// included: it waits for a file for which something always just came, and the
// runtime looks for what came once it has nothing else to run. (Where it has one
// thread to run on, a goroutine that calls runtime.Gosched again and again keeps
// it from ever looking.)
type glance struct {
	file *os.File
	raw  syscall.RawConn
	done bool
	poke func(fd uintptr) bool
}

// newLeisure is what every platform has where the kernel has no such file to
// give.
func newLeisure() leisure {
	fd, _, errno := syscall.Syscall(syscall.SYS_EVENTFD2, 0, nonblocking, 0)
	if errno != 0 {
		return turns{}
	}
	g := &glance{file: os.NewFile(fd, "eventfd")}
	var err error
	if g.raw, err = g.file.SyscallConn(); err != nil || g.file.SetReadDeadline(time.Time{}) != nil {
		_ = g.file.Close()
		return turns{}
	}
	g.poke = g.pokeOnce
	return g
}

// pass lets other programs go first, too.
func (g *glance) pass() {
	g.done = false
	_ = g.raw.Read(g.poke)
	_, _, _ = syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0)
}

// alone is a runtime that has one thread to run on. Where it has several, one of
// them waits for what comes for connections, and each pass wakes it.
func (g *glance) alone() bool { return runtime.GOMAXPROCS(0) == 1 }

func (g *glance) idle() bool {
	began := time.Now()
	g.pass()
	return time.Since(began) < promptly
}

// oneMore is what is added to the file's counter, which holds 2⁶⁴ of them.
var oneMore uint64 = 1

// pokeOnce has something come for the file, and its reader wait for that.
func (g *glance) pokeOnce(fd uintptr) (stop bool) {
	if g.done {
		return true
	}
	g.done = true
	_, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(&oneMore)), unsafe.Sizeof(oneMore))
	return errno != 0 // it would wait in vain
}
