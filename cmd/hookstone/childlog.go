package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

const (
	logTail  = 8 << 10  // kept in memory, to be shown where the child would not start
	logLimit = 32 << 20 // of the file
	logLine  = 64 << 10 // of one line, before it is cut
	logLines = 12       // shown
)

// childLog keeps what a child prints: the tail in memory, and all of it in a
// file where there is one. The secret never gets in.
type childLog struct {
	secret []byte
	file   *os.File // nil: none
	path   string

	mu      sync.Mutex
	pending []byte // the start of a line, not yet redacted
	tail    []byte
	written int64
}

// open adds a file to a log that keeps its tail in memory.
func (l *childLog) open(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return environment(fmt.Errorf("the receiver's log: %w", err), "")
	}
	l.file, l.path = f, path
	return nil
}

// drain reads a child's output to its end.
func (l *childLog) drain(r io.ReadCloser) {
	defer r.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := r.Read(buf)
		l.add(buf[:n], err != nil)
		if err != nil {
			return
		}
	}
}

// add takes a piece; whole lines are redacted and kept. A line that does not
// end is cut where it cannot split the secret.
func (l *childLog) add(piece []byte, last bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending = append(l.pending, piece...)
	end := bytes.LastIndexByte(l.pending, '\n') + 1
	if last || end == 0 && len(l.pending) > logLine {
		l.pending = l.redact(l.pending)
		end = len(l.pending)
		if !last {
			end = max(0, end-len(l.secret))
		}
	}
	l.keep(l.redact(l.pending[:end]))
	l.pending = append([]byte(nil), l.pending[end:]...)
}

func (l *childLog) redact(text []byte) []byte {
	if len(l.secret) == 0 {
		return text
	}
	return bytes.ReplaceAll(text, l.secret, []byte("[secret]"))
}

func (l *childLog) keep(text []byte) {
	l.tail = append(l.tail, text...)
	if over := len(l.tail) - logTail; over > 0 {
		l.tail = append([]byte(nil), l.tail[over:]...)
	}
	if l.file == nil || l.written > logLimit {
		return
	}
	l.file.Write(text)
	if l.written += int64(len(text)); l.written > logLimit {
		fmt.Fprintf(l.file, "\n[hookstone: the log is cut here, at %d MiB]\n", logLimit>>20)
	}
}

// hint shows the last lines to someone whose receiver would not start.
func (l *childLog) hint() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := strings.TrimSpace(string(l.tail))
	if text == "" {
		return "it printed nothing"
	}
	lines := strings.Split(printable(text, true), "\n")
	head := "the end of its log:"
	if l.path != "" {
		head = "the end of its log (" + l.path + "):"
	}
	if len(lines) > logLines {
		lines = lines[len(lines)-logLines:]
	}
	return head + "\n  | " + strings.Join(lines, "\n  | ")
}

func (l *childLog) close() {
	if l.file != nil {
		l.file.Close()
	}
}
