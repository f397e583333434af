// Package schedule sends a provider's traffic on an absolute schedule,
// whatever the receiver does: related events in their order, retries as the
// contract says, duplicates, late, stale and forged deliveries, each with the
// outcome that it should have.
//
// It is not part of the promised API: see CONTRIBUTING.md.
package schedule

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
	"go.yaml.in/yaml/v3"
)

// DefaultClock is how many times faster the waiting between retries passes.
const DefaultClock = 3600

// Scenario is what a run sends. Its schema is schemas/scenario.schema.json.
type Scenario struct {
	Format  int      `json:"format"`
	Name    string   `json:"name"`
	Title   string   `json:"title,omitempty"`
	Retries *bool    `json:"retries,omitempty"` // nil: true
	Clock   float64  `json:"clock,omitempty"`   // 0: DefaultClock
	FailOn  []string `json:"fail_on,omitempty"`
	Phases  []Phase  `json:"phases"`
}

// Phase is a stretch of time with one way of sending. It ends with its
// duration or its deliveries, whichever comes first; one of the two is set.
type Phase struct {
	Name       string             `json:"name"`
	Duration   Span               `json:"duration,omitempty"`
	Deliveries uint64             `json:"deliveries,omitempty"`
	Rate       Rate               `json:"rate"`
	Arrivals   string             `json:"arrivals,omitempty"` // constant (""), poisson, bursty
	Burst      int                `json:"burst,omitempty"`    // 0: 20
	Mix        Mix                `json:"mix,omitzero"`
	Events     map[string]float64 `json:"events,omitempty"`
	Forgeries  []string           `json:"forgeries,omitempty"`
	Outages    []Outage           `json:"outages,omitempty"`
	Secret     string             `json:"secret,omitempty"` // current (""), both, next
}

// Mix is what is sent beside genuine deliveries, in percent of all; reorder is
// in percent of the genuine ones.
type Mix struct {
	Duplicates   Percent `json:"duplicates,omitempty"`
	Redeliveries Percent `json:"redeliveries,omitempty"`
	Stale        Percent `json:"stale,omitempty"`
	Forged       Percent `json:"forged,omitempty"`
	Reorder      Percent `json:"reorder,omitempty"`
}

// Outage is a number of deliveries that the receiver is told to fail.
type Outage struct {
	At         Span `json:"at"`
	Deliveries int  `json:"deliveries"`
}

// Span is a duration spelled as in Go.
type Span time.Duration

// MarshalText spells it.
func (s Span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

// UnmarshalText reads it.
func (s *Span) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	*s = Span(d)
	return err
}

// Percent is a share, spelled "5%".
type Percent float64

// MarshalText spells it.
func (p Percent) MarshalText() ([]byte, error) {
	return append(strconv.AppendFloat(nil, float64(p), 'g', -1, 64), '%'), nil
}

// UnmarshalText reads it.
func (p *Percent) UnmarshalText(text []byte) error {
	f, err := strconv.ParseFloat(strings.TrimSuffix(string(text), "%"), 64)
	if err != nil || !(f >= 0 && f <= 100) {
		return fmt.Errorf("%q is no share from 0%% to 100%%", text)
	}
	*p = Percent(f)
	return nil
}

// Rate is deliveries a second, at the phase's begin and end.
type Rate struct {
	From, To float64
	Max      bool // as fast as the workers can
}

// ParseRate reads "200/s", "600/m", a bare number a second, or "max".
func ParseRate(text string) (Rate, error) {
	if text == "max" {
		return Rate{Max: true}, nil
	}
	number, unit, _ := strings.Cut(text, "/")
	f, err := strconv.ParseFloat(number, 64)
	per, known := map[string]float64{"": 1, "s": 1, "m": 60, "h": 3600}[unit]
	if err != nil || !known || !(f >= 0 && f <= 1e7) {
		return Rate{}, fmt.Errorf("%q is no rate: write 200/s, 600/m, or max", text)
	}
	return Rate{From: f / per, To: f / per}, nil
}

// String spells a rate for people.
func (r Rate) String() string {
	number := func(f float64) string { return strconv.FormatFloat(math.Round(f*1000)/1000, 'f', -1, 64) + "/s" }
	switch {
	case r.Max:
		return "max"
	case r.From == r.To:
		return number(r.From)
	}
	return number(r.From) + "→" + number(r.To)
}

// MarshalJSON spells it as the schema says.
func (r Rate) MarshalJSON() ([]byte, error) {
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) + "/s" }
	switch {
	case r.Max:
		return json.Marshal("max")
	case r.From == r.To:
		return json.Marshal(number(r.From))
	}
	return json.Marshal(map[string]string{"from": number(r.From), "to": number(r.To)})
}

// UnmarshalJSON reads it.
func (r *Rate) UnmarshalJSON(text []byte) (err error) {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*r, err = ParseRate(one)
		return err
	}
	var ramp struct{ From, To string }
	if err := json.Unmarshal(text, &ramp); err != nil {
		return err
	}
	from, err := ParseRate(ramp.From)
	if err != nil {
		return err
	}
	to, err := ParseRate(ramp.To)
	*r = Rate{From: from.From, To: to.From}
	return err
}

// WithRetries tells whether deliveries that fail are sent again.
func (s *Scenario) WithRetries() bool { return s.Retries == nil || *s.Retries }

// Length is how long the schedule lasts, retries apart; phases that only count
// their deliveries at full speed last no known time.
func (s *Scenario) Length() (total time.Duration) {
	for i := range s.Phases {
		p := &s.Phases[i]
		length := time.Duration(p.Duration)
		if p.Deliveries > 0 && !p.Rate.Max && p.Rate.From > 0 {
			if d := time.Duration(float64(p.Deliveries) / p.Rate.From * 1e9); length == 0 || p.Rate.From == p.Rate.To && d < length {
				length = d
			}
		}
		total += length
	}
	return total
}

// ParseScenario reads a scenario; the name is for messages. Every fault that
// its schema finds is in the error.
func ParseScenario(name string, text []byte) (*Scenario, error) {
	var doc any
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("%s: not YAML: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	encoded, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := schemas.ValidateScenario(encoded); err != nil {
		var invalid *schemas.Invalid
		if errors.As(err, &invalid) {
			lines := make([]error, len(invalid.Failures))
			for i, f := range invalid.Failures {
				lines[i] = fmt.Errorf("%s: %s: %s", name, f.Pointer, f.Reason)
			}
			return nil, errors.Join(lines...)
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s := &Scenario{}
	if err := json.Unmarshal(encoded, s); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := s.Check(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// Check tells every fault that a schema cannot.
func (s *Scenario) Check() error {
	var errs []error
	names := map[string]bool{}
	for i := range s.Phases {
		p := &s.Phases[i]
		fail := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("phase %q: %s", p.Name, fmt.Sprintf(format, args...)))
		}
		if names[p.Name] {
			fail("another phase has the name")
		}
		names[p.Name] = true
		if p.Duration == 0 && p.Deliveries == 0 {
			fail("it has neither a duration nor deliveries")
		}
		if !p.Rate.Max && p.Rate.From+p.Rate.To <= 0 {
			fail("its rate is 0")
		}
		if p.Duration == 0 && p.Rate.From != p.Rate.To {
			fail("a ramp needs a duration")
		}
		if sum := p.Mix.Duplicates + p.Mix.Redeliveries + p.Mix.Stale + p.Mix.Forged; sum > 100 {
			fail("duplicates, redeliveries, stale and forged make more than 100%%: %g%%", float64(sum))
		}
		if p.Burst > 0 && p.Arrivals != "bursty" {
			fail("burst belongs to bursty arrivals")
		}
		for _, name := range p.Forgeries {
			if _, err := fault.Parse(name); err != nil {
				fail("forgeries: %v", err)
			}
		}
		for _, o := range p.Outages {
			if p.Duration > 0 && o.At > p.Duration {
				fail("an outage at %s lies behind its end", time.Duration(o.At))
			}
		}
	}
	for _, text := range s.FailOn {
		if _, err := ParseThreshold(text); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

//go:embed scenarios/*.yaml
var shipped embed.FS

// Shipped are the names of the scenarios that the program carries.
func Shipped() []string {
	entries, err := shipped.ReadDir("scenarios")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	slices.Sort(names)
	return names
}

// LoadScenario reads a shipped scenario by its name, or a file.
func LoadScenario(nameOrFile string) (*Scenario, error) {
	if slices.Contains(Shipped(), nameOrFile) {
		text, err := shipped.ReadFile(path.Join("scenarios", nameOrFile+".yaml"))
		if err != nil {
			return nil, err
		}
		return ParseScenario(nameOrFile, text)
	}
	text, err := os.ReadFile(nameOrFile)
	if err != nil {
		return nil, fmt.Errorf("scenario %q: %w (shipped are %s)", nameOrFile, err, strings.Join(Shipped(), ", "))
	}
	return ParseScenario(nameOrFile, text)
}

// Stretch makes the whole schedule last another time, phase by phase in
// proportion; rates and counted deliveries stay.
func (s *Scenario) Stretch(to time.Duration) {
	var sum time.Duration
	for i := range s.Phases {
		sum += time.Duration(s.Phases[i].Duration)
	}
	if sum == 0 || to <= 0 {
		return
	}
	for i := range s.Phases {
		p := &s.Phases[i]
		p.Duration = Span(float64(p.Duration) / float64(sum) * float64(to))
		for j := range p.Outages {
			p.Outages[j].At = Span(float64(p.Outages[j].At) / float64(sum) * float64(to))
		}
	}
}

// Gentle lowers the rates of all phases to what a shared host can be asked to
// bear: the greatest becomes at most so much.
func (s *Scenario) Gentle(rate float64) {
	for i := range s.Phases {
		if s.Phases[i].Rate.Max {
			s.Phases[i].Rate = Rate{From: rate, To: rate}
		}
	}
	for i := range s.Phases {
		if r := &s.Phases[i].Rate; r.From > rate || r.To > rate {
			s.Peak(rate)
			return
		}
	}
}

// Peak makes the greatest rate of all phases this one, and the others in
// proportion.
func (s *Scenario) Peak(rate float64) {
	peak := 0.0
	for i := range s.Phases {
		peak = max(peak, s.Phases[i].Rate.From, s.Phases[i].Rate.To)
	}
	if peak == 0 {
		return
	}
	for i := range s.Phases {
		s.Phases[i].Rate.From *= rate / peak
		s.Phases[i].Rate.To *= rate / peak
	}
}
