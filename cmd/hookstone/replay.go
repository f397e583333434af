package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hookstone/hookstone/reports"
	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/journal"
	"github.com/hookstone/hookstone/simulator/schedule"
	"github.com/hookstone/hookstone/simulator/sign"
	"github.com/spf13/cobra"
)

// replayFlags are the flags of replay.
type replayFlags struct {
	aimFlags
	contractFlags
	provider string
	only     []string
	resign   bool
	speed    string
}

func replayCommand(c *console) *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "replay JOURNAL|REPORT",
		Short: "Send recorded deliveries again",
		Long: `Send the deliveries of a journal (of simulate or receive --record) or of a
report.json again: to the byte, or with --resign signed anew.

Exit codes: 0 every outcome was as it should be, 1 some were not, 2 usage error
or unreadable recording, 3 partial (some could not be sent again), 4 nothing
answers.`,
		Example: `  hookstone replay hookstone-simulation/journal.jsonl \
    --target http://127.0.0.1:3000/webhooks --only failed --resign
  hookstone replay hookstone-report/report.json \
    --target http://127.0.0.1:3000/webhooks --only case=signature/random`,
		Args: complaint(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return replay(cmd, c, &f, args[0]) },
	}
	s := cmd.Flags()
	s.SortFlags = false
	f.aimFlags.flags(s)
	s.StringVar(&f.provider, "provider", "", "`name` of the contract (default: what the recording looks like)")
	s.StringArrayVar(&f.only, "only", nil, "`what` to send: failed, a class such as forged, id=…, case=…, event=…;\nall must hold (repeatable)")
	s.BoolVar(&f.resign, "resign", false, "sign anew, now, rather than send the recorded bytes")
	s.StringVar(&f.speed, "speed", "", "`factor` such as 10x: keep the recorded pauses, so many times shorter\n(default: one after the other, at once)")
	f.contractFlags.flags(s)
	return cmd
}

func replay(cmd *cobra.Command, c *console, f *replayFlags, path string) error {
	if err := f.aimFlags.check(); err != nil {
		return err
	}
	speed, err := f.factor()
	if err != nil {
		return err
	}
	recording, err := openRecording(path)
	if err != nil {
		return err
	}
	defer recording.close()
	p, err := f.contract(recording)
	if err != nil {
		return err
	}
	only, err := schedule.ParseOnly(p.Contract, f.only)
	if err != nil {
		return usage(fmt.Errorf("--only %w", err), "")
	}
	to, err := f.receiver(p)
	if err != nil {
		return err
	}
	generator, err := generate.New(p, generate.Options{})
	if err != nil {
		return usage(err, "")
	}
	ctx, signals := catchInterrupts(cmd.Context())
	defer signals.stop()
	defer to.stop()
	if err := to.start(ctx, c, signals); err != nil {
		return err
	}
	client := f.client(to, p)
	if conn, out := client.Open(ctx); conn == nil {
		return environment(fmt.Errorf("nothing answers at %s: %w", hostPort(to.url), out.Err), "is the receiver running, and is the URL right?")
	} else {
		conn.Close()
	}
	r := &schedule.Replay{
		Sender: &simulator.Sender{Provider: p, Generator: generator, Client: client, Secret: to.secret, Extra: f.extra, Redactor: f.redactor(p, to.secret)},
		Resign: f.resign, Speed: speed, Only: only,
		Told: func(d schedule.Replayed) { tellReplayed(c, d) },
	}
	sum, err := r.Run(ctx, recording.next)
	if err != nil {
		return usage(err, "")
	}
	return concludeReplay(ctx, c, recording, sum)
}

// receiver is the target. Recorded bytes need no secret; one that is given is
// kept out of what is shown.
func (f *replayFlags) receiver(p *schemas.Provider) (*aim, error) {
	secret, err := f.given()
	if err != nil {
		return nil, err
	}
	if secret != nil || f.resign || f.exec != "" {
		return f.prepare(p)
	}
	to := &aim{secret: drawSecret(p.Contract.Signing.Key)}
	to.url, err = f.url(0)
	return to, err
}

func (f *replayFlags) factor() (float64, error) {
	if f.speed == "" {
		return 0, nil
	}
	speed, err := strconv.ParseFloat(strings.TrimSuffix(f.speed, "x"), 64)
	if err != nil || !(speed > 0 && speed <= 1e9) {
		return 0, usagef("write --speed 10x", "--speed %q is no factor", f.speed)
	}
	return speed, nil
}

func tellReplayed(c *console, d schedule.Replayed) {
	status := func(a *simulator.Attempt) string {
		switch {
		case a.Answer != nil:
			return strconv.Itoa(a.Answer.Status)
		case a.Error != nil:
			return a.Error.Kind
		}
		return "none"
	}
	word := "right"
	switch {
	case d.Expired:
		word = "expired"
	case !d.Right:
		word = "WRONG"
	}
	c.say("%-8s %-10s %s %s  %s → %s", word, d.Now.Class, clip(printable(d.Before.ID, false), 14),
		clip(printable(d.Before.Event.Type, false), 28), status(d.Before), status(d.Now))
}

func concludeReplay(ctx context.Context, c *console, r *recording, sum schedule.ReplaySummary) error {
	if c.json {
		if err := c.machine(sum); err != nil {
			return err
		}
	}
	c.say("%d of %d sent again: %d right, %d wrong; %d answered as before", sum.Sent, sum.Read, sum.Right, sum.Wrong, sum.Same)
	if sum.Expired > 0 {
		c.note("%d were signed too long ago to be accepted: sign them anew with --resign", sum.Expired)
	}
	if sum.Skipped > 0 {
		c.note("%d could not be sent again: the recording does not hold them whole, or they cannot be made anew", sum.Skipped)
	}
	if r.cut() {
		c.note("the recording's last record was cut and is left out")
	}
	switch {
	case sum.Chosen == 0:
		return usagef("leave --only out, or name another recording", "nothing in %s was chosen; nothing was sent", r.path)
	case sum.Wrong > 0:
		return verdict(exitNonconformant)
	case ctx.Err() != nil:
		return environmentf("", "interrupted")
	case sum.Skipped > 0 || sum.Sent == 0:
		return verdict(exitPartial)
	}
	return nil
}

// recording is a journal or a report, attempt by attempt.
type recording struct {
	path     string
	provider string // that the recording names; "": none
	first    *simulator.Attempt
	file     *os.File
	journal  *journal.Reader      // nil: a report
	attempts []*simulator.Attempt // of a report
}

// openRecording tells a journal from a report by its first line: a journal's
// holds a whole attempt.
func openRecording(path string) (*recording, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, usage(err, "name a journal.jsonl or a report.json")
	}
	r := &recording{path: path, file: file}
	in := bufio.NewReaderSize(file, 64<<10)
	head, _ := in.Peek(4096)
	if bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{\n")) || bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{\r\n")) || bytes.HasPrefix(head, []byte(`{"tool"`)) {
		result, err := reports.Read(in)
		if err != nil {
			file.Close()
			return nil, usage(fmt.Errorf("%s: %w", path, err), "name a journal.jsonl or a report.json")
		}
		r.provider = result.Contract.Provider
		for i := range result.Results {
			for j := range result.Results[i].Attempts {
				a := &result.Results[i].Attempts[j]
				if a.Case == "" {
					a.Case = result.Results[i].ID
				}
				r.attempts = append(r.attempts, a)
			}
		}
		if len(r.attempts) > 0 {
			r.first = r.attempts[0]
		}
		return r, nil
	}
	r.journal = journal.NewReader(path, in)
	if r.first, err = r.journal.Next(); err != nil && !errors.Is(err, io.EOF) {
		file.Close()
		return nil, usage(err, "name a journal.jsonl or a report.json")
	}
	if r.first != nil {
		r.attempts = []*simulator.Attempt{r.first}
	}
	var run ran
	if text, err := os.ReadFile(filepath.Join(filepath.Dir(path), "run.json")); err == nil && json.Unmarshal(text, &run) == nil {
		r.provider = run.Provider
	}
	return r, nil
}

func (r *recording) next() (*simulator.Attempt, error) {
	if len(r.attempts) > 0 {
		a := r.attempts[0]
		r.attempts = r.attempts[1:]
		return a, nil
	}
	if r.journal == nil {
		return nil, io.EOF
	}
	return r.journal.Next()
}

func (r *recording) cut() bool { return r.journal != nil && r.journal.Cut() }

func (r *recording) close() { r.file.Close() }

// contract is the recording's: named, told by what lies beside it, or the only
// one that its first delivery looks like.
func (f *replayFlags) contract(r *recording) (*schemas.Provider, error) {
	name := f.provider
	if name == "" {
		name = r.provider
	}
	if name != "" {
		_, p, err := f.contractFlags.provider(name)
		return p, err
	}
	library, err := f.library()
	if err != nil {
		return nil, err
	}
	var like []*schemas.Provider
	for _, p := range library.Providers() {
		if r.first != nil && looksLike(p, r.first) {
			like = append(like, p)
		}
	}
	if len(like) == 1 {
		return like[0], nil
	}
	return nil, usagef("name it: --provider NAME; list them with: hookstone contracts list", "%s does not say which contract it is of", r.path)
}

// looksLike tells whether an attempt has the contract's signing headers and
// one of its event types.
func looksLike(p *schemas.Provider, a *simulator.Attempt) bool {
	scheme, err := sign.Compile(p.Contract)
	if err != nil {
		return false
	}
	for _, h := range scheme.Headers() {
		found := false
		for _, line := range a.Request.Headers {
			found = found || strings.EqualFold(line[0], h.Name)
		}
		if !found {
			return false
		}
	}
	_, known := p.Event(a.Event.Type)
	return known
}
