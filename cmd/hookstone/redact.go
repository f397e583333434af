package main

import (
	"strings"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/wire"
)

// redactor blots out the signing secret and whatever came from the environment
// for a gateway.
func (t *transportFlags) redactor(p *schemas.Provider, secrets ...[]byte) *simulator.Redactor {
	r := simulator.NewRedactor(p.Contract.Signing.Key, secrets...)
	for _, f := range t.extra {
		if _, ok := t.variables[f.Name]; ok {
			r.Add([]byte(f.Value))
		}
	}
	return r
}

// hide takes the values of a gateway's headers out of a record. Those that
// stood on the command line may be words that occur everywhere: they are hidden
// where they were sent, and nowhere else.
func (t *transportFlags) hide(a *simulator.Attempt, r *simulator.Redactor) {
	for i, line := range a.Request.Headers {
		if has(t.extra, line[0]) {
			a.Request.Headers[i][1] = simulator.Redacted
		}
	}
	r.Attempt(a)
}

// hideAll does so in a whole result: a receiver may repeat what it was sent.
func (t *transportFlags) hideAll(result *conformance.Result, r *simulator.Redactor) {
	for i := range result.Results {
		c := &result.Results[i]
		c.Reason = r.String(c.Reason)
		for j := range c.Violations {
			c.Violations[j].Got = r.String(c.Violations[j].Got)
		}
		for j := range c.Attempts {
			t.hide(&c.Attempts[j], r)
		}
		for j := range c.Repetitions {
			one := &c.Repetitions[j]
			one.Reason = r.String(one.Reason)
			for k := range one.Violations {
				one.Violations[k].Got = r.String(one.Violations[k].Got)
			}
			for k := range one.Attempts {
				t.hide(&one.Attempts[k], r)
			}
		}
	}
	for i := range result.Diagnostics {
		for j := range result.Diagnostics[i].Attempts {
			t.hide(&result.Diagnostics[i].Attempts[j], r)
		}
	}
	for i := range result.Findings {
		result.Findings[i].Evidence = r.String(result.Findings[i].Evidence)
	}
	for i := range result.Notes {
		result.Notes[i] = r.String(result.Notes[i])
	}
	result.Reason = r.String(result.Reason)
}

// completed puts the variable where a redacted value stands in a printed
// command, so that the shell fills it in again.
func (t *transportFlags) completed(command string) string {
	for name, variable := range t.variables {
		command = strings.ReplaceAll(command, "'"+name+": "+simulator.Redacted+"'", `"`+name+": $"+variable+`"`)
	}
	return command
}

func has(fields []wire.Field, name string) bool {
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return true
		}
	}
	return false
}
