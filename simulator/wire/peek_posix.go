//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package wire

import (
	"errors"
	"net"
	"syscall"
)

// peek looks at an idle connection without waiting and without taking anything
// off it: quiet (nothing there), pending (bytes), or gone (closed, reset).
func peek(nc net.Conn) lookedAt {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return quiet
	}
	rc, err := sc.SyscallConn()
	if err != nil {
		return gone
	}
	result := gone
	// Control, not Read: Read refuses once an old deadline has passed.
	err = rc.Control(func(fd uintptr) {
		var b [1]byte
		n, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		switch {
		case n > 0:
			result = pending
		case errors.Is(err, syscall.EAGAIN), errors.Is(err, syscall.EINTR):
			result = quiet
		}
	})
	if err != nil {
		return gone
	}
	return result
}
