package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Frame is what the requests of a run have in common, spelled once.
type Frame struct {
	opening []byte // up to the header lines that differ
	closing []byte // the lines behind them, up to the length's value
	bare    bool   // no line stands before those that differ
}

// NewFrame spells a method, a URL and the header lines, each "Name: value" with
// CRLF, that stand before and behind those of a Record. Behind all of them
// stands Content-Length with the length of the record's body.
func NewFrame(method, url string, before, behind []byte) *Frame {
	f := &Frame{bare: len(before) == 0}
	f.opening = appendText([]byte(`{"method":`), method)
	f.opening = appendText(append(f.opening, `,"url":`...), url)
	f.opening = appendHead(append(f.opening, `,"proto":"HTTP/1.1","headers":[`...), true, before)
	f.closing = append(appendHead(nil, false, behind), `,["Content-Length","`...)
	return f
}

// Record is an attempt as the hot path holds it: bytes that its buffers own.
// AppendRecord spells it as an Attempt without allocating. It leaves out the
// signing base string, which follows from headers, body and contract.
type Record struct {
	ID, Role       string
	Class          simulator.Class
	Type           string
	EventID        []byte
	Scope          [][]byte
	Intended, Sent time.Time
	Signed         time.Time // the signing time
	Timestamp      []byte    // the signing time as written, where it travels in a header
	Frame          *Frame
	Head           []byte // header lines within the frame's; at least one
	Body           []byte
	Answer         *wire.Answer // nil: no complete answer
	Err            *wire.Error  // nil: none
	Phases         wire.Phases
	Conn           uint64
	Reused, Closed bool
	LeakedSecret   bool
}

// AppendRecord appends the record as one line of JSON. Nothing is blotted out:
// the caller has seen to it that neither head nor answer holds a secret.
func AppendRecord(dst []byte, r *Record) []byte {
	dst = append(dst, `{"id":`...)
	dst = appendText(dst, r.ID)
	if r.Role != "" {
		dst = append(dst, `,"role":`...)
		dst = appendText(dst, r.Role)
	}
	dst = append(dst, `,"class":`...)
	dst = appendText(dst, string(r.Class))
	dst = append(dst, `,"event":{"type":`...)
	dst = appendText(dst, r.Type)
	if len(r.EventID) > 0 {
		dst = append(dst, `,"id":`...)
		dst = appendBytes(dst, r.EventID)
	}
	for i, part := range r.Scope {
		if i == 0 {
			dst = append(dst, `,"scope":[`...)
		} else {
			dst = append(dst, ',')
		}
		dst = appendBytes(dst, part)
	}
	if len(r.Scope) > 0 {
		dst = append(dst, ']')
	}
	dst = append(dst, `},"intended_at":`...)
	at := len(dst)
	dst = appendTime(dst, r.Intended)
	behind := len(dst)
	dst = append(dst, `,"sent_at":`...)
	if r.Sent.Equal(r.Intended) { // as at full speed
		dst = append(dst, dst[at:behind]...)
	} else {
		dst = appendTime(dst, r.Sent)
	}
	dst = append(dst, `,"signing":{`...)
	if len(r.Timestamp) > 0 {
		dst = append(dst, `"timestamp":`...)
		dst = append(appendBytes(dst, r.Timestamp), ',')
	}
	dst = append(dst, `"clock_offset_ms":`...)
	dst = strconv.AppendInt(dst, r.Signed.Sub(r.Sent).Milliseconds(), 10)
	dst = append(dst, `,"key":"configured"},"request":`...)
	dst = append(dst, r.Frame.opening...)
	dst = appendHead(dst, r.Frame.bare, r.Head)
	dst = append(dst, r.Frame.closing...)
	dst = strconv.AppendInt(dst, int64(len(r.Body)), 10)
	dst = append(dst, `"]],"body":`...)
	dst = appendBody(dst, r.Body, int64(len(r.Body)))
	dst = append(dst, `,"framing":"length"}`...)
	if r.Answer != nil {
		dst = appendAnswer(dst, r.Answer)
	}
	if r.Err != nil {
		dst = append(dst, `,"error":{"kind":`...)
		dst = appendText(dst, string(r.Err.Kind))
		dst = append(dst, `,"op":`...)
		dst = appendText(dst, r.Err.Op)
		dst = append(dst, `,"message":`...)
		dst = appendText(dst, r.Err.Error())
		dst = append(dst, '}')
	}
	dst = appendPhases(dst, &r.Phases)
	dst = append(dst, `,"connection":{"number":`...)
	dst = strconv.AppendUint(dst, r.Conn, 10)
	dst = append(dst, `,"reused":`...)
	dst = strconv.AppendBool(dst, r.Reused)
	dst = append(dst, `,"closed":`...)
	dst = strconv.AppendBool(dst, r.Closed)
	dst = append(dst, '}')
	if r.LeakedSecret {
		dst = append(dst, `,"leaked_secret":true`...)
	}
	return append(dst, "}\n"...)
}

func appendHead(dst []byte, first bool, head []byte) []byte {
	for ; len(head) > 0; first = false {
		line, rest, _ := bytes.Cut(head, []byte("\r\n"))
		head = rest
		name, value, _ := bytes.Cut(line, []byte(": "))
		dst = appendPair(dst, first, name, value)
	}
	return dst
}

func appendPair(dst []byte, first bool, name, value []byte) []byte {
	if !first {
		dst = append(dst, ',')
	}
	dst = appendBytes(append(dst, '['), name)
	dst = appendBytes(append(dst, ','), value)
	return append(dst, ']')
}

func appendAnswer(dst []byte, a *wire.Answer) []byte {
	dst = append(dst, `,"answer":{"proto":"HTTP/1.1","status":`...)
	dst = strconv.AppendInt(dst, int64(a.Status), 10)
	dst = append(dst, `,"headers":[`...)
	for i := range a.Len() {
		name, value := a.Field(i)
		dst = appendPair(dst, i == 0, name, value)
	}
	dst = append(dst, `],"body":`...)
	dst = appendBody(dst, a.Body, a.BodyBytes)
	return append(dst, '}')
}

func appendBody(dst, body []byte, length int64) []byte {
	kept := body
	if len(kept) > simulator.KeptBytes {
		kept = kept[:simulator.KeptBytes]
	}
	dst = append(dst, `{"base64":"`...)
	dst = appendBase64(dst, kept)
	dst = append(dst, `","length":`...)
	dst = strconv.AppendInt(dst, length, 10)
	if int64(len(kept)) < length {
		dst = append(dst, `,"truncated":true`...)
		if int64(len(body)) == length {
			sum := sha256.Sum256(body)
			dst = append(dst, `,"sha256":"`...)
			dst = hex.AppendEncode(dst, sum[:])
			dst = append(dst, '"')
		}
	}
	return append(dst, '}')
}

func appendPhases(dst []byte, p *wire.Phases) []byte {
	if p.Resolve == 0 && p.Connect == 0 && p.TLS == 0 {
		dst = append(dst, `,"phases":{"resolve_ms":0,"connect_ms":0,"tls_ms":0,"write_ms":`...)
	} else {
		dst = append(dst, `,"phases":{"resolve_ms":`...)
		dst = appendMS(dst, p.Resolve)
		dst = append(dst, `,"connect_ms":`...)
		dst = appendMS(dst, p.Connect)
		dst = append(dst, `,"tls_ms":`...)
		dst = appendMS(dst, p.TLS)
		dst = append(dst, `,"write_ms":`...)
	}
	dst = appendMS(dst, p.Write)
	dst = append(dst, `,"first_byte_ms":`...)
	dst = appendMS(dst, p.FirstByte)
	dst = append(dst, `,"read_ms":`...)
	dst = appendMS(dst, p.Read)
	dst = append(dst, `,"answer_ms":`...)
	dst = appendMS(dst, p.Answer)
	dst = append(dst, `,"total_ms":`...)
	dst = appendMS(dst, p.Total)
	return append(dst, '}')
}

// appendMS spells whole microseconds as milliseconds.
func appendMS(dst []byte, d time.Duration) []byte {
	us := max(d.Microseconds(), 0)
	dst = strconv.AppendInt(dst, us/1000, 10)
	if rest := us % 1000; rest != 0 {
		dst = append(dst, '.', byte('0'+rest/100))
		if rest%100 != 0 {
			dst = append(dst, byte('0'+rest/10%10))
			if rest%10 != 0 {
				dst = append(dst, byte('0'+rest%10))
			}
		}
	}
	return dst
}

func appendTime(dst []byte, t time.Time) []byte {
	dst = append(dst, '"')
	dst = t.UTC().AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"')
}

const hexDigits = "0123456789abcdef"

// plain marks the characters that stand for themselves in a JSON text.
var plain = func() (t [256]bool) {
	for c := 0x20; c < 0x80; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// run is how many plain characters the text begins with.
func run[T string | []byte](text T) int {
	for i := range len(text) {
		if !plain[text[i]] {
			return i
		}
	}
	return len(text)
}

// appendText spells a text that is UTF-8, as types and messages are.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	if run(s) == len(s) {
		return append(append(dst, s...), '"')
	}
	for _, r := range s { // what is not UTF-8 becomes U+FFFD
		switch {
		case r < 0x80:
			dst = appendEscaped(dst, byte(r))
		default:
			dst = append(dst, string(r)...)
		}
	}
	return append(dst, '"')
}

// appendBytes spells bytes read as ISO 8859-1, as header lines are.
func appendBytes(dst, b []byte) []byte {
	dst = append(dst, '"')
	for {
		n := run(b)
		dst = append(dst, b[:n]...)
		if n == len(b) {
			return append(dst, '"')
		}
		if c := b[n]; c < 0x80 {
			dst = appendEscaped(dst, c)
		} else {
			dst = append(dst, 0xC0|c>>6, 0x80|c&0x3F)
		}
		b = b[n+1:]
	}
}

// appendEscaped spells a character of ASCII.
func appendEscaped(dst []byte, c byte) []byte {
	switch {
	case plain[c]:
		return append(dst, c)
	case c == '"' || c == '\\':
		return append(dst, '\\', c)
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
