//go:build linux

package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// The fixed receiver answers every request alike, at once or after a delay. It
// judges nothing, so that the senders, and not it, are what is measured: plain
// HTTP is served by one thread over epoll, TLS by a goroutine per connection.

var fixedAnswer = []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}")

// tally counts what the receiver answered.
type tally struct{ requests, bytes atomic.Int64 }

// serve runs the receiver until control ends. Each line on control is answered
// by a line with the counts; the first line told is the address.
func serve(control io.Reader, told io.Writer, delay time.Duration, certificate string) error {
	var counts tally
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, certificate)
		if err != nil {
			return err
		}
		secure := tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}})
		go func() { failed <- accept(secure, delay, &counts) }()
	} else {
		r := &looped{delay: delay, counts: &counts, conns: map[int32]*conn{}}
		if err := r.open(l.(*net.TCPListener)); err != nil {
			return err
		}
		go func() { failed <- r.run() }()
	}
	fmt.Fprintln(told, l.Addr())
	lines := bufio.NewScanner(control)
	for lines.Scan() {
		select {
		case err := <-failed:
			return err
		default:
			fmt.Fprintln(told, counts.requests.Load(), counts.bytes.Load())
		}
	}
	return lines.Err()
}

// accept serves each connection on a goroutine of its own.
func accept(l net.Listener, delay time.Duration, counts *tally) error {
	for {
		nc, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer nc.Close()
			buf, held := make([]byte, 16<<10), 0
			for {
				n, err := nc.Read(buf[held:])
				if err != nil {
					return
				}
				held += n
				for {
					length := requestLength(buf[:held])
					if length < 0 {
						return
					}
					if length == 0 {
						break
					}
					time.Sleep(delay)
					counts.requests.Add(1)
					counts.bytes.Add(int64(length))
					held = copy(buf, buf[length:held])
					if _, err := nc.Write(fixedAnswer); err != nil {
						return
					}
				}
			}
		}()
	}
}

// requestLength is the length of the whole request that the bytes begin with;
// 0 where more must come, negative where it cannot be told.
func requestLength(b []byte) int {
	end := bytes.Index(b, []byte("\r\n\r\n"))
	if end < 0 {
		return min(0, 16<<10-1-len(b)) // no head is as long as the buffer
	}
	_, after, ok := bytes.Cut(b[:end+2], []byte("\r\nContent-Length: "))
	if !ok {
		if _, after, ok = bytes.Cut(b[:end+2], []byte("\r\ncontent-length: ")); !ok {
			return -1
		}
	}
	digits, _, _ := bytes.Cut(after, []byte("\r\n"))
	n, err := strconv.Atoi(string(digits))
	switch total := end + 4 + n; {
	case err != nil || n < 0 || total > 16<<10:
		return -1
	case total <= len(b):
		return total
	}
	return 0
}

type conn struct {
	fd  int32
	in  []byte
	due time.Time // of the answer that is delayed
}

// looped is the receiver on one thread.
type looped struct {
	delay      time.Duration
	counts     *tally
	listener   int32
	poll       int
	conns      map[int32]*conn
	later      []*conn  // answers that are delayed, in order
	file       *os.File // of the listener: closed when nothing holds it
	eventsRoom [256]syscall.EpollEvent
}

func (r *looped) open(l *net.TCPListener) error {
	file, err := l.File()
	if err != nil {
		return err
	}
	r.file, r.listener = file, int32(file.Fd())
	if err := syscall.SetNonblock(int(r.listener), true); err != nil {
		return err
	}
	if r.poll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return err
	}
	return r.watch(r.listener)
}

func (r *looped) watch(fd int32) error {
	return syscall.EpollCtl(r.poll, syscall.EPOLL_CTL_ADD, int(fd), &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: fd})
}

func (r *looped) run() error {
	for {
		n, err := r.wait()
		if err != nil {
			return err
		}
		for _, event := range r.eventsRoom[:n] {
			if event.Fd == r.listener {
				r.accept()
			} else if c := r.conns[event.Fd]; c != nil && !r.read(c) {
				delete(r.conns, c.fd)
				syscall.Close(int(c.fd))
			}
		}
		for len(r.later) > 0 && !time.Now().Before(r.later[0].due) {
			r.answer(r.later[0].fd)
			r.later = r.later[1:]
		}
	}
}

// sysEpollPwait2 is epoll_pwait2, which waits by the nanosecond; its number is
// the same on every architecture.
const sysEpollPwait2 = 441

// wait waits for what comes, or for the next answer that is due.
func (r *looped) wait() (int, error) {
	var limit *syscall.Timespec
	if len(r.later) > 0 {
		t := syscall.NsecToTimespec(max(0, int64(time.Until(r.later[0].due))))
		limit = &t
	}
	n, _, errno := syscall.Syscall6(sysEpollPwait2, uintptr(r.poll), uintptr(unsafe.Pointer(&r.eventsRoom[0])), uintptr(len(r.eventsRoom)), uintptr(unsafe.Pointer(limit)), 0, 0)
	switch {
	case errors.Is(errno, syscall.EINTR):
		return 0, nil
	case errno != 0:
		return 0, fmt.Errorf("epoll_pwait2: %w", errno)
	}
	return int(n), nil
}

func (r *looped) accept() {
	for {
		fd, _, err := syscall.Accept4(int(r.listener), syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
		if err != nil {
			return
		}
		_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
		c := &conn{fd: int32(fd), in: make([]byte, 0, 16<<10)}
		r.conns[c.fd] = c
		if r.watch(c.fd) != nil {
			delete(r.conns, c.fd)
			syscall.Close(fd)
		}
	}
}

// read takes what came; false where the connection is over.
func (r *looped) read(c *conn) bool {
	n, err := syscall.Read(int(c.fd), c.in[len(c.in):cap(c.in)])
	if err != nil {
		return errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR)
	}
	if n == 0 {
		return false
	}
	c.in = c.in[:len(c.in)+n]
	for {
		length := requestLength(c.in)
		if length <= 0 {
			return length == 0
		}
		r.counts.requests.Add(1)
		r.counts.bytes.Add(int64(length))
		c.in = append(c.in[:0], c.in[length:]...)
		if r.delay > 0 {
			c.due = time.Now().Add(r.delay)
			r.later = append(r.later, c)
		} else {
			r.answer(c.fd)
		}
	}
}

// answer writes: an answer is too short to find no room.
func (r *looped) answer(fd int32) { _, _ = syscall.Write(int(fd), fixedAnswer) }
