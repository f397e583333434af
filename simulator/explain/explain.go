package explain

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/sign"
)

// Question is what Explain is asked. Capture, Secret and Library are needed.
type Question struct {
	Capture Capture
	Secret  []byte
	Library *schemas.Library
	// Provider is whose contract the request is held against; nil: the one
	// that it looks like most.
	Provider *schemas.Provider
	// Now is what the timestamp is held against; zero: the capture's own time
	// where it tells one, else the clock's.
	Now time.Time
	// Computed is a digest that a receiver computed for the request. Where it
	// is given, it is explained in place of the one received.
	Computed string
}

// Explanation is the answer. It holds neither the secret nor a signature that
// the request does not carry.
type Explanation struct {
	Provider string `json:"provider"`
	Title    string `json:"title"`
	// Guessed says that the request chose the contract; Looks are all that it
	// looks like, most first.
	Guessed bool    `json:"guessed"`
	Looks   []Guess `json:"looks,omitempty"`
	Capture string  `json:"capture"` // the capture's form
	// Verifies: signature and timestamp are right.
	Verifies bool `json:"verifies"`
	// SignatureRight: the signature is, whatever the timestamp.
	SignatureRight bool   `json:"signature_right"`
	Summary        string `json:"summary"` // the answer in a sentence
	Hint           string `json:"hint,omitempty"`
	// Header is the signature's header as received; nil where there is none.
	Header *Header `json:"header,omitempty"`
	// Changes are the fewest known ones with which the signature is reproduced;
	// none where it is right or nothing known explains it.
	Changes []Change `json:"changes"`
	// Alike are other explanations of as few changes: the bytes are the same.
	Alike [][]Change `json:"alike,omitempty"`
	// Signed is the signing base string that the signature was made over, where
	// that was found; Wanted is the one that the contract asks for.
	Signed *simulator.Bytes `json:"signed,omitempty"`
	Wanted *simulator.Bytes `json:"wanted,omitempty"`
	// FirstDifference is the place of the first byte in which the two differ,
	// from 0; -1: they do not, or only one is known.
	FirstDifference int       `json:"first_difference"`
	Time            TimeCheck `json:"time"`
	Body            BodyCheck `json:"body"`
	Notes           []string  `json:"notes"`
	// Tried is how many recipes were tried; Spent says that the body was too
	// large to try all.
	Tried int  `json:"tried"`
	Spent bool `json:"spent,omitempty"`

	signed, wanted []byte
}

// Header is a header line as received.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Bases are the signing base strings, whole: what was signed (nil where that
// was not found) and what should be. Secrets are blotted out.
func (e *Explanation) Bases() (signed, wanted []byte) { return e.signed, e.wanted }

// Explain says why a request does or does not verify. The error is the
// question's: no contract that the request could be held against, no secret,
// or a digest that is none.
func Explain(q Question) (*Explanation, error) {
	if len(q.Secret) == 0 {
		return nil, errors.New("no secret to check the signature with")
	}
	e := &Explanation{Capture: q.Capture.Form, Changes: []Change{}, FirstDifference: -1, Notes: append([]string{}, q.Capture.Notes...)}
	p := q.Provider
	if p == nil {
		if e.Looks = Recognise(q.Library, &q.Capture); len(e.Looks) == 0 {
			return nil, errors.New("the request looks like none of the contracts: name the provider")
		}
		var err error
		if p, err = q.Library.Provider(chosen(&q, e.Looks)); err != nil {
			return nil, err
		}
		e.Guessed = true
	}
	e.Provider, e.Title = p.Name(), p.Contract.Title
	scheme, err := sign.Compile(p.Contract)
	if err != nil {
		return nil, err
	}
	now := q.Now
	if now.IsZero() {
		if now = q.Capture.At; now.IsZero() {
			now = time.Now()
		}
	}
	e.Time = checkTime(p.Contract, &q.Capture, now)
	e.Body = checkBody(p, &q.Capture)
	e.Header = headerOf(p.Contract, &q.Capture)
	s := &search{scene: scene{capture: &q.Capture, secret: q.Secret}, library: q.Library, contract: p.Contract, siblings: map[string]bool{}, mistakes: mistakes()}
	if q.Library != nil {
		for _, sibling := range q.Library.Siblings(p) {
			s.siblings[sibling.Name()] = true
		}
	}
	s.stamps = stampsIn(p.Contract, &q.Capture)
	if q.Computed != "" {
		s.received = received{}
		s.received.add("", strings.TrimSpace(q.Computed))
		if len(s.received) == 0 {
			return nil, fmt.Errorf("the computed digest is neither hex nor base64 of a digest's length")
		}
	} else {
		s.received = receivedIn(&q.Capture)
	}
	e.verify(s, scheme, &q, now)
	e.redact(&q, p.Contract)
	return e, nil
}

// verify checks the signature, and searches where it is wrong.
func (e *Explanation) verify(s *search, scheme *sign.Scheme, q *Question, now time.Time) {
	own, signs := recipeOf(s.contract, s.capture, s.secret)
	if !signs {
		e.Summary = "The contract signs nothing."
		return
	}
	e.wanted = own.base()
	var refused error
	if q.Computed == "" {
		refused = scheme.Verify(q.Capture.Fields, q.Capture.Body, now, q.Secret)
		if refused == nil || errors.Is(refused, sign.ErrStale) {
			e.right(refused)
			return
		}
		for n := 1; n <= scheme.Alternatives(); n++ {
			err := scheme.Alternative(n).Verify(q.Capture.Fields, q.Capture.Body, now, q.Secret)
			if err == nil || errors.Is(err, sign.ErrStale) {
				e.Notes = append(e.Notes, "the header is in another form that the document can be read to send")
				e.right(err)
				return
			}
		}
		if e.unsignedHandshake(s) {
			return
		}
	}
	s.run()
	e.Tried, e.Spent = s.tried, s.spent
	best := s.best()
	if len(best) == 0 {
		e.unexplained(s, &own, refused, q.Computed != "")
		return
	}
	m := best[0]
	e.signed = m.recipe.base()
	e.Changes = append(e.Changes, m.changes...)
	for _, other := range best[1:] {
		if !slices.Equal(other.changes, m.changes) && !slices.ContainsFunc(e.Alike, func(c []Change) bool { return slices.Equal(c, other.changes) }) {
			e.Alike = append(e.Alike, other.changes)
		}
	}
	e.FirstDifference = firstDifference(e.signed, e.wanted)
	switch {
	case len(m.changes) > 0 && q.Computed != "":
		e.Summary = "The computed digest is explained: it was " + labels(m.changes) + "."
	case len(m.changes) > 0:
		e.Summary = "The signature does not verify: the request was " + labels(m.changes) + "."
	case q.Computed != "":
		e.SignatureRight = true
		e.Summary = "The computed digest is the right one for this request."
		e.Hint = "If the receiver refuses the request all the same, its comparison, or what it reads from the header, is wrong."
	default:
		e.Changes = append(e.Changes, Change{"header.strict", "rightly signed, in headers that are not as the contract has them", "Send each signing header once, in the contract's form."})
		e.Summary = "The digest is right, and yet the request does not verify: " + refused.Error() + "."
	}
	if len(e.Changes) > 0 {
		e.Hint = e.Changes[0].Fix
	}
}

// right tells of a signature that is right, with or without its timestamp.
func (e *Explanation) right(err error) {
	e.SignatureRight = true
	e.signed = e.wanted
	if err == nil {
		e.Verifies = true
		e.Summary = "The request verifies."
		e.Hint = "If a receiver refuses it, ask about the digest that the receiver computed (--computed)."
		return
	}
	e.Summary = "The signature is right and the timestamp is not: " + e.Time.words() + "."
	e.Hint = "If the capture is old, name the time of its arrival (--now)."
	if e.Time.other {
		e.Hint = "Send the timestamp as the contract wants it: " + e.Time.form + "."
	}
}

// unexplained says what is known where no recipe fits.
func (e *Explanation) unexplained(s *search, own *recipe, refused error, computed bool) {
	switch {
	case computed:
		e.Summary = "No known mistake makes the computed digest."
		e.Hint = "Most likely the receiver has another secret than the one given here."
	case errors.Is(refused, sign.ErrMissing) && e.Header == nil:
		e.Summary = "The request carries no signature: it has no header " + wanted(hangs(s.contract, mainName(s.contract)), func(h hung) string { return h.header }) + "."
		e.Hint = "Look for a gateway or a framework that drops the header, or a sender that has no secret."
	case s.capture.Unfinished:
		e.Summary = "The signature does not verify, and cannot: the capture lacks a part of the body."
		e.Hint = "Capture the whole body, byte for byte."
	case e.cutShort(own):
		e.Summary = "The signature does not verify: the header holds a part of the right digest, or more than it."
		e.Hint = "Send, and compare, the whole digest and nothing behind it."
		e.signed = e.wanted
	default:
		e.Summary = "The signature does not verify, and no known mistake explains it."
		if refused != nil && !errors.Is(refused, sign.ErrMismatch) {
			e.Summary = "The signature does not verify: " + refused.Error() + "."
		}
		e.Hint = "Most likely it was made with another secret, or the body was changed on its way."
	}
}

// cutShort tells a received digest that begins as the right one does, or goes
// on behind it. Both must show at least 8 bytes of it.
func (e *Explanation) cutShort(own *recipe) bool {
	if e.Header == nil {
		return false
	}
	right := spelledDigest(own.sum(), own.sig.Encode)
	for _, element := range elements(e.Header.Value) {
		for _, place := range hangs(own.contract, own.sig.Name) {
			text, ok := strings.CutPrefix(strings.TrimSpace(element), place.before)
			if ok && len(text) >= 16 && len(right) >= 16 && text != right && (strings.HasPrefix(text, right) || strings.HasPrefix(right, text)) {
				return true
			}
		}
	}
	return false
}

// unsignedHandshake tells of the verification request that comes before there
// is a secret.
func (e *Explanation) unsignedHandshake(s *search) bool {
	h := s.contract.Handshake
	if h == nil || e.Header != nil || h.Unsigned != "accepted" || e.Body.Event != h.Type {
		return false
	}
	e.Summary = "The request is the contract's verification request, which may come unsigned: there is nothing to verify."
	e.Hint = "Answer it with its challenge."
	return true
}

func labels(changes []Change) string {
	var out []string
	for _, c := range changes {
		out = append(out, c.Label)
	}
	return strings.Join(out, ", and ")
}

// headerOf is the signature's header as received.
func headerOf(c *schemas.Contract, in *Capture) *Header {
	for _, place := range hangs(c, mainName(c)) {
		for _, f := range in.Fields {
			if strings.EqualFold(f.Name, place.header) {
				return &Header{f.Name, f.Value}
			}
		}
	}
	return nil
}

// redact blots the secret out of whatever the request may hold of it, and
// records the base strings.
func (e *Explanation) redact(q *Question, c *schemas.Contract) {
	r := simulator.NewRedactor(c.Signing.Key, q.Secret)
	e.signed, e.wanted = r.Bytes(e.signed), r.Bytes(e.wanted)
	for dst, b := range map[**simulator.Bytes][]byte{&e.Signed: e.signed, &e.Wanted: e.wanted} {
		if b != nil {
			kept := simulator.NewBytes(bytes.Clone(b))
			*dst = &kept
		}
	}
	if e.Header != nil {
		e.Header.Value = r.String(e.Header.Value)
	}
	e.Time.Text = r.String(e.Time.Text)
	e.Body.Event = r.String(e.Body.Event)
	for i := range e.Body.Failures {
		e.Body.Failures[i].Reason = r.String(e.Body.Failures[i].Reason)
	}
	e.Summary = r.String(e.Summary)
	for i := range e.Notes {
		e.Notes[i] = r.String(e.Notes[i])
	}
	for i := range e.Changes {
		e.Changes[i].Label = r.String(e.Changes[i].Label)
	}
}
