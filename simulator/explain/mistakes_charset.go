package explain

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	mark       = "\ufeff"
	charsetFix = "Treat the body as bytes: it is UTF-8 and nobody may decode and encode it on its way to the signature."
)

// charsetMistakes sign the body's text in other bytes.
func charsetMistakes() []mistake {
	return []mistake{
		body("bom", usual, "signed over the body behind a byte order mark", charsetFix, always(func(b []byte) []byte { return append([]byte(mark), b...) })),
		body("without-bom", usual, "signed over the body without its byte order mark", charsetFix, withoutMark),
		body("latin-1", usual, "signed over the body in Latin-1", charsetFix, toLatin1),
		body("mojibake", usual, "signed over the body read as Latin-1", charsetFix, always(fromLatin1)),
		body("from-mojibake", usual, "signed over the body before it was read as Latin-1", charsetFix, func(b []byte) ([]byte, bool) {
			out, ok := toLatin1(b)
			return out, ok && utf8.Valid(out) && !bytes.ContainsRune(b, '?')
		}),
		body("ascii", rare, "signed over the body in ASCII, with ? for all else", charsetFix, always(func(b []byte) []byte {
			out := make([]byte, 0, len(b))
			for _, r := range string(b) {
				if r > 0x7f {
					r = '?'
				}
				out = append(out, byte(r))
			}
			return out
		})),
		body("utf-16le", rare, "signed over the body in UTF-16LE", charsetFix, always(func(b []byte) []byte { return toUTF16(b, binary.LittleEndian, false) })),
		body("utf-16be", rare, "signed over the body in UTF-16BE", charsetFix, always(func(b []byte) []byte { return toUTF16(b, binary.BigEndian, false) })),
		body("utf-16le-bom", rare, "signed over the body in UTF-16LE behind a byte order mark", charsetFix, always(func(b []byte) []byte { return toUTF16(b, binary.LittleEndian, true) })),
		body("utf-16be-bom", rare, "signed over the body in UTF-16BE behind a byte order mark", charsetFix, always(func(b []byte) []byte { return toUTF16(b, binary.BigEndian, true) })),
		body("from-utf-16", rare, "signed over the body in UTF-8", charsetFix, fromUTF16),
	}
}

func withoutMark(b []byte) ([]byte, bool) { return bytes.CutPrefix(b, []byte(mark)) }

// fromLatin1 reads every byte as a character and writes UTF-8.
func fromLatin1(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for _, c := range b {
		out = utf8.AppendRune(out, rune(c))
	}
	return out
}

// toLatin1 writes each character as a byte, and ? for one above U+00FF.
func toLatin1(b []byte) ([]byte, bool) {
	if !utf8.Valid(b) {
		return nil, false
	}
	out := make([]byte, 0, len(b))
	for _, r := range string(b) {
		if r > 0xff {
			r = '?'
		}
		out = append(out, byte(r))
	}
	return out, true
}

func toUTF16(b []byte, order binary.AppendByteOrder, marked bool) []byte {
	var out []byte
	if marked {
		out = order.AppendUint16(out, 0xfeff)
	}
	for _, unit := range utf16.Encode([]rune(string(b))) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

// fromUTF16 reads UTF-16 behind a byte order mark, or where every other byte
// of the beginning is zero.
func fromUTF16(b []byte) ([]byte, bool) {
	if len(b) < 4 || len(b)%2 != 0 {
		return nil, false
	}
	var order binary.ByteOrder
	switch {
	case b[0] == 0xff && b[1] == 0xfe:
		order, b = binary.LittleEndian, b[2:]
	case b[0] == 0xfe && b[1] == 0xff:
		order, b = binary.BigEndian, b[2:]
	case b[0] != 0 && b[1] == 0 && b[3] == 0:
		order = binary.LittleEndian
	case b[0] == 0 && b[1] != 0 && b[2] == 0:
		order = binary.BigEndian
	default:
		return nil, false
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	return []byte(string(utf16.Decode(units))), true
}

// gunzipped decompresses a gzip body, up to the limit of captures.
func gunzipped(b []byte) ([]byte, bool) {
	if len(b) < 2 || b[0] != 0x1f || b[1] != 0x8b {
		return nil, false
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, false
	}
	out, err := io.ReadAll(io.LimitReader(z, Limit))
	return out, err == nil
}
