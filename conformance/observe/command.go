package observe

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// askTimeout is how long a command may take for one answer.
const askTimeout = 5 * time.Second

// Command is a long-lived process that is asked on its standard input, one
// JSON object a line ({"id": …, "event": …}), and answers on its standard
// output, one a line ({"count": N}; the schema is observer.schema.json). What
// it writes to standard error is passed on. An answer that comes late, unasked
// or for another id ends the conversation: every later one would be taken for
// the wrong question's.
type Command struct {
	name    string
	timeout time.Duration // for one answer

	mu      sync.Mutex // one question at a time
	process *exec.Cmd
	in      io.WriteCloser
	answers chan line
	dead    error
}

type line struct {
	text []byte
	err  error
}

// Start runs the command. Close ends it.
func Start(argv []string) (*Command, error) { return StartEnv(argv, nil) }

// StartEnv is Start with an environment in the place of this process's own;
// nil: this process's own.
func StartEnv(argv, env []string) (*Command, error) {
	if len(argv) == 0 {
		return nil, errors.New("the observer's command is empty")
	}
	c := &Command{name: argv[0], timeout: askTimeout, process: exec.Command(argv[0], argv[1:]...), answers: make(chan line)}
	c.process.Stderr, c.process.Env = os.Stderr, env
	var err error
	if c.in, err = c.process.StdinPipe(); err != nil {
		return nil, fmt.Errorf("observer command %q: %w", c.name, err)
	}
	out, err := c.process.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("observer command %q: %w", c.name, err)
	}
	if err := c.process.Start(); err != nil {
		return nil, fmt.Errorf("observer command %q: %w", c.name, err)
	}
	go c.listen(out)
	return c, nil
}

// listen passes the answers on until the process ends.
func (c *Command) listen(out io.Reader) {
	scanner := bufio.NewScanner(out)
	scanner.Buffer(make([]byte, 0, 4096), answerLimit)
	for scanner.Scan() {
		c.answers <- line{text: append([]byte(nil), scanner.Bytes()...)}
	}
	err := scanner.Err()
	if err == nil {
		err = errEnded
	}
	c.answers <- line{err: err}
	close(c.answers)
}

// Count asks for one event's effects.
func (c *Command) Count(ctx context.Context, id, event string) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead != nil {
		return 0, c.dead
	}
	question, err := json.Marshal(map[string]string{"id": id, "event": event})
	if err != nil {
		return 0, err
	}
	select {
	case early, open := <-c.answers:
		switch {
		case !open:
			return 0, c.fail(errEnded)
		case early.err != nil:
			return 0, c.fail(early.err)
		}
		return 0, c.fail(fmt.Errorf("out of step: it wrote %s before it was asked", shorten(early.text)))
	default:
	}
	if _, err := c.in.Write(append(question, '\n')); err != nil {
		if errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) {
			err = errEnded
		}
		return 0, c.fail(err)
	}
	timer := time.NewTimer(c.timeout)
	defer timer.Stop()
	select {
	case got, open := <-c.answers:
		if !open {
			return 0, c.fail(errEnded)
		}
		if got.err != nil {
			return 0, c.fail(got.err)
		}
		n, err := decodeCount(got.text, id)
		switch {
		case errors.Is(err, errOtherQuestion):
			return 0, c.fail(err)
		case err != nil:
			return 0, fmt.Errorf("observer command %q: %w", c.name, err)
		}
		return n, nil
	case <-timer.C:
		// A late answer would be taken for the next question's.
		return 0, c.fail(fmt.Errorf("no answer within %s", c.timeout))
	case <-ctx.Done():
		return 0, c.fail(ctx.Err())
	}
}

// errEnded tells that the process is gone.
var errEnded = errors.New("it ended")

// fail gives the command up: question and answer are out of step.
func (c *Command) fail(err error) error {
	c.dead = fmt.Errorf("observer command %q: %w", c.name, err)
	return c.dead
}

// Close ends the process: first by closing its input, after a second by force.
func (c *Command) Close() error {
	c.in.Close()
	go func() {
		for range c.answers {
		}
	}()
	done := make(chan error, 1)
	go func() { done <- c.process.Wait() }()
	select {
	case err := <-done:
		return err
	case <-time.After(time.Second):
		_ = c.process.Process.Kill()
		return <-done
	}
}
