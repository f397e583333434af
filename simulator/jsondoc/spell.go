package jsondoc

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Spell spells the value in a style.
func (v Value) Spell(s Style) []byte {
	w := writer{Style: s}
	if w.ItemSeparator == "" {
		w.ItemSeparator = ","
	}
	if w.KeySeparator == "" {
		w.KeySeparator = ":"
	}
	w.value(v, 0)
	if s.TrailingNewline {
		w.out = append(w.out, '\n')
	}
	return w.out
}

type writer struct {
	Style
	out []byte
}

func (w *writer) value(v Value, level int) {
	switch v.Kind {
	case Null:
		w.out = append(w.out, "null"...)
	case Bool:
		w.out = strconv.AppendBool(w.out, v.Bool)
	case Number:
		w.out = append(w.out, w.Numbers.spell(v.Text)...)
	case String:
		w.str(v.Text, w.EscapeAll)
	case Verbatim:
		w.out = append(w.out, v.Text...)
	case Array:
		w.out = append(w.out, '[')
		for i, item := range v.Items {
			w.between(i, level+1)
			w.value(item, level+1)
		}
		w.shut(len(v.Items), level, ']')
	case Object:
		members := w.order(v.Members)
		if w.ListsFromKeys && listed(members) {
			list := Value{Kind: Array}
			for _, m := range members {
				list.Items = append(list.Items, m.Value)
			}
			w.value(list, level)
			return
		}
		w.out = append(w.out, '{')
		for i, m := range members {
			w.between(i, level+1)
			// Keys keep their letters under EscapeAll: what a receiver looks
			// up by name is then wrong only where its parser is.
			w.str(m.Key, false)
			w.out = append(w.out, w.KeySeparator...)
			w.value(m.Value, level+1)
		}
		w.shut(len(members), level, '}')
	}
}

func (w *writer) between(i, level int) {
	if i > 0 {
		w.out = append(w.out, w.ItemSeparator...)
	}
	w.line(level)
}

func (w *writer) shut(n, level int, end byte) {
	if n > 0 {
		w.line(level)
	}
	w.out = append(w.out, end)
}

func (w *writer) line(level int) {
	if w.Indent == "" {
		return
	}
	w.out = append(w.out, '\n')
	for range level {
		w.out = append(w.out, w.Indent...)
	}
}

// order is the order in which a style writes members.
func (w *writer) order(members []Member) []Member {
	if w.ReplaceSurrogate {
		// Before repeated keys are dropped: two keys may fall together.
		members = slices.Clone(members)
		for i := range members {
			members[i].Key = replaceLone(members[i].Key)
		}
	}
	if w.Unique && len(members) > 1 {
		members = unique(members)
	}
	switch {
	case w.SortKeys:
		members = slices.Clone(members)
		slices.SortStableFunc(members, func(a, b Member) int { return cmp.Compare(a.Key, b.Key) })
	case w.ReverseKeys:
		members = slices.Clone(members)
		slices.Reverse(members)
	case w.IndexKeysFirst && slices.ContainsFunc(members, func(m Member) bool { _, ok := arrayIndex(m.Key); return ok }):
		members = slices.Clone(members)
		slices.SortStableFunc(members, func(a, b Member) int {
			na, oka := arrayIndex(a.Key)
			nb, okb := arrayIndex(b.Key)
			switch {
			case oka && okb:
				return cmp.Compare(na, nb)
			case oka:
				return -1
			case okb:
				return 1
			}
			return 0
		})
	}
	return members
}

// replaceLone writes U+FFFD for every lone surrogate.
func replaceLone(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var out strings.Builder
	for len(s) > 0 {
		r, n, lone := decodeUnit(s)
		if lone {
			r = utf8.RuneError
		}
		out.WriteRune(r)
		s = s[n:]
	}
	return out.String()
}

func unique(members []Member) []Member {
	at := make(map[string]int, len(members))
	out := make([]Member, 0, len(members))
	for _, m := range members {
		if i, seen := at[m.Key]; seen {
			out[i].Value = m.Value
			continue
		}
		at[m.Key] = len(out)
		out = append(out, m)
	}
	return out
}

// listed tells members that PHP's arrays take for the items of a list.
func listed(members []Member) bool {
	for i, m := range members {
		if m.Key != strconv.Itoa(i) {
			return false
		}
	}
	return true
}

// arrayIndex tells a key that ECMAScript orders as an index: a canonical
// decimal integer from 0 to 2^32−2 (ECMA-262, "array index").
func arrayIndex(key string) (uint64, bool) {
	if key == "" || len(key) > 10 || key[0] == '0' && key != "0" {
		return 0, false
	}
	var n uint64
	for i := range len(key) {
		if key[i] < '0' || key[i] > '9' {
			return 0, false
		}
		n = n*10 + uint64(key[i]-'0')
	}
	return n, n <= 1<<32-2
}

func (w *writer) str(s string, all bool) {
	w.out = append(w.out, '"')
	for len(s) > 0 {
		r, n, lone := decodeUnit(s)
		switch {
		case lone && w.ReplaceSurrogate:
			w.out = append(w.out, "\uFFFD"...)
		case lone || all:
			w.escape(r)
		case w.short(r):
		case r < 0x20,
			r == 0x7F && w.EscapeDelete,
			r > 0x7F && w.EscapeNonASCII,
			w.EscapeHTML && (r == '<' || r == '>' || r == '&'),
			w.EscapeLineSeparators && (r == 0x2028 || r == 0x2029):
			w.escape(r)
		default:
			w.out = append(w.out, s[:n]...)
		}
		s = s[n:]
	}
	w.out = append(w.out, '"')
}

// short writes the escapes of two characters.
func (w *writer) short(r rune) bool {
	if r == '/' && !w.EscapeSolidus || r < 0x20 && w.LongControls {
		return false
	}
	var c byte
	switch r {
	case '"', '\\', '/':
		c = byte(r)
	case '\b':
		c = 'b'
	case '\t':
		c = 't'
	case '\n':
		c = 'n'
	case '\f':
		c = 'f'
	case '\r':
		c = 'r'
	default:
		return false
	}
	w.out = append(w.out, '\\', c)
	return true
}

func (w *writer) escape(r rune) {
	if r > 0xFFFF {
		r -= 0x10000
		w.escape(0xD800 | r>>10)
		r = 0xDC00 | r&0x3FF
	}
	digits := "0123456789abcdef"
	if w.UpperHex {
		digits = "0123456789ABCDEF"
	}
	w.out = append(w.out, '\\', 'u', digits[r>>12], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}
