package sign

import (
	"errors"
	"hash"
	"strconv"
	"time"

	"github.com/hookstone/hookstone/simulator/wire"
)

// Signer is a scheme bound to its secrets, with MAC states and buffers that
// are used again: signing allocates nothing. It is not safe for concurrent use.
// Under a contract that signs re-serialised JSON the bodies given to a Signer
// must be fixed points of that, as generated bodies are.
type Signer struct {
	scheme  *Scheme
	secrets int
	macs    []hash.Hash // signature by signature, secret by secret
	texts   [][]byte    // digests, likewise
	time    []byte
	scratch []byte
}

// Bind makes a Signer for one secret, or for several, the newest first.
func (s *Scheme) Bind(secrets ...[]byte) (*Signer, error) { return s.bind(false, secrets) }

func (s *Scheme) bind(raw bool, secrets [][]byte) (*Signer, error) {
	if len(secrets) == 0 {
		return nil, errors.New("no secret to sign with")
	}
	g := &Signer{scheme: s, secrets: len(secrets)}
	for _, sig := range s.signatures {
		for _, secret := range secrets {
			key := secret
			if !raw {
				var err error
				if key, err = s.Key(secret); err != nil {
					return nil, err
				}
			}
			g.macs = append(g.macs, algorithms[sig.algorithm].hash(key))
		}
	}
	g.texts = make([][]byte, len(g.macs))
	return g, nil
}

// AppendHeader signs and appends the signing headers as header lines, each
// "Name: value" with CRLF behind.
func (g *Signer) AppendHeader(dst []byte, m *Material) []byte {
	g.digest(m)
	for i := range g.scheme.headers {
		h := &g.scheme.headers[i]
		for n := range g.lines(h) {
			dst = append(dst, h.Name...)
			dst = append(dst, ": "...)
			dst = g.line(dst, h, m, n)
			dst = append(dst, "\r\n"...)
		}
	}
	return dst
}

// AppendFields signs and appends the signing headers.
func (g *Signer) AppendFields(dst []wire.Field, m *Material) []wire.Field {
	g.digest(m)
	return g.fields(dst, m)
}

func (g *Signer) fields(dst []wire.Field, m *Material) []wire.Field {
	for i := range g.scheme.headers {
		h := &g.scheme.headers[i]
		for n := range g.lines(h) {
			g.scratch = g.line(g.scratch[:0], h, m, n)
			dst = append(dst, wire.Field{Name: h.Name, Value: string(g.scratch)})
		}
	}
	return dst
}

// lines is how many lines a header takes: only a plain one that is repeated
// for each secret takes more than one.
func (g *Signer) lines(h *header) int {
	if h.Grammar == "plain" && h.repeat && h.Signature {
		return g.secrets
	}
	return 1
}

func (g *Signer) line(dst []byte, h *header, m *Material, secret int) []byte {
	if h.Grammar == "plain" && secret > 0 {
		return g.plain(dst, h, m, secret)
	}
	return g.value(dst, h, m)
}

func (g *Signer) plain(dst []byte, h *header, m *Material, secret int) []byte {
	for i, v := range h.values {
		if i > 0 {
			dst = append(dst, h.Separator...)
		}
		dst = g.expand(dst, v, m, secret)
	}
	return dst
}

// value writes a header's value; in elements and lists a value with a digest
// is repeated for each secret, where the contract rotates so.
func (g *Signer) value(dst []byte, h *header, m *Material) []byte {
	if h.Grammar == "plain" {
		return g.plain(dst, h, m, 0)
	}
	for i, v := range h.values {
		repeat := 1
		if h.repeat && carries(v, varSignature) {
			repeat = g.secrets
		}
		for secret := range repeat {
			if i > 0 || secret > 0 {
				dst = append(dst, h.Separator...)
			}
			dst = g.expand(dst, v, m, secret)
		}
	}
	return dst
}

func (g *Signer) expand(dst []byte, pieces []piece, m *Material, secret int) []byte {
	for i := range pieces {
		switch p := &pieces[i]; p.kind {
		case literal:
			dst = append(dst, p.text...)
		case varBody:
			dst = append(dst, m.Body...)
		case varTimestamp:
			dst = append(dst, g.time...)
		case varID:
			dst = append(dst, m.ID...)
		case varType:
			dst = append(dst, m.Type...)
		case varSignature:
			dst = append(dst, g.texts[p.sig*g.secrets+secret]...)
		}
	}
	return dst
}

// digest makes every digest's text.
func (g *Signer) digest(m *Material) {
	g.spellTime(m)
	for i := range g.scheme.signatures {
		sig := &g.scheme.signatures[i]
		for secret := range g.secrets {
			n := i*g.secrets + secret
			mac := g.macs[n]
			mac.Reset()
			g.feed(mac, sig.content, m)
			g.scratch = mac.Sum(g.scratch[:0])
			g.texts[n] = encode(g.texts[n][:0], g.scratch, sig.encode)
		}
	}
}

// feed writes signed content into a hash; the body goes in uncopied.
func (g *Signer) feed(mac hash.Hash, pieces []piece, m *Material) {
	g.scratch = g.scratch[:0]
	for i := range pieces {
		if pieces[i].kind == varBody {
			if len(g.scratch) > 0 {
				mac.Write(g.scratch)
				g.scratch = g.scratch[:0]
			}
			mac.Write(m.Body)
			continue
		}
		g.scratch = g.expand(g.scratch, pieces[i:i+1], m, 0)
	}
	if len(g.scratch) > 0 {
		mac.Write(g.scratch)
	}
}

func (g *Signer) spellTime(m *Material) {
	if m.TimestampSet {
		g.time = append(g.time[:0], m.Timestamp...)
		return
	}
	g.time = AppendTime(g.time[:0], g.scheme.contract.Time.Form, m.At)
}

// AppendTime spells a time in a contract's form: unix-seconds (also for ""),
// unix-milliseconds, or rfc3339 in UTC with milliseconds.
func AppendTime(dst []byte, form string, at time.Time) []byte {
	switch form {
	case "unix-milliseconds":
		return strconv.AppendInt(dst, at.UnixMilli(), 10)
	case "rfc3339":
		return at.UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z07:00")
	}
	return strconv.AppendInt(dst, at.Unix(), 10)
}
