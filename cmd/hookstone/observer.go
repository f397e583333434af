package main

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/conformance/observe"
	"github.com/spf13/pflag"
)

// observerFlags say how a run learns what effects events had, and how it makes
// the receiver fail on purpose.
type observerFlags struct {
	url       string
	command   string
	settle    time.Duration
	faultHook string
}

func (o *observerFlags) flags(f *pflag.FlagSet) {
	f.StringVar(&o.url, "observer", "", "`URL` that tells an event's effects: {id} and {event} in it are replaced, GET answers {\"count\": N}; with --exec it may hold {port}")
	f.StringVar(&o.command, "observer-command", "", "`command` that does: a JSON question a line in, an answer a line out")
	f.DurationVar(&o.settle, "settle", 2*time.Second, "how long an effect may take to show")
	f.StringVar(&o.faultHook, "fault-hook", "", "`URL` that makes the receiver fail: POST {\"fail_next\": N}")
}

// given tells whether there is an observer.
func (o *observerFlags) given() bool { return o.url != "" || o.command != "" }

// check finds mistakes; hosts must be allowed like the target's.
func (o *observerFlags) check(t *targetFlags) error {
	switch {
	case o.url != "" && o.command != "":
		return usagef("keep one of the two", "--observer and --observer-command are both given")
	case o.settle <= 0:
		return usagef("", "--settle %s is not a positive time", o.settle)
	case o.url != "" && !strings.Contains(o.url, "{id}"):
		return usagef("write --observer 'http://127.0.0.1:3000/_effects?event_id={id}'", "--observer %q has no {id}", o.url)
	}
	if o.command != "" {
		words, err := splitWords(o.command)
		if err != nil {
			return usage(fmt.Errorf("--observer-command: %w", err), "")
		}
		if len(words) == 0 {
			return usagef("", "--observer-command is empty")
		}
	}
	for _, flag := range []struct{ name, url string }{{"--observer", o.url}, {"--fault-hook", o.faultHook}} {
		if flag.url == "" {
			continue
		}
		if err := checkSideURL(t, flag.name, flag.url); err != nil {
			return err
		}
	}
	return nil
}

func checkSideURL(t *targetFlags, flag, text string) error {
	if t.exec != "" {
		text = strings.ReplaceAll(text, "{port}", "1")
	}
	u, err := url.Parse(strings.NewReplacer("{id}", "id", "{event}", "event").Replace(text))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return usagef("write it whole: http://127.0.0.1:3000/…", "%s %q is not a URL", flag, text)
	}
	if u.User != nil {
		return usagef("", "%s holds credentials", flag)
	}
	if !loopback(u.Hostname()) && !t.allowed(u.Hostname()) {
		return usagef("if the host is yours, say --allow-host "+u.Hostname(),
			"the host %q of %s is not loopback and not allowed; nothing was sent", u.Hostname(), flag)
	}
	return nil
}

// attach adds observer and hook to a run's configuration. The observer's
// command is started by start alone: until then a silent one stands in for it.
func (o *observerFlags) attach(config *conformance.Config, to *aim) {
	port := to.url.Port()
	config.Settle = o.settle
	if o.url != "" {
		config.Observer = &observe.HTTP{URL: strings.ReplaceAll(o.url, "{port}", port)}
	}
	if o.command != "" {
		config.Observer = &observe.Command{}
	}
	if o.faultHook != "" {
		config.FaultHook = &observe.Hook{URL: strings.ReplaceAll(o.faultHook, "{port}", port)}
	}
	if config.Profile == "" && o.given() {
		config.Profile = conformance.Full
	}
}

// start runs the observer's command, where there is one.
func (o *observerFlags) start(config *conformance.Config, to *aim) (stop func(), err error) {
	if o.command == "" {
		return func() {}, nil
	}
	words, err := splitWords(o.command)
	if err != nil {
		return nil, usage(err, "")
	}
	for i := range words {
		words[i] = strings.ReplaceAll(words[i], "{port}", to.url.Port())
	}
	command, err := observe.Start(words)
	if err != nil {
		return nil, environment(err, "the command is run without a shell; for one write: --observer-command \"sh -c '…'\"")
	}
	config.Observer = command
	return func() { _ = command.Close() }, nil
}

// reproduce spells the flags again.
func (o *observerFlags) reproduce() []string {
	var words []string
	for _, f := range []struct{ name, value string }{
		{"--observer", o.url}, {"--observer-command", o.command}, {"--fault-hook", o.faultHook},
	} {
		if f.value != "" {
			words = append(words, f.name, f.value)
		}
	}
	if o.given() && o.settle != 2*time.Second {
		words = append(words, "--settle", o.settle.String())
	}
	return words
}
