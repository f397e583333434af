package generate

import (
	"math"
	"strconv"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// appendEscaped appends a text as JSON.stringify writes it between the quotes
// (ECMA-262, QuoteJSONString). What is not UTF-8 becomes U+FFFD.
func appendEscaped(dst []byte, text string) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\b':
			dst = append(dst, '\\', 'b')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\f':
			dst = append(dst, '\\', 'f')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, n := utf8.DecodeRuneInString(text[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		}
		i++
	}
	return dst
}

// appendFloat appends a number as ECMAScript prints it (ECMA-262,
// Number::toString). It must be finite.
func appendFloat(dst []byte, f float64) []byte {
	if f == 0 {
		return append(dst, '0') // -0 too
	}
	abs := math.Abs(f)
	if abs >= 1e-6 && abs < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	// strconv writes e-07 where ECMAScript writes e-7.
	if n := len(dst); n >= 4 && dst[n-4] == 'e' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

var powersOf10 = [...]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

const (
	maxScale = 15
	// exactDigits bounds what a float64 holds with all its decimal digits.
	exactDigits = 1_000_000_000_000_000
)

// appendNumber appends n / 10^scale as a JSON number, as ECMAScript prints it.
func appendNumber(dst []byte, n int64, scale int) []byte {
	for scale > 0 && n%10 == 0 {
		n /= 10
		scale--
	}
	if n > -exactDigits && n < exactDigits && (scale <= 6 || n == 0) {
		return appendFixed(dst, n, scale)
	}
	if scale == 0 && n > -1<<53 && n < 1<<53 {
		return strconv.AppendInt(dst, n, 10)
	}
	// A decimal of more than 15 digits: through the nearest float64, as a
	// receiver reads it.
	f, err := strconv.ParseFloat(string(appendFixed(make([]byte, 0, 32), n, scale)), 64)
	if err != nil {
		f = 0 // cannot be: an int64 is in range
	}
	return appendFloat(dst, f)
}

// appendFixed appends n / 10^scale with all its decimals: 5000, 2 is 50.00.
func appendFixed(dst []byte, n int64, scale int) []byte {
	if scale == 0 {
		return strconv.AppendInt(dst, n, 10)
	}
	u := uint64(n)
	if n < 0 {
		dst = append(dst, '-')
		u = -u
	}
	p := uint64(powersOf10[scale])
	dst = strconv.AppendUint(dst, u/p, 10)
	dst = append(dst, '.')
	fraction := u % p
	for p /= 10; p > 0; p /= 10 {
		dst = append(dst, byte('0'+fraction/p%10))
	}
	return dst
}
