package extension

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/common"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/schedule"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Variables of the script's environment (__ENV) that stand for options.
const (
	secretVariable = "HOOKSTONE_SECRET"
	targetVariable = "HOOKSTONE_TARGET"
	hostVariable   = "HOOKSTONE_ALLOW_HOST"
	runVariable    = "HOOKSTONE_RUN_ID"
)

// options are what deliveries is told.
type options struct {
	provider  *schemas.Provider
	secret    []byte
	target    *url.URL
	seed      uint64
	runID     string // "": this process's own
	mix       schedule.Mix
	events    map[string]float64
	forgeries []string // nil: the usual ones
	deadline  time.Duration
	headers   []wire.Field
	partition schedule.Partition // of processes that k6 knows nothing of
}

// reader reads options of a script, each once.
type reader struct {
	rt     *sobek.Runtime
	object *sobek.Object
	env    func(name string) string
	// library gives the contracts, a folder's among them.
	library func(folder string) (*schemas.Library, error)
}

// read reads the arguments of deliveries. The error names the option and the
// value, but never a secret.
func (r reader) read(provider, given sobek.Value) (*options, error) {
	r.object = r.rt.NewObject()
	if !common.IsNullish(given) {
		object, ok := given.(*sobek.Object)
		if !ok {
			return nil, errors.New("the options are no object: write deliveries('provider', { target: 'http://…' })")
		}
		r.object = object
	}
	if err := r.known("secret", "target", "allowHost", "seed", "runId", "mix", "events", "forgeries", "deadline", "headers", "contracts", "partition"); err != nil {
		return nil, err
	}
	o := &options{}
	for _, read := range []func(*options) error{
		func(o *options) (err error) { o.provider, err = r.provider(provider); return },
		r.secret, r.target, r.numbers, r.mix, r.selection, r.headers, r.partition,
	} {
		if err := read(o); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// environment reads the script's own view of the environment, which has what
// was given with k6's -e as well. Where k6 only looks a script over (inspect,
// archive) that is empty, and the process's own is read.
func environment(rt *sobek.Runtime, lookup func(string) (string, bool)) func(string) string {
	return func(name string) string {
		if env, ok := rt.Get("__ENV").(*sobek.Object); ok && !common.IsNullish(env.Get(name)) {
			return env.Get(name).String()
		}
		if lookup == nil {
			return ""
		}
		value, _ := lookup(name)
		return value
	}
}

// known refuses options that there are not.
func (r reader) known(names ...string) error {
	for _, key := range r.object.Keys() {
		if !slices.Contains(names, key) {
			return fmt.Errorf("there is no option %q: there are %s", key, strings.Join(names, ", "))
		}
	}
	return nil
}

// text is a textual option, or the variable that stands for it.
func (r reader) text(name, variable string) (string, error) {
	v := r.object.Get(name)
	if common.IsNullish(v) {
		if variable == "" {
			return "", nil
		}
		return r.env(variable), nil
	}
	s, ok := v.Export().(string)
	if !ok {
		return "", fmt.Errorf("option %s is no text", name)
	}
	return s, nil
}

// texts is an option of one text or several.
func (r reader) texts(name string) (list []string, err error) {
	v := r.object.Get(name)
	if common.IsNullish(v) {
		return nil, nil
	}
	switch x := v.Export().(type) {
	case string:
		return []string{x}, nil
	case []any:
		for _, item := range x {
			s, ok := item.(string)
			if !ok {
				return nil, fmt.Errorf("option %s holds %v, which is no text", name, item)
			}
			list = append(list, s)
		}
		return list, nil
	}
	return nil, fmt.Errorf("option %s is neither a text nor a list of texts", name)
}

// mapping is an option that is an object.
func (r reader) mapping(name, example string) (*sobek.Object, error) {
	v := r.object.Get(name)
	if common.IsNullish(v) {
		return r.rt.NewObject(), nil
	}
	object, ok := v.(*sobek.Object)
	if !ok || object.ClassName() != "Object" {
		return nil, fmt.Errorf("option %s is no object: write %s: %s", name, name, example)
	}
	return object, nil
}

func (r reader) provider(name sobek.Value) (*schemas.Provider, error) {
	folder, err := r.text("contracts", "")
	if err != nil {
		return nil, err
	}
	library, err := r.library(folder)
	if err != nil {
		return nil, err
	}
	text := ""
	if !common.IsNullish(name) {
		text, _ = name.Export().(string)
	}
	if text == "" {
		return nil, fmt.Errorf("deliveries wants a provider's name first: deliveries('%s', { … })", library.Providers()[0].Name())
	}
	return library.Provider(text)
}

func (r reader) secret(o *options) error {
	text, err := r.text("secret", secretVariable)
	if err == nil && text == "" {
		err = errors.New("no secret: give the option secret, or k6 -e " + secretVariable + "=…")
	}
	o.secret = []byte(text)
	return err
}

func (r reader) target(o *options) error {
	text, err := r.text("target", targetVariable)
	if err != nil {
		return err
	}
	if text == "" {
		return errors.New("no target: give the option target, or k6 -e " + targetVariable + "=http://127.0.0.1:3000/webhooks")
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return fmt.Errorf("target %q is no URL to send to: write it whole and without credentials, as http://127.0.0.1:3000/webhooks", strings.ReplaceAll(text, userinfo(u), ""))
	}
	allowed, err := r.texts("allowHost")
	if err != nil {
		return err
	}
	if allowed == nil {
		allowed = []string{r.env(hostVariable)}
	}
	named := func(host string) bool { return strings.EqualFold(strings.Trim(host, "[]"), u.Hostname()) }
	if !loopback(u.Hostname()) && !slices.ContainsFunc(allowed, named) {
		return fmt.Errorf("the target's host %q is not loopback and not allowed: Hookstone sends forgeries; if the host is yours, say allowHost: '%[1]s', or k6 -e "+hostVariable+"=%[1]s", u.Hostname())
	}
	o.target = u
	return nil
}

// userinfo are the credentials of a URL, as they are written.
func userinfo(u *url.URL) string {
	if u == nil || u.User == nil {
		return ""
	}
	return u.User.String() + "@"
}

// loopback tells whether a host is this machine, without asking a resolver
// (RFC 6761, section 6.3).
func loopback(host string) bool {
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.Unmap().IsLoopback()
	}
	return net.ParseIP(name).IsLoopback()
}

var runIDForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// numbers reads what pins a run, and the deadline.
func (r reader) numbers(o *options) (err error) {
	if seed := r.object.Get("seed"); !common.IsNullish(seed) {
		f := seed.ToFloat()
		if _, text := seed.Export().(string); text || f != math.Trunc(f) || f < 0 || f > 1<<53 {
			return fmt.Errorf("seed %q is no whole number from 0", seed.String())
		}
		o.seed = uint64(f)
	}
	if o.runID, err = r.text("runId", runVariable); err != nil {
		return err
	}
	if o.runID != "" && !runIDForm.MatchString(o.runID) {
		return fmt.Errorf("runId %q: use 1 to 64 of a-z A-Z 0-9 . _ -", o.runID)
	}
	text, err := r.text("deadline", "")
	if err != nil || text == "" {
		return err
	}
	if o.deadline, err = time.ParseDuration(text); err != nil || o.deadline <= 0 {
		return fmt.Errorf("deadline %q is no time: write deadline: '5s'", text)
	}
	return nil
}
