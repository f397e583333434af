package journal

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
)

// twelve holds the two base64 characters of every twelve bits, the first in the
// lower byte.
var twelve = func() (t [1 << 12]uint16) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for i := range t {
		t[i] = uint16(alphabet[i>>6]) | uint16(alphabet[i&63])<<8
	}
	return t
}()

// appendBase64 appends the standard encoding of bytes (RFC 4648, section 4), as
// base64.StdEncoding does at several times the cost: bodies are most of a record.
func appendBase64(dst, b []byte) []byte {
	dst = slices.Grow(dst, base64.StdEncoding.EncodedLen(len(b)))
	for len(b) >= 8 {
		word := binary.BigEndian.Uint64(b) // six bytes of it are spelled
		dst = binary.LittleEndian.AppendUint64(dst, uint64(twelve[word>>52])|uint64(twelve[word>>40&0xfff])<<16|
			uint64(twelve[word>>28&0xfff])<<32|uint64(twelve[word>>16&0xfff])<<48)
		b = b[6:]
	}
	return base64.StdEncoding.AppendEncode(dst, b)
}
