package explain

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// firstDifference is the place of the first byte in which two texts differ,
// from 0; -1 where they are the same. Where one is the beginning of the other
// it is the shorter one's length.
func firstDifference(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) == len(b) {
		return -1
	}
	return n
}

// IsText tells bytes that can be shown as they are: valid UTF-8 of printing
// characters and spaces. Line breaks are not among them, since they must show.
func IsText(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	for _, r := range string(b) {
		if r != ' ' && !strconv.IsPrint(r) {
			return false
		}
	}
	return true
}

// ByteWords names the byte at a place for people: "0x20 ' '", or "nothing"
// behind the end.
func ByteWords(b []byte, at int) string {
	if at < 0 || at >= len(b) {
		return "nothing"
	}
	switch c := b[at]; c {
	case '\n':
		return "0x0a (line feed)"
	case '\r':
		return "0x0d (carriage return)"
	case '\t':
		return "0x09 (tab)"
	default:
		if c > 0x20 && c < 0x7f || c == ' ' {
			return fmt.Sprintf("0x%02x %q", c, rune(c))
		}
		return fmt.Sprintf("0x%02x", c)
	}
}

// printable quotes text that holds anything but printing characters.
func printable(s string) string {
	if len(s) > 80 {
		s = s[:80] + "…"
	}
	if IsText([]byte(s)) {
		return s
	}
	return strings.Trim(strconv.QuoteToGraphic(s), `"`)
}
