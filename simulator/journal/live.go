package journal

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/jsondoc"
	"github.com/hookstone/hookstone/simulator/sign"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Recorder writes live traffic into a journal. An attempt's class is what its
// signature tells: genuine, stale, forged or the handshake; malformed is what
// is rightly signed and no event. A repeated event is genuine each time.
// Header lines stand in order of name, since an HTTP server keeps no other.
type Recorder struct {
	Contract *schemas.Contract
	Secret   []byte
	Writer   *Writer
	Clock    func() time.Time // nil: time.Now

	n atomic.Uint64
}

// Handler records what passes on its way to next.
func (r *Recorder) Handler(next http.Handler) (http.Handler, error) {
	scheme, err := sign.Compile(r.Contract)
	if err != nil {
		return nil, err
	}
	if r.Clock == nil {
		r.Clock = time.Now
	}
	redactor := simulator.NewRedactor(r.Contract.Signing.Key, r.Secret)
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		began := r.Clock()
		body := &kept{}
		q.Body = &copied{ReadCloser: q.Body, to: body}
		answer := &spoken{ResponseWriter: w, status: http.StatusOK}
		// A handler that breaks the connection off panics: there is no answer
		// then, and the record is written all the same.
		aborted := true
		defer func() {
			r.Writer.Attempt(r.attempt(scheme, redactor, q, began, body, answer, aborted))
		}()
		next.ServeHTTP(answer, q)
		aborted = false
		// What the handler left unread decides about the signature all the same.
		_, _ = io.CopyN(io.Discard, q.Body, simulator.KeptBytes)
	}), nil
}

func (r *Recorder) attempt(scheme *sign.Scheme, redactor *simulator.Redactor, q *http.Request, began time.Time, body *kept, answer *spoken, aborted bool) *simulator.Attempt {
	took := float64(r.Clock().Sub(began).Microseconds()) / 1000
	fields := []wire.Field{{Name: "Host", Value: q.Host}}
	fields = append(fields, lines(q.Header)...)
	a := &simulator.Attempt{
		ID: "received-" + strconv.FormatUint(r.n.Add(1), 10), IntendedAt: began, SentAt: began,
		Request: simulator.Message{Method: q.Method, URL: "http://" + q.Host + q.URL.RequestURI(), Proto: q.Proto, Headers: pairs(fields), Body: body.bytes(), Framing: "length"},
		Phases:  simulator.Phases{Answer: took, Total: took},
	}
	if q.ContentLength < 0 {
		a.Request.Framing = string(wire.Chunked)
	}
	a.Event = r.event(q.Header, body.held.Bytes())
	err := scheme.Verify(fields, body.held.Bytes(), began, r.Secret)
	switch h := r.Contract.Handshake; {
	case h != nil && a.Event.Type == h.Type:
		a.Class = simulator.Handshake
	case errors.Is(err, sign.ErrStale):
		a.Class = simulator.Stale
	case err != nil:
		a.Class = simulator.Forged
	case a.Event.Type == "":
		a.Class = simulator.Malformed
	default:
		a.Class = simulator.Genuine
	}
	if err == nil || a.Class == simulator.Stale {
		a.Signing.Key = "configured"
	}
	if aborted {
		a.Error = &simulator.Failure{Kind: string(wire.Closed), Op: "read", Message: "the receiver ended the connection without an answer"}
		a.Connection.Closed = true
	} else {
		a.Answer = &simulator.Message{Proto: "HTTP/1.1", Status: answer.status, Headers: pairs(lines(answer.Header())), Body: answer.body.bytes()}
	}
	redactor.Attempt(a)
	return a
}

// event reads the event's type and key.
func (r *Recorder) event(h http.Header, body []byte) simulator.EventRef {
	doc, err := jsondoc.Parse(body)
	at := func(l schemas.Location) string {
		if l.Header != "" {
			return h.Get(l.Header)
		}
		if v, ok := doc.Get(l.Pointer); err == nil && ok && v.Kind == jsondoc.String {
			return v.Text
		}
		return ""
	}
	ref := simulator.EventRef{Type: at(r.Contract.Identity.Type)}
	for _, l := range r.Contract.Identity.ID {
		if ref.ID = at(l); ref.ID != "" {
			break
		}
	}
	for _, l := range r.Contract.Identity.Scope {
		if part := at(l); part != "" {
			ref.Scope = append(ref.Scope, part)
		}
	}
	return ref
}

func lines(h http.Header) []wire.Field {
	var out []wire.Field
	for name, values := range h {
		for _, v := range values {
			out = append(out, wire.Field{Name: name, Value: v})
		}
	}
	slices.SortStableFunc(out, func(a, b wire.Field) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return out
}

func pairs(fields []wire.Field) [][2]string {
	out := make([][2]string, len(fields))
	for i, f := range fields {
		out[i] = [2]string{simulator.HeaderText(f.Name), simulator.HeaderText(f.Value)}
	}
	return out
}

// kept is the beginning of a body, and its length.
type kept struct {
	held   bytes.Buffer
	length int64
}

func (k *kept) write(p []byte) {
	k.length += int64(len(p))
	if room := simulator.KeptBytes - k.held.Len(); room > 0 {
		k.held.Write(p[:min(len(p), room)])
	}
}

func (k *kept) bytes() simulator.Bytes {
	b := simulator.NewBytes(k.held.Bytes())
	b.Truncated = k.length > b.Length
	b.Length = k.length
	return b
}

type copied struct {
	io.ReadCloser
	to *kept
}

func (c *copied) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.to.write(p[:n])
	return n, err
}

// spoken remembers an answer.
type spoken struct {
	http.ResponseWriter
	status int
	body   kept
}

func (s *spoken) WriteHeader(status int) {
	if status >= 200 {
		s.status = status
	}
	s.ResponseWriter.WriteHeader(status)
}

func (s *spoken) Write(p []byte) (int, error) {
	n, err := s.ResponseWriter.Write(p)
	s.body.write(p[:n])
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (s *spoken) Unwrap() http.ResponseWriter { return s.ResponseWriter }
