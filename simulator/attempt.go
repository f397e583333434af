// Package simulator plays the provider: it generates, signs, spoils on purpose,
// sends, and records each delivery attempt.
package simulator

import "time"

// Class is what an attempt is meant to be.
type Class string

const (
	Genuine    Class = "genuine"
	Duplicate  Class = "duplicate"  // the same bytes again
	Redelivery Class = "redelivery" // the same event, signed anew
	Stale      Class = "stale"      // rightly signed, too old or too new
	Forged     Class = "forged"     // not signed with the secret for these bytes
	Handshake  Class = "handshake"
	Malformed  Class = "malformed" // rightly signed, not a documented event
)

// Attempt is the one record of a delivery attempt: report, evidence, journal,
// recording and vectors hold it. Its schema is schemas/attempt.schema.json.
// It never holds a secret.
type Attempt struct {
	ID         string    `json:"id"` // unique within a run
	Case       string    `json:"case,omitempty"`
	Role       string    `json:"role,omitempty"` // what it is for within its case: control, probe, liveness, context …
	Class      Class     `json:"class"`
	Event      EventRef  `json:"event"`
	Faults     []string  `json:"faults,omitempty"` // names, in the order applied
	IntendedAt time.Time `json:"intended_at"`
	SentAt     time.Time `json:"sent_at"`
	Signing    Signing   `json:"signing"`
	Request    Message   `json:"request"`
	Answer     *Message  `json:"answer,omitempty"` // a complete answer
	Error      *Failure  `json:"error,omitempty"`
	Phases     Phases    `json:"phases"`
	Connection Link      `json:"connection"`
	// LeakedSecret: the answer held the secret, in some encoding.
	LeakedSecret bool `json:"leaked_secret,omitempty"`
	// LeakedSignature: the answer to a delivery that was not rightly signed held
	// the signature that would have been right. Both are blotted out above.
	LeakedSignature bool `json:"leaked_signature,omitempty"`
}

// EventRef names the event of an attempt.
type EventRef struct {
	Type  string   `json:"type,omitempty"`
	ID    string   `json:"id,omitempty"`
	Scope []string `json:"scope,omitempty"`
}

// Signing tells how the attempt was signed.
type Signing struct {
	Base          Bytes  `json:"base,omitempty"`      // the signing base string
	Timestamp     string `json:"timestamp,omitempty"` // as written
	ClockOffsetMS int64  `json:"clock_offset_ms"`     // signing time minus sending time
	Key           string `json:"key,omitempty"`       // configured, none, or what stood in for it ("empty", "another")
}

// Bytes is a byte string, base64 in JSON, with its true length where cut.
type Bytes struct {
	Base64    string `json:"base64"`
	Length    int64  `json:"length"`
	Truncated bool   `json:"truncated,omitempty"`
	SHA256    string `json:"sha256,omitempty"` // of the whole, where truncated
}

// Message is one direction of an exchange. Names and values of headers and
// trailers are the bytes on the wire read as ISO 8859-1, so that a JSON text
// holds every byte of them (RFC 9110, section 5.5; see HeaderText).
type Message struct {
	Method   string      `json:"method,omitempty"`
	URL      string      `json:"url,omitempty"`
	Proto    string      `json:"proto,omitempty"`
	Status   int         `json:"status,omitempty"`
	Headers  [][2]string `json:"headers"`
	Body     Bytes       `json:"body"`
	Trailers [][2]string `json:"trailers,omitempty"`
	Interim  []int       `json:"interim,omitempty"`
	Framing  string      `json:"framing,omitempty"` // length, chunked, none
}

// Failure says why no complete answer came; Kind is a wire.Kind.
type Failure struct {
	Kind     string `json:"kind"`
	Op       string `json:"op"`
	Message  string `json:"message"`
	Received int64  `json:"received,omitempty"` // bytes of an answer that came all the same
}

// Phases are milliseconds.
type Phases struct {
	Resolve   float64 `json:"resolve_ms"`
	Connect   float64 `json:"connect_ms"`
	TLS       float64 `json:"tls_ms"`
	Write     float64 `json:"write_ms"`
	FirstByte float64 `json:"first_byte_ms"`
	Read      float64 `json:"read_ms"`
	Answer    float64 `json:"answer_ms"` // last byte written → last byte read
	Total     float64 `json:"total_ms"`
}

// Link tells which connection carried the attempt.
type Link struct {
	Number uint64 `json:"number"`
	Reused bool   `json:"reused"`
	Closed bool   `json:"closed"` // by the end of the exchange
}
