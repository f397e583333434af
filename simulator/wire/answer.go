package wire

import (
	"strings"
	"time"
)

// Answer is a parsed answer whose buffers are used again by the next
// Roundtrip: what its methods return is valid until then. The zero value is
// ready for use. Body holds at most Limits.BodyBytes bytes.
type Answer struct {
	Status    int
	Body      []byte
	BodyBytes int64
	Truncated bool
	Interim   []int
	Close     bool // the connection cannot be used again
	Surplus   int  // bytes behind the answer

	// Began and Sent are taken around the write of the request, First and Last
	// when the first and the last byte of the final answer were read.
	Began, Sent, First, Last time.Time
	// Written counts bytes of the request that left, Received what came back.
	Written, Received int64

	minor    byte   // of the protocol version
	text     []byte // reason, then names and values of fields and trailers
	reason   int    // length of the reason
	fields   []span
	trailers []span

	started  bool // a byte of the final answer has come
	headDone bool // the final head has been parsed
	complete bool
	message  framing
}

// span locates a field in Answer.text: name, then value.
type span struct{ name, value, end uint32 }

// framing is what the head says about the body.
type framing struct {
	length      int64
	hasLength   bool
	hasTransfer bool
	chunked     bool // the last transfer coding is chunked
	shut, alive bool // connection options close and keep-alive
}

func (a *Answer) reset() {
	*a = Answer{
		Body: a.Body[:0], Interim: a.Interim[:0],
		text: a.text[:0], fields: a.fields[:0], trailers: a.trailers[:0],
	}
}

// resetHead drops the head of an interim answer.
func (a *Answer) resetHead() {
	a.Status, a.minor, a.reason = 0, 0, 0
	a.text, a.fields, a.message = a.text[:0], a.fields[:0], framing{}
}

// Reason returns the reason phrase, which may be empty.
func (a *Answer) Reason() []byte { return a.text[:a.reason] }

// Len returns the number of field lines.
func (a *Answer) Len() int { return len(a.fields) }

// Field returns the field line i in the order received, its value without the
// blanks around it.
func (a *Answer) Field(i int) (name, value []byte) {
	s := a.fields[i]
	return a.text[s.name:s.value], a.text[s.value:s.end]
}

// Value returns the value of the first field of the name, in any casing.
func (a *Answer) Value(name string) ([]byte, bool) {
	for i := range a.fields {
		if n, v := a.Field(i); equalFold(n, name) {
			return v, true
		}
	}
	return nil, false
}

// Response returns a copy of the answer that outlives the next exchange.
func (a *Answer) Response() *Response {
	r := &Response{
		Status: a.Status, Reason: string(a.Reason()),
		Fields: a.copyFields(a.fields), Trailers: a.copyFields(a.trailers),
		BodyBytes: a.BodyBytes, Truncated: a.Truncated,
		Close: a.Close, Surplus: a.Surplus,
	}
	if a.Status != 0 {
		r.Proto = "HTTP/1." + string('0'+rune(a.minor))
	}
	if len(a.Body) > 0 {
		r.Body = append([]byte(nil), a.Body...)
	}
	if len(a.Interim) > 0 {
		r.Interim = append([]int(nil), a.Interim...)
	}
	return r
}

func (a *Answer) copyFields(spans []span) []Field {
	if len(spans) == 0 {
		return nil
	}
	out := make([]Field, len(spans))
	for i, s := range spans {
		out[i] = Field{string(a.text[s.name:s.value]), string(a.text[s.value:s.end])}
	}
	return out
}

// Value returns the value of the first field of the name, in any casing.
func (r *Response) Value(name string) (string, bool) {
	for _, f := range r.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value, true
		}
	}
	return "", false
}

// equalFold compares ASCII without regard to case.
func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i := range b {
		if lower(b[i]) != lower(s[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
