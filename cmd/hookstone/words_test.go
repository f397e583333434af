package main

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSplitWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		command string
		want    []string
		err     string
	}{
		{"node app.js", []string{"node", "app.js"}, ""},
		{"  node\tapp.js\n", []string{"node", "app.js"}, ""},
		{`sh -c 'exec node "app.js"'`, []string{"sh", "-c", `exec node "app.js"`}, ""},
		{`a "b c" d\ e`, []string{"a", "b c", "d e"}, ""},
		{`"a\"b\\c\n"`, []string{`a"b\c\n`}, ""},
		{`'' ""`, []string{"", ""}, ""},
		{`a'b'"c"d`, []string{"abcd"}, ""},
		{"$HOME *.js", []string{"$HOME", "*.js"}, ""},
		{"", nil, ""},
		{"'open", nil, "unclosed single quote"},
		{`"open`, nil, "unclosed double quote"},
		{`"open\"`, nil, "unclosed double quote"},
		{`end\`, nil, "backslash at the end"},
	} {
		got, err := splitWords(c.command)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("splitWords(%q) = %q, %v; want an error with %q", c.command, got, err, c.err)
			}
			continue
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("splitWords(%q) = %q, %v; want %q", c.command, got, err, c.want)
		}
	}
}

// TestQuotedWordsComeBack: what is printed to be typed again splits into the
// same words.
func TestQuotedWordsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.String(), 1, 5).Draw(t, "words")
		quoted := make([]string, len(words))
		for i, w := range words {
			quoted[i] = quoteWord(w)
		}
		got, err := splitWords(strings.Join(quoted, " "))
		if err != nil || !slices.Equal(got, words) {
			t.Fatalf("splitWords(quoted %q) = %q, %v", words, got, err)
		}
	})
}
