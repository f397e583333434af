//go:build linux

package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/simulator/schedule"
)

// The benchmark starts itself as the receiver: so does its test.
func TestMain(m *testing.M) {
	if slices.Contains(os.Args, "-serve") {
		main()
		return
	}
	os.Exit(m.Run())
}

func turns(micros ...float64) (all []turn) {
	for _, us := range micros {
		t := turn{wall: time.Second, requests: 1000, cpu: time.Duration(us * 1e6)}
		if us == 0 {
			t.requests = 0
		}
		all = append(all, t)
	}
	return all
}

func TestCompare(t *testing.T) {
	of, to := turns(20, 22, 0, 30, 18, 24), turns(10, 11, 10, 10, 0, 8)
	// The third and the fifth cycle do not count: one of the two sent nothing.
	got := compare(of, to, turn.sent, 2)
	if want := (ratio{median: 2.5, low: 2, high: 3, cycles: 4}); got != want {
		t.Errorf("compare = %+v; want %+v", got, want)
	}
	of[0].waited = time.Second / 10
	if got := compare(of, to, turn.quiet, 2); got.cycles != 3 || got.median != 3 {
		t.Errorf("of the quiet turns %+v; want 3 cycles, median 3", got)
	}
	if got := compare(nil, to, turn.sent, 2); got != (ratio{}) {
		t.Errorf("of nothing %+v", got)
	}
	m := measured{turns: of}
	if us, rate := m.micros(turn.sent), m.rate(turn.sent); us != 22 || rate != 1000 {
		t.Errorf("micros %v, rate %v; want 22, 1000", us, rate)
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		of   []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{4, 1, 3}, 3}, {[]float64{4, 1, 2, 3}, 2.5}} {
		if got := median(c.of); got != c.want {
			t.Errorf("median(%v) = %v; want %v", c.of, got, c.want)
		}
	}
}

func TestReadsOfProc(t *testing.T) {
	status := "Name:\tx\nVmHWM:\t   2048 kB\nVmRSS:\t   1024 kB\nThreads:\t3\n"
	for name, want := range map[string]int64{"VmRSS": 1 << 20, "VmHWM": 2 << 20, "Threads": 0, "None": 0} {
		if got := statusBytes(status, name); got != want {
			t.Errorf("statusBytes(%s) = %d; want %d", name, got, want)
		}
	}
	for text, want := range map[string]time.Duration{"12 345 6\n": 345, "": 0, "7": 0} {
		if got := waitedIn(text); got != want {
			t.Errorf("waitedIn(%q) = %v; want %v", text, got, want)
		}
	}
}

func TestRequestLength(t *testing.T) {
	whole := "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
	for text, want := range map[string]int{
		"": 0, whole[:20]: 0, whole[:len(whole)-1]: 0, whole: len(whole), whole + "POST": len(whole),
		"POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n": 38, "POST / HTTP/1.1\r\nHost: a\r\n\r\n": -1,
		"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n": -1, "POST / HTTP/1.1\r\nContent-Length: 99999\r\n\r\n": -1,
		strings.Repeat("x", 16<<10): -1,
	} {
		if got := requestLength([]byte(text)); got != want {
			t.Errorf("requestLength(%.60q) = %d; want %d", text, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for want, got := range map[string]string{
		"1,234,567": thousands(1234567), "999": thousands(999.4), "0": thousands(0),
		"45 µs": milliseconds(0.045), "1.2 ms": milliseconds(1.23), "120 ms": milliseconds(120), "1.5 MB": megabytes(3 << 19),
	} {
		if got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
	if body := static(400); len(body) != 400 || !strings.HasPrefix(body, "{") || !strings.HasSuffix(body, `"}`) {
		t.Errorf("static(400) has %d bytes: %s", len(body), body)
	}
}

func TestTables(t *testing.T) {
	quiet := []*measured{{sender: &sender{name: "hookstone", sends: "unique"}, turns: turns(20, 20), rss: 40 << 20}, {sender: wrk, turns: turns(10, 10)}}
	var out bytes.Buffer
	sendersTable(&out, quiet, method{cycles: 2, block: 1})
	if want := "| hookstone | unique | 20.0 | **2.00** [2.00–2.00] | 1,000 | 40.0 MB |\n"; !strings.Contains(out.String(), want) {
		t.Errorf("%s\nlacks %s", out.String(), want)
	}
	quiet[0].turns[0].waited, quiet[0].turns[1].waited = time.Second, time.Second
	out.Reset()
	sendersTable(&out, quiet, method{cycles: 2, block: 1})
	if !strings.Contains(out.String(), "so all count") || !strings.Contains(out.String(), "**2.00**") {
		t.Errorf("of a busy machine:\n%s", out.String())
	}
	var runs []*observed
	for i, p99 := range []float64{2.5, 0.25, 0.5} {
		runs = append(runs, &observed{
			scenario: scenario{name: "one"}, cost: turns(20 + float64(i))[0], rss: 3 << 20,
			summary: &schedule.Summary{Rate: 1000, Lag: schedule.Latency{P99: p99}},
		})
	}
	out.Reset()
	fullTable(&out, [][]*observed{runs}, 1<<20)
	halfTable(&out, [][]*observed{runs})
	for _, want := range []string{
		"medians of 3 runs", "| one | 21.0 [20.0–22.0] | 1,000 | 2.0 MB | 0 µs | 0 µs | 0 µs |\n", "| 0 µs | **500 µs** [250 µs–2.5 ms] | 0 µs |\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s\nlacks %s", out.String(), want)
		}
	}
}

func TestHoldUps(t *testing.T) {
	var out bytes.Buffer
	holdUps(20*time.Millisecond, &out)
	var often int
	var longest time.Duration
	if _, err := fmt.Fscan(&out, &often, &longest); err != nil || longest <= 0 || often > 0 != (longest >= time.Millisecond) {
		t.Errorf("%d, %v, %v; want a gap at least, however short, and those of a millisecond counted", often, longest, err)
	}
	before, after := heldUp{often: 5, longest: 2 * time.Millisecond, of: 10 * time.Second}, heldUp{often: 20, longest: 9 * time.Millisecond, of: 10 * time.Second}
	if text := after.tell(before); !strings.Contains(text, "0.5 times a second before these runs, for 2.0 ms at the longest, and 2.0 times a second after them, for 9.0 ms") {
		t.Error(text)
	}
}

func TestCurveFiles(t *testing.T) {
	dir := t.TempDir()
	all := []sample{{1000, 30 << 20}, {100_000, 31 << 20}, {1_000_000, 32 << 20}}
	if err := writeCurve(filepath.Join(dir, "new"), all); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "new", "memory.csv"))
	if want := "deliveries,rss_bytes\n1000,31457280\n100000,32505856\n1000000,33554432\n"; err != nil || string(text) != want {
		t.Errorf("%v\n%s; want %s", err, text, want)
	}
	picture, err := os.ReadFile(filepath.Join(dir, "new", "memory.svg"))
	if err != nil {
		t.Fatal(err)
	}
	d, points := xml.NewDecoder(bytes.NewReader(picture)), 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "polyline" {
			for _, a := range e.Attr {
				if a.Name.Local == "points" {
					points = len(strings.Fields(a.Value))
				}
			}
		}
	}
	if points != len(all) {
		t.Errorf("the line has %d points; want %d", points, len(all))
	}
	for most, want := range map[int64]int64{1: 1, 6: 1, 999_873: 200_000, 10_000_000: 2_000_000, 300: 50} {
		if got := roundStep(most); got != want {
			t.Errorf("roundStep(%d) = %d; want %d", most, got, want)
		}
	}
	if i := firstFrom(all, 50_000); i != 1 {
		t.Errorf("firstFrom = %d; want 1", i)
	}
}

// The whole of it with hookstone alone, a few short turns.
func TestSmoke(t *testing.T) {
	var out, log bytes.Buffer
	b := &bench{out: &out, log: &log, provider: "usmewe"}
	if _, _, err := twoCores(); err != nil {
		t.Skip(err)
	}
	t.Chdir("../..")
	err := b.within("", func() error {
		for _, certificate := range []string{"", b.certificate} {
			r, err := startReceiver(b.receiverCore, 0, certificate)
			if err != nil {
				return err
			}
			defer r.kill()
			m := method{turn: 20 * time.Millisecond, cycles: 4, block: 2, warmUp: 10 * time.Millisecond}
			all, err := alternate(r, b.programs, target{url: r.url, connections: 8, dir: b.dir, certificate: certificate}, m, b.senderCore, &log)
			if err != nil {
				return err
			}
			var sum turn
			for _, one := range all[0].turns {
				sum = sum.plus(one)
			}
			if len(all[0].turns) != 4 || sum.requests == 0 || sum.cpu <= 0 || all[0].rss <= 0 {
				t.Errorf("%d turns, %+v, %d bytes", len(all[0].turns), sum, all[0].rss)
			}
		}
		o, err := b.observe(scenario{name: "slow", connections: 4, delay: time.Millisecond}, 400*time.Millisecond, "200/s")
		if err == nil && (o.summary.Counts.Accepted == 0 || o.summary.Latency.P50 < 1) {
			t.Errorf("behind a receiver that takes 1 ms: %+v, %+v", o.summary.Counts, o.summary.Latency)
		}
		return err
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
}
