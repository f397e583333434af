package reports

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// span is a stretch of text: as it is, or what stands for characters that
// nobody would see.
type span struct {
	text   string
	unseen bool
}

// spans cuts s into what can be shown and what cannot: control characters,
// bidirectional and other format characters, line separators, bytes that are
// not UTF-8. With lines, tab and line feed are shown as they are.
func spans(s string, lines bool) []span {
	var out []span
	var names []string
	start := 0
	flush := func() {
		if len(names) > 0 {
			out = append(out, span{"⟨" + strings.Join(names, " ") + "⟩", true})
			names = nil
		}
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		name := ""
		switch {
		case r == utf8.RuneError && size == 1:
			name = fmt.Sprintf("0x%02X", s[i])
		case lines && (r == '\n' || r == '\t'):
		case unseen(r):
			name = fmt.Sprintf("U+%04X", r)
		}
		switch {
		case name != "":
			if start < i {
				out = append(out, span{s[start:i], false})
			}
			names = append(names, name)
			start = i + size
		default:
			flush()
		}
		i += size
	}
	flush()
	if start < len(s) {
		out = append(out, span{s[start:], false})
	}
	return out
}

// unseen tells of a character that leaves no mark of its own or moves the
// marks of others.
func unseen(r rune) bool {
	if r >= ' ' && r <= '~' {
		return false
	}
	switch r {
	case 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800: // fillers that count as letters or symbols
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
}

// visible is s on one line, with every unseen character spelled ⟨U+202E⟩.
func visible(s string) string { return spell(s, false) }

// visibleLines keeps tabs and line feeds.
func visibleLines(s string) string { return spell(s, true) }

func spell(s string, lines bool) string {
	var b strings.Builder
	for _, p := range spans(s, lines) {
		b.WriteString(p.text)
	}
	return b.String()
}

// clip cuts s to n bytes at most, between characters, and tells whether it did.
func clip(s string, n int) (string, bool) {
	if len(s) <= n {
		return s, false
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n], true
}

// brief is a visible line of at most n bytes, with an ellipsis where it was cut.
func brief(s string, n int) string {
	s, cut := clip(visible(s), n)
	if cut {
		return strings.TrimRight(s, " ") + " …"
	}
	return s
}

// columns is how many terminal columns s takes; never less than it does.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += cells(r)
	}
	return n
}

func cells(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	if r >= 0x1F000 {
		return 2
	}
	return 1
}

// fit cuts s to w columns, with an ellipsis where it was cut.
func fit(s string, w int) string {
	if columns(s) <= w {
		return s
	}
	n := 0
	for i, r := range s {
		if n += cells(r); n > w-1 {
			return strings.TrimRight(s[:i], " ") + "…"
		}
	}
	return s
}

// wrap breaks s into lines of w columns, the last cut with an ellipsis where
// there would be more than n. Words longer than a line are broken.
func wrap(s string, w, n int) []string {
	var lines []string
	rest := strings.Join(strings.Fields(s), " ")
	for rest != "" {
		if len(lines) == n-1 || columns(rest) <= w {
			return append(lines, fit(rest, w))
		}
		cut, space, used := len(rest), -1, 0
		for i, r := range rest {
			if used+cells(r) > w {
				cut = i
				break
			}
			if r == ' ' {
				space = i
			}
			used += cells(r)
		}
		if cut < len(rest) && rest[cut] == ' ' {
			space = cut
		}
		if space > 0 {
			cut = space
		}
		lines = append(lines, rest[:cut])
		rest = strings.TrimLeft(rest[cut:], " ")
	}
	return lines
}

// plural counts a noun: "1 case", "3 cases".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
