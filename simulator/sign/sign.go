// Package sign interprets a contract's signing clause: it makes and checks
// signatures without knowing any provider.
//
// It is not part of the promised API: see CONTRIBUTING.md.
package sign

import (
	"errors"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/jsondoc"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Material is what a signature is made over.
type Material struct {
	Body     []byte
	ID, Type string
	At       time.Time // signing time; spelled by the contract's form
	// Timestamp replaces the spelling of At ("abc", "+123", milliseconds …).
	// TimestampSet tells "" from unset.
	Timestamp    string
	TimestampSet bool
}

// Mistakes are deviations inside the signer. The zero value signs rightly.
// Where Algorithm, Encode or Content is set, legacy signatures are left out,
// since one of them could otherwise be right.
type Mistakes struct {
	Algorithm string                    // hmac-sha1, hmac-sha512, hmac-md5, sha256 (no key) …
	Encode    string                    // hex, base64, hex-upper
	Content   *schemas.Template         // other signed content
	Digest    func(right string) string // last word on every digest's text (truncate, extend, random …)
	Body      []byte                    // sign over exactly these bytes instead of the ones sent
	// RawKey takes the secret's bytes for the key as they are, as a forger
	// must whose guess does not decode.
	RawKey bool
}

// Signed is the outcome of signing.
type Signed struct {
	Fields []wire.Field      // the signing headers, in the contract's order
	Base   []byte            // the signed content of the first signature (the signing base string)
	Digest map[string]string // text of each signature by name, made with the newest secret
	Time   string            // the timestamp as written; "" where none travels in a header or is signed
}

// ErrUnsignable is a body that the contract's scheme cannot sign: it signs
// re-serialised JSON and the body is none.
var ErrUnsignable = errors.New("the scheme signs re-serialised JSON and cannot sign this body")

// Sign signs with one secret, or with several, the newest first, while a
// secret is rotated.
func (s *Scheme) Sign(m Material, w Mistakes, secrets ...[]byte) (Signed, error) {
	scheme, err := s.mistaken(w)
	if err != nil {
		return Signed{}, err
	}
	g, err := scheme.bind(w.RawKey, secrets)
	if err != nil {
		return Signed{}, err
	}
	if w.Body != nil {
		m.Body = w.Body
	} else if m.Body, err = s.content(m.Body); err != nil {
		return Signed{}, err
	}
	g.digest(&m)
	if w.Digest != nil {
		for i := range g.texts {
			g.texts[i] = []byte(w.Digest(string(g.texts[i])))
		}
	}
	out := Signed{Fields: g.fields(nil, &m), Digest: make(map[string]string, len(scheme.signatures))}
	for i, sig := range scheme.signatures {
		out.Digest[sig.name] = string(g.texts[i*len(secrets)])
	}
	if len(scheme.signatures) > 0 {
		out.Base = g.expand(nil, scheme.signatures[0].content, &m, 0)
	}
	if s.usesTime {
		out.Time = string(g.time)
	}
	return out, nil
}

// Bare returns the fields that a delivery has without any signature: those
// headers that carry the time or the identity alone.
func (s *Scheme) Bare(m Material) []wire.Field {
	g := &Signer{scheme: s}
	g.spellTime(&m)
	var fields []wire.Field
	for i := range s.headers {
		if h := &s.headers[i]; !h.Signature {
			fields = append(fields, wire.Field{Name: h.Name, Value: string(g.value(nil, h, &m))})
		}
	}
	return fields
}

// content is the body as it is signed.
func (s *Scheme) content(body []byte) ([]byte, error) {
	if !s.canonical {
		return body, nil
	}
	doc, err := jsondoc.Parse(body)
	if err != nil {
		return nil, errors.Join(ErrUnsignable, err)
	}
	return doc.Compact(), nil
}
