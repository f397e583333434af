package main

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hookstone/hookstone/simulator/explain"
)

// Of a base string longer than shownBytes only the surroundings of the first
// difference are shown, or its beginning; --json has more.
const (
	shownBytes = 8 << 10
	window     = 1 << 10
)

// bases shows what was signed and what should be, byte for byte.
func (c *console) bases(e *explain.Explanation) {
	signed, wanted := e.Bases()
	switch {
	case wanted == nil:
		return
	case signed == nil:
		c.say("\nTo be signed, %s:", count(wanted))
		c.dump(wanted, -1)
		return
	case bytes.Equal(signed, wanted):
		c.say("\nSigned, %s:", count(signed))
		c.dump(signed, -1)
		return
	}
	at := e.FirstDifference
	c.say("\nSigned, %s, first different byte %d: %s", count(signed), at, explain.ByteWords(signed, at))
	c.dump(signed, at)
	c.say("\nTo be signed, %s, byte %d: %s", count(wanted), at, explain.ByteWords(wanted, at))
	c.dump(wanted, at)
}

func count(b []byte) string { return fmt.Sprintf("%d %s", len(b), plural(len(b), "byte", "bytes")) }

// dump shows bytes as text, or as a hex dump where they are none, with their
// offsets; mark is the byte to point at, -1 for none.
func (c *console) dump(b []byte, mark int) {
	from, to := 0, len(b)
	if len(b) > shownBytes {
		if from = max(mark-window/2, 0); mark < 0 {
			from = 0
		}
		to = min(from+window, len(b))
		for from > 0 && !utf8.RuneStart(b[from]) {
			from--
		}
	}
	if from > 0 {
		c.say("  … %d bytes before", from)
	}
	if explain.IsText(b) {
		c.dumpText(b[:to], from, mark)
	} else {
		c.dumpHex(b[:to], from, mark)
	}
	if to < len(b) {
		c.say("  … %d bytes behind (--json has them)", len(b)-to)
	}
	if len(b) == 0 {
		c.say("  (nothing)")
	}
}

// dumpText writes lines of at most 64 characters behind their offset.
func (c *console) dumpText(b []byte, from, mark int) {
	for from < len(b) {
		to, wide, caret := from, 0, -1
		for to < len(b) && wide < 64 {
			_, size := utf8.DecodeRune(b[to:])
			if mark >= to && mark < to+size {
				caret = wide
			}
			to += size
			wide++
		}
		c.say("  %6d  %s", from, b[from:to])
		if caret >= 0 {
			c.say("%s^", strings.Repeat(" ", 10+caret))
		}
		from = to
	}
}

// dumpHex writes lines of 16 bytes.
func (c *console) dumpHex(b []byte, from, mark int) {
	for ; from < len(b); from += 16 {
		line := b[from:min(from+16, len(b))]
		text := make([]byte, len(line))
		for i, x := range line {
			if text[i] = x; x < 0x20 || x > 0x7e {
				text[i] = '.'
			}
		}
		c.say("  %6d  %-47s  %s", from, fmt.Sprintf("% x", line), text)
		if mark >= from && mark < from+16 {
			c.say("%s^^", strings.Repeat(" ", 10+3*(mark-from)))
		}
	}
}
