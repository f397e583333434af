package wire

import (
	"errors"
	"io"
)

// interpret reads what the final head says about the body's end and the
// connection's (RFC 9112, sections 6.3 and 9.3).
func (a *Answer) interpret() error {
	m := &a.message
	for i := range a.fields {
		name, value := a.Field(i)
		switch {
		case len(name) == 14 && equalFold(name, "Content-Length"):
			if err := m.contentLength(value); err != nil {
				return err
			}
		case len(name) == 17 && equalFold(name, "Transfer-Encoding"):
			if err := m.transferEncoding(value); err != nil {
				return err
			}
		case len(name) == 10 && equalFold(name, "Connection"):
			for len(value) > 0 {
				var option []byte
				option, value = nextElement(value)
				m.shut = m.shut || equalFold(option, "close")
				m.alive = m.alive || equalFold(option, "keep-alive")
			}
		}
	}
	if m.hasTransfer && a.minor == 0 {
		return malformed("transfer-encoding in an HTTP/1.0 answer")
	}
	if m.hasTransfer && m.hasLength {
		// The transfer coding wins; the connection is not to be trusted further.
		m.hasLength, m.shut = false, true
	}
	return nil
}

// contentLength accepts a number, or the same number repeated.
func (m *framing) contentLength(value []byte) error {
	if len(value) == 0 {
		return malformed("empty content-length")
	}
	for rest := value; ; {
		var element []byte
		element, rest = nextElement(rest)
		if len(element) == 0 || len(element) > 18 {
			return malformed("content-length %q is not a number of bytes", clip(value))
		}
		var n int64
		for _, c := range element {
			if !digit(c) {
				return malformed("content-length %q is not a number of bytes", clip(value))
			}
			n = n*10 + int64(c-'0')
		}
		if m.hasLength && n != m.length {
			return malformed("conflicting content-length: both %d and %d", m.length, n)
		}
		m.length, m.hasLength = n, true
		if rest == nil {
			return nil
		}
	}
}

// transferEncoding notes whether the last coding is chunked. Others, applied
// before it, stay in the body as they are.
func (m *framing) transferEncoding(value []byte) error {
	m.hasTransfer = true
	for rest := value; rest != nil; {
		var coding []byte
		coding, rest = nextElement(rest)
		if len(coding) == 0 {
			continue
		}
		if m.chunked {
			return malformed("transfer-encoding %q: another coding after chunked", clip(value))
		}
		m.chunked = equalFold(coding, "chunked")
	}
	return nil
}

// nextElement takes the first element off a comma-separated list. The rest is
// nil at the end of the list.
func nextElement(list []byte) (element, rest []byte) {
	for i, c := range list {
		if c == ',' {
			return trimBlanks(list[:i]), list[i+1:]
		}
	}
	return trimBlanks(list), nil
}

// body reads the body of the final answer (RFC 9112, section 6.3).
func (p *parser) body(a *Answer, bodiless bool) error {
	m := &a.message
	switch {
	case a.Status == 101:
		a.Close = true
		return nil
	case bodiless || a.Status == 204 || a.Status == 304:
		return nil
	case m.chunked:
		return p.chunkedBody(a)
	case m.hasLength:
		if m.length > p.limits.BodyRead {
			return tooLarge("the answer's body is %d bytes long, more than %d", m.length, p.limits.BodyRead)
		}
		return p.take(a, m.length)
	}
	a.Close = true
	for {
		if p.r < p.w {
			if err := p.take(a, int64(p.w-p.r)); err != nil {
				return err
			}
		}
		if err := p.fill(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// take moves n bytes of the body, of which it keeps what the limits allow.
func (p *parser) take(a *Answer, n int64) error {
	if a.BodyBytes+n > p.limits.BodyRead {
		return tooLarge("the answer's body is longer than %d bytes", p.limits.BodyRead)
	}
	for n > 0 {
		if p.r == p.w {
			if n > int64(len(p.buf)) && len(p.buf) < largeBuffer {
				p.buf = make([]byte, largeBuffer)
			}
			if err := p.fill(); err != nil {
				return err
			}
		}
		part := p.buf[p.r:min(p.w, p.r+int(min(n, int64(largeBuffer))))]
		p.r += len(part)
		n -= int64(len(part))
		a.BodyBytes += int64(len(part))
		if room := p.limits.BodyBytes - int64(len(a.Body)); int64(len(part)) > room {
			part, a.Truncated = part[:room], true
		}
		a.Body = append(a.Body, part...)
	}
	return nil
}

// chunkedBody reads chunks and trailers (RFC 9112, section 7.1). Extensions are
// dropped.
func (p *parser) chunkedBody(a *Answer) error {
	for {
		before := p.budget
		l, err := p.line(true)
		if err != nil {
			return err
		}
		size, digits, err := chunkSize(l)
		if err != nil {
			return err
		}
		// A plain size line costs nothing: the limit of the body bounds them.
		p.budget = before - (len(l) - digits)
		if size == 0 {
			break
		}
		if err := p.take(a, size); err != nil {
			return err
		}
		for _, want := range []byte("\r\n") {
			if p.r == p.w {
				if err := p.fill(); err != nil {
					return err
				}
			}
			if p.buf[p.r] != want {
				return malformed("a chunk of %d bytes is not followed by CR LF", size)
			}
			p.r++
		}
	}
	return p.fieldLines(a, &a.trailers, false)
}

// chunkSize reads the size of a chunk, and tells how many digits it had.
func chunkSize(l []byte) (size int64, digits int, err error) {
	for digits < len(l) {
		v, ok := hex(l[digits])
		if !ok {
			break
		}
		if size >= 1<<58 {
			return 0, 0, malformed("chunk size %q is too large a number", clip(l))
		}
		size = size<<4 | int64(v)
		digits++
	}
	rest := trimBlanks(l[digits:])
	if digits == 0 || digits > 16 || len(rest) > 0 && rest[0] != ';' {
		return 0, 0, malformed("no chunk size: %q", clip(l))
	}
	return size, digits, checkValue(rest)
}

func hex(c byte) (byte, bool) {
	switch {
	case digit(c):
		return c - '0', true
	case 'a' <= lower(c) && lower(c) <= 'f':
		return lower(c) - 'a' + 10, true
	}
	return 0, false
}
