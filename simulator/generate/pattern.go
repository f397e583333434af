package generate

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"strings"
)

// pattern draws texts of a small regular expression: literal characters,
// classes such as [0-9a-z], and counts such as {16} or {4,8} behind either.
// A backslash takes the next character as it is.
type pattern []patternPart

type patternPart struct {
	chars    string // one of them, each time; ASCII, and in need of no escape in JSON
	min, max int
	perWord  int       // how many characters one random word is good for
	shift    uint      // log2(len(chars)) where that is whole, else 0
	table    [128]byte // chars again, for looking up without a check of bounds
}

// minIDBits is the least randomness of an id, so that no two of a run are alike:
// among a thousand million, a collision has odds of one in two thousand at 70.
const minIDBits = 70

func parsePattern(text string) (pattern, error) {
	var p pattern
	for rest := text; rest != ""; {
		var part patternPart
		var err error
		if part.chars, rest, err = patternAtom(rest); err != nil {
			return nil, fmt.Errorf("pattern %q: %w", text, err)
		}
		if part.min, part.max, rest, err = patternCount(rest); err != nil {
			return nil, fmt.Errorf("pattern %q: %w", text, err)
		}
		n := len(part.chars)
		copy(part.table[:], part.chars)
		switch {
		case n == 1:
			part.perWord = maxCount
		case bits.OnesCount(uint(n)) == 1:
			part.shift = uint(bits.TrailingZeros(uint(n)))
			part.perWord = 64 / int(part.shift)
		default: // eight bits to spare: no character is likelier than another by more than 1/256
			part.perWord = int(56 / math.Log2(float64(n)))
		}
		p = append(p, part)
	}
	if len(p) == 0 {
		return nil, fmt.Errorf("pattern %q is empty", text)
	}
	return p, nil
}

// patternAtom reads a character or a class.
func patternAtom(text string) (chars, rest string, err error) {
	if text[0] != '[' {
		c, rest, err := patternChar(text, `{}()|*+?.^$]`)
		return string(c), rest, err
	}
	rest = text[1:]
	var set [128]bool
	for {
		if rest == "" {
			return "", "", fmt.Errorf("a class lacks its ]")
		}
		if rest[0] == ']' {
			rest = rest[1:]
			break
		}
		var lo, hi byte
		if lo, rest, err = patternChar(rest, `[^`); err != nil {
			return "", "", err
		}
		hi = lo
		if len(rest) > 1 && rest[0] == '-' && rest[1] != ']' {
			if hi, rest, err = patternChar(rest[1:], `[^`); err != nil {
				return "", "", err
			}
		}
		if hi < lo {
			return "", "", fmt.Errorf("the range %c-%c runs backwards", lo, hi)
		}
		for c := lo; c <= hi; c++ {
			set[c] = true
		}
	}
	var b strings.Builder
	for c, in := range set {
		if in {
			if c == '"' || c == '\\' {
				return "", "", fmt.Errorf("%q would need an escape in JSON", rune(c))
			}
			b.WriteByte(byte(c))
		}
	}
	if b.Len() == 0 {
		return "", "", fmt.Errorf("a class is empty")
	}
	return b.String(), rest, nil
}

func patternChar(text, special string) (c byte, rest string, err error) {
	c, rest = text[0], text[1:]
	if c == '\\' {
		if rest == "" {
			return 0, "", fmt.Errorf("a backslash stands at the end")
		}
		c, rest = rest[0], rest[1:]
	} else if strings.IndexByte(special, c) >= 0 {
		return 0, "", fmt.Errorf("%q is not part of the language here: literals, classes and counts are (a backslash makes it a literal)", c)
	}
	if c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
		return 0, "", fmt.Errorf("%q cannot stand in a pattern: printable ASCII without quotes and backslashes can", c)
	}
	return c, rest, nil
}

func patternCount(text string) (min, max int, rest string, err error) {
	if text == "" || text[0] != '{' {
		return 1, 1, text, nil
	}
	inner, rest, ok := strings.Cut(text[1:], "}")
	if !ok {
		return 0, 0, "", fmt.Errorf("a count lacks its }")
	}
	lo, hi, ranged := strings.Cut(inner, ",")
	if !ranged {
		hi = lo
	}
	min, errMin := strconv.Atoi(lo)
	max, errMax := strconv.Atoi(hi)
	if errMin != nil || errMax != nil || min < 0 || max < min || max > maxCount {
		return 0, 0, "", fmt.Errorf("count {%s} is not {n} or {n,m} with n at most m at most 256", inner)
	}
	return min, max, rest, nil
}

// bits is the randomness of the shortest text, in bits.
func (p pattern) bits() float64 {
	var sum float64
	for _, part := range p {
		sum += float64(part.min) * math.Log2(float64(len(part.chars)))
	}
	return sum
}

// draw appends a text of the pattern.
func (p pattern) draw(dst []byte, rng *rand.PCG) []byte {
	for i := range p {
		part := &p[i]
		n := part.min
		if part.max > n {
			n += int(below(rng, uint64(part.max-n+1)))
		}
		start := len(dst)
		dst = append(dst, spaces[:n]...)
		to := dst[start:]
		size, mask, shift := uint64(len(part.chars)), uint64(len(part.chars)-1), part.shift
		for len(to) > 0 {
			k := min(len(to), part.perWord)
			switch {
			case size == 1:
				for at := range to[:k] {
					to[at] = part.table[0]
				}
			case shift > 0:
				word := rng.Uint64()
				for at := range to[:k] {
					to[at] = part.table[word&mask&127]
					word >>= shift
				}
			default:
				word := rng.Uint64()
				for at := range to[:k] {
					var digit uint64
					digit, word = bits.Mul64(word, size)
					to[at] = part.table[digit&127]
				}
			}
			to = to[k:]
		}
	}
	return dst
}

const maxCount = 256

var spaces [maxCount]byte
