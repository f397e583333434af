//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// process is a program on a core of its own.
type process struct {
	cmd   *exec.Cmd
	ended chan error
}

// start starts a command; core < 0 leaves it all of them.
func start(cmd *exec.Cmd, core int) (*process, error) {
	// A child begins on the cores of the thread that made it, and the Go runtime
	// of a sender looks at them once, when it starts.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if core >= 0 {
		before, err := affinity()
		if err != nil {
			return nil, err
		}
		if err := setAffinity([16]uint64{1 << core}); err != nil {
			return nil, fmt.Errorf("core %d: %w", core, err)
		}
		defer func() { _ = setAffinity(before) }()
	}
	// Who ends the benchmark ends what it started, also what is stopped.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, ended: make(chan error, 1)}
	go func() { p.ended <- cmd.Wait() }()
	return p, nil
}

func affinity() (mask [16]uint64, err error) {
	_, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_GETAFFINITY, 0, unsafe.Sizeof(mask), uintptr(unsafe.Pointer(&mask)))
	if errno != 0 {
		err = fmt.Errorf("sched_getaffinity: %w", errno)
	}
	return mask, err
}

func setAffinity(mask [16]uint64) error {
	if _, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, 0, unsafe.Sizeof(mask), uintptr(unsafe.Pointer(&mask))); errno != 0 {
		return fmt.Errorf("sched_setaffinity: %w", errno)
	}
	return nil
}

// pause stops the process where it is; resume lets it go on.
func (p *process) pause() error  { return p.cmd.Process.Signal(syscall.SIGSTOP) }
func (p *process) resume() error { return p.cmd.Process.Signal(syscall.SIGCONT) }

// kill ends it.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
	p.ended <- nil
}

// cpu is the processor time of all its threads, to the nanosecond: the clock
// whose number is made of the process id (clock_getcpuclockid).
func (p *process) cpu() (time.Duration, error) {
	var t syscall.Timespec
	clock := ^int32(p.cmd.Process.Pid)<<3 | 2
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		return 0, fmt.Errorf("processor clock of process %d: %w", p.cmd.Process.Pid, errno)
	}
	return time.Duration(t.Nano()), nil
}

// waited is how long its threads have stood in line for a core that others had
// (/proc/PID/task/TID/schedstat, second figure).
func (p *process) waited() (sum time.Duration) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", p.cmd.Process.Pid))
	for _, thread := range threads {
		if text, err := os.ReadFile(thread); err == nil { // it may have ended meanwhile
			sum += waitedIn(string(text))
		}
	}
	return sum
}

func waitedIn(schedstat string) time.Duration {
	fields := strings.Fields(schedstat)
	if len(fields) < 2 {
		return 0
	}
	n, _ := strconv.ParseInt(fields[1], 10, 64)
	return time.Duration(n)
}

// memory is what of it is in memory now, and the most that ever was, in bytes.
func (p *process) memory() (now, most int64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0
	}
	return statusBytes(string(text), "VmRSS"), statusBytes(string(text), "VmHWM")
}

// statusBytes reads a line such as "VmRSS:  1234 kB".
func statusBytes(text, name string) int64 {
	_, after, _ := strings.Cut("\n"+text, "\n"+name+":")
	fields := strings.Fields(after)
	if len(fields) < 2 || fields[1] != "kB" {
		return 0
	}
	n, _ := strconv.ParseInt(fields[0], 10, 64)
	return n << 10
}

// receiver is the fixed receiver in a process of its own.
type receiver struct {
	*process
	ask  io.WriteCloser
	told *bufio.Reader
	url  string
}

// startReceiver starts this program again as the receiver.
func startReceiver(core int, delay time.Duration, certificate string) (*receiver, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "-serve", "-delay", delay.String(), "-certificate", certificate)
	cmd.Stderr = os.Stderr
	r := &receiver{}
	if r.ask, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	r.told = bufio.NewReader(out)
	if r.process, err = start(cmd, core); err != nil {
		return nil, err
	}
	address, err := r.told.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the receiver did not start: %w", err)
	}
	scheme := "http"
	if certificate != "" {
		scheme = "https"
	}
	r.url = scheme + "://" + strings.TrimSpace(address) + "/webhooks"
	return r, nil
}

// counts are the requests answered so far, and their bytes.
func (r *receiver) counts() (requests, bytes int64, err error) {
	if _, err = fmt.Fprintln(r.ask); err == nil {
		_, err = fmt.Fscanln(r.told, &requests, &bytes)
	}
	if err != nil {
		err = fmt.Errorf("the receiver tells nothing: %w", err)
	}
	return requests, bytes, err
}
