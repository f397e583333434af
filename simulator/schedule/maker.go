package schedule

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/sign"
	"github.com/hookstone/hookstone/simulator/wire"
)

// recipe is what all makers of a run share.
type recipe struct {
	config    *Config
	provider  *schemas.Provider
	generator *generate.Generator
	scheme    *sign.Scheme
	liveBody  bool // the body carries a time that a receiver judges
	forgeries [][]fault.Fault
	ages      []fault.Fault
	prefix    []byte // request line and header lines before the signature's
	suffix    []byte // header lines behind them, up to the length's value
	journeys  int
}

// defaultForgeries are what forged deliveries do where a phase does not say.
func defaultForgeries() []fault.Fault {
	return []fault.Fault{fault.AnotherSecret(), fault.Unsigned(), fault.TamperedValue(""), fault.RandomDigest(), fault.Truncated(8), fault.EmptySignature()}
}

// newRecipe compiles what a run sends; it fails on what cannot be signed.
func newRecipe(c *Config) (*recipe, error) {
	contract := c.Provider.Contract
	generator, err := generate.New(c.Provider, generate.Options{Seed: c.Seed, RunID: c.RunID})
	if err != nil {
		return nil, err
	}
	r := &recipe{config: c, provider: c.Provider, generator: generator, journeys: len(c.Provider.Journeys.Journeys)}
	r.liveBody = contract.Time.At.Pointer != "" && (contract.Time.Tolerance.Duration > 0 || contract.Time.OnRedelivery == "renewed")
	sender := r.sender(c.Secret, time.Now)
	if r.scheme, err = sender.Scheme(); err != nil {
		return nil, err
	}
	event, err := generator.Event(generate.Key{Case: "simulate/form"}, sampleType(generator), time.Now())
	if err != nil {
		return nil, err
	}
	sample := simulator.Delivery{Event: event}
	draft, err := sender.Prepare(sample)
	if err != nil {
		return nil, err
	}
	if err := r.frame(c.Client, draft); err != nil {
		return nil, err
	}
	applicable := func(faults []fault.Fault) (kept []fault.Fault, err error) {
		for _, f := range faults {
			d := sample
			d.Faults = []fault.Fault{f}
			if _, err := sender.Prepare(d); fault.IsNotApplicable(err) {
				continue
			} else if err != nil {
				return nil, fmt.Errorf("fault %s: %w", f.Name, err)
			}
			kept = append(kept, f)
		}
		return kept, nil
	}
	if tolerance := contract.Time.Tolerance.Duration; tolerance > 0 {
		for _, age := range []time.Duration{time.Hour, 24 * time.Hour, 365 * 24 * time.Hour} {
			if age > 2*tolerance {
				r.ages = append(r.ages, fault.Aged(age))
			}
		}
		if r.ages, err = applicable(r.ages); err != nil {
			return nil, err
		}
	}
	for i := range c.Scenario.Phases {
		p := &c.Scenario.Phases[i]
		faults := defaultForgeries()
		if p.Forgeries != nil {
			faults = nil
			for _, name := range p.Forgeries {
				f, err := fault.Parse(name)
				if err != nil {
					return nil, fmt.Errorf("phase %q: %w", p.Name, err)
				}
				faults = append(faults, f)
			}
		}
		if faults, err = applicable(faults); err != nil {
			return nil, err
		}
		if len(faults) == 0 && p.Mix.Forged > 0 {
			return nil, fmt.Errorf("phase %q: none of its forgeries can be made under contract %q", p.Name, c.Provider.Name())
		}
		for t := range p.Events {
			if _, known := c.Provider.Event(t); !known {
				return nil, fmt.Errorf("phase %q: contract %q has no event %q", p.Name, c.Provider.Name(), t)
			}
		}
		r.forgeries = append(r.forgeries, faults)
	}
	return r, nil
}

// sampleType is an event type that journeys hold.
func sampleType(g *generate.Generator) string {
	s := g.Stream("simulate/form")
	return g.Types()[s.Type(s.Journey(0), 0)]
}

// planner starts the plan anew.
func (r *recipe) planner(start time.Time) (*planner, error) {
	kinds := make([]int, len(r.forgeries))
	for i := range kinds {
		kinds[i] = len(r.forgeries[i])
	}
	p := newPlanner(r.config.Scenario, r.config.Partition, r.generator, start, kinds, len(r.ages))
	for i := range r.config.Scenario.Phases {
		p.weigh(i, r.generator.Types(), r.journeys)
		if p.weights[i] != nil && p.heaviest[i] == 0 {
			return nil, fmt.Errorf("phase %q: no journey has any of its events", r.config.Scenario.Phases[i].Name)
		}
	}
	return p, nil
}

func (r *recipe) sender(secret []byte, clock func() time.Time) *simulator.Sender {
	return &simulator.Sender{
		Provider: r.provider, Generator: r.generator, Client: r.config.Client, Secret: secret,
		Extra: r.config.Extra, Clock: clock, Redactor: r.config.Redactor,
	}
}

// frame finds what stands around the signing headers in every delivery.
func (r *recipe) frame(client *wire.Client, draft *fault.Draft) error {
	fields, signed := draft.Request.Fields, draft.Signed.Fields
	at := len(fields)
	if len(signed) > 0 {
		at = slices.Index(fields, signed[0])
		if at < 0 || at+len(signed) > len(fields) || !slices.Equal(fields[at:at+len(signed)], signed) {
			return errors.New("the signing headers do not stand together")
		}
	}
	whole := draft.Request
	whole.Fields = slices.Concat(fields[:at], []wire.Field{{Name: "Hookstone-Cut", Value: ""}}, fields[at+len(signed):])
	raw := client.AppendRequest(nil, &whole)
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	before, behind, ok := strings.Cut(string(head), "Hookstone-Cut: \r\n")
	length := "Content-Length: " + strconv.Itoa(len(draft.Event.Body))
	if !ok || !strings.HasSuffix(behind, length) {
		return errors.New("the request is not framed by its length")
	}
	r.prefix = []byte(before)
	r.suffix = []byte(strings.TrimSuffix(behind, length) + "Content-Length: ")
	return nil
}

// maker makes the bytes of deliveries, without allocating where a delivery is
// rightly signed and its first. It is for one goroutine at a time, and writes
// what it makes where made points.
type maker struct {
	*recipe
	*made
	genuine, stale, forged *generate.Stream
	signers                map[string]*sign.Signer // by phase's secret
	senders                map[string]*simulator.Sender
	now                    time.Time // what the senders take for the time
	material               sign.Material
	buffer                 []byte // the event's body
}

// made is a delivery that is ready to be sent.
type made struct {
	request                []byte
	signedStart, signedEnd int    // the signing headers' lines within request
	body                   []byte // the end of request; under a draft the event's
	id                     []byte
	scope                  [][]byte
	eventType              string
	draft                  *fault.Draft // nil: the fast way was taken
	delivery               simulator.Delivery
	fault                  string
}

func (r *recipe) maker() (*maker, error) {
	m := &maker{
		recipe: r, made: &made{},
		genuine: r.generator.Stream(genuineCase), stale: r.generator.Stream(staleCase), forged: r.generator.Stream(forgedCase),
		signers: map[string]*sign.Signer{}, senders: map[string]*simulator.Sender{},
	}
	for i := range r.config.Scenario.Phases {
		name := r.config.Scenario.Phases[i].Secret
		if m.signers[name] != nil {
			continue
		}
		secrets := r.config.secrets(name)
		signer, err := r.scheme.Bind(secrets...)
		if err != nil {
			return nil, err
		}
		m.signers[name] = signer
		m.senders[name] = r.sender(secrets[0], func() time.Time { return m.now })
	}
	return m, nil
}

// secrets are what a phase signs with, the newest first.
func (c *Config) secrets(name string) [][]byte {
	switch name {
	case "both":
		return [][]byte{c.NextSecret, c.Secret}
	case "next":
		return [][]byte{c.NextSecret}
	}
	return [][]byte{c.Secret}
}

// event appends the body of a task's event and notes its identity.
func (m *maker) event(t *task) {
	stream := m.genuine
	switch t.Class {
	case simulator.Stale:
		stream = m.stale
	case simulator.Forged:
		stream = m.forged
	}
	at := t.At
	if m.liveBody {
		at = t.origin
	}
	m.buffer = stream.Append(m.buffer[:0], t.Number, t.Journey, t.Step, at)
	m.body = m.buffer
	m.id = append(m.id[:0], stream.ID()...)
	for len(m.scope) < stream.Scopes() {
		m.scope = append(m.scope, nil)
	}
	m.scope = m.scope[:stream.Scopes()]
	for i := range m.scope {
		m.scope[i] = append(m.scope[i][:0], stream.Scope(i)...)
	}
	m.eventType = m.generator.Types()[stream.Type(t.Journey, t.Step)]
}

// make makes the request of a task.
func (m *maker) make(t *task) error {
	m.event(t)
	m.draft, m.fault = nil, ""
	secret := m.config.Scenario.Phases[t.Phase].Secret
	if (t.class == simulator.Genuine || t.class == simulator.Duplicate) && t.try == 1 {
		m.fast(t, m.signers[secret])
		return nil
	}
	return m.slow(t, secret)
}

// fast signs with the streaming signer.
func (m *maker) fast(t *task, signer *sign.Signer) {
	// The text lives as long as the signing does.
	m.material = sign.Material{Body: m.body, ID: unsafe.String(unsafe.SliceData(m.id), len(m.id)), Type: m.eventType, At: t.signed}
	m.request = append(m.request[:0], m.prefix...)
	m.signedStart = len(m.request)
	m.request = signer.AppendHeader(m.request, &m.material)
	m.signedEnd = len(m.request)
	m.request = append(m.request, m.suffix...)
	m.request = strconv.AppendInt(m.request, int64(len(m.body)), 10)
	m.request = append(m.request, "\r\n\r\n"...)
	head := len(m.request)
	m.request = append(m.request, m.body...)
	m.body = m.request[head:]
}

// slow makes what is stale, forged or tried again, with the whole sender.
func (m *maker) slow(t *task, secret string) error {
	d := simulator.Delivery{
		Class: t.class, At: t.signed, Attempt: t.try, Reason: t.why, Intended: t.due,
		Event: generate.Event{Type: m.eventType, ID: string(m.id), At: t.At, Body: slices.Clone(m.body)},
	}
	for _, part := range m.scope {
		d.Event.Scope = append(d.Event.Scope, string(part))
	}
	switch t.Class {
	case simulator.Stale:
		d.Faults = []fault.Fault{m.ages[t.Kind]}
	case simulator.Forged:
		d.Faults = []fault.Fault{m.forgeries[t.Phase][t.Kind]}
	}
	m.now = t.signed
	var told []fault.Fault
	if len(d.Faults) > 0 {
		told = d.Faults
		m.fault = told[0].Name
	}
	if secret == "both" {
		d.Faults = append(slices.Clone(told), bothSecrets(m.config.secrets(secret)))
	}
	draft, err := m.senders[secret].Prepare(d)
	if fault.IsNotApplicable(err) && t.Class == simulator.Forged {
		// Another secret is wrong for every event.
		told = []fault.Fault{fault.AnotherSecret()}
		d.Faults, m.fault = told, told[0].Name
		draft, err = m.senders[secret].Prepare(d)
	}
	if err != nil {
		return err
	}
	d.Faults = told
	m.draft, m.delivery, m.body = draft, d, d.Event.Body
	m.request = m.config.Client.AppendRequest(m.request[:0], &draft.Request)
	return nil
}

// bothSecrets signs with several secrets, as while one is rotated. It goes
// before faults that replace them.
func bothSecrets(secrets [][]byte) fault.Fault {
	return fault.Fault{Name: "secret.both", Stage: fault.BeforeSigning, Apply: func(d *fault.Draft) error {
		d.Secrets = secrets
		return nil
	}}
}
