package conformance

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
)

// planned says whether a case runs and counts, and else why not.
type planned struct {
	runs    bool
	verdict Verdict // of a case that does not run
	reason  string
}

// planOf decides on every case from the contract, the profile, the selection
// and the inputs that the run was given. Nothing selected is an error.
func planOf(c *Config, cases []Case) ([]planned, error) {
	chosen, err := c.Selection.matcher(c, cases)
	if err != nil {
		return nil, err
	}
	plan := make([]planned, len(cases))
	running := 0
	for i := range cases {
		plan[i] = planCase(c, &cases[i], chosen)
		if plan[i].runs {
			running++
		}
	}
	if running == 0 {
		return nil, fmt.Errorf("%w: no case is selected: %s", ErrConfig, firstReason(plan, cases, chosen))
	}
	return plan, nil
}

func planCase(c *Config, k *Case, chosen func(*Case) bool) planned {
	switch {
	case k.NotApplicable != "":
		return planned{verdict: NotApplicable, reason: k.NotApplicable}
	case !chosen(k):
		return planned{verdict: NotRun, reason: "not selected"}
	case k.Evidence == Effects && c.Profile != Full:
		return planned{verdict: NotRun, reason: "outside profile basic: it needs an observer of effects"}
	}
	if missing := k.needs.missing(c); missing != "" {
		return planned{verdict: NotApplicable, reason: missing}
	}
	return planned{runs: true}
}

// missing says which optional input the run lacks; "" where none.
func (n input) missing(c *Config) string {
	switch {
	case n == needsHook && c.FaultHook == nil:
		return "the run was given no fault hook (--fault-hook)"
	case n == needsRetiredSecret && len(c.RetiredSecret) == 0:
		return "the run names no retired secret (--retired-secret-env)"
	case n == needsHTTPS && c.Client.URL.Scheme != "https" && onThisMachine(c.Client.URL.Hostname()):
		return "the target is on this machine, without TLS"
	case n == needsLoad && !c.Load:
		return "load cases run off this machine only with --load"
	}
	return ""
}

// onThisMachine tells loopback hosts.
func onThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

func firstReason(plan []planned, cases []Case, chosen func(*Case) bool) string {
	for i := range cases {
		if chosen(&cases[i]) {
			return fmt.Sprintf("%s: %s", cases[i].ID, plan[i].reason)
		}
	}
	return "list the cases with: hookstone contracts cases"
}

// Empty tells whether nothing narrows the run. Events do not: they say what
// the endpoint takes.
func (s Selection) Empty() bool {
	return len(s.Cases) == 0 && len(s.Families) == 0 && len(s.Levels) == 0
}

// matcher checks the selection and returns its predicate. Case globs know "*",
// which crosses "/", and "?"; each must match at least one case.
func (s Selection) matcher(c *Config, cases []Case) (func(*Case) bool, error) {
	var globs []*regexp.Regexp
	for _, g := range s.Cases {
		re := globPattern(g)
		if !slices.ContainsFunc(cases, func(k Case) bool { return re.MatchString(k.ID) }) {
			return nil, fmt.Errorf("%w: no case matches %q; list them with: hookstone contracts cases %s", ErrConfig, g, c.Provider.Contract.Provider)
		}
		globs = append(globs, re)
	}
	for _, f := range s.Families {
		if !slices.ContainsFunc(cases, func(k Case) bool { return k.Family() == f }) {
			return nil, fmt.Errorf("%w: unknown family %q (known: %s)", ErrConfig, f, strings.Join(familyNames(cases), ", "))
		}
	}
	for _, l := range s.Levels {
		if !slices.Contains([]Level{Must, Should, May}, Level(l)) {
			return nil, fmt.Errorf("%w: unknown level %q (known: must, should, may)", ErrConfig, l)
		}
	}
	for _, e := range s.Events {
		if _, known := c.Provider.Event(e); !known {
			return nil, fmt.Errorf("%w: %s has no event %q; list them with: hookstone contracts show %s", ErrConfig,
				c.Provider.Contract.Provider, e, c.Provider.Contract.Provider)
		}
	}
	return func(k *Case) bool {
		if len(globs) > 0 && !slices.ContainsFunc(globs, func(re *regexp.Regexp) bool { return re.MatchString(k.ID) }) {
			return false
		}
		return (len(s.Families) == 0 || slices.Contains(s.Families, k.Family())) &&
			(len(s.Levels) == 0 || slices.Contains(s.Levels, string(k.Level)))
	}, nil
}

func globPattern(glob string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(glob)
	quoted = strings.ReplaceAll(quoted, `\*`, ".*")
	quoted = strings.ReplaceAll(quoted, `\?`, ".")
	return regexp.MustCompile("^" + quoted + "$")
}

func familyNames(cases []Case) []string {
	var names []string
	for i := range cases {
		if f := cases[i].Family(); !slices.Contains(names, f) {
			names = append(names, f)
		}
	}
	return names
}

// Planned lists the cases that a run with this configuration would run, in
// catalogue order. Its error is the configuration's, as Run's.
func Planned(c Config) ([]Case, error) {
	r, err := newRun(c)
	if err != nil {
		return nil, err
	}
	var out []Case
	for i := range r.cases {
		if r.plan[i].runs {
			out = append(out, r.cases[i])
		}
	}
	return out, nil
}

// PlannedCase is a case and whether a run would run it.
type PlannedCase struct {
	Case
	Runs    bool
	Verdict Verdict // of a case that does not run
	Reason  string  // why it does not
	Waived  *Waiver // nil: none
}

// PlanOf tells what a run with this configuration would do, for every case of
// the catalogue in its order. It sends nothing; its error is Run's.
func PlanOf(c Config) ([]PlannedCase, error) {
	r, err := newRun(c)
	if err != nil {
		return nil, err
	}
	out := make([]PlannedCase, len(r.cases))
	for i := range r.cases {
		p := r.plan[i]
		out[i] = PlannedCase{Case: r.cases[i], Runs: p.runs, Verdict: p.verdict, Reason: p.reason, Waived: r.waivers[r.cases[i].ID]}
	}
	return out, nil
}
