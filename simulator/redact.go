package simulator

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/jsondoc"
	"github.com/hookstone/hookstone/simulator/sign"
)

// Redacted stands where a secret stood.
const Redacted = "[redacted]"

// shortest is the least length of a text that is blotted out: a shorter one
// occurs by chance everywhere.
const shortest = 4

// Redactor blots secrets out of whatever is written: as they are, as the MAC
// key they decode to, and both in hex, base64, URL, HTML and JSON spellings. A
// spelling of fewer than 4 bytes is left alone. It is safe for concurrent use.
type Redactor struct {
	key schemas.Key

	mu    sync.RWMutex
	forms [][]byte // longest first
}

// NewRedactor makes a Redactor of all secrets of a run. The key clause of the
// contract tells which key a secret decodes to.
func NewRedactor(key schemas.Key, secrets ...[]byte) *Redactor {
	r := &Redactor{key: key}
	r.Add(secrets...)
	return r
}

// Add takes further secrets, such as the values of gateway headers.
func (r *Redactor) Add(secrets ...[]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, secret := range secrets {
		r.forms = append(r.forms, spellings(r.key, secret)...)
	}
	r.forms = tidy(r.forms)
}

// tidy drops what is too short or repeated and puts the longest first, so
// that no part of a longer spelling is left.
func tidy(forms [][]byte) [][]byte {
	forms = slices.DeleteFunc(forms, func(f []byte) bool { return len(f) < shortest })
	slices.SortFunc(forms, func(a, b []byte) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return bytes.Compare(a, b)
	})
	return slices.CompactFunc(forms, bytes.Equal)
}

// spellings are all forms in which a secret may show.
func spellings(key schemas.Key, secret []byte) [][]byte {
	forms := encoded(secret)
	if bare := bytes.TrimPrefix(secret, []byte(key.Strip)); len(bare) != len(secret) {
		forms = append(forms, encoded(bare)...)
	}
	if k, err := sign.Key(key, secret); err == nil && !bytes.Equal(k, secret) {
		forms = append(forms, encoded(k)...)
	}
	return forms
}

func encoded(b []byte) [][]byte {
	text := string(b)
	lower := hex.EncodeToString(b)
	forms := []string{
		text, lower, strings.ToUpper(lower),
		base64.RawStdEncoding.EncodeToString(b), base64.StdEncoding.EncodeToString(b),
		base64.RawURLEncoding.EncodeToString(b), base64.URLEncoding.EncodeToString(b),
		url.QueryEscape(text), url.PathEscape(text), html.EscapeString(text),
		jsonText(text, jsondoc.ECMAScript), jsonText(text, jsondoc.Python), jsonText(text, jsondoc.PHP),
	}
	if quoted, err := json.Marshal(text); err == nil {
		forms = append(forms, string(quoted[1:len(quoted)-1]))
	}
	out := make([][]byte, 0, len(forms))
	for _, f := range forms {
		out = append(out, []byte(f))
	}
	return out
}

func jsonText(text string, s jsondoc.Style) string {
	spelled := jsondoc.Text(text).Spell(s)
	return string(spelled[1 : len(spelled)-1])
}

// Bytes returns the bytes with every secret blotted out; the same slice where
// there is none.
func (r *Redactor) Bytes(b []byte) []byte {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, f := range r.forms {
		if bytes.Contains(b, f) {
			b = bytes.ReplaceAll(b, f, []byte(Redacted))
		}
	}
	return b
}

// String is Bytes of a text.
func (r *Redactor) String(s string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, f := range r.forms {
		s = strings.ReplaceAll(s, string(f), Redacted)
	}
	return s
}

// Holds tells whether the bytes hold a secret.
func (r *Redactor) Holds(b []byte) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.ContainsFunc(r.forms, func(f []byte) bool { return bytes.Contains(b, f) })
}

// tail blots out the beginning of a secret at the very end of bytes that were cut.
func (r *Redactor) tail(b []byte) []byte {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, f := range r.forms {
		for n := min(len(f)-1, len(b)); n >= shortest; n-- {
			if bytes.HasSuffix(b, f[:n]) {
				return append(slices.Clone(b[:len(b)-n]), Redacted...)
			}
		}
	}
	return b
}

// Attempt blots secrets out of every part of an attempt.
func (r *Redactor) Attempt(a *Attempt) {
	a.Event.Type, a.Event.ID = r.String(a.Event.Type), r.String(a.Event.ID)
	a.Event.Scope = r.texts(a.Event.Scope)
	a.Faults = r.texts(a.Faults)
	a.Signing.Timestamp = r.String(a.Signing.Timestamp)
	r.bytes(&a.Signing.Base)
	r.message(&a.Request)
	if a.Answer != nil {
		r.message(a.Answer)
	}
	if a.Error != nil {
		a.Error.Message = r.String(a.Error.Message)
	}
}

func (r *Redactor) texts(in []string) []string {
	out := slices.Clone(in)
	for i := range out {
		out[i] = r.String(out[i])
	}
	return out
}

func (r *Redactor) message(m *Message) {
	m.URL = r.String(m.URL)
	r.headers(m.Headers)
	r.headers(m.Trailers)
	r.bytes(&m.Body)
}

func (r *Redactor) headers(h [][2]string) {
	for i := range h {
		for part := range h[i] {
			// A secret is sought among the bytes, not among their characters.
			h[i][part] = HeaderText(r.String(HeaderBytes(h[i][part])))
		}
	}
}

// bytes blots secrets out of recorded bytes. Length and digest stay those of
// the original.
func (r *Redactor) bytes(b *Bytes) {
	held := b.Decode()
	clean := r.Bytes(held)
	if b.Truncated {
		clean = r.tail(clean)
	}
	if !bytes.Equal(held, clean) {
		b.Base64 = base64.StdEncoding.EncodeToString(clean)
	}
}
