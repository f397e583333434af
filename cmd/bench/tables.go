//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/hookstone/hookstone/simulator/schedule"
)

// describe says when, on what and how was measured.
func (b *bench) describe(m method, found []*sender, skipped []string) {
	fmt.Fprintf(b.out, "%s, Linux %s, %s, %d cores, %s%s.\n\n", time.Now().UTC().Format("2 January 2006, 15:04 UTC"), kernel(), processor(), runtime.NumCPU(), runtime.Version(), versions(found))
	fmt.Fprintf(b.out, `The receiver has one core, the sender another. All senders of a table run from
its begin to its end over 64 connections, all but one of them stopped; each in turn goes on for
%v, %d times, in another order each time. Cost is processor time, user and system, over the
requests that the receiver counted. A ratio is the median of the turns' ratios to wrk's of the
same cycle, and in brackets the least and the greatest of blocks of %d cycles.
`, m.turn, m.cycles, m.block)
	if len(skipped) > 0 {
		fmt.Fprintf(b.out, "Not installed, and so skipped: %s.\n", strings.Join(skipped, ", "))
	}
}

func kernel() string {
	text, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return strings.TrimSpace(string(text))
}

func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	if _, after, ok := strings.Cut(string(text), "model name"); ok {
		line, _, _ := strings.Cut(after, "\n")
		return strings.Trim(line, "\t :")
	}
	return runtime.GOARCH
}

var number = regexp.MustCompile(`\d+\.\d+(\.\d+)?`)

// versions are those of the other programs, where they tell.
func versions(found []*sender) (text string) {
	asked := map[string]string{"wrk": "--version", "k6": "version"}
	for _, f := range found {
		if how := asked[f.name]; how != "" {
			out, _ := exec.Command(f.program, how).CombinedOutput() // wrk ends with 1
			text += ", " + f.name + " " + number.FindString(string(out))
		}
	}
	return text
}

// sendersTable compares the senders with wrk.
func sendersTable(out io.Writer, all []*measured, m method) {
	var base []turn
	for _, x := range all {
		if x.sender == wrk {
			base = x.turns
		}
	}
	good, note := quietEnough(all, base, m)
	fmt.Fprintf(out, "\n%s\n\n", note)
	fmt.Fprintln(out, "| sender | what it sends | µs / request | ratio to wrk | requests/s on one core | memory |")
	fmt.Fprintln(out, "| --- | --- | ---: | ---: | ---: | ---: |")
	for _, x := range all {
		c := compare(x.turns, base, good, m.block)
		fmt.Fprintf(out, "| %s | %s | %.1f | **%.2f** [%.2f–%.2f] | %s | %s |\n", x.name, x.sends, x.micros(good), c.median, c.low, c.high, thousands(x.rate(good)), megabytes(x.rss))
	}
}

// quietEnough chooses which turns count: those in which nobody else took the
// cores, or all where there are few of these.
func quietEnough(all []*measured, base []turn, m method) (func(turn) bool, string) {
	for _, x := range all {
		if n := compare(x.turns, base, turn.quiet, m.block).cycles; n < m.cycles/2 {
			return turn.sent, fmt.Sprintf("Threads of %[3]s waited for their core, for other programs or for each other, in all but %[2]d of %[1]d cycles, so all count.", m.cycles, n, x.name)
		}
	}
	return turn.quiet, "Turns in which other programs took more than a twentieth of a core do not count."
}

// fullTable tells of hookstone alone at full speed.
func fullTable(out io.Writer, runs []*observed, rest int64) {
	fmt.Fprintf(out, "\nAt full speed a delivery leaves as soon as one before it was answered. A process that sends one a second\ntakes %s; memory is the most that a run took beyond that.\n\n", megabytes(rest))
	fmt.Fprintln(out, "| at full speed | µs / delivery | deliveries/s | memory | latency p50 | p99 | p99.9 |")
	fmt.Fprintln(out, "| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, o := range runs {
		fmt.Fprintf(out, "| %s | %.1f | %s | %s | %s |\n", o.name, o.cost.micros(), thousands(o.summary.Rate), megabytes(max(0, o.rss-rest)), quantiles(o.summary.Latency))
	}
}

// halfTable tells of hookstone on a schedule.
func halfTable(out io.Writer, runs []*observed) {
	fmt.Fprint(out, "\nOn a schedule of half that rate latency counts from the intended time, and the error of the send time is\nhow much later a delivery left.\n\n")
	fmt.Fprintln(out, "| at half of that rate | µs / delivery | deliveries/s | latency p50 | p99 | p99.9 | send-time error p50 | p99 | p99.9 |")
	fmt.Fprintln(out, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, o := range runs {
		fmt.Fprintf(out, "| %s | %.1f | %s | %s | %s |\n", o.name, o.cost.micros(), thousands(o.summary.Rate), quantiles(o.summary.Latency), quantiles(o.summary.Lag))
	}
}

func quantiles(l schedule.Latency) string {
	return milliseconds(l.P50) + " | " + milliseconds(l.P99) + " | " + milliseconds(l.P999)
}

func milliseconds(ms float64) string {
	switch {
	case ms >= 100:
		return fmt.Sprintf("%.0f ms", ms)
	case ms >= 1:
		return fmt.Sprintf("%.1f ms", ms)
	}
	return fmt.Sprintf("%.0f µs", ms*1000)
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20)) }

// thousands is a whole number with commas.
func thousands(f float64) string {
	text := fmt.Sprintf("%.0f", f)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
