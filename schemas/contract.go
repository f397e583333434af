package schemas

import "time"

// Contract is what a provider's document says about its webhooks, as data.
// It is read from contract.yaml, whose closed meta-schema is contract.schema.json.
type Contract struct {
	Format    int                 `yaml:"format"`
	Provider  string              `yaml:"provider"`
	Title     string              `yaml:"title"`
	Platform  string              `yaml:"platform"` // contracts of one platform are siblings
	Documents map[string]Document `yaml:"documents"`
	Transport Transport           `yaml:"transport"`
	Request   Request             `yaml:"request"`
	Identity  Identity            `yaml:"identity"`
	Time      Time                `yaml:"time"`
	Signing   Signing             `yaml:"signing"`
	Answers   Answers             `yaml:"answers"`
	Deadlines Deadlines           `yaml:"deadlines"`
	Retries   Retries             `yaml:"retries"`
	Handshake *Handshake          `yaml:"handshake"`
	// Events are the event types in documented order.
	Events EventClauses `yaml:"events"`
	// Citations maps a JSON pointer prefix of this contract to its source.
	// Every leaf is covered by one; the longest prefix wins (see CitationFor).
	Citations map[string]Citation `yaml:"citations"`
}

// EventClauses are spelled as a mapping from event type to clause, in order.
type EventClauses []EventClause

// EventClause is what the contract says of one event type. Its citation is
// CitationFor("/events/" + type).
type EventClause struct {
	Type    string `yaml:"-"`
	Summary string `yaml:"summary"`
	// Documented tells whether the document shows the event's data.
	Documented bool `yaml:"documented"`
}

// Document is one text that the contract was read from.
type Document struct {
	Title  string `yaml:"title"`
	URL    string `yaml:"url"`
	SHA256 string `yaml:"sha256"` // of the text that was read
	// Secrets are secrets printed in the document: a receiver configured with
	// one of them can be forged by any reader.
	Secrets []string `yaml:"secrets"`
}

// Citation is the source of a clause: a section of a document, or a convention
// of ours where the document is silent. Exactly one of the two is set.
type Citation struct {
	Document   string `yaml:"document" json:"document,omitempty"` // key of Contract.Documents
	Section    string `yaml:"section" json:"section,omitempty"`
	Convention string `yaml:"convention" json:"convention,omitempty"`
	Note       string `yaml:"note" json:"note,omitempty"`
}

// Transport is what the document asks of the endpoint's transport.
type Transport struct {
	HTTPS       string `yaml:"https"`         // required | unstated
	IPAllowList string `yaml:"ip_allow_list"` // "" | optional
}

// Request is the form of every delivery.
type Request struct {
	Method    string `yaml:"method"`
	MediaType string `yaml:"media_type"`
	// Headers are constants on every delivery; AttemptHeaders only on
	// redeliveries, where {attempt}, {retry} and {reason} are replaced.
	Headers        []HeaderValue `yaml:"headers"`
	AttemptHeaders []HeaderValue `yaml:"attempt_headers"`
}

// HeaderValue is a header with a template as its value.
type HeaderValue struct {
	Name  string   `yaml:"name"`
	Value Template `yaml:"value"`
}

// Identity says where a delivery names its event type and its idempotency key.
type Identity struct {
	Type  Location   `yaml:"type"`
	ID    []Location `yaml:"id"`    // the first that exists
	Scope []Location `yaml:"scope"` // further parts of the key
	// ScopeDocumented tells whether the scope part is the document's (MUST) or ours (SHOULD).
	ScopeDocumented bool `yaml:"scope_documented"`
	// UnknownType: acknowledge | may-refuse.
	UnknownType string `yaml:"unknown_type"`
	// KeyDocumented is false where the document names no idempotency key.
	KeyDocumented bool `yaml:"key_documented"`
}

// Time says where a delivery carries its time, and how old it may be.
type Time struct {
	At           Location `yaml:"at"`
	Form         string   `yaml:"form"` // unix-seconds | unix-milliseconds | rfc3339
	Signed       bool     `yaml:"signed"`
	OnRedelivery string   `yaml:"on_redelivery"` // renewed | kept
	// Tolerance is zero where the document states none: freshness does not apply.
	Tolerance Duration `yaml:"tolerance"`
	// ToleranceIs is "exact" (default) or "typical": the document says "typically".
	ToleranceIs string `yaml:"tolerance_is"`
}

// Signing is the recipe of the signature: an interpreter follows it.
type Signing struct {
	Covers     []string        `yaml:"covers"` // body, timestamp, id, type: what a change of breaks the signature
	Body       string          `yaml:"body"`   // raw | json-stringify
	Key        Key             `yaml:"key"`
	Signatures []Signature     `yaml:"signatures"`
	Headers    []SigningHeader `yaml:"headers"`
}

// Key says how the bytes of the MAC's key are made from the secret's text.
type Key struct {
	Strip  string `yaml:"strip"`  // prefix taken off first
	Decode string `yaml:"decode"` // utf-8 | base64 | hex
	Issued string `yaml:"issued"` // how issued secrets begin; part of the key, unlike Strip
}

// Signature is one digest of the delivery.
type Signature struct {
	Name      string   `yaml:"name"`
	Algorithm string   `yaml:"algorithm"` // hmac-sha256 | hmac-sha1 | hmac-sha512 …
	Encode    string   `yaml:"encode"`    // hex | base64
	Content   Template `yaml:"content"`   // over {body} {timestamp} {id} {type}
	Legacy    bool     `yaml:"legacy"`    // kept for old receivers; a receiver may ignore it
}

// SigningHeader is a header that the signature, its time, or the unsigned
// identity travel in.
type SigningHeader struct {
	Name      string     `yaml:"name"`
	Grammar   string     `yaml:"grammar"`   // plain (default) | elements | list
	Separator string     `yaml:"separator"` // between values; "" for plain
	Value     []Template `yaml:"value"`     // elements: "t={timestamp}"; list: "v1,{v1}"
	// Rotation: "" | repeat: while a secret is rotated, the signature's value
	// is repeated once for each secret.
	Rotation string `yaml:"rotation"`
	// Alternatives are other values that the document's own text can be read
	// as; tried, and told, where the first form is refused.
	Alternatives [][]Template `yaml:"alternatives"`
}

// Answers are the document's statuses.
type Answers struct {
	Acknowledge  Answer  `yaml:"acknowledge"`
	BadSignature *Answer `yaml:"bad_signature"` // nil: a forgery is judged by its effects
	Stale        *Answer `yaml:"stale"`
	// Failure is what a receiver answers that could not process an event;
	// nil where the document does not say. SampleAcknowledges is true where
	// the document's sample answers failures with success.
	Failure            *Answer `yaml:"failure"`
	SampleAcknowledges bool    `yaml:"sample_acknowledges_failures"`
}

// Answer is a documented answer.
type Answer struct {
	Documented []int  `yaml:"documented"`
	Counts     string `yaml:"counts"`   // what the sender takes for it: 2xx | documented
	Required   bool   `yaml:"required"` // the document's prose demands just this status
}

// Deadlines are the times within which an answer must, and should, be complete.
type Deadlines struct {
	Acknowledge Duration `yaml:"acknowledge"`
	Recommended Duration `yaml:"recommended"` // zero: no separate recommendation
}

// Retries is the sender's schedule after a failed attempt.
type Retries struct {
	Delays []Duration `yaml:"delays"`
	From   string     `yaml:"from"` // previous-attempt | first-attempt
	On     []string   `yaml:"on"`   // non-2xx, timeout, connection
}

// Handshake is the verification of an endpoint by a challenge. Its request
// need not carry what Identity and Time name: its schema tells.
type Handshake struct {
	Type      string            `yaml:"type"`      // the event type of the request
	TypeAt    Location          `yaml:"type_at"`   // where it stands; Identity.Type unless said otherwise
	Challenge Location          `yaml:"challenge"` // where the challenge lies
	Forms     []string          `yaml:"forms"`     // unsigned, signed: a receiver must answer at least one
	Unsigned  string            `yaml:"unsigned"`  // accepted | refused
	Status    []int             `yaml:"status"`
	Answers   []HandshakeAnswer `yaml:"answers"` // any one of them is right
}

// HandshakeAnswer is one right form of answer: a JSON body with the challenge
// at Pointer, or a text body made of Body.
type HandshakeAnswer struct {
	MediaType string   `yaml:"media_type"`
	Pointer   string   `yaml:"pointer"`
	Body      Template `yaml:"body"`
}

// Duration is a time.Duration spelled as in Go ("300s", "5m") or in days ("1d").
type Duration struct{ time.Duration }
