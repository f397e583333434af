package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/schedule"
	"github.com/spf13/pflag"
)

// scenarioFlags say what a simulation sends.
type scenarioFlags struct {
	name       string
	rate       string
	duration   time.Duration
	deliveries uint64
	arrivals   string
	burst      int
	shares     [5]string
	retries    bool
	clockText  string
	failOn     []string
	changed    func(string) bool
}

// shares are the percent flags, in the order of scenarioFlags.shares.
var shares = [...]struct{ name, what string }{
	{"duplicates", "`share` of deliveries that are sent twice, byte for byte"},
	{"redeliveries", "`share` that is sent again as a retry although it was acknowledged"},
	{"stale", "`share` that is rightly signed and too old"},
	{"forged", "`share` that is not rightly signed"},
	{"reorder", "`share` of genuine deliveries that change places with the next"},
}

func (f *scenarioFlags) flags(s *pflag.FlagSet) {
	f.changed = s.Changed
	s.StringVar(&f.name, "scenario", "", "`name` of a scenario that is built in, or its YAML file")
	s.StringVar(&f.rate, "rate", "", "deliveries by time: 200/s, 600/m, or max (default 50/s, off loopback 10/s); with --scenario its greatest rate")
	s.DurationVar(&f.duration, "duration", 0, "how long deliveries are sent, retries apart (default 1m); with --scenario all its phases together")
	s.Uint64Var(&f.deliveries, "deliveries", 0, "send `N` deliveries at most, retries apart")
	s.StringVar(&f.arrivals, "arrivals", "", "how they are spread: constant, poisson or bursty")
	s.IntVar(&f.burst, "burst", 0, "send `N` at once, and then none for as long (bursty arrivals)")
	for i, share := range shares {
		s.StringVar(&f.shares[i], share.name, "", share.what+", such as 5%")
	}
	s.BoolVar(&f.retries, "retries", true, "retry by the contract's schedule what is not acknowledged")
	s.StringVar(&f.clockText, "clock", "", "how many times `faster` the waiting between retries passes (default 3600x)")
	s.StringArrayVar(&f.failOn, "fail-on", nil, "`condition` that fails the run, such as 'p99 > 3s', 'forged.accepted > 0'\nor 'lost > 0' (repeatable)")
}

// given tells whether any of the flags is.
func (f *scenarioFlags) given() bool {
	names := []string{"scenario", "rate", "duration", "deliveries", "arrivals", "burst", "retries"}
	for _, share := range shares {
		names = append(names, share.name)
	}
	return slices.ContainsFunc(names, f.changed)
}

// asked tells whether the user wrote the threshold, and not a scenario.
func (f *scenarioFlags) asked(threshold string) bool { return slices.Contains(f.failOn, threshold) }

// scenario makes the scenario of the flags.
func (f *scenarioFlags) scenario() (*schedule.Scenario, error) {
	s := &schedule.Scenario{Format: 1, Name: "flags", Phases: []schedule.Phase{{Name: "all"}}}
	if f.name != "" {
		var err error
		if s, err = schedule.LoadScenario(f.name); err != nil {
			return nil, usage(err, "list those that are built in with: hookstone simulate --list-scenarios")
		}
	}
	if err := f.pace(s); err != nil {
		return nil, err
	}
	for i, share := range shares {
		if f.shares[i] == "" {
			continue
		}
		var percent schedule.Percent
		text := f.shares[i]
		if !strings.HasSuffix(text, "%") {
			text = "" // a bare number could mean either
		}
		if err := percent.UnmarshalText([]byte(text)); err != nil {
			return nil, usagef("write --"+share.name+" 5%", "--%s %q is no share from 0%% to 100%%", share.name, f.shares[i])
		}
		for j := range s.Phases {
			mix := &s.Phases[j].Mix
			*[]*schedule.Percent{&mix.Duplicates, &mix.Redeliveries, &mix.Stale, &mix.Forged, &mix.Reorder}[i] = percent
		}
	}
	if f.changed("retries") {
		s.Retries = &f.retries
	}
	if f.clockText != "" {
		clock, err := strconv.ParseFloat(strings.TrimSuffix(f.clockText, "x"), 64)
		if err != nil || !(clock >= 1 && clock <= 1e9) {
			return nil, usagef("write --clock 3600x, or 1x for waiting as in life", "--clock %q is no factor from 1 on", f.clockText)
		}
		s.Clock = clock
	}
	s.FailOn = append(s.FailOn, f.failOn...)
	// What flags have made of it must still be a scenario.
	text, err := jsonText(s)
	if err == nil {
		err = schemas.ValidateScenario(text)
	}
	if err == nil {
		err = s.Check()
	}
	if err != nil {
		return nil, usage(fmt.Errorf("scenario %q: %w", s.Name, err), "see: hookstone simulate --help")
	}
	return s, nil
}

// pace applies rate, length and spread.
func (f *scenarioFlags) pace(s *schedule.Scenario) error {
	if f.duration < 0 {
		return usagef("", "--duration %s is negative", f.duration)
	}
	rate, err := schedule.ParseRate(f.rate)
	if f.rate != "" && (err != nil || !rate.Max && rate.From == 0) {
		return usagef("write --rate 200/s, 600/m or max", "--rate %q is no rate", f.rate)
	}
	if f.name == "" {
		p := &s.Phases[0]
		p.Rate, p.Duration, p.Deliveries = rate, schedule.Span(f.duration), f.deliveries
		if f.rate == "" {
			p.Rate = schedule.Rate{From: 50, To: 50}
		}
		if f.duration == 0 && f.deliveries == 0 {
			p.Duration = schedule.Span(time.Minute)
		}
	} else {
		s.Stretch(f.duration)
		if rate.Max {
			for i := range s.Phases {
				s.Phases[i].Rate = rate
			}
		} else if f.rate != "" {
			s.Peak(rate.From)
		}
	}
	for i := range s.Phases {
		p := &s.Phases[i]
		if f.name != "" && f.deliveries > 0 {
			p.Deliveries = f.deliveries
		}
		if f.arrivals != "" {
			p.Arrivals = f.arrivals
		}
		if f.burst > 0 {
			p.Arrivals, p.Burst = "bursty", f.burst
		} else if p.Arrivals != "bursty" {
			p.Burst = 0
		}
	}
	if f.burst < 0 || f.burst > 0 && f.arrivals != "" && f.arrivals != "bursty" {
		return usagef("", "--burst %d does not go with --arrivals %q", f.burst, f.arrivals)
	}
	return nil
}
