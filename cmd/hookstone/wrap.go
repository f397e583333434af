package main

import (
	"strings"
	"unicode/utf8"
)

// wrapText breaks text at white space into at most limit lines of the given
// width (0 lines: no limit). What does not fit ends in an ellipsis. A word
// longer than a line is cut.
func wrapText(text string, width, limit int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		word = clip(word, width)
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	if limit > 0 && len(lines) > limit {
		lines = lines[:limit]
		last := lines[limit-1]
		for utf8.RuneCountInString(last)+2 > width {
			cut := strings.LastIndexByte(last, ' ')
			if cut < 0 {
				last = clip(last, width-2)
				break
			}
			last = last[:cut]
		}
		lines[limit-1] = last + " …"
	}
	return lines
}

// clip cuts text to width characters, the last of them an ellipsis.
func clip(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	runes := []rune(text)
	return string(runes[:max(width-1, 0)]) + "…"
}

// indented prefixes the first line with first and the others with as many spaces.
func indented(first string, lines []string) []string {
	pad := strings.Repeat(" ", utf8.RuneCountInString(first))
	out := make([]string, len(lines))
	for i, line := range lines {
		if i == 0 {
			out[i] = first + line
		} else {
			out[i] = pad + line
		}
	}
	return out
}
