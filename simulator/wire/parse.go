package wire

import (
	"bytes"
	"io"
	"time"
)

const (
	readBuffer  = 4 << 10  // of a connection at rest
	largeBuffer = 16 << 10 // while a large body is read
	maxFields   = 1000     // field lines of one answer
	maxInterim  = 32       // interim answers of one exchange
)

// parser reads answers off a connection. It holds what was read and not yet
// parsed, and bounds everything.
type parser struct {
	src      io.Reader
	buf      []byte
	r, w     int
	limits   Limits
	budget   int       // bytes of head, chunk extensions and trailers still allowed
	lastFill time.Time // when the last read returned
	received int64     // by this exchange
	ahead    bool      // more answers are to come: bytes behind this one are theirs
}

// begin prepares for the answer to the next request.
func (p *parser) begin() {
	p.budget = p.limits.HeaderBytes
	p.received = int64(p.w - p.r)
	if cap(p.buf) > largeBuffer && p.r == p.w {
		p.buf, p.r, p.w = nil, 0, 0
	}
}

// fill reads more. It returns an error only where nothing came.
func (p *parser) fill() error {
	if p.r == p.w {
		p.r, p.w = 0, 0
	}
	if p.w == len(p.buf) {
		switch {
		case p.buf == nil:
			p.buf = make([]byte, readBuffer)
		case p.r > 0:
			p.w = copy(p.buf, p.buf[p.r:p.w])
			p.r = 0
		default: // a line longer than the buffer; the budget bounds it
			larger := make([]byte, 2*len(p.buf))
			copy(larger, p.buf[:p.w])
			p.buf = larger
		}
	}
	for range 100 {
		n, err := p.src.Read(p.buf[p.w:])
		if n > 0 {
			p.lastFill = time.Now()
			p.w += n
			p.received += int64(n)
			return nil
		}
		if err != nil {
			p.lastFill = time.Now()
			return err
		}
	}
	return io.ErrNoProgress
}

// line returns the next line without its LF and the CR before it, and takes it
// from the budget. A lone LF ends a line (RFC 9112, section 2.2) unless strict.
// The line is valid until the next fill.
func (p *parser) line(strict bool) ([]byte, error) {
	seen := 0
	for {
		if i := bytes.IndexByte(p.buf[p.r+seen:p.w], '\n'); i >= 0 {
			end := seen + i
			if p.budget -= end + 1; p.budget < 0 {
				return nil, p.headTooLarge()
			}
			l := p.buf[p.r : p.r+end]
			p.r += end + 1
			if n := len(l); n > 0 && l[n-1] == '\r' {
				l = l[:n-1]
			} else if strict {
				return nil, malformed("a line in the chunked body ends in LF without CR: %q", clip(l))
			}
			return l, nil
		}
		if seen = p.w - p.r; seen > p.budget {
			return nil, p.headTooLarge()
		}
		if err := p.fill(); err != nil {
			return nil, err
		}
	}
}

func (p *parser) headTooLarge() error {
	return tooLarge("the answer's head, trailers and chunk extensions are longer than %d bytes", p.limits.HeaderBytes)
}

// answer reads interim answers and the final one. bodiless says that the
// request's method was HEAD.
func (p *parser) answer(a *Answer, bodiless bool) error {
	for !a.headDone {
		if err := p.head(a); err != nil {
			return err
		}
	}
	if err := p.body(a, bodiless); err != nil {
		return err
	}
	a.complete = true
	a.Last = p.lastFill
	if !p.ahead {
		a.Surplus = p.w - p.r
	}
	a.Close = a.Close || a.Surplus > 0 || a.message.shut || a.minor == 0 && !a.message.alive
	return nil
}

// head reads one head, interim or final.
func (p *parser) head(a *Answer) error {
	if p.r == p.w {
		if err := p.fill(); err != nil {
			return err
		}
	}
	a.First = p.lastFill
	a.started = true
	a.resetHead()
	l, err := p.line(false)
	if err != nil {
		return err
	}
	if err := parseStatusLine(a, l); err != nil {
		return err
	}
	if err := p.fieldLines(a, &a.fields, true); err != nil {
		return err
	}
	// 101 ends HTTP on this connection: final, and not ours to go on with.
	if a.Status < 200 && a.Status != 101 {
		if len(a.Interim) == maxInterim {
			return tooLarge("more than %d interim answers", maxInterim)
		}
		a.Interim = append(a.Interim, a.Status)
		a.started = false
		a.resetHead()
		return nil
	}
	a.headDone = true
	return a.interpret()
}

// parseStatusLine reads "HTTP/1.1 200 OK" (RFC 9112, section 4). The reason and
// the blank before it may be missing.
func parseStatusLine(a *Answer, l []byte) error {
	bad := len(l) < 12 || string(l[:7]) != "HTTP/1." || !digit(l[7]) || l[8] != ' ' ||
		l[9] < '1' || l[9] > '9' || !digit(l[10]) || !digit(l[11]) || len(l) > 12 && l[12] != ' '
	if bad {
		return malformed("no HTTP/1.x status line: %q", clip(l))
	}
	if len(l) > 13 {
		for _, c := range l[13:] {
			if c < ' ' && c != '\t' || c == 0x7f {
				return malformed("control character in the reason phrase: %q", clip(l))
			}
		}
		a.text = append(a.text, l[13:]...)
	}
	a.reason = len(a.text)
	a.minor = l[7] - '0'
	a.Status = int(l[9]-'0')*100 + int(l[10]-'0')*10 + int(l[11]-'0')
	return nil
}

// fieldLines reads field lines up to the empty line (RFC 9112, section 5).
// A folded line is joined to the one before by a blank, as section 5.2 asks of
// a user agent.
func (p *parser) fieldLines(a *Answer, into *[]span, head bool) error {
	for {
		l, err := p.line(!head)
		if err != nil {
			return err
		}
		if len(l) > 0 && (l[0] == ' ' || l[0] == '\t') {
			if len(*into) == 0 {
				return malformed("blank before the first field name: %q", clip(l))
			}
			last := &(*into)[len(*into)-1]
			l = trimBlanks(l)
			if err := checkValue(l); err != nil {
				return err
			}
			if last.end > last.value && len(l) > 0 {
				a.text = append(a.text, ' ')
			}
			a.text = append(a.text, l...)
			last.end = uint32(len(a.text))
			continue
		}
		if len(l) == 0 {
			return nil
		}
		if len(a.fields)+len(a.trailers) == maxFields {
			return tooLarge("more than %d field lines", maxFields)
		}
		colon := 0
		for colon < len(l) && token[l[colon]] {
			colon++
		}
		if colon == 0 || colon == len(l) || l[colon] != ':' {
			return malformed("no field line: %q", clip(l))
		}
		value := trimBlanks(l[colon+1:])
		if err := checkValue(value); err != nil {
			return err
		}
		at := len(a.text)
		a.text = append(a.text, l[:colon]...)
		a.text = append(a.text, value...)
		*into = append(*into, span{uint32(at), uint32(at + colon), uint32(len(a.text))})
	}
}

func checkValue(v []byte) error {
	for _, c := range v {
		if c == 0 || c == '\r' {
			return malformed("NUL or CR in a field value: %q", clip(v))
		}
	}
	return nil
}

func trimBlanks(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// clip shortens hostile bytes for an error message.
func clip(b []byte) []byte { return b[:min(len(b), 64)] }

// token marks the characters of a field name (RFC 9110, section 5.6.2).
var token = func() (t [256]bool) {
	for c := range t {
		t[c] = 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
			bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), byte(c)) >= 0
	}
	return t
}()
