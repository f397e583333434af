//go:build unix

package main

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// scripted are workers that sh plays.
func scripted(t *testing.T, scripts ...string) *crew {
	t.Helper()
	var commands []*exec.Cmd
	for _, script := range scripts {
		commands = append(commands, exec.Command("sh", "-c", script))
	}
	w, err := startCrew(commands)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.kill)
	return w
}

const (
	ready   = `echo '{"ready":true}'; `
	untilIt = `cat > /dev/null; exit 3` // the line ends
)

// One that dies takes the others with it, and is named.
func TestCrewLosesOne(t *testing.T) {
	w := scripted(t, ready+untilIt, ready+`read word; [ "$word" = go ] && kill -9 $$`, ready+untilIt)
	if !w.prepared(t.Context()) {
		t.Fatal("they are not ready")
	}
	w.begin()
	w.work(t.Context())
	if f := w.fault(); f == nil || f.code != exitHarness || !strings.Contains(f.Error(), "worker 2 ended without a report: signal: killed") {
		t.Errorf("fault %v", f)
	}
	if code := w.members[0].code(); code != exitPartial {
		t.Errorf("the first ended with %d; want %d", code, exitPartial)
	}
}

// One that cannot begin says why, and nobody begins.
func TestCrewCannotBegin(t *testing.T) {
	w := scripted(t, ready+`read word && exit 1; exit 3`, `echo "hookstone: no such event" >&2; echo "  name another" >&2; exit 2`)
	if w.prepared(t.Context()) {
		t.Fatal("they are ready")
	}
	w.end()
	w.work(t.Context())
	if f := w.fault(); f == nil || f.code != exitUsage || f.Error() != "worker 2: no such event" || f.hint != "name another" {
		t.Errorf("fault %+v", f)
	}
	if code := w.members[0].code(); code != exitPartial {
		t.Errorf("the first was told to begin: it ended with %d", code)
	}
}

// The end of the context ends all of them, and what they told is added up.
func TestCrewIsInterrupted(t *testing.T) {
	told := ready + `read word; echo '{"snapshot":{"Elapsed":1000000000,"Counts":{"sent":5},"InFlight":2}}'; echo done >&2; ` + untilIt
	w := scripted(t, told, told)
	if !w.prepared(t.Context()) {
		t.Fatal("they are not ready")
	}
	w.begin()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel()
		for w.snapshot().Counts.Sent < 10 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
	}()
	w.work(ctx)
	if s := w.snapshot(); s.Counts.Sent != 10 || s.InFlight != 4 || s.Elapsed != time.Second {
		t.Errorf("snapshot %+v", s)
	}
	if f := w.fault(); f != nil {
		t.Errorf("fault %v", f)
	}
}

// A start that is to come is waited for, unless the context ends.
func TestHold(t *testing.T) {
	c := newConsole(nil, nil)
	c.quiet = true
	f := partitionFlags{start: time.Now().Add(30 * time.Millisecond)}
	f.hold(t.Context(), c)
	if time.Now().Before(f.start) {
		t.Error("it does not wait for its start")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f.start = time.Now().Add(time.Hour)
	f.hold(ctx, c) // or the test takes an hour
	f.start = time.Time{}
	f.hold(t.Context(), c)
}
