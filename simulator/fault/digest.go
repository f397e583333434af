package fault

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/sign"
)

// digest makes a fault that edits every digest's text and leaves the header's
// grammar around it right. A digest of that kind needs no key.
func digest(name, summary string, edit func(c *schemas.Contract, s schemas.Signature, eventID string) (func(right string) string, error)) Fault {
	return Fault{Name: "signature." + name, Summary: summary, Stage: InSigner, Apply: func(d *Draft) error {
		s, err := main(d.Contract)
		if err != nil {
			return err
		}
		f, err := edit(d.Contract, s, d.Event.ID)
		if err != nil {
			return err
		}
		if prior := d.Mistakes.Digest; prior != nil {
			d.Mistakes.Digest = func(right string) string { return f(prior(right)) }
		} else {
			d.Mistakes.Digest = f
		}
		return nil
	}}
}

func constant(text string) func(*schemas.Contract, schemas.Signature, string) (func(string) string, error) {
	return func(*schemas.Contract, schemas.Signature, string) (func(string) string, error) {
		return func(string) string { return text }, nil
	}
}

// each repeats a text as often as the right digest has characters.
func each(text string) func(*schemas.Contract, schemas.Signature, string) (func(string) string, error) {
	return func(*schemas.Contract, schemas.Signature, string) (func(string) string, error) {
		return func(right string) string { return strings.Repeat(text, len(right)) }, nil
	}
}

func edited(f func(right string) string) func(*schemas.Contract, schemas.Signature, string) (func(string) string, error) {
	return func(*schemas.Contract, schemas.Signature, string) (func(string) string, error) { return f, nil }
}

// SchemeOnly writes what stands before the digest and nothing behind it. It is
// not applicable where the digest stands bare.
func SchemeOnly() Fault {
	return digest("scheme-only", "has a header with nothing behind its prefix", func(c *schemas.Contract, s schemas.Signature, _ string) (func(string) string, error) {
		for _, h := range c.Signing.Headers {
			for _, v := range h.Value {
				for _, p := range v.Parts {
					if p.Var == s.Name && len(v.Parts) > 1 {
						return func(string) string { return "" }, nil
					}
				}
			}
		}
		return nil, notApplicable("the digest stands bare in its header")
	})
}

// RandomDigest writes a well-formed digest that is not the right one.
func RandomDigest() Fault {
	return digest("random", "has a well-formed random digest", func(_ *schemas.Contract, _ schemas.Signature, id string) (func(string) string, error) {
		return func(right string) string { return randomLike(right, id) }, nil
	})
}

// randomLike replaces every letter and digit of a digest by another of its
// kind, as drawn by a seed; it never returns the digest itself.
func randomLike(right, seed string) string {
	const hex, upper, all = "0123456789abcdef", "0123456789ABCDEF", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	trimmed := strings.TrimRight(right, "=")
	alphabet := all
	for _, a := range []string{hex, upper} {
		if strings.Trim(trimmed, a) == "" && len(trimmed) == len(right) {
			alphabet = a
			break
		}
	}
	for round := uint64(0); ; round++ {
		out := []byte(right)
		var block [sha256.Size]byte
		for i := range trimmed {
			if i%len(block) == 0 {
				block = sha256.Sum256(binary.BigEndian.AppendUint64([]byte("random "+seed), round<<32|uint64(i)))
			}
			out[i] = alphabet[int(block[i%len(block)])%len(alphabet)]
		}
		// The last character before padding holds bits that must be zero.
		if n := len(right) - len(trimmed); n > 0 && len(trimmed) > 0 {
			out[len(trimmed)-1] = "AQgw"[int(block[0])%4]
		}
		if string(out) != right || right == "" {
			return string(out)
		}
	}
}

// Truncated keeps the first n characters of the digest. It is not applicable
// where the digest is no longer than that.
func Truncated(n int) Fault {
	return digest(fmt.Sprintf("truncated(%d)", n), fmt.Sprintf("has the first %d characters of the right digest", n), func(_ *schemas.Contract, s schemas.Signature, _ string) (func(string) string, error) {
		if length := sign.DigestLength(s.Algorithm, s.Encode); length <= n {
			return nil, notApplicable("a digest has %d characters", length)
		}
		return func(right string) string { return right[:min(n, len(right))] }, nil
	})
}

// Suffix keeps the second half of the digest.
func Suffix() Fault {
	return digest("suffix", "has the second half of the right digest", edited(func(right string) string { return right[len(right)/2:] }))
}

// Altered keeps a part of the right digest, at its length: the head (its first
// half), the tail, or all but the first or the last character. The rest is
// another character of the encoding.
func Altered(keep string) Fault {
	return digest("altered("+keep+")", "has a digest of the right length of which only the "+alteredWords[keep], func(_ *schemas.Contract, _ schemas.Signature, id string) (func(string) string, error) {
		if alteredWords[keep] == "" {
			return nil, fmt.Errorf("unknown part %q, want head, tail, all-but-first or all-but-last", keep)
		}
		return func(right string) string { return altered(right, randomLike(right, id), keep) }, nil
	})
}

var alteredWords = map[string]string{
	"head": "first half is right", "tail": "second half is right",
	"all-but-first": "first character is wrong", "all-but-last": "last character is wrong",
}

func altered(right, random, keep string) string {
	body := strings.TrimRight(right, "=") // padding stays
	padding := right[len(body):]
	half, n := len(body)/2, len(body)
	if n < 2 {
		return random
	}
	switch keep {
	case "head":
		return body[:half] + random[half:n] + padding
	case "tail":
		return random[:half] + body[half:] + padding
	case "all-but-first":
		return another(body[0]) + body[1:] + padding
	}
	at := n - 1
	if padding != "" {
		at-- // the last character before padding holds bits that must be zero
	}
	return body[:at] + another(body[at]) + body[at+1:] + padding
}

// another is a character of the same alphabet.
func another(c byte) string {
	switch {
	case c == '9', c == 'f', c == 'F', c == 'z', c == 'Z', c == '+', c == '/':
		return "0"
	case c == '0':
		return "1"
	}
	return string(c + 1)
}

// Extended writes more characters of the encoding behind the right digest.
func Extended() Fault {
	return digest("extended", "has the right digest with more digits behind it", edited(func(right string) string { return right + "abcdef01" }))
}

// TrailingGarbage writes zz behind the right digest.
func TrailingGarbage() Fault {
	return digest("trailing-garbage", "has the right digest with zz behind it", edited(func(right string) string { return right + "zz" }))
}

// NotHex writes characters of no encoding, as many as a digest has.
func NotHex() Fault {
	return digest("not-hex", "has characters that no encoding knows in place of the digest", func(_ *schemas.Contract, s schemas.Signature, _ string) (func(string) string, error) {
		text := "z"
		if s.Encode == "base64" {
			text = "!"
		}
		return func(right string) string { return strings.Repeat(text, len(right)) }, nil
	})
}

// NonASCII writes bytes above 0x7F that are no UTF-8, as many as a digest has.
func NonASCII() Fault {
	return digest("non-ascii", "has bytes above 0x7F in place of the digest", each("\xe9"))
}

// Multibyte writes characters of several bytes, as many as a digest has.
func Multibyte() Fault {
	return digest("multibyte", "has characters of several bytes in place of the digest", each("é"))
}

// Control writes control characters in the midst of the right digest.
func Control() Fault {
	return digest("control", "has control characters within the digest", edited(func(right string) string {
		if len(right) < 4 {
			return "\x01\x02"
		}
		n := len(right) / 2
		return right[:n-1] + "\x01\x7f" + right[n+1:]
	}))
}

// OversizedDigest writes 8 KiB in place of the digest.
func OversizedDigest() Fault {
	return digest("oversized", "has 8 KiB in place of the digest", constant(strings.Repeat("a1", 4096)))
}

// Uppercase writes the right hex digest in upper case.
func Uppercase() Fault {
	return digest("uppercase-hex", "has the right digest in upper case", func(_ *schemas.Contract, s schemas.Signature, _ string) (func(string) string, error) {
		if s.Encode != "hex" {
			return nil, notApplicable("the digest is not in lower-case hex")
		}
		return strings.ToUpper, nil
	})
}
