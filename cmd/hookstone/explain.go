package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/explain"
	"github.com/spf13/cobra"
)

// explainFlags are the flags of explain.
type explainFlags struct {
	secretFlags
	contractFlags
	request, headers, body string
	entry                  int
	now                    string
	computed               string
}

func explainCommand(c *console) *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:   "explain [PROVIDER]",
		Short: "Say why a captured request does or does not verify",
		Long: `Say why a captured request does or does not verify. Known mistakes are tried,
alone and in pairs, and the smallest change that reproduces the signature is
named. Without PROVIDER the request is held against the contract that it looks
like most.

--request reads a raw HTTP request, what curl -v or --trace wrote, a HAR, or a
line of a journal. curl -v leaves the body out: give it with --body.
With --computed the digest that your receiver computed for the request is
explained in place of the one that came.

Exit codes: 0 the request verifies (or the computed digest is right), 1 it does
not, 2 usage error.`,
		Example: `  hookstone explain {provider} --request captured.http
  hookstone explain --request traffic.har --entry 3
  hookstone explain {provider} --headers headers.txt --body body.json \
    --computed 5f2b…`,
		Args: complaint(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error { return explainRequest(c, &f, args) },
	}
	s := cmd.Flags()
	s.SortFlags = false
	s.StringVar(&f.request, "request", "", "`file` with the captured request; - is standard input")
	s.StringVar(&f.headers, "headers", "", "`file` with the header lines alone (with --body)")
	s.StringVar(&f.body, "body", "", "`file` with the body alone, byte for byte")
	s.IntVar(&f.entry, "entry", 0, "`number` of the request, of several in the file (default: the first with a body)")
	s.StringVar(&f.now, "now", "", "RFC 3339 `time` of arrival (default: the capture's, else the clock's)")
	s.StringVar(&f.computed, "computed", "", "`digest` that the receiver computed, in hex or base64")
	f.secretFlags.flags(s)
	f.contractFlags.flags(s)
	return cmd
}

func explainRequest(c *console, f *explainFlags, args []string) error {
	library, err := f.library()
	if err != nil {
		return err
	}
	q := explain.Question{Library: library, Computed: f.computed}
	if len(args) == 1 {
		if _, q.Provider, err = f.provider(args[0]); err != nil {
			return err
		}
	}
	if f.now != "" {
		if q.Now, err = time.Parse(time.RFC3339, f.now); err != nil {
			return usage(fmt.Errorf("--now %q is not an RFC 3339 time", f.now), "write --now 2026-01-31T12:00:00Z")
		}
	}
	if q.Capture, err = f.capture(); err != nil {
		return err
	}
	if q.Secret, err = f.needed(); err != nil {
		return err
	}
	e, err := explain.Explain(q)
	if err != nil {
		return usage(err, "list the contracts with: hookstone contracts list")
	}
	if c.json {
		if err := c.machine(e); err != nil {
			return err
		}
	} else {
		c.explained(e, q.Provider)
	}
	if e.Verifies || f.computed != "" && e.SignatureRight {
		return nil
	}
	return verdict(exitNonconformant)
}

// capture reads what the flags name.
func (f *explainFlags) capture() (explain.Capture, error) {
	const hint = "give --request FILE, or --headers FILE and --body FILE"
	var none explain.Capture
	switch {
	case f.request != "" && f.headers != "":
		return none, usagef("keep one of the two", "--request and --headers are both given")
	case f.request == "" && f.headers == "":
		return none, usagef(hint, "no captured request is named")
	case f.headers != "" && f.body == "":
		return none, usagef(hint, "--headers is given without --body")
	case f.headers != "" && f.entry != 0:
		return none, usagef("", "--entry is of --request")
	}
	var body []byte
	var err error
	if f.body != "" {
		if body, err = readCapture("--body", f.body); err != nil {
			return none, err
		}
	}
	if f.headers != "" {
		headers, err := readCapture("--headers", f.headers)
		if err != nil {
			return none, err
		}
		in, err := explain.ReadFiles(headers, body)
		if err != nil {
			return none, usage(fmt.Errorf("--headers %q: %w", f.headers, err), "")
		}
		return in, nil
	}
	text, err := readCapture("--request", f.request)
	if err != nil {
		return none, err
	}
	in, err := explain.Read(text, f.entry)
	if err != nil {
		return none, usage(fmt.Errorf("--request %q: %w", f.request, err), "")
	}
	switch {
	case f.body != "":
		in = in.WithBody(body)
	case in.NeedsBody():
		return none, usagef("add --body FILE with the bytes that were sent", "--request %q: a %s without the body", f.request, in.Form)
	}
	return in, nil
}

// readCapture reads a file that a flag names, up to what a capture may have.
func readCapture(flag, name string) ([]byte, error) {
	var from io.Reader = os.Stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, usage(fmt.Errorf("%s: %w", flag, err), "")
		}
		defer file.Close()
		from = file
	}
	text, err := io.ReadAll(io.LimitReader(from, explain.Limit+1))
	if err != nil {
		return nil, usage(fmt.Errorf("%s %q: %w", flag, name, err), "")
	}
	return text, nil
}

// explained tells an explanation to people.
func (c *console) explained(e *explain.Explanation, named *schemas.Provider) {
	how := red
	if e.Verifies || e.SignatureRight && e.Header == nil {
		how = green
	}
	for _, line := range wrapText(e.Summary, columns, 0) {
		c.say("%s", c.paint(how, printable(line, false)))
	}
	for _, line := range indented("  ", wrapText(e.Hint, columns-2, 0)) {
		c.say("%s", printable(line, false))
	}
	c.say("")
	row := func(name, text string) {
		for _, line := range indented(fmt.Sprintf("%-11s", name), wrapText(printable(text, false), columns-11, 0)) {
			c.say("%s", line)
		}
	}
	row("contract", e.Provider+", "+e.Title)
	if named == nil {
		for _, g := range e.Looks[:min(len(e.Looks), 3)] {
			for i, r := range g.Reasons {
				label := ""
				if i == 0 {
					label = "looks like"
				}
				row(label, g.Provider+": "+r)
			}
		}
	}
	row("capture", e.Capture)
	if e.Header != nil {
		row("signature", pieces(e.Header.Name+": "+e.Header.Value, columns-11))
	} else {
		row("signature", "none")
	}
	for i, ch := range e.Changes {
		row("change", ch.Label)
		if i > 0 {
			row("", ch.Fix)
		}
	}
	for n, alike := range e.Alike {
		if n == shownAlike && len(e.Alike) > n+1 {
			row("", fmt.Sprintf("… and %d more (--json has them)", len(e.Alike)-n))
			break
		}
		text := ""
		for i, ch := range alike {
			if i > 0 {
				text += ", and "
			}
			text += ch.Label
		}
		row("the same", text)
	}
	row("timestamp", timeWords(&e.Time))
	row("body", bodyWords(&e.Body))
	for _, failure := range e.Body.Failures {
		row("", failure.String())
	}
	for _, n := range e.Notes {
		row("note", n)
	}
	if e.Tried > 0 {
		text := fmt.Sprintf("%d %s", e.Tried, plural(e.Tried, "recipe", "recipes"))
		if e.Spent {
			text += "; the body is too large to try all pairs"
		}
		row("tried", text)
	}
	c.bases(e)
}

// pieces breaks words that are longer than a line, so that none is cut: behind
// a separator where there is one, so that a digest stays whole.
func pieces(text string, width int) string {
	var out []string
	for _, word := range strings.Fields(printable(text, false)) {
		runes := []rune(word)
		for len(runes) > width {
			end := width
			for i := width; i > 0; i-- {
				if strings.ContainsRune(",;=", runes[i-1]) {
					end = i
					break
				}
			}
			out, runes = append(out, string(runes[:end])), runes[end:]
		}
		out = append(out, string(runes))
	}
	return strings.Join(out, " ")
}

// shownAlike is how many other explanations people are told.
const shownAlike = 3

func timeWords(t *explain.TimeCheck) string {
	switch {
	case t.Text == "" && t.Problem == "":
		return "none; the contract has none"
	case t.Text == "":
		return t.Problem
	case t.Problem != "":
		return fmt.Sprintf("%q: %s", t.Text, t.Problem)
	case t.Tolerance == 0:
		return fmt.Sprintf("%s; the contract states no tolerance", t.Text)
	}
	return fmt.Sprintf("%s, %s, %.0fs allowed", t.Text, t.Age(), t.Tolerance)
}

func bodyWords(b *explain.BodyCheck) string {
	switch {
	case b.Problem != "" && b.Event != "":
		return fmt.Sprintf("%q: %s", b.Event, b.Problem)
	case b.Problem != "":
		return b.Problem
	case b.Valid:
		return b.Event + ", as its schema describes"
	}
	return fmt.Sprintf("%s, not as its schema describes: %d %s", b.Event, len(b.Failures), plural(len(b.Failures), "fault", "faults"))
}
