package schedule

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookstone/hookstone/fixtures/receiver"
	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/journal"
	"github.com/hookstone/hookstone/simulator/wire"
)

// handled is an observer that asks a receiver's handler without a network.
type handled struct{ http.Handler }

func (h handled) Count(_ context.Context, id, event string) (int, error) {
	r := httptest.NewRequest("GET", receiver.EffectsPath+"?event_id="+url.QueryEscape(id)+"&event="+url.QueryEscape(event), nil)
	r.RemoteAddr = "127.0.0.1:1"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var n int
	if _, err := fmt.Sscanf(w.Body.String(), `{"count":%d`, &n); w.Code != 200 || err != nil {
		return 0, fmt.Errorf("observer answered %d %s", w.Code, w.Body)
	}
	return n, nil
}

func (h handled) FailNext(_ context.Context, n int) error {
	r := httptest.NewRequest("POST", receiver.FailPath, strings.NewReader(fmt.Sprintf(`{"fail_next":%d}`, n)))
	r.RemoteAddr = "127.0.0.1:1"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code/100 != 2 {
		return fmt.Errorf("hook answered %d", w.Code)
	}
	return nil
}

// reference starts the reference receiver.
func reference(t testing.TB, p *schemas.Provider, defects ...string) (string, handled) {
	t.Helper()
	rc, err := receiver.New(receiver.Options{Provider: p, Secret: []byte(secret), Defects: defects})
	if err != nil {
		t.Fatal(err)
	}
	s, err := rc.Start("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.URL(), handled{rc.Handler()}
}

// live is a configuration whose clock runs.
func live(t testing.TB, p *schemas.Provider, s *Scenario, target string, o handled) Config {
	c := configFor(t, p, s, target)
	c.Start, c.Pinned, c.Concurrency = time.Time{}, false, 32
	c.Observer, c.Hook = o, o
	return c
}

func run(t testing.TB, ctx context.Context, c Config) *Summary {
	t.Helper()
	s, err := Run(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func class(s *Summary, c simulator.Class) ClassSummary { return s.Classes[classOf(c)] }

func size(n int) int {
	if raceEnabled || testing.Short() {
		return n / 10
	}
	return n
}

// Mixed deliveries at a right receiver: every class's outcome is as it should
// be, effects are the distinct genuine events, and nothing is lost.
func TestRightReceiver(t *testing.T) {
	for _, p := range providers(t) {
		t.Run(p.Name(), func(t *testing.T) {
			n := size(20_000)
			if p.Name() != "sharmo-timestamped" {
				n /= 10
			}
			target, o := reference(t, p)
			c := live(t, p, scenario(t, fmt.Sprintf("phases: [{name: all, deliveries: %d, rate: max, mix: {duplicates: 6%%, redeliveries: 3%%, stale: 2%%, forged: 4%%, reorder: 3%%}}]", n)), target, o)
			c.Validate = 100
			s := run(t, context.Background(), c)
			if s.Outcome != Conformant || s.Counts.Sent != uint64(n) || s.Counts.Unexpected != 0 {
				t.Fatalf("%s: %q, %+v, %+v", s.Outcome, s.Reasons, s.Counts, s.Unexpected)
			}
			for _, class := range s.Classes {
				want, got := class.Sent, class.Accepted
				if !delivers(class.Class) {
					got = class.Refused
				}
				if got != want || want == 0 && (class.Class != simulator.Stale || p.Contract.Time.Tolerance.Duration > 0) {
					t.Errorf("%s: %+v", class.Class, class)
				}
				if class.Latency.Count != int64(class.Sent) || class.Sent > 0 && (class.Latency.P50 <= 0 || class.Latency.P50 > class.Latency.P99 || class.Latency.P99 > class.Latency.Max) {
					t.Errorf("%s: latency %+v", class.Class, class.Latency)
				}
			}
			e := s.Effects
			if genuine := class(s, simulator.Genuine).Sent; e.Error != "" || e.Events != genuine || e.Applied != genuine || e.Total != genuine || e.Lost+e.Doubled+e.Open+e.ForgedApplied+e.StaleApplied != 0 {
				t.Errorf("effects %+v of %d genuine events", e, genuine)
			}
			if e.Asked != class(s, simulator.Genuine).Sent+class(s, simulator.Forged).Sent+class(s, simulator.Stale).Sent {
				t.Errorf("asked about %d events", e.Asked)
			}
			if s.Validation.Checked == 0 || s.Validation.Invalid != 0 {
				t.Errorf("validation %+v", s.Validation)
			}
			var sent, due uint64
			for _, point := range s.Series {
				sent, due = sent+point.Sent, due+point.Intended
			}
			if sent != s.Counts.Sent || due != s.Counts.Sent {
				t.Errorf("the series tells of %d sent, %d due; want %d", sent, due, s.Counts.Sent)
			}
		})
	}
}

// A receiver that is wrong is found out, and by what it does wrong.
func TestDefectiveReceivers(t *testing.T) {
	p := provider(t, "sharmo-timestamped")
	for defect, want := range map[string]string{
		"applies-duplicates": "had their effect more than once",
		"loses-some-events":  "acknowledged events had no effect",
		"never-verifies":     "deliveries that were forged were accepted",
		"rejects-duplicates": "deliveries were given up after all retries",
	} {
		t.Run(defect, func(t *testing.T) {
			t.Parallel()
			target, o := reference(t, p, defect)
			c := live(t, p, scenario(t, fmt.Sprintf("clock: 1000000\nphases: [{name: all, deliveries: %d, rate: max, mix: {duplicates: 6%%, redeliveries: 3%%, forged: 4%%}}]", size(3000))), target, o)
			s := run(t, context.Background(), c)
			if s.Outcome != Nonconformant || !strings.Contains(strings.Join(s.Reasons, "\n"), want) {
				t.Errorf("%s: %q; want %q", s.Outcome, s.Reasons, want)
			}
			if len(s.Unexpected)+len(s.Effects.Examples)+len(s.Retries.GiveUps) == 0 {
				t.Error("no example is told")
			}
		})
	}
}

// One event in ten thousand that was acknowledged and not applied is found.
func TestOneInTenThousandLost(t *testing.T) {
	n := size(12_000)
	p := provider(t, "usmewe")
	target, o := reference(t, p)
	inner := o.Handler
	var seen atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if seen.Add(1) == int64(n/2) {
			w.WriteHeader(http.StatusOK) // acknowledged and dropped
			return
		}
		inner.ServeHTTP(w, r)
	}))
	defer front.Close()
	_ = target
	c := live(t, p, scenario(t, fmt.Sprintf("phases: [{name: all, deliveries: %d, rate: max}]", n)), front.URL+"/webhooks", o)
	s := run(t, context.Background(), c)
	if s.Outcome != Nonconformant || s.Effects.Lost != 1 || s.Effects.Doubled != 0 || len(s.Effects.Examples) != 1 {
		t.Errorf("%s: %q, %+v; want exactly one lost", s.Outcome, s.Reasons, s.Effects)
	}
}

// accepting accepts some forgeries, now and then, when it is busy.
func TestForgeriesAcceptedUnderLoad(t *testing.T) {
	p := provider(t, "usmewe")
	_, o := reference(t, p)
	var seen atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if seen.Add(1)%50 == 0 {
			w.WriteHeader(http.StatusOK)
			return
		}
		o.ServeHTTP(w, r)
	}))
	defer front.Close()
	c := live(t, p, scenario(t, "fail_on: ['forged.accepted > 0']\nphases: [{name: all, deliveries: 600, rate: max, mix: {forged: 50%}}]"), front.URL+"/webhooks", o)
	s := run(t, context.Background(), c)
	if s.Outcome != Nonconformant || class(s, simulator.Forged).Accepted == 0 || class(s, simulator.Forged).Unexpected != class(s, simulator.Forged).Accepted || len(s.Thresholds) != 1 || !s.Thresholds[0].Crossed {
		t.Errorf("%s: %q, %+v", s.Outcome, s.Reasons, s.Thresholds)
	}
	if !slices.ContainsFunc(s.Unexpected, func(o Odd) bool {
		return o.Class == simulator.Forged && o.Fault != "" && o.Outcome == "accepted" && o.Status == 200
	}) {
		t.Errorf("unexpected %+v", s.Unexpected)
	}
}

// A receiver that is killed and starts again on its port gets every event by
// the provider's retries, and applies each once.
func TestReceiverKilledAndRestarted(t *testing.T) {
	for _, name := range []string{"sharmo-timestamped", "usmewe", "handcash"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := provider(t, name)
			rc, err := receiver.New(receiver.Options{Provider: p, Secret: []byte(secret)})
			if err != nil {
				t.Fatal(err)
			}
			o := handled{rc.Handler()}
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			address := listener.Addr().String()
			var seen atomic.Int64
			kill := make(chan struct{})
			serve := func(l net.Listener) *http.Server {
				s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if seen.Add(1) == 200 {
						close(kill)
					}
					o.ServeHTTP(w, r)
				})}
				go func() { _ = s.Serve(l) }()
				return s
			}
			first := serve(listener)
			restarted := make(chan *http.Server, 1)
			go func() {
				<-kill
				first.Close()
				time.Sleep(100 * time.Millisecond)
				for range 100 {
					if l, err := net.Listen("tcp", address); err == nil {
						restarted <- serve(l)
						return
					}
					time.Sleep(10 * time.Millisecond)
				}
				restarted <- nil
			}()
			c := live(t, p, scenario(t, "clock: 3600\nphases: [{name: all, deliveries: 800, rate: 1000/s, mix: {duplicates: 5%, forged: 3%}}]"), "http://"+address+"/webhooks", o)
			s := run(t, context.Background(), c)
			second := <-restarted
			if second == nil {
				t.Skip("the port was taken by another process")
			}
			defer second.Close()
			if class(s, simulator.Redelivery).Sent == 0 || s.Counts.Unanswered == 0 {
				t.Fatalf("nothing was retried: %+v", s.Counts)
			}
			if s.Outcome != Conformant || s.Effects.Applied != class(s, simulator.Genuine).Sent || s.Effects.Total != s.Effects.Applied || s.Retries.GaveUp != 0 {
				t.Errorf("%s: %q, %+v, %+v", s.Outcome, s.Reasons, s.Effects, s.Retries)
			}
		})
	}
}

// Outages by the fault hook are caught up with.
func TestOutageIsCaughtUp(t *testing.T) {
	p := provider(t, "sharmo-body")
	target, o := reference(t, p)
	c := live(t, p, scenario(t, "clock: 36000\nphases: [{name: all, deliveries: 300, rate: 600/s, outages: [{at: 100ms, deliveries: 40}]}]"), target, o)
	s := run(t, context.Background(), c)
	if s.Outcome != Conformant || s.Counts.Failed != 40 || s.Statuses[503] != 40 || class(s, simulator.Redelivery).Sent != 40 || s.Effects.Lost+s.Effects.Doubled != 0 {
		t.Errorf("%s: %q, %+v, %v; want 40 failures, all caught up with", s.Outcome, s.Reasons, s.Counts, s.Statuses)
	}
}

// The schedule of retries is the contract's, and so is its end.
func TestRetrySchedule(t *testing.T) {
	p := provider(t, "sharmo-timestamped")
	var out bytes.Buffer
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer server.Close()
	c := live(t, p, scenario(t, "clock: 36000\nphases: [{name: all, deliveries: 3, rate: 100/s}]"), server.URL, handled{})
	c.Observer = nil
	c.Journal = journal.NewWriter(&out, journal.Options{})
	s := run(t, context.Background(), c)
	tries := len(p.Contract.Retries.Delays) + 1
	if s.Outcome != Nonconformant || s.Retries.GaveUp != 3 || s.Counts.Sent != uint64(3*tries) || len(s.Retries.GiveUps) != 3 || s.Retries.GiveUps[0].Tries != tries {
		t.Fatalf("%s: %+v, %d sent", s.Outcome, s.Retries, s.Counts.Sent)
	}
	last := map[string]*simulator.Attempt{}
	seen := map[string]int{}
	r := journal.NewReader("j", &out)
	for a, err := r.Next(); !errors.Is(err, io.EOF); a, err = r.Next() {
		if err != nil {
			t.Fatal(err)
		}
		if before := last[a.Event.ID]; before != nil {
			want := time.Duration(float64(p.Contract.Retries.Delays[seen[a.Event.ID]-1].Duration) / 36000)
			if waited := a.IntendedAt.Sub(before.SentAt); waited < want || a.Class != simulator.Redelivery {
				t.Errorf("try %d of %s after %v; want %v after the one before", seen[a.Event.ID]+1, a.ID, waited, want)
			}
			// Renewed: another timestamp once a second has passed; the same body.
			if a.Request.Body != before.Request.Body {
				t.Error("a redelivery has another body")
			}
			if off := a.Signing.ClockOffsetMS; off < -1000 || off > 1000 {
				t.Errorf("signed %d ms off", off)
			}
		}
		seen[a.Event.ID]++
		last[a.Event.ID] = a
	}
	if len(seen) != 3 {
		t.Errorf("%d events in the journal", len(seen))
	}
}

// Where a redelivery is byte-identical, it is, and so is a duplicate.
func TestRepeatedBytes(t *testing.T) {
	for _, p := range providers(t) {
		type sent struct{ head, body string }
		var out bytes.Buffer
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
		c := live(t, p, scenario(t, "phases: [{name: all, deliveries: 150, rate: 4000/s, mix: {duplicates: 20%, redeliveries: 20%}}]"), server.URL, handled{})
		c.Observer = nil
		c.Journal = journal.NewWriter(&out, journal.Options{Sync: true})
		run(t, context.Background(), c)
		server.Close()
		byEvent := map[string]sent{}
		duplicates, redeliveries := 0, 0
		for pass := range 2 { // a duplicate can be recorded before what it repeats
			r := journal.NewReader("j", bytes.NewReader(out.Bytes()))
			for a, err := r.Next(); !errors.Is(err, io.EOF); a, err = r.Next() {
				if err != nil {
					t.Fatal(err)
				}
				key := a.Event.Type + a.Event.ID
				now := sent{fmt.Sprint(a.Request.Headers), a.Request.Body.Base64}
				first := byEvent[key]
				switch {
				case pass == 0 && a.Class == simulator.Genuine:
					byEvent[key] = now
				case pass == 1 && a.Class == simulator.Duplicate:
					duplicates++
					if now != first {
						t.Fatalf("%s: a duplicate differs:\n%v\n%v", p.Name(), now, first)
					}
				case pass == 1 && a.Class == simulator.Redelivery && p.Contract.Time.OnRedelivery != "renewed":
					redeliveries++
					if now != first && len(p.Contract.Request.AttemptHeaders) == 0 {
						t.Fatalf("%s: a redelivery differs:\n%v\n%v", p.Name(), now, first)
					}
				}
			}
		}
		if duplicates == 0 || redeliveries == 0 && p.Contract.Time.OnRedelivery != "renewed" {
			t.Errorf("%s: %d duplicates, %d redeliveries", p.Name(), duplicates, redeliveries)
		}
	}
}

// Whatever the target does, the run goes on to its end and the journal is
// readable.
func TestHostileTargets(t *testing.T) {
	p := provider(t, "usmewe")
	for name, test := range map[string]struct {
		serve func(net.Conn)
		kind  wire.Kind
	}{
		"garbage": {func(c net.Conn) { c.Write([]byte("\x00\xff garbage\r\n\r\n")); c.Close() }, wire.Malformed},
		"hangs":   {func(c net.Conn) { time.Sleep(5 * time.Second); c.Close() }, wire.Timeout},
		"closes":  {func(c net.Conn) { c.Close() }, ""},
		"endless": {func(c net.Conn) {
			c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n"))
			for b := make([]byte, 64<<10); ; {
				if _, err := c.Write(b); err != nil {
					return
				}
			}
		}, wire.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					go test.serve(c)
				}
			}()
			var out bytes.Buffer
			c := live(t, p, scenario(t, "retries: false\nphases: [{name: all, deliveries: 40, rate: 400/s, mix: {forged: 20%}}]"), "http://"+l.Addr().String()+"/", handled{})
			c.Observer, c.Answer = nil, 150*time.Millisecond
			c.Journal = journal.NewWriter(&out, journal.Options{})
			s := run(t, context.Background(), c)
			if s.Outcome != Nonconformant || s.Counts.Unanswered != 40 || s.Counts.Sent != 40 || test.kind != "" && s.Errors[string(test.kind)] == 0 {
				t.Errorf("%s: %+v, %v", s.Outcome, s.Counts, s.Errors)
			}
			if len(s.Silences) != 1 || s.Silences[0].Ended || s.Silences[0].Count != 40 {
				t.Errorf("silences %+v", s.Silences)
			}
			records := 0
			r := journal.NewReader("j", &out)
			for a, err := r.Next(); !errors.Is(err, io.EOF); a, err = r.Next() {
				if err != nil {
					t.Fatal(err)
				}
				if records++; a.Error == nil || a.Answer != nil {
					t.Errorf("record %+v", a)
				}
			}
			if records != 40 || r.Cut() {
				t.Errorf("%d records, cut %v", records, r.Cut())
			}
		})
	}
}

func TestNothingListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	c := live(t, provider(t, "usmewe"), scenario(t, "phases: [{name: all, deliveries: 4, rate: 400/s}]"), "http://"+l.Addr().String()+"/", handled{})
	var unreachable *Unreachable
	if _, err := Run(context.Background(), c); !errors.As(err, &unreachable) {
		t.Errorf("%v; want an Unreachable", err)
	}
}

// failing is a disk that fills up.
type failing struct {
	bytes.Buffer
	room int
}

func (f *failing) Write(p []byte) (int, error) {
	n := min(len(p), f.room)
	f.room -= n
	f.Buffer.Write(p[:n])
	if n < len(p) {
		return n, errors.New("no space left on device")
	}
	return n, nil
}

// A full disk costs the journal its end and the run nothing.
func TestDiskFull(t *testing.T) {
	p := provider(t, "usmewe")
	target, o := reference(t, p)
	disk := &failing{room: 20_000}
	c := live(t, p, scenario(t, "phases: [{name: all, deliveries: 400, rate: max}]"), target, o)
	c.Journal = journal.NewWriter(disk, journal.Options{})
	s := run(t, context.Background(), c)
	if s.Outcome != Conformant || s.Counts.Accepted != 400 || s.Journal.Dropped == 0 || s.Journal.Err == nil {
		t.Errorf("%s: %q, %+v, %+v", s.Outcome, s.Reasons, s.Counts, s.Journal)
	}
	if !strings.Contains(strings.Join(s.Notes, "\n"), "the journal ends early: no space left on device") {
		t.Errorf("notes %q", s.Notes)
	}
	n := uint64(0)
	r := journal.NewReader("j", &disk.Buffer)
	for _, err := r.Next(); !errors.Is(err, io.EOF); _, err = r.Next() {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if !r.Cut() || n != s.Journal.Written {
		t.Errorf("read %d, cut %v; want %d", n, r.Cut(), s.Journal.Written)
	}
}

// An interrupted run reports at once, and another goes on where it was left:
// in the end every event was applied once.
func TestInterruptAndResume(t *testing.T) {
	for _, name := range []string{"usmewe", "handcash"} {
		t.Run(name, func(t *testing.T) {
			p := provider(t, name)
			target, o := reference(t, p)
			if err := o.FailNext(context.Background(), 30); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			s := scenario(t, "clock: 10\nphases: [{name: all, deliveries: 600, rate: 400/s, mix: {duplicates: 5%, forged: 5%}}]")
			c := live(t, p, s, target, o)
			c.Start = time.Now()
			c.Journal = journal.NewWriter(&out, journal.Options{})
			ctx, cancel := context.WithCancel(context.Background())
			var stopped time.Time
			c.Progress = func(e *Engine) {
				go func() {
					for e.Snapshot().Counts.Sent < 200 {
						time.Sleep(time.Millisecond)
					}
					stopped = time.Now()
					cancel()
				}()
			}
			first := run(t, ctx, c)
			if took := time.Since(stopped); took > time.Second && !raceEnabled {
				t.Errorf("reported %v after the interruption", took)
			}
			if first.Outcome != Partial || !first.Run.Interrupted || first.Retries.Waiting == 0 || first.Counts.Sent >= 600 {
				t.Fatalf("%s: %q, %+v, %+v", first.Outcome, first.Reasons, first.Retries, first.Counts)
			}
			earlier, err := ReadEarlier(p, journal.NewReader("j", &out))
			if err != nil {
				t.Fatal(err)
			}
			if earlier.Unfinished() != first.Retries.Waiting || earlier.Attempts != int(first.Counts.Sent) {
				t.Errorf("the journal holds %d attempts, %d unfinished; the summary %d and %d", earlier.Attempts, earlier.Unfinished(), first.Counts.Sent, first.Retries.Waiting)
			}
			c.Journal, c.Progress, c.Earlier = nil, nil, earlier
			second := run(t, context.Background(), c)
			if second.Outcome != Conformant || !second.Run.Resumed {
				t.Errorf("%s: %q", second.Outcome, second.Reasons)
			}
			genuine := class(first, simulator.Genuine).Sent + class(second, simulator.Genuine).Sent
			if e := second.Effects; e.Events != genuine || e.Applied != genuine || e.Total != genuine || e.Lost+e.Doubled+e.Open != 0 {
				t.Errorf("effects %+v of %d events", e, genuine)
			}
		})
	}
}

// A tries' record that the journal dropped is written when the run ends, so
// that its delivery is not forgotten.
func TestUnfinishedRetriesSurviveDrops(t *testing.T) {
	p := provider(t, "usmewe")
	target, o := reference(t, p)
	o.FailNext(context.Background(), 1000)
	gate := &gated{open: make(chan struct{})}
	c := live(t, p, scenario(t, "clock: 1\nphases: [{name: all, deliveries: 100, rate: 2000/s}]"), target, o)
	c.Journal = journal.NewWriter(gate, journal.Options{Buffer: 8000})
	ctx, cancel := context.WithCancel(context.Background())
	c.Progress = func(e *Engine) {
		go func() {
			for e.Snapshot().Counts.Sent < 100 {
				time.Sleep(time.Millisecond)
			}
			close(gate.open)
			time.Sleep(50 * time.Millisecond) // the disk stands open again
			cancel()
		}()
	}
	s := run(t, ctx, c)
	if s.Journal.Dropped == 0 || s.Retries.Waiting != 100 {
		t.Fatalf("%+v, %+v; want drops", s.Journal, s.Retries)
	}
	earlier, err := ReadEarlier(p, journal.NewReader("j", &gate.Buffer))
	if err != nil || earlier.Unfinished() != 100 {
		t.Errorf("%v, %d unfinished; want all 100", err, earlier.Unfinished())
	}
}

type gated struct {
	bytes.Buffer
	open chan struct{}
}

func (g *gated) Write(p []byte) (int, error) {
	<-g.open
	return g.Buffer.Write(p)
}

// Deliveries leave on schedule whatever the receiver does, and latency counts
// from when they should have left.
func TestOpenModel(t *testing.T) {
	p := provider(t, "usmewe")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		time.Sleep(200 * time.Millisecond)
	}))
	defer server.Close()
	c := live(t, p, scenario(t, "phases: [{name: all, deliveries: 40, rate: 200/s}]"), server.URL, handled{})
	c.Observer, c.Concurrency = nil, 64
	if s := run(t, context.Background(), c); s.Run.Seconds > 1.8 || s.Latency.P50 < 190 {
		t.Errorf("took %.1f s at a median of %.0f ms; one connection would take 8 s", s.Run.Seconds, s.Latency.P50)
	}
	// With too few connections deliveries leave late, and the latency says so.
	c.Concurrency = 4
	if s := run(t, context.Background(), c); s.Latency.P50 < 700 || s.Lag.Max < 1000 {
		t.Errorf("latency %+v, lag %+v; want the waiting counted", s.Latency, s.Lag)
	}
}
