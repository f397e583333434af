package main

import (
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/hookstone/hookstone/cmd/hookstone/internal/vectors"
	"github.com/spf13/cobra"
)

// fixturesTime is when vectors are signed unless --now says otherwise, so that
// the same command makes the same bytes on any day.
const fixturesTime = "2026-01-31T12:00:00Z"

// fixturesFlags are the flags of fixtures.
type fixturesFlags struct {
	contractFlags
	out   string
	count int
	seed  uint64
	now   string
}

func fixturesCommand(c *console) *cobra.Command {
	var f fixturesFlags
	cmd := &cobra.Command{
		Use:   "fixtures PROVIDER",
		Short: "Write signed test vectors for receivers in any language",
		Long: `Write a file of test vectors for every event of a provider, EVENT.json: the
secret, the receiver's clock, the genuine delivery byte for byte, and wrong
deliveries, each with what a receiver must make of it. With --count it also
writes genuine deliveries as NUMBER-EVENT.http, the bytes as on the wire.

Everything is signed with a secret that is published in the files. The same
seed and time make the same bytes.`,
		Example: "  hookstone fixtures {provider} --out vectors\n  hookstone fixtures {provider} --out vectors --count 20",
		Args:    complaint(cobra.ExactArgs(1)),
		RunE:    func(_ *cobra.Command, args []string) error { return fixtures(c, &f, args[0]) },
	}
	s := cmd.Flags()
	s.SortFlags = false
	s.StringVar(&f.out, "out", "", "`folder` for the files (needed)")
	s.IntVar(&f.count, "count", 0, "write so many genuine deliveries as .http files too")
	s.Uint64Var(&f.seed, "seed", 1, "seed of everything that is made up")
	s.StringVar(&f.now, "now", fixturesTime, "sign at an RFC 3339 `time`")
	f.contractFlags.flags(s)
	return cmd
}

func fixtures(c *console, f *fixturesFlags, name string) error {
	if f.out == "" {
		return usagef("name a folder: --out DIR", "fixtures needs --out")
	}
	if f.count < 0 || f.count > 100000 {
		return usagef("", "--count %d: want 0 to 100000", f.count)
	}
	now, err := time.Parse(time.RFC3339, f.now)
	if err != nil {
		return usage(fmt.Errorf("--now %q is not an RFC 3339 time", f.now), "write --now "+fixturesTime)
	}
	_, p, err := f.provider(name)
	if err != nil {
		return err
	}
	maker, err := vectors.New(p, vectors.Options{Seed: f.seed, Now: now})
	if err != nil {
		return usage(err, "")
	}
	out, err := prepareOut(f.out)
	if err != nil {
		return err
	}
	var files []string
	write := func(file string, text []byte) error {
		files = append(files, file)
		return out.write(file, func(w io.Writer) error {
			_, err := w.Write(text)
			return err
		})
	}
	deliveries := 0
	for _, e := range p.Events {
		v, err := maker.Vector(e.Type)
		if err != nil {
			return usage(err, "")
		}
		text, err := v.JSON()
		if err != nil {
			return environment(err, "")
		}
		if err := write(e.Type+".json", text); err != nil {
			return environment(err, "")
		}
		deliveries += len(v.Deliveries)
	}
	target, err := url.Parse(printTarget)
	if err != nil {
		return environment(err, "")
	}
	requests, err := maker.Requests(f.count, target)
	if err != nil {
		return usage(err, "")
	}
	for i, r := range requests {
		if err := write(fmt.Sprintf("%0*d-%s.http", max(4, len(fmt.Sprint(f.count))), i+1, r.Event), r.Bytes); err != nil {
			return environment(err, "")
		}
	}
	if c.json {
		return c.machine(map[string]any{
			"provider": p.Name(), "digest": p.Digest, "seed": f.seed, "time": now,
			"secret": string(vectors.Secret(p.Contract)), "deliveries": deliveries, "requests": len(requests), "files": files,
		})
	}
	c.say("%d events with %d deliveries in %s", len(p.Events), deliveries, f.out)
	if len(requests) > 0 {
		c.say("%d genuine deliveries as .http files", len(requests))
	}
	return nil
}
