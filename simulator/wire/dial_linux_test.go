package wire

import (
	"net"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// fullListener listens with a queue of one that nobody empties.
func fullListener(t *testing.T) (address string, ok bool) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", false
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}) != nil || syscall.Listen(fd, 0) != nil {
		return "", false
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		return "", false
	}
	address = "127.0.0.1:" + strconv.Itoa(name.(*syscall.SockaddrInet4).Port)
	for range 10 {
		c, err := net.DialTimeout("tcp", address, 100*time.Millisecond)
		if err != nil {
			return address, true
		}
		t.Cleanup(func() { c.Close() })
	}
	return "", false
}
