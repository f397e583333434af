package reports

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/schedule"
)

func simulationSample() *schedule.Summary {
	s := &schedule.Summary{
		Run:      schedule.RunInfo{ID: "run-1", Seed: 7, Provider: "p<script>", Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Seconds: 3},
		Scenario: &schedule.Scenario{Name: "rush", Phases: []schedule.Phase{{Name: "a"}, {Name: "b"}}}, Target: "http://127.0.0.1/<x>", Outcome: schedule.Nonconformant,
		Reasons: []string{"1 delivery that was forged was accepted"}, Notes: []string{"a note"}, Counts: schedule.Tallied{Sent: 1234567, Unexpected: 1},
		Thresholds: []schedule.ThresholdResult{{Text: "p99 > 3s", Value: "12ms"}, {Text: "lost > 0", Value: "2", Crossed: true}},
		Unexpected: []schedule.Odd{{ID: "5.1", Class: simulator.Forged, Event: "t", EventID: "<i>", Outcome: "accepted", Status: 200}},
		Effects:    &schedule.Effects{Events: 3, Applied: 2, Lost: 1, Examples: []string{"evt_1 was lost"}},
	}
	for _, c := range schedule.Classes {
		s.Classes = append(s.Classes, schedule.ClassSummary{Class: c, Tallied: schedule.Tallied{Sent: 5, Accepted: 4, Unexpected: 1}, Latency: schedule.Latency{Count: 4, P50: 1.25, P99: 12.5, Max: 250}})
	}
	s.Phases = []schedule.PhaseSummary{{Name: "a", Classes: s.Classes[:1]}, {Name: "b", Classes: s.Classes[:2]}}
	for i := range 3 {
		s.Series = append(s.Series, schedule.Point{At: float64(i), Length: 1, Intended: 100, Sent: uint64(90 + i), Troubled: 3, Unexpected: 1, P50: 1, P99: 10, Max: 47})
	}
	return s
}

func TestSimulationPage(t *testing.T) {
	var out, again bytes.Buffer
	s := simulationSample()
	if err := SimulationHTML(&out, s); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, want := range []string{
		"<h1>nonconformant</h1>", "1 delivery that was forged was accepted", "1\u2009234\u2009567", "Phase a", "evt_1 was lost",
		"<svg viewBox", "attempts a second", "Latency from the intended start", ">p99<", "12.5", "lost &gt; 0",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	style := page[strings.Index(page, "<style>")+len("<style>") : strings.Index(page, "</style>")]
	sum := sha256.Sum256([]byte(style))
	if !strings.Contains(page, template.HTMLEscapeString("'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")) {
		t.Error("the page's policy does not allow its style")
	}
	for _, never := range []string{"<script", "<i>", "/<x>", "http-equiv=\"refresh\"", "NaN", "Inf", "ZgotmplZ"} {
		if strings.Contains(page, never) {
			t.Errorf("the page holds %q", never)
		}
	}
	if err := SimulationHTML(&again, s); err != nil || again.String() != page {
		t.Error("the same summary made another page")
	}
	// What is read back draws the same page.
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	back, err := schedule.ReadSummary(text)
	if err != nil {
		t.Fatal(err)
	}
	again.Reset()
	if err := SimulationHTML(&again, back); err != nil || again.String() != page {
		t.Error("summary.json draws another page")
	}
	s.Run.Partition = schedule.Partition{Index: 1, Count: 4}
	out.Reset()
	if err := SimulationHTML(&out, s); err != nil || !strings.Contains(out.String(), ", partition 2/4</dd>") {
		t.Errorf("the page of a partition does not name it: %v", err)
	}
	s.Run.Partition, s.Run.Merged = schedule.Partition{}, 4
	out.Reset()
	if err := SimulationHTML(&out, s); err != nil || !strings.Contains(out.String(), ", merged of 4 partitions</dd>") {
		t.Errorf("the page of a merged run does not tell: %v", err)
	}
	empty := &schedule.Summary{Scenario: &schedule.Scenario{}, Outcome: schedule.Partial}
	if err := SimulationHTML(&out, empty); err != nil {
		t.Error(err)
	}
}

func TestNiceStep(t *testing.T) {
	for top, want := range map[float64]float64{0: 1, 5: 1, 9: 2, 47: 10, 100: 20, 101: 50, 0.3: 0.1} {
		if got := niceStep(top); got < want*0.999 || got > want*1.001 {
			t.Errorf("niceStep(%v) = %v; want %v", top, got, want)
		}
	}
}
