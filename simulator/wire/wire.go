// Package wire is Hookstone's HTTP/1.1 engine: exact bytes out, a bounded
// answer in, over net.Conn and tls.Conn. It follows no redirect, decodes no
// content coding and repairs nothing.
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
// Fields lacks them (Host first, framing last); all else is written as given.
type Request struct {
	Method  string
	Target  string // request-target; "" = path and query of the client's URL
	Fields  []Field
	Body    []byte
	Framing Framing
	Pieces  []Piece // nil: head and body leave in one write
	// ChunkBytes is the size of chunks under Chunked; 0: one chunk a piece.
	ChunkBytes int
	// Cut breaks the upload off: the connection is closed after CutAfter bytes
	// of the body.
	Cut      bool
	CutAfter int
	// Expect writes "Expect: 100-continue" and waits up to a second for the
	// interim answer before the body is sent.
	Expect bool
	// Abandon closes the connection right after the last byte was written,
	// without reading the answer; Discard reads the answer off the wire but the
	// caller plays a sender that never saw it.
	Abandon bool
	// ReadWhileWriting accepts an answer before the body was written in full
	// (large uploads that a server refuses early); the clock of the deadline
	// then starts at the last byte written.
	ReadWhileWriting bool
	// Raw replaces the whole rendering: the bytes as they are.
	Raw []byte
}

// Response is a complete answer.
type Response struct {
	Proto    string // HTTP/1.1
	Status   int
	Reason   string
	Fields   []Field
	Trailers []Field
	Body     []byte // as on the wire after dechunking; at most Limits.Body bytes
	// BodyBytes is how long the body was; Truncated that Body holds less.
	BodyBytes int64
	Truncated bool
	Interim   []int // 1xx statuses seen before
	Close     bool  // the connection cannot be used again
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
	Conn     uint64    // number of the connection within its client
	Reused   bool
}

// Kind says what went wrong on the wire, by whose end.
type Kind string

const (
	Unresolved  Kind = "unresolved"  // no address for the host
	Refused     Kind = "refused"     // nothing listens
	Unreachable Kind = "unreachable" // no route, or the connect timed out
	TLSFailed   Kind = "tls"         // handshake or certificate
	Reset       Kind = "reset"       // reset by the peer
	Closed      Kind = "closed"      // closed before an answer began
	Incomplete  Kind = "incomplete"  // closed in the middle of the answer
	Timeout     Kind = "timeout"     // no complete answer in time
	Malformed   Kind = "malformed"   // not HTTP/1.x
	TooLarge    Kind = "too-large"   // header or body beyond the limits
	Canceled    Kind = "canceled"    // the caller's context ended
	Abandoned   Kind = "abandoned"   // the sender broke off on purpose
	Local       Kind = "local"       // fault of this machine (no sockets, bad request value)
)

// Error is a failed exchange.
type Error struct {
	Kind Kind
	Op   string // resolve, dial, handshake, write, read
	Err  error
}

func (e *Error) Error() string { return e.Op + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }
