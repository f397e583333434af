package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hookstone/hookstone/cmd/hookstone/internal/infer"
	"github.com/hookstone/hookstone/cmd/hookstone/internal/vectors"
	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/spf13/cobra"
)

// initFlags are the flags of contracts init.
type initFlags struct {
	secretFlags
	from         []string
	out          string
	typeAt, idAt string
}

func contractsInitCommand(c *console) *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init NAME --from FILE…",
		Short: "Draft a contract from captured requests",
		Long: `Draft a contract folder from requests that an endpoint received, one a file: the
bytes of an HTTP request, or JSON with headers and body. Schemas are inferred
from the bodies, the rest of the contract from the headers; what is a guess is
cited as one. The folder passes contracts check at once, and is there to be
edited. A folder that exists is never written to.

With the secret that the requests were signed with, the recipe of the signature
is found by trying; without, it is a guess by form.`,
		Example: `  hookstone contracts init acme --from captured/*.http
  hookstone contracts init acme --from a.json --from b.json --out ./contracts/acme
  hookstone contracts init acme --from captured/*.http --secret-env ACME_SECRET`,
		Args: complaint(cobra.MinimumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			// A shell expands --from *.http to one value and further arguments.
			return contractsInit(c, &f, args[0], slices.Concat(f.from, args[1:]))
		},
	}
	s := cmd.Flags()
	s.SortFlags = false
	s.StringArrayVar(&f.from, "from", nil, "`file` with a captured request (repeatable)")
	s.StringVar(&f.out, "out", "", "`folder` to make (default: NAME)")
	s.StringVar(&f.typeAt, "type", "", "`place` of the event type: body:/pointer or header:NAME (default: guessed)")
	s.StringVar(&f.idAt, "id", "", "`place` of the idempotency key, likewise")
	f.secretFlags.flags(s)
	return cmd
}

// options reads the flags.
func (f *initFlags) options(name string) (infer.Options, error) {
	o := infer.Options{Name: name}
	for _, place := range []struct {
		flag, text string
		target     *schemas.Location
	}{{"--type", f.typeAt, &o.Type}, {"--id", f.idAt, &o.ID}} {
		if place.text == "" {
			continue
		}
		l, err := schemas.ParseLocation(place.text)
		if err != nil {
			return o, usage(fmt.Errorf("%s: %w", place.flag, err), "write body:/pointer or header:NAME")
		}
		*place.target = l
	}
	var err error
	o.Secret, err = f.given()
	return o, err
}

func contractsInit(c *console, f *initFlags, name string, files []string) error {
	if len(files) == 0 {
		return usagef("name files with captured requests: --from FILE", "init needs --from")
	}
	out := f.out
	if out == "" {
		out = name
	}
	if _, err := os.Lstat(out); !errors.Is(err, fs.ErrNotExist) {
		return usagef("name another folder: --out DIR", "%q exists: nothing is overwritten", out)
	}
	o, err := f.options(name)
	if err != nil {
		return err
	}
	var captures []infer.Capture
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return usage(fmt.Errorf("--from: %w", err), "")
		}
		capture, err := infer.ReadCapture(file, text)
		if err != nil {
			return usage(err, "one request a file: HTTP as on the wire, or JSON with headers and body")
		}
		captures = append(captures, capture)
	}
	draft, err := infer.Infer(captures, o)
	if err != nil {
		return usage(err, "say what the requests do not show: --type PLACE, --id PLACE")
	}
	if err := writeDraft(draft, out); err != nil {
		return err
	}
	return tellDraft(c, draft, name, out)
}

// writeDraft makes the folder whole or not at all: under another name first,
// checked there, then moved.
func writeDraft(draft *infer.Draft, out string) (err error) {
	parent := filepath.Dir(filepath.Clean(out))
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return environment(fmt.Errorf("--out %q: %w", out, err), "")
	}
	dir, err := os.MkdirTemp(parent, ".new-*") // for its owner alone: captures are traffic
	if err != nil {
		return environment(fmt.Errorf("--out %q: %w", out, err), "name a folder that can be written to: --out DIR")
	}
	defer os.RemoveAll(dir) // moved, there is nothing to remove
	for file, text := range draft.Files {
		path := filepath.Join(dir, filepath.FromSlash(file))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, text, 0o600)); err != nil {
			return environment(fmt.Errorf("write %s: %w", file, err), "")
		}
	}
	if err := proveDraft(os.DirFS(dir)); err != nil {
		return environment(fmt.Errorf("the drafted folder does not hold: %w", err), "leave requests out until it does, and report the one that it was")
	}
	if _, err := os.Lstat(out); !errors.Is(err, fs.ErrNotExist) {
		return usagef("name another folder: --out DIR", "%q exists: nothing is overwritten", out)
	}
	if err := os.Rename(dir, out); err != nil {
		return environment(fmt.Errorf("--out %q: %w", out, err), "")
	}
	return nil
}

// proveDraft checks the folder, and makes and signs some of every event.
func proveDraft(fsys fs.FS) error {
	if ps := schemas.Check(fsys); len(ps) > 0 {
		return ps
	}
	library, err := schemas.Load(fsys)
	if err != nil {
		return err
	}
	p := library.Providers()[0]
	g, err := generate.New(p, generate.Options{Seed: 1, RunID: "draft"})
	if err != nil {
		return err
	}
	sender := simulator.Sender{Provider: p, Generator: g, Secret: vectors.Secret(p.Contract)}
	for _, e := range p.Events {
		for n := range uint64(20) {
			event, err := g.Event(generate.Key{Case: "draft", Number: n}, e.Type, time.Now())
			if err != nil {
				return err
			}
			if err := e.Validate(event.Body); err != nil {
				return fmt.Errorf("what journeys.yaml makes is not valid: %w", err)
			}
			if _, err := sender.Prepare(simulator.Delivery{Event: event}); err != nil {
				return err
			}
		}
	}
	return nil
}

func tellDraft(c *console, draft *infer.Draft, name, out string) error {
	if c.json {
		return c.machine(map[string]any{
			"provider": name, "folder": out, "events": draft.Events, "signing": draft.Signing, "proven": draft.Proven,
			"notes": append([]string{}, draft.Notes...),
		})
	}
	c.say("%s: %d %s (%s)", out, len(draft.Events), plural(len(draft.Events), "event", "events"), printable(strings.Join(draft.Events, ", "), false))
	how := "a guess by form"
	if draft.Proven {
		how = "it makes every captured signature"
	}
	c.say("Signed: %s; %s.", printable(draft.Signing, false), how)
	for _, n := range draft.Notes {
		c.note("%s", printable(n, false))
	}
	c.say("The examples hold the captured data: take out what is not yours to publish.")
	c.say("Next: read what is cited as a convention in %s, then: hookstone contracts check %s", filepath.Join(out, "contract.yaml"), out)
	return nil
}
