package jsondoc

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// MaxDepth is how deep arrays and objects may nest in a text that Parse reads.
const MaxDepth = 512

// SyntaxError tells where a text stops being JSON.
type SyntaxError struct {
	Offset int // in bytes, from 0
	Reason string
}

func (e *SyntaxError) Error() string {
	return "malformed JSON at byte " + strconv.Itoa(e.Offset) + ": " + e.Reason
}

// Parse reads one JSON text (RFC 8259), at most MaxDepth levels deep. The text
// must be valid UTF-8 without a byte order mark; escaped lone surrogates are
// kept. Repeated keys are all kept, in order. Every error is a *SyntaxError.
func Parse(text []byte) (Value, error) {
	p := parser{text: text}
	v, err := p.document()
	if err != nil {
		return Value{}, err
	}
	return v, nil
}

type parser struct {
	text  []byte
	at    int
	depth int
}

func (p *parser) fail(format string, args ...any) error {
	return &SyntaxError{Offset: p.at, Reason: fmt.Sprintf(format, args...)}
}

func (p *parser) document() (Value, error) {
	v, err := p.value()
	if err != nil {
		return Value{}, err
	}
	p.space()
	if p.at < len(p.text) {
		return Value{}, p.fail("text behind the value")
	}
	return v, nil
}

func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

func (p *parser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) value() (Value, error) {
	p.space()
	if p.at >= len(p.text) {
		return Value{}, p.fail("unexpected end")
	}
	switch c := p.text[p.at]; {
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		s, err := p.str()
		return Value{Kind: String, Text: s}, err
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, word := range [...]struct {
		text string
		v    Value
	}{{"true", Value{Kind: Bool, Bool: true}}, {"false", Value{Kind: Bool}}, {"null", Value{}}} {
		if n := len(word.text); len(p.text)-p.at >= n && string(p.text[p.at:p.at+n]) == word.text {
			p.at += n
			return word.v, nil
		}
	}
	return Value{}, p.fail("unexpected %q", p.text[p.at])
}

func (p *parser) enter() error {
	p.depth++
	if p.depth > MaxDepth {
		return p.fail("nested deeper than %d levels", MaxDepth)
	}
	p.at++
	p.space()
	return nil
}

func (p *parser) array() (Value, error) {
	v := Value{Kind: Array}
	if err := p.enter(); err != nil {
		return v, err
	}
	defer func() { p.depth-- }()
	if p.peek() == ']' {
		p.at++
		return v, nil
	}
	for {
		item, err := p.value()
		if err != nil {
			return v, err
		}
		v.Items = append(v.Items, item)
		done, err := p.next(']')
		if done || err != nil {
			return v, err
		}
	}
}

func (p *parser) object() (Value, error) {
	v := Value{Kind: Object}
	if err := p.enter(); err != nil {
		return v, err
	}
	defer func() { p.depth-- }()
	if p.peek() == '}' {
		p.at++
		return v, nil
	}
	for {
		key, err := p.key()
		if err != nil {
			return v, err
		}
		item, err := p.value()
		if err != nil {
			return v, err
		}
		v.Members = append(v.Members, Member{Key: key, Value: item})
		done, err := p.next('}')
		if done || err != nil {
			return v, err
		}
	}
}

// key reads a member's key and its colon.
func (p *parser) key() (string, error) {
	p.space()
	if p.peek() != '"' {
		return "", p.fail("want a key")
	}
	key, err := p.str()
	if err != nil {
		return "", err
	}
	p.space()
	if p.peek() != ':' {
		return "", p.fail("want a colon behind the key")
	}
	p.at++
	return key, nil
}

// next reads a comma, or the end of an array or object.
func (p *parser) next(end byte) (done bool, err error) {
	p.space()
	switch p.peek() {
	case ',':
		p.at++
		return false, nil
	case end:
		p.at++
		return true, nil
	}
	return false, p.fail("want a comma or %q", end)
}

func (p *parser) number() (Value, error) {
	start := p.at
	digits := func() bool {
		from := p.at
		for p.peek() >= '0' && p.peek() <= '9' {
			p.at++
		}
		return p.at > from
	}
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		p.at++
	} else if !digits() {
		return Value{}, p.fail("want a digit")
	}
	if p.peek() == '.' {
		p.at++
		if !digits() {
			return Value{}, p.fail("want a digit behind the point")
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		if !digits() {
			return Value{}, p.fail("want a digit in the exponent")
		}
	}
	return Value{Kind: Number, Text: string(p.text[start:p.at])}, nil
}

// str reads a string. Halves of a surrogate pair are joined; a half that
// stands alone is kept as the three bytes that UTF-8 would have for it.
func (p *parser) str() (string, error) {
	p.at++
	start := p.at
	for p.at < len(p.text) && p.text[p.at] != '"' && p.text[p.at] != '\\' && p.text[p.at] >= 0x20 && p.text[p.at] < 0x80 {
		p.at++
	}
	if p.peek() == '"' && p.at < len(p.text) {
		s := string(p.text[start:p.at])
		p.at++
		return s, nil
	}
	out := append([]byte(nil), p.text[start:p.at]...)
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return string(out), nil
		case c == '\\':
			var err error
			if out, err = p.escape(out); err != nil {
				return "", err
			}
		case c < 0x20:
			return "", p.fail("bare control character %#02x in a string", c)
		case c < 0x80:
			out = append(out, c)
			p.at++
		default:
			r, n := utf8.DecodeRune(p.text[p.at:])
			if r == utf8.RuneError && n == 1 {
				return "", p.fail("byte %#02x is not UTF-8", c)
			}
			out = append(out, p.text[p.at:p.at+n]...)
			p.at += n
		}
	}
	return "", p.fail("unexpected end in a string")
}

func (p *parser) escape(out []byte) ([]byte, error) {
	if p.at+1 >= len(p.text) {
		p.at = len(p.text)
		return nil, p.fail("unexpected end in a string")
	}
	c := p.text[p.at+1]
	if c == 'u' {
		unit, err := p.unit()
		if err != nil {
			return nil, err
		}
		if unit >= 0xD800 && unit < 0xDC00 && p.at+1 < len(p.text) && p.text[p.at] == '\\' && p.text[p.at+1] == 'u' {
			mark := p.at
			low, err := p.unit()
			if err != nil {
				return nil, err
			}
			if low >= 0xDC00 && low < 0xE000 {
				return utf8.AppendRune(out, (unit-0xD800)<<10|(low-0xDC00)+0x10000), nil
			}
			p.at = mark
		}
		return appendUnit(out, unit), nil
	}
	plain := [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}[c]
	if plain == 0 {
		return nil, p.fail("unknown escape %q", c)
	}
	p.at += 2
	return append(out, plain), nil
}

// unit reads \uXXXX.
func (p *parser) unit() (rune, error) {
	if len(p.text)-p.at < 6 {
		return 0, p.fail("want four hex digits behind \\u")
	}
	var unit rune
	for _, c := range p.text[p.at+2 : p.at+6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, p.fail("want four hex digits behind \\u")
		}
		unit = unit<<4 | rune(c)
	}
	p.at += 6
	return unit, nil
}

// appendUnit appends a code unit, a lone surrogate as WTF-8.
func appendUnit(out []byte, unit rune) []byte {
	if unit < 0xD800 || unit > 0xDFFF {
		return utf8.AppendRune(out, unit)
	}
	return append(out, 0xE0|byte(unit>>12), 0x80|byte(unit>>6)&0xBF, 0x80|byte(unit)&0x3F)
}

// decodeUnit decodes one code point of WTF-8; lone tells a surrogate.
func decodeUnit(s string) (r rune, n int, lone bool) {
	r, n = utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && n == 1 && len(s) >= 3 && s[0] == 0xED && s[1] >= 0xA0 && s[1] <= 0xBF && s[2]&0xC0 == 0x80 {
		return 0xD000 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), 3, true
	}
	return r, n, false
}
