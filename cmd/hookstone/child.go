package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	startLimit = 60 * time.Second       // for a receiver to listen
	stopLimit  = 500 * time.Millisecond // between asking and killing: Ctrl-C ends a run within a second
	startLook  = 25 * time.Millisecond  // between two looks for it
)

// child is a receiver that --exec starts, and starts again when it died.
type child struct {
	command string
	words   []string // with {port} replaced
	env     []string
	address string // host:port that it must listen on
	log     *childLog

	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{} // closed when cmd ended
	exit error         // of cmd, once done
}

// freePort finds a port that nothing listens on. Another process may take it
// before the child does; the child then fails to listen, which is told.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, environment(fmt.Errorf("no free port: %w", err), "")
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// newChild prepares a command; the secret reaches the child by environment only.
func newChild(command, address string, port int, secret []byte, log *childLog) (*child, error) {
	words, err := splitWords(command)
	if err != nil {
		return nil, usage(fmt.Errorf("--exec: %w", err), "")
	}
	for i := range words {
		words[i] = strings.ReplaceAll(words[i], "{port}", strconv.Itoa(port))
	}
	return &child{
		command: command, words: words, address: address, log: log,
		env: append(os.Environ(), "PORT="+strconv.Itoa(port),
			secretVariable+"="+string(secret), childSecretVariable+"="+string(secret)),
	}, nil
}

// start runs the command and waits until it listens.
func (c *child) start(ctx context.Context) error {
	if conn, err := net.DialTimeout("tcp", c.address, time.Second); err == nil {
		conn.Close()
		return environmentf("stop it, or give --target alone", "something listens at %s already, before --exec %q was started", c.address, c.command)
	}
	read, write, err := os.Pipe()
	if err != nil {
		return environment(fmt.Errorf("start %q: %w", c.words[0], err), "")
	}
	cmd := exec.Command(c.words[0], c.words[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = c.env, write, write
	ownGroup(cmd)
	err = cmd.Start()
	write.Close()
	if err != nil {
		read.Close()
		return environment(fmt.Errorf("--exec: start %q: %w", c.words[0], err), "the command is run without a shell; for one write: --exec \"sh -c '…'\"")
	}
	done := make(chan struct{})
	c.mu.Lock()
	c.cmd, c.done = cmd, done
	c.mu.Unlock()
	drained := make(chan struct{})
	go func() {
		c.log.drain(read)
		close(drained)
	}()
	go func() {
		c.exit = cmd.Wait()
		// What it started may hold the log open: do not wait for that for long.
		select {
		case <-drained:
		case <-time.After(100 * time.Millisecond):
		}
		close(done)
	}()
	if err := c.await(ctx, done); err != nil {
		c.stop()
		return err
	}
	return nil
}

// await returns when the child listens, died, or took too long.
func (c *child) await(ctx context.Context, done <-chan struct{}) error {
	deadline := time.After(startLimit)
	for {
		if conn, err := net.DialTimeout("tcp", c.address, time.Second); err == nil {
			return conn.Close()
		}
		select {
		case <-done:
			return environmentf(c.log.hint(), "--exec %q ended before it listened at %s: %s", c.command, c.address, exitWords(c.exit))
		case <-deadline:
			return environmentf(c.log.hint(), "--exec %q did not listen at %s within %s", c.command, c.address, startLimit)
		case <-ctx.Done():
			return environmentf("", "interrupted while waiting for --exec %q; nothing was sent", c.command)
		case <-time.After(startLook):
		}
	}
}

// restart starts a child again that died.
func (c *child) restart(ctx context.Context) error {
	c.stop()
	return c.start(ctx)
}

// stop ends the child and what it started.
func (c *child) stop() {
	c.mu.Lock()
	cmd, done := c.cmd, c.done
	c.mu.Unlock()
	if cmd == nil {
		return
	}
	askGroup(cmd)
	select {
	case <-done:
	case <-time.After(stopLimit):
	}
	killGroup(cmd)
	<-done
	c.mu.Lock()
	c.cmd = nil
	c.mu.Unlock()
}

// kill ends the child at once, for a second Ctrl-C.
func (c *child) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cmd != nil {
		killGroup(c.cmd)
	}
}

func exitWords(err error) string {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return "exit status 0"
	case errors.As(err, &exit):
		return exit.ProcessState.String()
	}
	return err.Error()
}
