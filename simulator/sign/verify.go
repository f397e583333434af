package sign

import (
	"bytes"
	"crypto/subtle"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hookstone/hookstone/simulator/jsondoc"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Why Verify refuses a delivery, for errors.Is.
var (
	ErrMissing   = errors.New("what the signature needs is missing")
	ErrMalformed = errors.New("a signing header is malformed")
	ErrMismatch  = errors.New("the signature does not match")
	ErrStale     = errors.New("the timestamp is outside the tolerance")
)

// Verify checks a delivery as the contract says: signature, then freshness
// against now. Any of the secrets may match. It is strict: one line of each
// header, one timestamp, digests in exactly the contract's spelling. What is
// signed beside the body is taken from the signing headers, else from where the
// contract says that time, id and type lie: in the body, say. Legacy
// signatures are not looked at. Err's text never holds the secret or the
// expected signature.
func (s *Scheme) Verify(fields []wire.Field, body []byte, now time.Time, secrets ...[]byte) error {
	d, err := s.read(fields)
	if err != nil {
		return err
	}
	stamp, err := s.timestamp(d, body)
	if err != nil {
		return err
	}
	m := Material{Body: body, ID: d.id, Type: d.typ, Timestamp: stamp, TimestampSet: true}
	if err := s.identified(&m); err != nil {
		return err
	}
	if m.Body, err = s.content(body); err != nil {
		return err
	}
	g, err := s.Bind(secrets...)
	if err != nil {
		return err
	}
	g.digest(&m)
	for i, sig := range s.signatures {
		if sig.legacy {
			continue
		}
		if len(d.digests[i]) == 0 {
			return fmt.Errorf("%w: the digest %s", ErrMissing, sig.name)
		}
		match := 0
		for _, given := range d.digests[i] {
			for secret := range g.secrets {
				match |= subtle.ConstantTimeCompare([]byte(given), g.texts[i*g.secrets+secret])
			}
		}
		if match != 1 {
			return fmt.Errorf("%w: %s", ErrMismatch, sig.name)
		}
	}
	return s.fresh(stamp, now)
}

// Expected returns the raw digests that the secret would give a delivery with
// these fields and this body, signature by signature: what no answer to a
// forgery may show. It fails where the delivery lacks the time, the id or the
// type that is signed.
func (s *Scheme) Expected(fields []wire.Field, body []byte, secret []byte) ([][]byte, error) {
	d := s.skim(fields)
	stamp, err := s.timestamp(d, body)
	if err != nil && s.usesTime {
		return nil, err
	}
	m := Material{Body: body, ID: d.id, Type: d.typ, Timestamp: stamp, TimestampSet: true}
	if err := s.identified(&m); err != nil {
		return nil, err
	}
	return s.ExpectedOf(m, secret)
}

// ExpectedOf returns the raw digests that the secret gives the material.
func (s *Scheme) ExpectedOf(m Material, secret []byte) ([][]byte, error) {
	var err error
	if m.Body, err = s.content(m.Body); err != nil {
		return nil, err
	}
	g, err := s.Bind(secret)
	if err != nil {
		return nil, err
	}
	g.spellTime(&m)
	var out [][]byte
	for i := range s.signatures {
		g.feed(g.macs[i], s.signatures[i].content, &m)
		out = append(out, g.macs[i].Sum(nil))
	}
	return out, nil
}

// timestamp is the time's text, from where the contract puts it.
func (s *Scheme) timestamp(d delivered, body []byte) (string, error) {
	at := s.contract.Time.At
	if at.Pointer == "" {
		if s.usesTime && len(d.times) != 1 {
			return "", fmt.Errorf("%w: %d timestamps", ErrMalformed, len(d.times))
		}
		if len(d.times) == 0 {
			return "", nil
		}
		return d.times[0], nil
	}
	if !s.usesTime && s.contract.Time.Tolerance.Duration == 0 {
		return "", nil
	}
	doc, err := jsondoc.Parse(body)
	if err != nil {
		return "", fmt.Errorf("%w: no time at %s: %w", ErrMalformed, at.Pointer, err)
	}
	v, ok := doc.Get(at.Pointer)
	if !ok || v.Kind != jsondoc.String && v.Kind != jsondoc.Number {
		return "", fmt.Errorf("%w: the time at %s", ErrMissing, at.Pointer)
	}
	return v.Text, nil
}

// fresh compares the time with now, in both directions.
func (s *Scheme) fresh(stamp string, now time.Time) error {
	tolerance := s.contract.Time.Tolerance.Duration
	if tolerance == 0 {
		return nil
	}
	at, err := ParseTime(s.contract.Time.Form, stamp)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if off := now.Sub(at).Abs(); off > tolerance {
		return fmt.Errorf("%w: %s off, allowed %s", ErrStale, off.Round(time.Second), tolerance)
	}
	return nil
}

// ParseTime reads a contract's form of time strictly: digits only, or RFC 3339.
func ParseTime(form, text string) (time.Time, error) {
	if form == "rfc3339" {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return time.Time{}, fmt.Errorf("malformed time %q: not RFC 3339", text)
		}
		return at, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != text {
		return time.Time{}, fmt.Errorf("malformed time %q: not a whole number", text)
	}
	if form == "unix-milliseconds" {
		return time.UnixMilli(n), nil
	}
	return time.Unix(n, 0), nil
}

// delivered is what the signing headers of a delivery held.
type delivered struct {
	times   []string
	id, typ string
	digests [][]string // by signature
}

// read takes the signing headers apart, strictly.
func (s *Scheme) read(fields []wire.Field) (delivered, error) {
	d := delivered{digests: make([][]string, len(s.signatures))}
	for i := range s.headers {
		h := &s.headers[i]
		if h.Legacy {
			continue
		}
		lines := 0
		for _, f := range fields {
			if !strings.EqualFold(f.Name, h.Name) {
				continue
			}
			if lines++; lines > 1 && !(h.Grammar == "plain" && h.repeat) {
				return d, fmt.Errorf("%w: %s comes twice", ErrMalformed, h.Name)
			}
			if !h.read(f.Value, &d) {
				return d, fmt.Errorf("%w: %s", ErrMalformed, h.Name)
			}
		}
		if lines == 0 {
			return d, fmt.Errorf("%w: the header %s", ErrMissing, h.Name)
		}
	}
	return d, nil
}

// skim reads what can be read and passes over the rest.
func (s *Scheme) skim(fields []wire.Field) delivered {
	d := delivered{digests: make([][]string, len(s.signatures))}
	for i := range s.headers {
		for _, f := range fields {
			if strings.EqualFold(f.Name, s.headers[i].Name) {
				s.headers[i].read(f.Value, &d)
			}
		}
	}
	return d
}

// read takes one line apart. Unknown elements are passed over, as schemes of
// this kind ask of receivers.
func (h *header) read(value string, d *delivered) bool {
	if h.Grammar == "plain" {
		whole := h.values[0]
		if len(h.values) > 1 {
			whole = nil
			for i, v := range h.values {
				if i > 0 {
					whole = append(whole, piece{text: []byte(h.Separator)})
				}
				whole = append(whole, v...)
			}
		}
		return match(whole, value, d)
	}
	found := false
	for _, element := range strings.Split(value, h.Separator) {
		for _, v := range h.values {
			if match(v, element, d) {
				found = true
				break
			}
		}
	}
	return found
}

// match reads a text by a template and notes its variables where it fits.
func match(pieces []piece, text string, d *delivered) bool {
	got := make([]string, len(pieces))
	for i, p := range pieces {
		if p.kind == literal {
			if !strings.HasPrefix(text, string(p.text)) {
				return false
			}
			text = text[len(p.text):]
			continue
		}
		end := len(text)
		if i+1 < len(pieces) {
			if end = bytes.Index([]byte(text), pieces[i+1].text); end < 0 {
				return false
			}
		}
		got[i], text = text[:end], text[end:]
	}
	if text != "" {
		return false
	}
	for i, p := range pieces {
		switch p.kind {
		case varTimestamp:
			d.times = append(d.times, got[i])
		case varID:
			d.id = got[i]
		case varType:
			d.typ = got[i]
		case varSignature:
			d.digests[p.sig] = append(d.digests[p.sig], got[i])
		}
	}
	return true
}
