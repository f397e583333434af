package main

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// shownCommand is a command that a page shows, with what it says.
type shownCommand struct {
	command string
	output  []string // a line … is any number of lines
}

// TestReadmeExplains runs the examples of explain as the README shows them.
func TestReadmeExplains(t *testing.T) {
	t.Parallel()
	const root = "../.."
	text, err := os.ReadFile(root + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	examples, secret := 0, ""
	for _, s := range shownCommands(string(text)) {
		if value, ok := strings.CutPrefix(s.command, "export HOOKSTONE_SECRET="); ok {
			secret = value
		}
		arguments, ok := strings.CutPrefix(s.command, "./hookstone explain ")
		if !ok {
			continue
		}
		examples++
		cmd := exec.Command("hookstone", append([]string{"explain"}, strings.Fields(arguments)...)...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "HOOKSTONE_SECRET="+secret, "NO_COLOR=1")
		out, err := cmd.Output()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != exitNonconformant {
			t.Errorf("%s: %v; want exit code %d", s.command, err, exitNonconformant)
		}
		said := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
		if !shows(s.output, said) {
			t.Errorf("%s says\n%s\nand the README shows\n%s", s.command, out, strings.Join(s.output, "\n"))
		}
	}
	if examples != 3 {
		t.Errorf("the README shows %d examples of explain; want 3", examples)
	}
}

// shownCommands are those in the fenced blocks of a page, behind a "$ ".
func shownCommands(page string) []shownCommand {
	var out []shownCommand
	for i, block := range strings.Split(page, "```") {
		if i%2 == 0 {
			continue
		}
		block = strings.ReplaceAll(block, "\\\n", " ")
		began := len(out)
		for line := range strings.SplitSeq(strings.Trim(block, "\n"), "\n") {
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				out = append(out, shownCommand{command: command})
			} else if n := len(out); n > began {
				out[n-1].output = append(out[n-1].output, line)
			}
		}
	}
	return out
}

// shows tells whether lines are what a page shows of them.
func shows(page, lines []string) bool {
	if len(page) == 0 {
		return len(lines) == 0
	}
	if page[0] == "…" {
		for n := 0; n <= len(lines); n++ {
			if shows(page[1:], lines[n:]) {
				return true
			}
		}
		return false
	}
	return len(lines) > 0 && page[0] == lines[0] && shows(page[1:], lines[1:])
}

func TestShows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		page, lines string
		want        bool
	}{
		{"a|b", "a|b", true}, {"a|…", "a|b|c", true}, {"a|…|c", "a|c", true}, {"…|c", "a|b|c", true}, {"a|…|c|…", "a|b|c|d", true},
		{"a", "a|b", false}, {"a|…|d", "a|b|c", false}, {"a|b", "a", false},
	} {
		if got := shows(strings.Split(c.page, "|"), strings.Split(c.lines, "|")); got != c.want {
			t.Errorf("shows(%s, %s) = %v; want %v", c.page, c.lines, got, c.want)
		}
	}
}
