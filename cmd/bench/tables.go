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

// fullTable tells of hookstone alone at full speed. Of each scenario there are
// several runs.
func fullTable(out io.Writer, scenarios [][]*observed, rest int64) {
	fmt.Fprintf(out, "\nAt full speed a delivery leaves as soon as one before it was answered. A process that sends one a second\ntakes %s; memory is the most that a run took beyond that. %s\n\n", megabytes(rest), ofRuns(scenarios))
	fmt.Fprintln(out, "| at full speed | µs / delivery | deliveries/s | memory | latency p50 | p99 | p99.9 |")
	fmt.Fprintln(out, "| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, runs := range scenarios {
		memory := middle(runs, func(o *observed) float64 { return float64(max(0, o.rss-rest)) })
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s |\n", runs[0].name, micros(runs), thousands(rate(runs)), megabytes(int64(memory.median)), quantiles(latency(runs)))
	}
}

// halfTable tells of hookstone on a schedule.
func halfTable(out io.Writer, scenarios [][]*observed) {
	fmt.Fprint(out, "\nOn a schedule of half the rate that the run before it reached, latency counts from the intended time, and the\nerror of the send time is how much later a delivery left.\n\n")
	fmt.Fprintln(out, "| at half of that rate | µs / delivery | deliveries/s | latency p50 | p99 | p99.9 | send-time error p50 | p99 | p99.9 |")
	fmt.Fprintln(out, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
	for _, runs := range scenarios {
		l, e := latency(runs), lag(runs)
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s | **%s** [%s–%s] | %s |\n", runs[0].name, micros(runs), thousands(rate(runs)), quantiles(l),
			milliseconds(e[0].median), milliseconds(e[1].median), milliseconds(e[1].low), milliseconds(e[1].high), milliseconds(e[2].median))
	}
}

func ofRuns(scenarios [][]*observed) string {
	if len(scenarios) == 0 || len(scenarios[0]) < 2 {
		return "Each figure is of one run."
	}
	return fmt.Sprintf("Figures are medians of %d runs, and in brackets\nthe least and the greatest.", len(scenarios[0]))
}

func micros(runs []*observed) string {
	m := middle(runs, func(o *observed) float64 { return o.cost.micros() })
	return fmt.Sprintf("%.1f [%.1f–%.1f]", m.median, m.low, m.high)
}

func rate(runs []*observed) float64 {
	return middle(runs, func(o *observed) float64 { return o.summary.Rate }).median
}

// three are p50, p99 and p99.9.
type three [3]ratio

func latency(runs []*observed) three {
	return threeOf(runs, func(o *observed) *schedule.Latency { return &o.summary.Latency })
}

func lag(runs []*observed) three {
	return threeOf(runs, func(o *observed) *schedule.Latency { return &o.summary.Lag })
}

func threeOf(runs []*observed, of func(*observed) *schedule.Latency) three {
	return three{
		middle(runs, func(o *observed) float64 { return of(o).P50 }),
		middle(runs, func(o *observed) float64 { return of(o).P99 }),
		middle(runs, func(o *observed) float64 { return of(o).P999 }),
	}
}

func quantiles(t three) string {
	return milliseconds(t[0].median) + " | " + milliseconds(t[1].median) + " | " + milliseconds(t[2].median)
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
