package main

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/schedule"
)

func jsonText(v any) ([]byte, error) { return json.Marshal(v) }

const (
	viewRows   = 24                     // of the smallest terminal
	viewEvery  = 200 * time.Millisecond // on a terminal
	plainEvery = 5 * time.Second        // in a pipe
)

// simulationView shows how a run stands: drawn again and again on a terminal,
// a plain line now and then elsewhere.
type simulationView struct {
	c     *console
	s     *schedule.Scenario
	quit  chan struct{}
	ended sync.WaitGroup
	once  sync.Once
	drawn int // lines on the terminal
}

func newSimulationView(c *console, s *schedule.Scenario) *simulationView {
	return &simulationView{c: c, s: s, quit: make(chan struct{})}
}

// follow begins to show a run.
func (v *simulationView) follow(snapshot func() schedule.Snapshot) {
	if v.c.quiet {
		return
	}
	every := plainEvery
	if v.c.live() {
		every = viewEvery
	}
	v.ended.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-v.quit:
				v.clear()
				return
			case <-tick.C:
				if v.c.live() {
					v.draw(liveLines(snapshot(), v.s, v.c.width()-1))
				} else {
					v.c.note("%s", plainLine(snapshot()))
				}
			}
		}
	})
}

// stop ends the view and takes it away.
func (v *simulationView) stop() {
	v.once.Do(func() { close(v.quit) })
	v.ended.Wait()
}

func (v *simulationView) clear() {
	if v.drawn > 0 {
		fmt.Fprintf(v.c.stderr, "\x1b[%dA\x1b[J", v.drawn)
		v.drawn = 0
	}
}

// draw writes the lines over those drawn before.
func (v *simulationView) draw(lines []string) {
	var b strings.Builder
	if v.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", v.drawn)
	}
	for _, line := range lines {
		b.WriteString(line + "\x1b[K\n")
	}
	b.WriteString("\x1b[J")
	fmt.Fprint(v.c.stderr, b.String())
	v.drawn = len(lines)
}

// plainLine is a run in one line.
func plainLine(s schedule.Snapshot) string {
	return fmt.Sprintf("%s %s: %d sent, %.0f/s, %d in flight, %d %s, %d unexpected, p99 %s",
		s.Elapsed.Round(time.Second), phaseWord(s), s.Counts.Sent, s.Rate, s.InFlight,
		s.Retries, plural(s.Retries, "retry waits", "retries wait"), s.Counts.Unexpected, latencyWord(s.Latency.P99))
}

func phaseWord(s schedule.Snapshot) string {
	if s.Waiting {
		return "catching up"
	}
	return s.Phase
}

// liveLines are the live view, within 80 columns and 24 rows.
func liveLines(s schedule.Snapshot, scenario *schedule.Scenario, width int) []string {
	lines := []string{
		fmt.Sprintf("%s  %s  %s of %s", scenario.Name, phaseWord(s), s.Elapsed.Round(time.Second), lengthWord(scenario)),
		"",
		fmt.Sprintf("rate %8.0f/s   in flight %5d   retries waiting %6d   given up %5d", s.Rate, s.InFlight, s.Retries, s.GaveUp),
		sparkline(s.Rates, width),
		"",
		"class            sent    accepted     refused     trouble  unexpected",
	}
	row := func(name string, c schedule.Tallied) string {
		trouble := c.Failed + c.Limited + c.Late + c.Unanswered
		return fmt.Sprintf("%-11s%10d  %10d  %10d  %10d  %10d", name, c.Sent, c.Accepted, c.Refused, trouble, c.Unexpected)
	}
	for _, c := range s.Classes {
		lines = append(lines, row(string(c.Class), c.Tallied))
	}
	lines = append(lines, row("all", s.Counts), "",
		fmt.Sprintf("latency  p50 %s  p90 %s  p99 %s  p99.9 %s  max %s", latencyWord(s.Latency.P50), latencyWord(s.Latency.P90),
			latencyWord(s.Latency.P99), latencyWord(s.Latency.P999), latencyWord(s.Latency.Max)))
	if s.Journal.Dropped > 0 {
		lines = append(lines, fmt.Sprintf("journal  %d records, %d left out", s.Journal.Written, s.Journal.Dropped))
	}
	lines = append(lines, "", "Ctrl-C ends the run with a report.")
	for i := range lines {
		lines[i] = clip(lines[i], width)
	}
	return lines[:min(len(lines), viewRows-1)]
}

func lengthWord(s *schedule.Scenario) string {
	if length := s.Length(); length > 0 {
		return length.Round(time.Second).String()
	}
	return "as long as it takes"
}

func latencyWord(ms float64) string {
	switch {
	case ms >= 10_000:
		return fmt.Sprintf("%.1fs", ms/1000)
	case ms >= 10:
		return fmt.Sprintf("%.0fms", ms)
	}
	return fmt.Sprintf("%.2fms", ms)
}

// sparkline draws the latest values, the greatest as a full block.
func sparkline(values []float64, width int) string {
	const bars = "▁▂▃▄▅▆▇█"
	if len(values) > width {
		values = values[len(values)-width:]
	}
	top := 0.0
	for _, v := range values {
		top = max(top, v)
	}
	runes := []rune(bars)
	var b strings.Builder
	for _, v := range values {
		i := 0
		if top > 0 {
			i = int(math.Round(v / top * float64(len(runes)-1)))
		}
		b.WriteRune(runes[i])
	}
	return b.String()
}

// simulationLines are the summary for people.
func simulationLines(c *console, s *schedule.Summary) []string {
	how := map[string]colour{schedule.Conformant: green, schedule.Nonconformant: red}[s.Outcome]
	if how == "" {
		how = bold
	}
	lines := []string{
		fmt.Sprintf("%s  %s, %d attempts in %.1f s%s", c.paint(how, s.Outcome), s.Scenario.Name, s.Counts.Sent, s.Run.Seconds, shareWord(s.Run)),
		"",
		"class            sent    accepted     refused     trouble  unexpected       p99",
	}
	for _, k := range s.Classes {
		if k.Sent > 0 {
			trouble := k.Failed + k.Limited + k.Late + k.Unanswered + k.Interrupted
			lines = append(lines, fmt.Sprintf("%-11s%10d  %10d  %10d  %10d  %10d  %8s", k.Class, k.Sent, k.Accepted, k.Refused, trouble, k.Unexpected, latencyWord(k.Latency.P99)))
		}
	}
	lines = append(lines, "")
	tell := func(format string, args ...any) {
		lines = append(lines, wrapText(printable(fmt.Sprintf(format, args...), false), columns-2, 2)...)
	}
	tell("latency from the intended start: p50 %s, p90 %s, p99 %s, max %s", latencyWord(s.Latency.P50), latencyWord(s.Latency.P90), latencyWord(s.Latency.P99), latencyWord(s.Latency.Max))
	if e := s.Effects; e != nil && e.Error == "" {
		tell("effects: %d events, %d applied, %d lost, %d doubled, %d forged or stale applied", e.Events, e.Applied, e.Lost, e.Doubled, e.ForgedApplied+e.StaleApplied)
	}
	if s.Retries.Enabled && (s.Retries.GaveUp > 0 || s.Retries.Waiting > 0) {
		tell("retries: %d given up, %d waiting", s.Retries.GaveUp, s.Retries.Waiting)
	}
	for _, g := range firstFew(s.Retries.GiveUps) {
		tell("given up: %s %s after %d tries, the last %s", g.Event, g.EventID, g.Tries, g.Last)
	}
	if s.Outcome != schedule.Conformant {
		lines = append(lines, "")
	}
	for _, reason := range s.Reasons {
		tell("- %s", reason)
	}
	for _, o := range firstFew(s.Unexpected) {
		words := []string{string(o.Class), o.Event, o.EventID}
		if o.Fault != "" {
			words = append(words, "("+o.Fault+")")
		}
		if o.Status != 0 {
			words = append(words, fmt.Sprint("status ", o.Status))
		}
		tell("  attempt %s: %s: %s", o.ID, strings.Join(words, " "), o.Outcome)
	}
	if s.Effects != nil {
		for _, example := range firstFew(s.Effects.Examples) {
			tell("  %s", example)
		}
	}
	for _, note := range s.Notes {
		tell("note: %s", note)
	}
	return lines
}

// shareWord tells of the partitions of a run.
func shareWord(r schedule.RunInfo) string {
	switch {
	case !r.Partition.Whole():
		return ", partition " + r.Partition.String()
	case r.Merged > 0:
		return fmt.Sprintf(", %d %s", r.Merged, plural(r.Merged, "partition", "partitions"))
	}
	return ""
}

func firstFew[T any](all []T) []T { return all[:min(len(all), 3)] }

// dryRun tells what would be sent.
func dryRun(c *console, f *simulateFlags, p *schemas.Provider, this *ran) error {
	if err := f.checkWorkers(this.Workers); this.Workers > 1 && err != nil {
		return err
	}
	var out *schedule.Plan
	for i := range max(this.Workers, 1) {
		part := this.Partition
		if this.Workers > 1 {
			part = schedule.Partition{Index: i, Count: this.Workers}
		}
		plan, err := schedule.Preview(schedule.Config{
			Provider: p, Secret: []byte("dry-run-secret"), NextSecret: []byte("dry-run-next-secret"), Scenario: this.Scenario,
			Seed: this.Seed, RunID: this.RunID, Start: this.Start, Pinned: true, Partition: part,
		})
		if err != nil {
			return usage(err, "")
		}
		if out == nil {
			out = plan
		} else {
			out.Add(plan)
		}
	}
	if c.json {
		return c.machine(out)
	}
	c.say("%s: %d deliveries in %s, nothing was sent", this.Scenario.Name, out.Deliveries, lengthWord(this.Scenario))
	for _, phase := range out.Phases {
		c.say("")
		c.say("%s  %s, rate %s, %d deliveries", phase.Name, phase.Begins.Round(time.Millisecond), phase.Rate, phase.Deliveries)
		for _, class := range schedule.Classes {
			if n := phase.Classes[class]; n > 0 {
				c.say("  %-12s%8d", class, n)
			}
		}
	}
	c.say("")
	c.say("events, genuine ones by type")
	for _, e := range out.Events {
		c.say("  %-40s%8d", clip(e.Type, 40), e.Count)
	}
	c.note("seed %d, run %s", this.Seed, this.RunID)
	return nil
}
