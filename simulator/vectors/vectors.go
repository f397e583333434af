// Package vectors makes test vectors: one event of a provider, rightly signed
// and wrong in many ways, with what a receiver must make of each. They are for
// receivers in any language; everything needed to judge one stands in its file.
//
// It is not part of the promised API: see CONTRIBUTING.md.
package vectors

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// Vector is one event with its deliveries: the content of a vector file.
type Vector struct {
	Format   int    `json:"format"` // 1
	Provider string `json:"provider"`
	Event    string `json:"event"`
	Note     string `json:"note"`
	// Secret is what the receiver is configured with. It is public.
	Secret string `json:"secret"`
	// Time is what the receiver's clock shows.
	Time time.Time `json:"time"`
	// ID is the event's idempotency key; "" for a handshake.
	ID string `json:"id,omitempty"`
	// Deliveries begin with the genuine one.
	Deliveries []Delivery `json:"deliveries"`
}

// The expectations of a delivery, and the reasons to reject one.
const (
	Accept    = "accept"
	Reject    = "reject"
	Signature = "signature" // none, or it does not hold for these bytes
	Time      = "time"      // signed rightly, but too long ago or at no known time
)

// Delivery is one request with what to expect of the receiver.
type Delivery struct {
	Name   string `json:"name"`             // genuine, or the fault's
	What   string `json:"what"`             // what is special about it
	Expect string `json:"expect"`           // accept or reject
	Reason string `json:"reason,omitempty"` // to reject: signature or time
	Why    string `json:"why"`
	Method string `json:"method"`
	// Headers are in the order and casing of the wire, their bytes read as ISO 8859-1.
	Headers [][2]string `json:"headers"`
	// Body is absent where it is the genuine delivery's, byte for byte.
	Body *Body `json:"body,omitempty"`
	// Answer is what a receiver must answer to a handshake that it accepts.
	Answer *Answer `json:"answer,omitempty"`
}

// Body is the exact body; Text is absent where the bytes are not UTF-8.
type Body struct {
	Base64 string  `json:"base64"`
	Text   *string `json:"text,omitempty"`
}

// Answer is the right answer to a handshake. JSON answers may be spelled in
// any way.
type Answer struct {
	Status    int    `json:"status"`
	MediaType string `json:"media_type"`
	Body      string `json:"body"`
}

// Options fix what is made: the same options, the same bytes.
type Options struct {
	Seed uint64
	// Now is the time of signing and the receiver's clock.
	Now time.Time
}

const note = "Test data. The secret is published here: no receiver that takes real traffic may be configured with it."

// Maker makes vectors of one provider.
type Maker struct {
	provider *schemas.Provider
	sender   *simulator.Sender
	now      time.Time
}

// New makes a Maker; it fails where the provider's journeys do not compile.
func New(p *schemas.Provider, o Options) (*Maker, error) {
	g, err := generate.New(p, generate.Options{Seed: o.Seed, RunID: "vectors"})
	if err != nil {
		return nil, err
	}
	now := o.Now.UTC().Truncate(time.Second)
	return &Maker{provider: p, now: now, sender: &simulator.Sender{
		Provider: p, Generator: g, Secret: Secret(p.Contract), Clock: func() time.Time { return now },
	}}, nil
}

// Secret is the published secret of a contract's vectors, in the form that its
// keys have.
func Secret(c *schemas.Contract) []byte {
	name := "published-test-secret-of-" + c.Provider
	sum := sha256.Sum256([]byte(name))
	switch c.Signing.Key.Decode {
	case "base64":
		return []byte(c.Signing.Key.Strip + base64.StdEncoding.EncodeToString(sum[:24]))
	case "hex":
		return []byte(c.Signing.Key.Strip + hex.EncodeToString(sum[:24]))
	}
	return []byte(c.Signing.Key.Strip + name)
}

// Vector makes the vector of an event type.
func (m *Maker) Vector(eventType string) (*Vector, error) {
	event, err := m.sender.Generator.Event(generate.Key{Case: "vectors"}, eventType, m.now)
	if err != nil {
		return nil, err
	}
	clause, _ := m.provider.Event(eventType)
	v := &Vector{
		Format: 1, Provider: m.provider.Name(), Event: eventType, Note: note,
		Secret: string(m.sender.Secret), Time: m.now, ID: event.ID,
	}
	s := &series{maker: m, vector: v, event: event, handshake: clause.Handshake}
	if err := s.genuine(); err != nil {
		return nil, fmt.Errorf("event %q: %w", eventType, err)
	}
	if err := s.variants(); err != nil {
		return nil, fmt.Errorf("event %q: %w", eventType, err)
	}
	return v, nil
}

// pair is a header on four lines; no text in JSON holds a line break.
var pair = regexp.MustCompile(`\[\n +("(?:[^"\\\n]|\\.)*"),\n +("(?:[^"\\\n]|\\.)*")\n +\]`)

// JSON is the vector as its file holds it, a header a line.
func (v *Vector) JSON() ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return pair.ReplaceAll(out.Bytes(), []byte("[$1, $2]")), err
}

// series is a vector in the making.
type series struct {
	maker     *Maker
	vector    *Vector
	event     generate.Event
	handshake bool
	body      []byte // of the genuine delivery
	answer    *Answer
}

// prepare makes the delivery with faults, and its record.
func (s *series) prepare(alternative int, faults ...fault.Fault) (*fault.Draft, error) {
	sender := *s.maker.sender
	sender.Alternative = alternative
	return sender.Prepare(simulator.Delivery{Event: s.event, Faults: faults})
}

func (s *series) genuine() error {
	draft, err := s.prepare(0)
	if err != nil {
		return err
	}
	s.body = draft.Request.Body
	if s.handshake {
		if s.answer, err = s.right(); err != nil {
			return err
		}
	}
	s.append(draft, Delivery{
		Name: "genuine", What: "is what the provider sends", Expect: Accept,
		Why: "the signature holds for these bytes under the secret",
	})
	s.vector.Deliveries[0].Body = bodyOf(s.body)
	return nil
}

func (s *series) append(draft *fault.Draft, d Delivery) {
	d.Method = draft.Request.Method
	for _, f := range draft.Request.Fields {
		d.Headers = append(d.Headers, [2]string{simulator.HeaderText(f.Name), simulator.HeaderText(f.Value)})
	}
	if !bytes.Equal(draft.Request.Body, s.body) {
		d.Body = bodyOf(draft.Request.Body)
	}
	if d.Expect == Accept && s.handshake {
		d.Answer = s.answer
	}
	s.vector.Deliveries = append(s.vector.Deliveries, d)
}

func bodyOf(body []byte) *Body {
	b := &Body{Base64: base64.StdEncoding.EncodeToString(body)}
	if utf8.Valid(body) {
		text := string(body)
		b.Text = &text
	}
	return b
}

// right is the answer to the handshake at hand, in the contract's first form.
func (s *series) right() (*Answer, error) {
	h := s.maker.provider.Contract.Handshake
	doc, err := jsondoc.Parse(s.body)
	if err != nil {
		return nil, err
	}
	challenge, ok := doc.Get(h.Challenge.Pointer)
	if !ok || len(h.Answers) == 0 {
		return nil, fmt.Errorf("the handshake has no challenge at %q, or no answer", h.Challenge.Pointer)
	}
	form := h.Answers[0]
	a := &Answer{Status: h.Status[0], MediaType: form.MediaType}
	if form.Pointer == "" {
		for _, p := range form.Body.Parts {
			if p.Var == "challenge" {
				a.Body += challenge.Text
			} else {
				a.Body += p.Literal
			}
		}
		return a, nil
	}
	spelled := string(challenge.Compact())
	tokens := strings.Split(form.Pointer[1:], "/")
	slices.Reverse(tokens)
	for _, token := range tokens {
		name := strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		spelled = "{" + string(jsondoc.Text(name).Compact()) + ":" + spelled + "}"
	}
	a.Body = spelled
	return a, nil
}
