package schedule

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strconv"
	"testing"

	"github.com/hookstone/hookstone/simulator/journal"
)

// fixed is a server that reads requests by their length and answers them all
// alike, allocating nothing.
func fixed(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{\"ok\":true}")
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				in := bufio.NewReaderSize(c, 16<<10)
				for {
					length := 0
					for {
						line, err := in.ReadSlice('\n')
						if err != nil {
							return
						}
						if bytes.HasPrefix(line, []byte("Content-Length: ")) {
							length = number(line[16:])
						}
						if len(line) == 2 {
							break
						}
					}
					if _, err := in.Discard(length); err != nil {
						return
					}
					if _, err := c.Write(answer); err != nil {
						return
					}
				}
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/webhooks"
}

func number(b []byte) (n int) {
	for _, c := range b {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// flood sends n genuine deliveries at full speed, journalled, and tells what
// the run allocated.
func flood(t testing.TB, n int) (mallocs, bytes uint64) {
	mallocs, bytes, _ = flooded(t, n, "max")
	return mallocs, bytes
}

// flooded sends at a rate, and tells as well what the engine holds at its end.
func flooded(t testing.TB, n int, rate string) (mallocs, bytes uint64, held int64) {
	var engine *Engine
	p := provider(t, "sharmo-timestamped")
	c := configFor(t, p, scenario(t, "phases: [{name: all, deliveries: "+strconv.Itoa(n)+", rate: "+rate+"}]"), fixed(t))
	c.Pinned, c.Concurrency = false, 64
	c.Journal = journal.NewWriter(io.Discard, journal.Options{})
	c.Progress = func(e *Engine) { engine = e }
	var before, after, kept runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s, err := Run(context.Background(), c)
	runtime.ReadMemStats(&after)
	if err != nil || s.Counts.Accepted != uint64(n) {
		t.Fatalf("%v, %+v", err, s)
	}
	runtime.GC()
	runtime.ReadMemStats(&kept)
	runtime.KeepAlive(engine)
	return after.Mallocs - before.Mallocs, after.TotalAlloc - before.TotalAlloc, int64(kept.HeapAlloc) - int64(before.HeapAlloc)
}

// A delivery that goes well allocates nothing from its drawing to its record:
// eleven times the deliveries allocate what the run itself does.
func TestHotPathAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for _, rate := range []string{"max", "40000/s"} {
		flooded(t, 2000, rate)
		few, _, _ := flooded(t, 4000, rate)
		many, bytes, _ := flooded(t, 44_000, rate)
		// Buffers grow now and then, and the runtime's own goroutines allocate.
		if per := float64(many-min(few, many)) / 40000; per > 0.2 {
			t.Errorf("%s: %.3f allocations a delivery (%d for 4,000, %d for 44,000; %d bytes); want 0", rate, per, few, many, bytes)
		}
	}
}

// What a run holds does not grow with its deliveries.
func TestMemoryIsFlat(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector keeps memory of its own")
	}
	flood(t, 1000)
	_, _, few := flooded(t, 2000, "max")
	_, _, many := flooded(t, 32_000, "max")
	if many > few+4<<20 || many > 16<<20 {
		t.Errorf("holds %d kB after 2,000 deliveries, %d kB after 32,000", few>>10, many>>10)
	}
}

// BenchmarkRun is a whole run at full speed, journalled, in one process with a
// server of fixed answers, whose cost is in the figure.
func BenchmarkRun(b *testing.B) {
	b.ReportAllocs()
	flood(b, max(b.N, 64))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
}

func ExampleParseThreshold() {
	t, err := ParseThreshold("genuine.p99 > 3s")
	fmt.Println(t.Text, err)
	_, err = ParseThreshold("speed > 3")
	fmt.Println(err != nil)
	// Output:
	// genuine.p99 > 3s <nil>
	// true
}
