package main

// The voice. What Hookstone says to people follows these rules, whichever
// command says it:
//
//   - Answer first: the outcome, then its cause, then what to do next.
//   - Plain sentences in the present tense; the field's nouns (delivery, case,
//     finding); no exclamation marks, no jokes, no apologies, no emoji.
//   - An error is one line, "hookstone: " and a lower-case clause that quotes the
//     offending value; below it at most one hint that can be typed or done.
//   - Nothing is wider than 80 columns but a URL, a path or a command to copy.
//   - Colour repeats what a word already says. It, and the line that counts
//     along, are for terminals only.
//   - Answers go to stdout; errors, notes and progress go to stderr. With --json
//     stdout belongs to the machine and everything for people goes to stderr.
//   - --quiet says nothing but errors.
//   - A secret is never said, nor anything derived from it but the signatures
//     that were really sent.

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/term"
)

// columns is the width that every line keeps to.
const columns = 80

// console is where a command speaks.
type console struct {
	stdout, stderr io.Writer
	json           bool
	quiet          bool
	noColor        bool
}

func newConsole(stdout, stderr io.Writer) *console {
	return &console{stdout: stdout, stderr: stderr}
}

// flags adds the flags that every command has.
func (c *console) flags(f *pflag.FlagSet) {
	f.BoolVar(&c.json, "json", false, "machine-readable output on stdout, people's on stderr")
	f.BoolVarP(&c.quiet, "quiet", "q", false, "say nothing but errors")
	f.BoolVar(&c.noColor, "no-color", false, "no colours (NO_COLOR in the environment does the same)")
}

// people is where words for people go.
func (c *console) people() io.Writer {
	switch {
	case c.quiet:
		return io.Discard
	case c.json:
		return c.stderr
	}
	return c.stdout
}

// say prints a line of the answer for people.
func (c *console) say(format string, args ...any) {
	fmt.Fprintf(c.people(), format+"\n", args...)
}

// note prints an aside on stderr.
func (c *console) note(format string, args ...any) {
	if !c.quiet {
		fmt.Fprintf(c.stderr, "hookstone: "+format+"\n", args...)
	}
}

// machine prints a value as JSON on stdout.
func (c *console) machine(v any) error {
	e := json.NewEncoder(c.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return environment(fmt.Errorf("write to stdout: %w", err), "")
	}
	return nil
}

// fail tells a failure.
func (c *console) fail(f *failure) {
	if f.err == nil {
		return
	}
	fmt.Fprintf(c.stderr, "hookstone: %s\n", printable(f.err.Error(), true))
	if f.hint != "" {
		fmt.Fprintf(c.stderr, "  %s\n", f.hint)
	}
}

// terminal tells whether w is one that can be written to along a line.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

// live tells whether progress may be shown.
func (c *console) live() bool {
	return !c.quiet && os.Getenv("CI") == "" && terminal(c.stderr)
}

// width is the terminal's, at most 80.
func (c *console) width() int {
	if f, ok := c.stderr.(*os.File); ok {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return min(w, columns)
		}
	}
	return columns
}

// colour is an ANSI code.
type colour string

const (
	bold  colour = "1"
	red   colour = "1;31"
	green colour = "1;32"
)

// color tells whether an output takes colours.
func (c *console) color(w io.Writer) bool {
	return !c.noColor && os.Getenv("NO_COLOR") == "" && terminal(w)
}

// paint colours text for people where their output is a terminal.
func (c *console) paint(how colour, text string) string {
	if !c.color(c.people()) {
		return text
	}
	return "\x1b[" + string(how) + "m" + text + "\x1b[0m"
}

// printable makes text that a receiver or a file had a say in harmless for a
// terminal: control and formatting characters become visible. Lines are kept
// where asked for.
func printable(text string, lines bool) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\n', r == '\t', r == '\r':
			return ' '
		case r < 0x20, r >= 0x7f && r < 0xa0,
			r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff:
			return '\uFFFD'
		}
		return r
	}, text)
}

// plural chooses a word by number.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
