package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPrintableIsInert(t *testing.T) {
	t.Parallel()
	hostile := "a\x1b[2Jb\u202ec\u2066d\u0085e\rf\ng\x00h\x7f"
	got := printable(hostile, false)
	if strings.ContainsAny(got, "\x1b\u202e\u2066\u0085\r\n\x00\x7f") {
		t.Errorf("printable(%q) = %q", hostile, got)
	}
	if kept := printable("a\nb", true); kept != "a\nb" {
		t.Errorf("printable with lines = %q", kept)
	}
	if plain := printable("größe 日本 ✓", false); plain != "größe 日本 ✓" {
		t.Errorf("printable changed %q", plain)
	}
}

func TestWrapText(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("seventeen letters ", 12) + strings.Repeat("x", 200)
	for _, limit := range []int{0, 1, 3} {
		lines := wrapText(text, 40, limit)
		if limit > 0 && len(lines) != limit {
			t.Errorf("wrapText(limit %d) has %d lines", limit, len(lines))
		}
		for _, line := range lines {
			if n := utf8.RuneCountInString(line); n > 40 {
				t.Errorf("wrapText(limit %d): %q has %d columns; want 40 at most", limit, line, n)
			}
		}
		if limit > 0 && !strings.HasSuffix(lines[limit-1], "…") {
			t.Errorf("wrapText(limit %d) ends in %q; want an ellipsis", limit, lines[limit-1])
		}
	}
	if got := wrapText("  ", 40, 2); len(got) != 0 {
		t.Errorf("wrapText of blanks = %q", got)
	}
	if got := strings.Join(indented("Fix: ", []string{"a", "b"}), "|"); got != "Fix: a|     b" {
		t.Errorf("indented = %q", got)
	}
}
