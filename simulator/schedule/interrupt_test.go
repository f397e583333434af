package schedule

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/simulator/journal"
)

// A target that hangs does not hold up the report of an interrupted run.
func TestInterruptWhileTheTargetHangs(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan net.Conn, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	c := live(t, provider(t, "usmewe"), scenario(t, "phases: [{name: all, deliveries: 50, rate: 1000/s}]"), "http://"+l.Addr().String()+"/", handled{})
	c.Observer, c.Grace = nil, 100*time.Millisecond
	c.Journal = journal.NewWriter(io.Discard, journal.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	var stopped time.Time
	c.Progress = func(e *Engine) {
		go func() {
			for e.Snapshot().InFlight < 10 {
				time.Sleep(time.Millisecond)
			}
			stopped = time.Now()
			cancel()
		}()
	}
	s := run(t, ctx, c)
	if took := time.Since(stopped); took > time.Second && !raceEnabled {
		t.Errorf("reported %v after the interruption", took)
	}
	if s.Outcome != Partial || !s.Run.Interrupted || uint64(s.Counts.InFlight)+s.Counts.Interrupted < 10 || s.Counts.Sent != s.Counts.Interrupted {
		t.Errorf("%s: %q, %+v", s.Outcome, s.Reasons, s.Counts)
	}
	for range len(accepted) {
		(<-accepted).Close()
	}
}

// A target that vanishes leaves a run that goes on to its end, and a journal
// that says what happened.
func TestTargetVanishes(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
	var out bytes.Buffer
	c := live(t, provider(t, "usmewe"), scenario(t, "clock: 10000000\nphases: [{name: all, deliveries: 200, rate: 500/s, mix: {forged: 10%}}]"), server.URL, handled{})
	c.Observer = nil
	c.Journal = journal.NewWriter(&out, journal.Options{})
	c.Progress = func(e *Engine) {
		go func() {
			for e.Snapshot().Counts.Sent < 50 {
				time.Sleep(time.Millisecond)
			}
			server.CloseClientConnections()
			server.Close()
		}()
	}
	s := run(t, context.Background(), c)
	if s.Outcome != Nonconformant || s.Retries.GaveUp == 0 || s.Retries.Waiting != 0 || s.Errors["refused"] == 0 {
		t.Errorf("%s: %q, %+v, %v", s.Outcome, s.Reasons, s.Retries, s.Errors)
	}
	if n := len(s.Silences); n == 0 || s.Silences[n-1].Ended || s.Silences[n-1].Kind == "" {
		t.Errorf("silences %+v", s.Silences)
	}
	earlier, err := ReadEarlier(c.Provider, journal.NewReader("j", &out))
	if err != nil || earlier.Attempts != int(s.Counts.Sent) || earlier.Unfinished() != 0 {
		t.Errorf("%v, the journal holds %d attempts of %d", err, earlier.Attempts, s.Counts.Sent)
	}
}

// 429 is never a verdict.
func TestRateLimited(t *testing.T) {
	for _, retries := range []string{"true", "false"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusTooManyRequests)
		}))
		c := live(t, provider(t, "usmewe"), scenario(t, "clock: 10000000\nretries: "+retries+"\nphases: [{name: all, deliveries: 20, rate: 1000/s, mix: {forged: 20%}}]"), server.URL, handled{})
		c.Observer = nil
		s := run(t, context.Background(), c)
		server.Close()
		if s.Outcome != Partial || s.Counts.Unexpected != 0 || s.Retries.GaveUp != 0 || s.Counts.Limited != s.Counts.Sent || !strings.Contains(strings.Join(s.Reasons, "\n"), "429 to the end") {
			t.Errorf("retries %s: %s: %q, %+v", retries, s.Outcome, s.Reasons, s.Counts)
		}
	}
}

// How a run stands can be asked before it began.
func TestSnapshotBeforeTheBegin(t *testing.T) {
	c := configFor(t, provider(t, "usmewe"), scenario(t, "phases: [{name: all, deliveries: 20, rate: 1000/s}]"), "http://127.0.0.1:1/")
	e, err := newEngine(&c)
	if err != nil {
		t.Fatal(err)
	}
	if s := e.Snapshot(); s.Elapsed != 0 || s.Rate != 0 || len(s.Rates) != 0 || s.Counts.Sent != 0 || len(s.Classes) != len(Classes) {
		t.Errorf("%+v", s)
	}
}
