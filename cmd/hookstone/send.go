package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/jsondoc"
	"github.com/spf13/cobra"
)

// sendFlags are the flags of send.
type sendFlags struct {
	aimFlags
	contractFlags
	pinFlags
	set            []string
	data           string
	documentedOnly bool
	print          string
}

func sendCommand(c *console) *cobra.Command {
	var f sendFlags
	cmd := &cobra.Command{
		Use:   "send PROVIDER EVENT",
		Short: "Make, sign and send one delivery, and show the answer",
		Long: `Make one event, sign it as the provider does, send it, and show the answer.
With --print nothing is sent: the delivery is shown instead.

Exit codes: 0 acknowledged (or printed), 1 not acknowledged, 2 usage error,
4 no complete answer came.`,
		Example: `  hookstone send {provider} {event} --target http://127.0.0.1:3000/webhooks
  hookstone send {provider} {event} --set /data/amount='"75.00"' \
    --target http://127.0.0.1:3000/webhooks
  hookstone send {provider} {event} --print curl`,
		Args: complaint(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error { return send(cmd, c, &f, args[0], args[1]) },
	}
	s := cmd.Flags()
	s.SortFlags = false
	s.StringArrayVar(&f.set, "set", nil, "`/pointer=value` in the body, the value as JSON or as a bare string (repeatable)")
	s.StringVar(&f.data, "data", "", "JSON `file` with the event's data, or with the whole body")
	s.BoolVar(&f.documentedOnly, "documented-only", false, "leave out every field that the document does not show")
	s.StringVar(&f.print, "print", "", "send nothing, print the delivery as http, curl or json")
	f.aimFlags.flags(s)
	f.pinFlags.flags(s)
	f.contractFlags.flags(s)
	return cmd
}

// printTarget stands for the receiver where --print is given no target.
const printTarget = "http://127.0.0.1:3000" + defaultPath

func (f *sendFlags) check() error {
	if f.print != "" && !slices.Contains(simulator.Formats(), f.print) {
		return usagef("", "--print %q: known are %s", f.print, strings.Join(simulator.Formats(), ", "))
	}
	if f.print != "" {
		if f.exec != "" {
			return usagef("leave --exec out", "--print sends nothing: there is nothing to start")
		}
		if f.target == "" {
			f.target = printTarget
		}
	}
	if err := f.aimFlags.check(); err != nil {
		return err
	}
	return f.pinFlags.check()
}

func send(cmd *cobra.Command, c *console, f *sendFlags, name, eventType string) error {
	if err := f.check(); err != nil {
		return err
	}
	_, p, err := f.contractFlags.provider(name)
	if err != nil {
		return err
	}
	if _, err := eventOf(p, eventType); err != nil {
		return err
	}
	to, err := f.prepare(p)
	if err != nil {
		return err
	}
	sender, delivery, err := f.delivery(p, to, eventType)
	if err != nil {
		return err
	}
	if f.print != "" {
		draft, err := sender.Prepare(delivery)
		if err != nil {
			return usage(err, "")
		}
		text, err := sender.Render(delivery, draft, f.print)
		if err != nil {
			return usage(err, "")
		}
		fmt.Fprint(c.stdout, f.completed(string(text)))
		return nil
	}
	ctx, signals := catchInterrupts(cmd.Context())
	defer signals.stop()
	defer to.stop()
	if err := to.start(ctx, c, signals); err != nil {
		return err
	}
	attempt, err := sender.Send(ctx, delivery)
	if err != nil {
		return usage(err, "")
	}
	f.hide(&attempt, sender.Redactor)
	return f.tell(ctx, c, p, to, attempt)
}

// delivery makes the event and the sender.
func (f *sendFlags) delivery(p *schemas.Provider, to *aim, eventType string) (*simulator.Sender, simulator.Delivery, error) {
	var none simulator.Delivery
	pins, err := pins(f.set)
	if err != nil {
		return nil, none, err
	}
	generator, err := generate.New(p, generate.Options{Seed: f.seed, RunID: f.runID, DocumentedOnly: f.documentedOnly, Pins: pins})
	if err != nil {
		return nil, none, usage(err, "")
	}
	event, err := generator.Event(generate.Key{Case: "send"}, eventType, f.clock())
	if err != nil {
		return nil, none, usage(err, "")
	}
	if f.data != "" {
		if err := f.ownData(p.Contract.Identity, &event); err != nil {
			return nil, none, err
		}
	}
	sender := &simulator.Sender{
		Provider: p, Generator: generator, Client: f.client(to, p),
		Secret: to.secret, Extra: f.extra, Clock: f.now, Redactor: f.redactor(p, to.secret),
	}
	return sender, simulator.Delivery{Role: "send", Class: simulator.Genuine, Event: event, Attempt: 1}, nil
}

// pins reads --set values: what is not JSON is a bare string.
func pins(set []string) ([]generate.Pin, error) {
	var pins []generate.Pin
	for _, text := range set {
		pointer, value, ok := strings.Cut(text, "=")
		if !ok || !strings.HasPrefix(pointer, "/") {
			return nil, usagef(`write --set /data/amount='"75.00"'`, "--set %q is not /pointer=value", text)
		}
		parsed, err := jsondoc.Parse([]byte(value))
		if err != nil {
			parsed = jsondoc.Value{Kind: jsondoc.String, Text: value}
		}
		pins = append(pins, generate.Pin{Pointer: pointer, JSON: string(parsed.Compact())})
	}
	return pins, nil
}

// ownData puts the user's JSON into the event: as its data, or as the whole
// body where it holds every member of the envelope.
func (f *sendFlags) ownData(identity schemas.Identity, e *generate.Event) error {
	text, err := os.ReadFile(f.data)
	if err != nil {
		return usage(fmt.Errorf("--data: %w", err), "")
	}
	own, err := jsondoc.Parse(text)
	if err != nil {
		return usage(fmt.Errorf("--data %q: %w", f.data, err), "")
	}
	made, err := jsondoc.Parse(e.Body)
	if err != nil {
		return environment(fmt.Errorf("the generated body: %w", err), "")
	}
	whole := true
	for _, m := range made.Members {
		_, has := own.Get("/" + schemas.EscapePointer(m.Key))
		whole = whole && has
	}
	body := own
	if !whole {
		if _, has := made.Get("/data"); !has {
			return usagef("give the whole body", "--data %q lacks members of the body, and the event has no /data to put it in", f.data)
		}
		if body, err = made.With("/data", own); err != nil {
			return usage(fmt.Errorf("--data %q: %w", f.data, err), "")
		}
	}
	e.Body = body.Compact()
	// The user's body may bring ids of its own.
	for _, at := range identity.ID {
		if id, ok := body.Get(at.Pointer); ok && at.Pointer != "" && id.Kind == jsondoc.String {
			e.ID = id.Text
			break
		}
	}
	for i, at := range identity.Scope {
		if part, ok := body.Get(at.Pointer); ok && at.Pointer != "" && i < len(e.Scope) && part.Kind == jsondoc.String {
			e.Scope[i] = part.Text
		}
	}
	return nil
}

// tell shows the answer, and what it means to the provider.
func (f *sendFlags) tell(ctx context.Context, c *console, p *schemas.Provider, to *aim, a simulator.Attempt) error {
	if c.json {
		if err := c.machine(a); err != nil {
			return err
		}
	}
	if a.Answer == nil {
		why := "no complete answer came"
		if a.Error != nil {
			why = a.Error.Op + ": " + a.Error.Message
			if a.Error.Kind == "refused" {
				why = "nothing listens at " + hostPort(to.url)
			}
		}
		if ctx.Err() != nil {
			why = "interrupted before the answer came"
		}
		return environmentf("is the receiver running, and is the URL right?", "%s", why)
	}
	took := time.Duration(a.Phases.Answer * float64(time.Millisecond)).Round(100 * time.Microsecond)
	word, how := "acknowledged", green
	acknowledged := a.Answer.Status/100 == 2
	deadline := p.Contract.Deadlines.Acknowledge.Duration
	switch {
	case !acknowledged:
		word, how = "not acknowledged", red
	case deadline > 0 && took > deadline:
		acknowledged = false
		word, how = fmt.Sprintf("not acknowledged in time (%s)", deadline), red
	}
	c.say("%s %s: %s, status %d in %s", a.Event.Type, a.Event.ID, c.paint(how, word), a.Answer.Status, took)
	for _, h := range a.Answer.Headers {
		c.say("  %s", clip(printable(h[0]+": "+h[1], false), columns-2))
	}
	if body := bodyText(a.Answer.Body); body != "" {
		c.say("")
		for _, line := range strings.SplitN(body, "\n", 20) {
			c.say("  %s", clip(printable(line, false), 4*columns))
		}
	}
	c.note("seed %d, run %s", f.seed, f.runID)
	if !acknowledged {
		return verdict(exitNonconformant)
	}
	return nil
}

// bodyText is an answer's body as text; at most 2,000 bytes of it.
func bodyText(b simulator.Bytes) string {
	var raw []byte
	if err := json.Unmarshal([]byte(`"`+b.Base64+`"`), &raw); err != nil {
		return ""
	}
	if len(raw) > 2000 {
		return string(raw[:2000]) + fmt.Sprintf(" … (%d bytes in all)", b.Length)
	}
	return strings.TrimRight(string(raw), "\r\n")
}
