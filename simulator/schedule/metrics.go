package schedule

import (
	"bufio"
	"fmt"
	"io"
)

// WriteMetrics writes a snapshot in the Prometheus text format, version 0.0.4.
func WriteMetrics(out io.Writer, s Snapshot) error {
	w := bufio.NewWriter(out)
	head := func(name, kind, help string) {
		fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
	}
	one := func(name, kind, help string, value any) {
		head(name, kind, help)
		fmt.Fprintf(w, "%s %v\n", name, value)
	}
	head("hookstone_attempts_total", "counter", "Delivery attempts by class and outcome.")
	for _, c := range s.Classes {
		for _, o := range []struct {
			name string
			n    uint64
		}{
			{"accepted", c.Accepted}, {"refused", c.Refused}, {"limited", c.Limited}, {"failed", c.Failed},
			{"late", c.Late}, {"unanswered", c.Unanswered}, {"interrupted", c.Interrupted},
		} {
			fmt.Fprintf(w, "hookstone_attempts_total{class=%q,outcome=%q} %d\n", c.Class, o.name, o.n)
		}
	}
	head("hookstone_unexpected_total", "counter", "Attempts whose outcome was not what it should have been, by class.")
	for _, c := range s.Classes {
		fmt.Fprintf(w, "hookstone_unexpected_total{class=%q} %d\n", c.Class, c.Unexpected)
	}
	head("hookstone_latency_seconds", "summary", "From the intended start of an attempt to the last byte of its answer.")
	for _, q := range []struct {
		name string
		ms   float64
	}{{"0.5", s.Latency.P50}, {"0.9", s.Latency.P90}, {"0.99", s.Latency.P99}, {"0.999", s.Latency.P999}} {
		fmt.Fprintf(w, "hookstone_latency_seconds{quantile=%q} %g\n", q.name, q.ms/1000)
	}
	fmt.Fprintf(w, "hookstone_latency_seconds_sum %g\nhookstone_latency_seconds_count %d\n", s.Sum, s.Latency.Count)
	one("hookstone_in_flight", "gauge", "Attempts under way.", s.InFlight)
	one("hookstone_retries_waiting", "gauge", "Deliveries that wait for a retry.", s.Retries)
	one("hookstone_given_up_total", "counter", "Deliveries given up after all retries.", s.GaveUp)
	one("hookstone_connections", "gauge", "Workers with a connection of their own.", s.Workers)
	one("hookstone_journal_written_total", "counter", "Records that the journal holds.", s.Journal.Written)
	one("hookstone_journal_dropped_total", "counter", "Records that the journal had no room for.", s.Journal.Dropped)
	return w.Flush()
}
