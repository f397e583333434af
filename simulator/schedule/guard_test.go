//go:build unix

package schedule

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hookstone/hookstone/simulator/journal"
)

// cpuTime is the processor time that this process has used: other programs do
// not count.
func cpuTime(t testing.TB) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// ordinary sends n deliveries as one would write it: a map, encoding/json, a
// new HMAC each time, and net/http.
func ordinary(t testing.TB, target string, n int) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for i := range n / 64 {
				body, err := json.Marshal(map[string]any{
					"id": fmt.Sprintf("evt_%d", i), "type": "payment.succeeded", "created": time.Now().Unix(),
					"data": map[string]any{"amount": 1234.56, "currency": "EUR", "customer": map[string]any{"name": "A. Customer", "email": "a@example.com"}},
				})
				if err != nil {
					t.Error(err)
					return
				}
				mac := hmac.New(sha256.New, []byte(secret))
				fmt.Fprintf(mac, "%d.%s", time.Now().Unix(), body)
				request, err := http.NewRequest("POST", target, bytes.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				request.Header.Set("Content-Type", "application/json")
				request.Header.Set("Webhook-Signature", hex.EncodeToString(mac.Sum(nil)))
				answer, err := client.Do(request)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
			}
		})
	}
	all.Wait()
}

// ours sends n deliveries with the engine and tells what they took, apart from
// what the run itself does, such as compiling the contract.
func ours(t testing.TB, target string, n int) time.Duration {
	t.Helper()
	var began time.Duration
	c := configFor(t, provider(t, "sharmo-timestamped"), scenario(t, "phases: [{name: all, deliveries: "+strconv.Itoa(n)+", rate: max}]"), target)
	c.Pinned, c.Concurrency = false, 64
	c.Journal = journal.NewWriter(io.Discard, journal.Options{})
	c.Progress = func(*Engine) { began = cpuTime(t) }
	s, err := Run(context.Background(), c)
	took := cpuTime(t) - began
	if err != nil || s.Counts.Accepted != uint64(n) {
		t.Fatalf("%v, %+v", err, s)
	}
	return took
}

// A delivery costs at most three quarters of what the ordinary way costs, with
// the server's part in both: it is about a half. What is measured is
// processor time, and compared in turns, so that a busy machine hits both.
// The benchmark proper is cmd/bench: this guards against losing the fast way.
func TestFastWayIsFast(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector slows the two unequally")
	}
	const n = 64 * 100
	target := fixed(t)
	var ratios []float64
	for range 5 {
		fast := ours(t, target, n)
		began := cpuTime(t)
		ordinary(t, target, n)
		ordinarily := cpuTime(t) - began
		ratios = append(ratios, float64(fast)/float64(ordinarily))
		t.Logf("a delivery takes %v of processor time, the ordinary way %v", fast/n, ordinarily/n)
	}
	slices.Sort(ratios)
	if median := ratios[len(ratios)/2]; median > 0.75 {
		t.Errorf("a delivery takes %.2f of the processor time of the ordinary way", median)
	}
}
