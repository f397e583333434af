package simulator

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/wire"
)

// KeptBytes is how much of a body an Attempt holds; of a longer one it holds
// the beginning, the length and the digest.
const KeptBytes = 64 << 10

// NewBytes records a byte string, cut to KeptBytes.
func NewBytes(b []byte) Bytes {
	out := Bytes{Length: int64(len(b))}
	if len(b) > KeptBytes {
		sum := sha256.Sum256(b)
		out.Truncated, out.SHA256 = true, hex.EncodeToString(sum[:])
		b = b[:KeptBytes]
	}
	out.Base64 = base64.StdEncoding.EncodeToString(b)
	return out
}

// Decode returns the bytes that are held; nil where Base64 is malformed.
func (b Bytes) Decode() []byte {
	out, err := base64.StdEncoding.DecodeString(b.Base64)
	if err != nil {
		return nil
	}
	return out
}

// Record makes the Attempt of an exchange. Secrets are blotted out of it.
func (s *Sender) Record(d Delivery, draft *fault.Draft, out wire.Outcome) Attempt {
	sent := out.Started
	if sent.IsZero() {
		sent = draft.Now
	}
	intended := d.Intended
	if intended.IsZero() {
		intended = sent
	}
	a := Attempt{
		ID: d.id(), Case: d.Case, Role: d.Role, Class: d.Class,
		Event:      EventRef{Type: draft.Event.Type, ID: draft.Event.ID, Scope: draft.Event.Scope},
		Faults:     fault.Names(d.Faults),
		IntendedAt: intended, SentAt: sent,
		Signing: Signing{
			Base: NewBytes(draft.Signed.Base), Timestamp: draft.Signed.Time, Key: draft.Key,
			ClockOffsetMS: draft.Material.At.Sub(sent).Milliseconds(),
		},
		Request:    s.message(draft),
		Phases:     phases(out.Phases),
		Connection: Link{Number: out.Conn, Reused: out.Reused},
	}
	if out.Response != nil {
		a.Answer = answer(out.Response)
		a.Connection.Closed = out.Response.Close
	}
	if out.Err != nil {
		a.Error = &Failure{Kind: string(out.Err.Kind), Op: out.Err.Op, Message: out.Err.Error(), Received: out.Received}
		a.Connection.Closed = true
	}
	s.seal(&a, draft, out)
	return a
}

// message records the request as it stands on the wire.
func (s *Sender) message(draft *fault.Draft) Message {
	r := &draft.Request
	m := Message{Method: r.Method, Proto: "HTTP/1.1", Headers: [][2]string{}, Body: NewBytes(r.Body), Framing: "length"}
	if r.Framing != wire.ByLength {
		m.Framing = string(r.Framing)
	}
	if r.Raw != nil {
		m.Body, m.Framing = NewBytes(r.Raw), "raw"
		if s.Client != nil {
			m.URL = s.Client.URL.Redacted()
		}
		return m
	}
	if s.Client == nil {
		m.Headers = pairs(r.Fields)
		return m
	}
	m.URL = s.Client.URL.Redacted()
	bare := *r
	bare.Pieces, bare.ChunkBytes = nil, 0
	head, _, _ := bytes.Cut(s.Client.AppendRequest(nil, &bare), []byte("\r\n\r\n"))
	// The fields are taken from the plan and only what the engine adds is read
	// off the bytes: a hostile value may hold line ends of its own.
	m.Headers = append(m.Headers, pairs(r.Fields)...)
	for _, line := range strings.Split(string(head), "\r\n") {
		name, value, ok := strings.Cut(line, ": ")
		switch strings.ToLower(name) {
		case "expect", "content-length", "transfer-encoding", "host":
			if ok && !has(m.Headers, name) {
				pair := [2]string{name, value}
				if strings.EqualFold(name, "Host") {
					m.Headers = append([][2]string{pair}, m.Headers...)
				} else {
					m.Headers = append(m.Headers, pair)
				}
			}
		}
	}
	return m
}

func has(headers [][2]string, name string) bool {
	for _, h := range headers {
		if strings.EqualFold(h[0], name) {
			return true
		}
	}
	return false
}

func pairs(fields []wire.Field) [][2]string {
	out := make([][2]string, 0, len(fields))
	for _, f := range fields {
		out = append(out, [2]string{HeaderText(f.Name), HeaderText(f.Value)})
	}
	return out
}

// HeaderText reads a header's bytes as ISO 8859-1: one character a byte.
func HeaderText(bytes string) string {
	for i := range len(bytes) {
		if bytes[i] >= 0x80 {
			runes := make([]rune, len(bytes))
			for j := range len(bytes) {
				runes[j] = rune(bytes[j])
			}
			return string(runes)
		}
	}
	return bytes
}

// HeaderBytes is the inverse of HeaderText. Characters above U+00FF, which it
// never writes, stay as UTF-8.
func HeaderBytes(text string) string {
	var out []byte
	for _, r := range text {
		if r <= 0xFF {
			out = append(out, byte(r))
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return string(out)
}

func answer(r *wire.Response) *Message {
	m := &Message{Proto: r.Proto, Status: r.Status, Headers: pairs(r.Fields), Interim: r.Interim, Body: NewBytes(r.Body)}
	if len(r.Trailers) > 0 {
		m.Trailers = pairs(r.Trailers)
	}
	if r.Truncated {
		// The rest was never held, so its digest is unknown.
		m.Body.Length, m.Body.Truncated, m.Body.SHA256 = r.BodyBytes, true, ""
	}
	return m
}

func phases(p wire.Phases) Phases {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return Phases{
		Resolve: ms(p.Resolve), Connect: ms(p.Connect), TLS: ms(p.TLS), Write: ms(p.Write),
		FirstByte: ms(p.FirstByte), Read: ms(p.Read), Answer: ms(p.Answer), Total: ms(p.Total),
	}
}
