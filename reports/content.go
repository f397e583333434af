package reports

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hookstone/hookstone/simulator"
)

const (
	bodyShown = 2048 // bytes of a body that a report shows as text
	hexShown  = 512  // bytes that it shows as a hex dump
)

// content decodes at most n bytes of b, cut between characters, and tells
// whether that is all of it. What is no base64 has no content.
func content(b simulator.Bytes, n int) (data []byte, whole bool) {
	data, err := base64.StdEncoding.DecodeString(b.Base64)
	if err != nil {
		return nil, b.Base64 == "" && b.Length == 0
	}
	if len(data) <= n {
		return data, !b.Truncated && int64(len(data)) >= b.Length
	}
	if cut, _ := clip(string(data), n); n-len(cut) < utf8.UTFMax {
		return []byte(cut), false
	}
	return data[:n], false
}

func base64Of(data []byte) string { return base64.StdEncoding.EncodeToString(data) }

// legible tells of bytes that people can read: UTF-8, or nearly, with few
// control characters.
func legible(data []byte) bool {
	odd := 0
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 || r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7F {
			odd++
		}
		i += size
	}
	return odd*8 <= len(data)
}

// dump writes bytes sixteen to a line: offset, hexadecimal, ASCII.
func dump(data []byte) string {
	var b strings.Builder
	for at := 0; at < len(data); at += 16 {
		row := data[at:min(at+16, len(data))]
		digits := hex.EncodeToString(row)
		fmt.Fprintf(&b, "%04x ", at)
		for i := 0; i < 32; i += 2 {
			if i < len(digits) {
				b.WriteString(" " + digits[i:i+2])
			} else {
				b.WriteString("   ")
			}
		}
		b.WriteString("  ")
		for _, c := range row {
			if c < ' ' || c > '~' {
				c = '.'
			}
			b.WriteByte(c)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
