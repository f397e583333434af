package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/hookstone/hookstone/simulator/schedule"
)

// crewLimit is how long workers that were told to end may take, before they
// are killed: a worker's own end takes half a second.
const crewLimit = 10 * time.Second

// crew are the processes that share a run.
type crew struct {
	members []*member
	failed  chan struct{} // closed when a member ended before its time, or with a fault
	once    sync.Once
}

// member is one of them.
type member struct {
	name   string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	ready  chan struct{} // closed when it waits for the word
	done   chan struct{} // closed when it ended
	exit   error         // of cmd, once done
	stderr headBuffer
	hangUp sync.Once

	mu   sync.Mutex
	last schedule.Snapshot
}

// startCrew starts a process for each command. None sends before begin.
func startCrew(commands []*exec.Cmd) (*crew, error) {
	w := &crew{failed: make(chan struct{})}
	for i, cmd := range commands {
		m := &member{name: fmt.Sprintf("worker %d", i+1), cmd: cmd, ready: make(chan struct{}), done: make(chan struct{})}
		if err := m.start(w); err != nil {
			w.end()
			w.wait()
			return nil, environment(fmt.Errorf("start %s: %w", m.name, err), "")
		}
		w.members = append(w.members, m)
	}
	return w, nil
}

func (m *member) start(w *crew) error {
	var err error
	if m.stdin, err = m.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := m.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	m.cmd.Stderr = &m.stderr
	ownGroup(m.cmd) // a Ctrl-C is told to it once, by us
	if err := m.cmd.Start(); err != nil {
		return err
	}
	go func() {
		m.listen(json.NewDecoder(out))
		_, _ = io.Copy(io.Discard, out) // a full pipe would hold it up
		m.exit = m.cmd.Wait()
		if code := m.code(); code != exitConformant && code != exitNonconformant && code != exitPartial {
			w.once.Do(func() { close(w.failed) })
		}
		close(m.done)
	}()
	return nil
}

// listen hears what a worker tells, to its end.
func (m *member) listen(in *json.Decoder) {
	for ready := false; ; {
		var t telling
		if err := in.Decode(&t); err != nil {
			return
		}
		if t.Ready && !ready {
			ready = true
			close(m.ready)
		}
		if t.Snapshot != nil {
			m.mu.Lock()
			m.last = *t.Snapshot
			m.mu.Unlock()
		}
	}
}

// code is a member's exit code once it ended; -1 where a signal ended it.
func (m *member) code() int {
	var exit *exec.ExitError
	switch {
	case m.exit == nil:
		return exitConformant
	case errors.As(m.exit, &exit):
		return exit.ExitCode()
	}
	return -1
}

// prepared waits until all members are ready; false where one failed or the
// context ended before.
func (w *crew) prepared(ctx context.Context) bool {
	for _, m := range w.members {
		select {
		case <-m.ready:
		case <-m.done:
			return false
		case <-w.failed:
			return false
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// begin gives the word.
func (w *crew) begin() {
	for _, m := range w.members {
		_, _ = io.WriteString(m.stdin, goLine) // one that died is heard of by its end
	}
}

// end tells all members to end with a report of what was done.
func (w *crew) end() {
	for _, m := range w.members {
		m.hangUp.Do(func() { m.stdin.Close() })
	}
}

// kill ends all members at once.
func (w *crew) kill() {
	for _, m := range w.members {
		select {
		case <-m.done:
		default:
			killGroup(m.cmd)
		}
	}
}

// work waits until all members ended; they are told to when the context ends
// or one of them fails.
func (w *crew) work(ctx context.Context) {
	all := make(chan struct{})
	go func() { w.wait(); close(all) }()
	select {
	case <-all:
		return
	case <-ctx.Done():
	case <-w.failed:
	}
	w.end()
	select {
	case <-all:
	case <-time.After(crewLimit):
		w.kill()
		<-all
	}
}

func (w *crew) wait() {
	for _, m := range w.members {
		<-m.done
	}
}

// fault is what the first member that failed says; nil where none did.
func (w *crew) fault() *failure {
	for _, m := range w.members {
		code := m.code()
		switch code {
		case exitConformant, exitNonconformant, exitPartial:
			continue
		case exitUsage, exitHarness:
		default:
			return environmentf("", "%s ended without a report: %s", m.name, exitWords(m.exit))
		}
		message, hint, _ := strings.Cut(strings.TrimSpace(m.stderr.String()), "\n  ")
		return &failure{code, fmt.Errorf("%s: %s", m.name, strings.TrimPrefix(message, "hookstone: ")), hint}
	}
	return nil
}

// snapshot is how all of them stand.
func (w *crew) snapshot() schedule.Snapshot {
	parts := make([]schedule.Snapshot, len(w.members))
	for i, m := range w.members {
		m.mu.Lock()
		parts[i] = m.last
		m.mu.Unlock()
	}
	s, err := schedule.MergeSnapshots(parts)
	if err != nil {
		return schedule.Snapshot{}
	}
	return s
}

// headBuffer keeps the beginning of what is written to it.
type headBuffer struct {
	mu   sync.Mutex
	text []byte
}

const headLimit = 16 << 10

func (b *headBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p[:min(len(p), headLimit-len(b.text))]...)
	return len(p), nil
}

func (b *headBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text)
}
