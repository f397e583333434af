// Package wire is Hookstone's HTTP/1.1 engine: exact bytes out, a bounded
// answer in, over net.Conn and tls.Conn. It follows no redirect, decodes no
// content coding and repairs nothing.
//
// It is not part of the promised API: see CONTRIBUTING.md.
package wire

import "time"

// Field is a header line: name in the casing to be written, value as is.
type Field struct{ Name, Value string }

// Framing is how a body's end is told.
type Framing string

const (
	ByLength Framing = ""        // Content-Length of the whole body
	Chunked  Framing = "chunked" // Transfer-Encoding: chunked
	Unframed Framing = "none"    // neither header is written
)

// Piece is a part of the body written after a pause.
type Piece struct {
	Pause time.Duration
	Bytes int // 0: the rest
}

// Request is what is written. Host and the framing header are added where
// Fields lacks them (Host first, framing last); all else is written as given,
// be it well-formed or not. A request without a body whose method expects none
// (RFC 9110, section 8.6: GET, HEAD, DELETE, OPTIONS, TRACE, CONNECT) gets no
// Content-Length.
type Request struct {
	Method  string // "" = POST
	Target  string // request-target; "" = path and query of the client's URL
	Fields  []Field
	Body    []byte
	Framing Framing
	Pieces  []Piece // nil: head and body leave in one write
	// ChunkBytes is the size of chunks under Chunked; 0: one chunk a piece.
	ChunkBytes int
	// Cut breaks the upload off: the sending side is closed after CutAfter bytes
	// of the body. For at most a second the engine then looks whether the server
	// answers all the same; Err is Abandoned in any case.
	Cut      bool
	CutAfter int
	// Expect writes "Expect: 100-continue" and waits up to a second for the
	// interim answer before the body is sent.
	Expect bool
	// Abandon closes the connection right after the last byte was written,
	// without reading the answer (Err is Abandoned); Discard reads the answer off
	// the wire and closes the connection, but the caller plays a sender that never
	// saw it (Response is set, and Err is Abandoned).
	Abandon bool
	Discard bool
	// ReadWhileWriting accepts an answer before the body was written in full
	// (large uploads that a server refuses early); the clock of the deadline
	// then starts at the last byte written.
	ReadWhileWriting bool
	// Raw replaces the whole rendering: the bytes as they are. Pieces and Cut
	// then count these bytes. Method need only be set for HEAD and CONNECT, whose
	// answers have no body.
	Raw []byte
}

// Response is a complete answer.
type Response struct {
	Proto    string // HTTP/1.1
	Status   int
	Reason   string
	Fields   []Field
	Trailers []Field
	Body     []byte // as on the wire after dechunking; at most Limits.BodyBytes bytes
	// BodyBytes is how long the body was; Truncated that Body holds less.
	BodyBytes int64
	Truncated bool
	Interim   []int // 1xx statuses seen before
	Close     bool  // the connection cannot be used again
	// Surplus counts bytes that had come behind the answer, unasked for.
	Surplus int
}

// Phases are durations of an exchange; zero where a phase did not happen.
type Phases struct {
	Resolve, Connect, TLS time.Duration // of a new connection
	Write                 time.Duration // first to last byte of the request
	FirstByte             time.Duration // last byte written → first byte of the answer
	Read                  time.Duration // first to last byte of the answer
	Total                 time.Duration // dial (or first byte written) → last byte read
	// Answer is last byte written → last byte of the answer: what an ack deadline counts.
	Answer time.Duration
}

// Outcome is all that an exchange showed. Response is nil where no complete
// answer came; Err then says why. Both can be set: a complete answer although
// the request could not be written in full.
type Outcome struct {
	Response *Response
	Partial  *Response // what had arrived of an incomplete answer, may be nil
	Err      *Error
	Phases   Phases
	Started  time.Time // first byte written (or dial begun where none was)
	Written  int64     // bytes of the request that left
	Received int64     // bytes that came back, interim answers included
	Conn     uint64    // number of the connection within its client, from 1; 0: none
	Reused   bool      // an earlier exchange used the connection
	// Early tells that a complete answer came before the request had been
	// written in full. With a nil Err it was the engine that stopped writing.
	Early bool
}
