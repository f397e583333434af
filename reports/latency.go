package reports

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/simulator"
)

// The chart is drawn on a plane of these units; the page scales it.
const (
	chartWidth  = 380.0
	chartTop    = 34.0 // room for the percentiles' names
	chartFloor  = 112.0
	chartHeight = 132.0
	chartLeft   = 6.0
	chartBins   = 36
)

// chart is an answer-time axis, logarithmic in milliseconds.
type chart struct {
	low, high float64 // powers of ten
	b         strings.Builder
}

func (c *chart) x(ms float64) float64 {
	f := (math.Log10(max(ms, 1e-6)) - c.low) / (c.high - c.low)
	return chartLeft + min(max(f, 0), 1)*(chartWidth-2*chartLeft)
}

// latencyChart draws the answer times of genuine deliveries as a histogram
// with percentiles and, where the run tells it, the deadline. It is empty
// where nothing was answered.
func latencyChart(r *conformance.Result) template.HTML {
	l := r.Latency
	if l.Max <= 0 {
		return ""
	}
	times := answerTimes(r)
	deadline := factOf(r, "deadline_ms")
	low, high := l.P50, max(l.Max, deadline)
	if len(times) > 0 {
		low, high = min(low, times[0]), max(high, times[len(times)-1])
	}
	// Below a tenth of a millisecond nothing is worth telling apart.
	c := &chart{low: math.Floor(math.Log10(max(low, 0.1))), high: math.Ceil(math.Log10(max(high, 0.1)) + 0.05)}
	c.high = max(c.high, c.low+1)
	said := fmt.Sprintf("median %s, 90th percentile %s, 99th %s, longest %s", duration(l.P50), duration(l.P90), duration(l.P99), duration(l.Max))
	if deadline > 0 {
		said += ", deadline " + duration(deadline)
	}
	fmt.Fprintf(&c.b, `<svg class="chart" viewBox="0 0 %.0f %.0f" role="img" aria-label="Answer times: %s">`, chartWidth, chartHeight, said)
	c.histogram(times)
	c.axis()
	c.percentiles([]quantile{{"p50", l.P50}, {"p90", l.P90}, {"p99", l.P99}, {"max", l.Max}})
	if deadline > 0 {
		c.deadline(deadline)
	}
	c.b.WriteString(`</svg>`)
	return template.HTML(c.b.String()) // numbers and our own words only
}

func (c *chart) histogram(times []float64) {
	if len(times) == 0 {
		return
	}
	bins := make([]int, chartBins)
	for _, ms := range times {
		f := (c.x(ms) - chartLeft) / (chartWidth - 2*chartLeft)
		bins[min(int(f*chartBins), chartBins-1)]++
	}
	top := float64(slices.Max(bins))
	w := (chartWidth - 2*chartLeft) / chartBins
	for i, n := range bins {
		if n > 0 {
			h := max(2, (chartFloor-chartTop-8)*float64(n)/top)
			fmt.Fprintf(&c.b, `<rect class="h" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="1"/>`, chartLeft+w*float64(i)+0.5, chartFloor-h, w-1, h)
		}
	}
}

func (c *chart) axis() {
	fmt.Fprintf(&c.b, `<path class="axis" d="M%.0f %.0fH%.0f"/>`, chartLeft, chartFloor, chartWidth-chartLeft)
	for p := c.low; p <= c.high; p++ {
		x, anchor := c.x(math.Pow(10, p)), "middle"
		switch p {
		case c.low:
			anchor = "start"
		case c.high:
			anchor = "end"
		}
		fmt.Fprintf(&c.b, `<path class="axis" d="M%.1f %.0fv4"/><text x="%.1f" y="%.0f" text-anchor="%s">%s</text>`, x, chartFloor, x, chartFloor+16, anchor, strings.ReplaceAll(duration(math.Pow(10, p)), ".0 ", " "))
	}
}

type quantile struct {
	name string
	ms   float64
}

// percentiles draws the lines and their names, the name a row lower where it
// would run into the one before.
func (c *chart) percentiles(all []quantile) {
	free := []float64{-1, -1, -1} // where each row ends
	for _, q := range all {
		x := c.x(q.ms)
		w := 24.0
		left := min(max(x-w/2, 0), chartWidth-w)
		row := 0
		for row < len(free)-1 && left < free[row] {
			row++
		}
		free[row] = left + w
		y := 9 + 10*float64(row)
		fmt.Fprintf(&c.b, `<path class="q" d="M%.1f %.0fV%.0f"/><text class="qt" x="%.1f" y="%.0f" text-anchor="middle">%s</text>`, x, y+3, chartFloor, left+w/2, y, q.name)
	}
}

func (c *chart) deadline(ms float64) {
	x, anchor, dx := c.x(ms), "end", -4.0
	if x < chartWidth/3 {
		anchor, dx = "start", 4
	}
	fmt.Fprintf(&c.b, `<path class="dl" d="M%.1f 4V%.0f"/><text class="dt" x="%.1f" y="46" text-anchor="%s">deadline %s</text>`, x, chartFloor, x+dx, anchor, duration(ms))
}

// answerTimes are the answer times of complete answers to genuine deliveries,
// sorted.
func answerTimes(r *conformance.Result) []float64 {
	var times []float64
	for _, c := range r.Results {
		for _, a := range c.Attempts {
			if a.Class == simulator.Genuine && a.Answer != nil && a.Phases.Answer > 0 {
				times = append(times, a.Phases.Answer)
			}
		}
	}
	slices.Sort(times)
	return times
}

// factOf is the first number of that name among the cases' facts, 0 where
// there is none.
func factOf(r *conformance.Result, name string) float64 {
	for _, c := range r.Results {
		switch n := c.Facts[name].(type) {
		case float64:
			return n
		case int:
			return float64(n)
		case int64:
			return float64(n)
		}
	}
	return 0
}
