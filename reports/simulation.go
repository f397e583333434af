package reports

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hookstone/hookstone/simulator/schedule"
)

var (
	//go:embed page/simulation.tmpl
	simulationTemplate string
	//go:embed page/simulation.css
	simulationStyle string
)

var simulationPage = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("simulation").Funcs(template.FuncMap{
		"v":     func(s any) template.HTML { return inline(fmt.Sprint(s)) },
		"n":     grouped,
		"ms":    milliseconds,
		"when":  func(t time.Time) string { return when(t) },
		"times": func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) },
	}).Parse(simulationTemplate))
})

// simulationView is what the page's template is given.
type simulationView struct {
	*schedule.Summary
	Style  template.CSS
	Policy string
	Charts []timeChart
	Lead   string
	Length string
}

// SimulationHTML writes a simulation's summary as a self-contained page
// without any script: verdict, classes, phases, and latency and rate over time
// as drawings.
func SimulationHTML(w io.Writer, s *schedule.Summary) error {
	view := simulationView{
		Summary: s, Style: template.CSS(pageStyle + simulationStyle), Policy: simulationPolicy(),
		Charts: simulationCharts(s), Length: time.Duration(s.Run.Seconds * 1e9).Round(100 * time.Millisecond).String(),
	}
	view.Lead = map[string]string{
		schedule.Conformant:    "Every delivery had the outcome that it should have had.",
		schedule.Nonconformant: "Not every delivery had the outcome that it should have had.",
		schedule.Partial:       "Nothing wrong was seen, but not everything could be judged.",
	}[s.Outcome]
	if err := simulationPage().Execute(w, view); err != nil {
		return fmt.Errorf("html page of the simulation: %w", err)
	}
	return nil
}

// simulationPolicy allows the page's own style by its hash, and nothing else.
func simulationPolicy() string {
	sum := sha256.Sum256([]byte(pageStyle + simulationStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}

// timeChart is a drawing over the run's time.
type timeChart struct {
	Title, Summary string
	SVG            template.HTML
}

// line is a series of a timeChart.
type line struct {
	name, color string
	at          func(schedule.Point) float64
}

func simulationCharts(s *schedule.Summary) []timeChart {
	if len(s.Series) == 0 {
		return nil
	}
	perSecond := func(n uint64, p schedule.Point) float64 {
		if p.Length == 0 {
			return 0
		}
		return float64(n) / p.Length
	}
	rate := []line{
		{"due", "var(--none-fill)", func(p schedule.Point) float64 { return perSecond(p.Intended, p) }},
		{"answered or failed", "var(--link)", func(p schedule.Point) float64 { return perSecond(p.Sent, p) }},
		{"in trouble", "var(--open-fill)", func(p schedule.Point) float64 { return perSecond(p.Troubled, p) }},
		{"unexpected", "var(--failed-fill)", func(p schedule.Point) float64 { return perSecond(p.Unexpected, p) }},
	}
	latency := []line{
		{"p50", "var(--passed-fill)", func(p schedule.Point) float64 { return p.P50 }},
		{"p99", "var(--open-fill)", func(p schedule.Point) float64 { return p.P99 }},
		{"max", "var(--failed-fill)", func(p schedule.Point) float64 { return p.Max }},
	}
	return []timeChart{
		drawn("Rate", "attempts a second", s.Series, rate),
		drawn("Latency from the intended start", "milliseconds", s.Series, latency),
	}
}

// Measures of a drawing, in its own units.
const (
	canvasWidth, canvasHeight          = 1080.0, 240.0
	canvasLeft, canvasTop, canvasFloor = 70.0, 12.0, 205.0
)

// drawn draws lines over time.
func drawn(title, unit string, series []schedule.Point, lines []line) timeChart {
	end, top := 0.0, 0.0
	for _, p := range series {
		end = max(end, p.At+p.Length)
		for _, l := range lines {
			top = max(top, l.at(p))
		}
	}
	step := niceStep(top)
	top = max(math.Ceil(top/step)*step, step)
	x := func(at float64) float64 { return canvasLeft + at/end*(canvasWidth-canvasLeft-10) }
	y := func(v float64) float64 { return canvasFloor - v/top*(canvasFloor-canvasTop) }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s over time, in %s" font-size="12" fill="currentColor">`, canvasWidth, canvasHeight, title, unit)
	for v := 0.0; v <= top*1.0001; v += step {
		fmt.Fprintf(&b, `<path d="M%.1f %.1fH%.1f" stroke="var(--line)"/><text x="%.1f" y="%.1f" text-anchor="end" fill="var(--soft)">%s</text>`,
			canvasLeft, y(v), canvasWidth-10, canvasLeft-8, y(v)+4, strconv.FormatFloat(v, 'f', -1, 64))
	}
	for i := range 6 {
		at := end * float64(i) / 5
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="middle" fill="var(--soft)">%s</text>`, x(at), canvasFloor+18, clock(at))
	}
	var told []string
	for i, l := range lines {
		fmt.Fprintf(&b, `<path fill="none" stroke="%s" stroke-width="1.6" stroke-linejoin="round" d="`, l.color)
		most := 0.0
		for j, p := range series {
			v := l.at(p)
			most = max(most, v)
			command := "L"
			if j == 0 {
				command = "M"
			}
			// A stretch of time is drawn as wide as it is.
			fmt.Fprintf(&b, "%s%.1f %.1fH%.1f", command, x(p.At), y(v), x(p.At+p.Length))
		}
		fmt.Fprintf(&b, `"/><text x="%.1f" y="%.1f" fill="%s">■</text><text x="%.1f" y="%.1f">%s</text>`,
			canvasLeft+float64(i)*170, canvasHeight-3, l.color, canvasLeft+16+float64(i)*170, canvasHeight-3, l.name)
		told = append(told, fmt.Sprintf("%s at most %s", l.name, strconv.FormatFloat(math.Round(most*10)/10, 'f', -1, 64)))
	}
	b.WriteString("</svg>")
	// Numbers and words of ours alone stand in it.
	return timeChart{Title: title + ", in " + unit, Summary: strings.Join(told, ", "), SVG: template.HTML(b.String())}
}

// niceStep is 1, 2 or 5 times a power of ten, so that about five fit.
func niceStep(top float64) float64 {
	if top <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(top/5)))
	for _, f := range []float64{1, 2, 5, 10} {
		if top/(f*power) <= 5 {
			return f * power
		}
	}
	return 10 * power
}

func clock(seconds float64) string {
	if seconds < 10 {
		return strconv.FormatFloat(math.Round(seconds*10)/10, 'f', -1, 64) + " s"
	}
	return time.Duration(math.Round(seconds) * 1e9).String()
}

// grouped writes a number with thin groups of three digits.
func grouped(n uint64) string {
	text := strconv.FormatUint(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "\u2009" + text[i:]
	}
	return text
}

func milliseconds(f float64) string {
	switch {
	case f == 0:
		return "–"
	case f < 10:
		return strconv.FormatFloat(f, 'f', 2, 64)
	case f < 100:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return strconv.FormatFloat(f, 'f', 0, 64)
}
