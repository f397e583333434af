package observe

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary play a command.
func TestMain(m *testing.M) {
	if play := os.Getenv("HOOKSTONE_TEST_COMMAND"); play != "" {
		playCommand(play)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func playCommand(how string) {
	questions := bufio.NewScanner(os.Stdin)
	for n := 0; questions.Scan(); n++ {
		switch {
		case how == "echo":
			fmt.Printf("{\"count\":%d,\"asked\":%s}\n", n, questions.Text())
		case how == "hangs":
			select {}
		case how == "late" && n == 0:
			time.Sleep(300 * time.Millisecond)
			fmt.Println(`{"count":0}`)
		default:
			fmt.Println(`{"count":1}`)
		}
	}
	if how == "stays" {
		select {}
	}
}

func started(t *testing.T, how string) *Command {
	t.Helper()
	c, err := StartEnv([]string{os.Args[0]}, append(os.Environ(), "HOOKSTONE_TEST_COMMAND="+how))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestCommand: questions are answered in turn, awkward ids included.
func TestCommand(t *testing.T) {
	t.Parallel()
	c := started(t, "echo")
	for n := range 3 {
		got, err := c.Count(context.Background(), "a \"b\"\n\u2028", "x.y")
		if err != nil || got != n {
			t.Errorf("Count = %d, %v; want %d", got, err, n)
		}
	}
}

// TestCommandWithoutAnswer: a command that was silent once is asked no more,
// for its late answer would be taken for another question's.
func TestCommandWithoutAnswer(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"hangs", "late"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			c := started(t, how)
			c.timeout = 100 * time.Millisecond
			_, first := c.Count(context.Background(), "a", "b")
			if first == nil || !strings.Contains(first.Error(), "no answer within 100ms") {
				t.Errorf("first: %v; want that no answer came", first)
			}
			time.Sleep(400 * time.Millisecond)
			if n, again := c.Count(context.Background(), "a", "b"); again != first {
				t.Errorf("second: %d, %v; want the first error again", n, again)
			}
		})
	}
}

// TestCommandCanceled: the end of the run ends the question.
func TestCommandCanceled(t *testing.T) {
	t.Parallel()
	c := started(t, "hangs")
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := c.Count(ctx, "a", "b"); !errors.Is(err, context.Canceled) {
		t.Errorf("Count = %v; want canceled", err)
	}
}

// TestCloseEndsCommand: a command that goes on after its input ended is killed.
func TestCloseEndsCommand(t *testing.T) {
	t.Parallel()
	c := started(t, "stays")
	if _, err := c.Count(context.Background(), "a", "b"); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { _ = c.Close(); close(done) }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("Close did not return")
	}
}

// TestStartNothing: what cannot be run is told at once.
func TestStartNothing(t *testing.T) {
	for _, argv := range [][]string{nil, {"/no/such/program"}} {
		if _, err := Start(argv); err == nil {
			t.Errorf("Start(%q) = nil; want an error", argv)
		}
	}
}
