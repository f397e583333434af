package sign

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

// Scheme is a contract's signing clause, compiled. It is safe for concurrent use.
type Scheme struct {
	contract   *schemas.Contract
	canonical  bool // signs JSON.stringify(JSON.parse(body))
	signatures []signature
	headers    []header
	usesTime   bool // a timestamp travels in a header or is signed
	// The id, or the type, is signed and no header is written with it: it must
	// be looked for where the contract says that it lies.
	seeksID, seeksType bool
}

type signature struct {
	name      string
	algorithm string
	encode    string
	content   []piece
	legacy    bool
}

type header struct {
	Header
	repeat       bool
	values       [][]piece
	alternatives [][][]piece
}

// Header tells what a signing header carries.
type Header struct {
	Name      string
	Grammar   string // plain, elements or list
	Separator string
	Signature bool // at least one digest
	Legacy    bool // only digests of legacy signatures
	Timestamp bool
	ID, Type  bool
}

// Headers are the signing headers in the contract's order. Where the contract
// puts its time or identity into a header that its signing clause does not
// write, that header stands behind them.
func (s *Scheme) Headers() []Header {
	out := make([]Header, len(s.headers))
	for i, h := range s.headers {
		out[i] = h.Header
	}
	return out
}

type variable byte

const (
	literal variable = iota
	varBody
	varTimestamp
	varID
	varType
	varSignature
)

// piece is a template's part: text, or a variable.
type piece struct {
	kind variable
	text []byte // of a literal
	sig  int    // index of a signature
}

var contentVariables = map[string]variable{"body": varBody, "timestamp": varTimestamp, "id": varID, "type": varType}

// Compile prepares the clause; it fails on an algorithm, encoding or variable
// that it does not know.
func Compile(c *schemas.Contract) (*Scheme, error) {
	s := &Scheme{contract: c}
	fail := func(format string, args ...any) (*Scheme, error) {
		return nil, fmt.Errorf("contract %s: signing: %s", c.Provider, fmt.Sprintf(format, args...))
	}
	switch c.Signing.Body {
	case "", "raw":
	case "json-stringify":
		s.canonical = true
	default:
		return fail("unknown body %q, want raw or json-stringify", c.Signing.Body)
	}
	switch c.Signing.Key.Decode {
	case "", "utf-8", "base64", "hex":
	default:
		return fail("unknown key decoding %q, want utf-8, base64 or hex", c.Signing.Key.Decode)
	}
	switch c.Time.Form {
	case "", "unix-seconds", "unix-milliseconds", "rfc3339":
	default:
		return fail("unknown time form %q, want unix-seconds, unix-milliseconds or rfc3339", c.Time.Form)
	}
	for _, sig := range c.Signing.Signatures {
		if alg, known := algorithms[sig.Algorithm]; !known || !alg.keyed {
			return fail("signature %q: unknown algorithm %q", sig.Name, sig.Algorithm)
		}
		if !encodings[sig.Encode] {
			return fail("signature %q: unknown encoding %q", sig.Name, sig.Encode)
		}
		if contentVariables[sig.Name] != literal || slices.ContainsFunc(s.signatures, func(o signature) bool { return o.name == sig.Name }) {
			return fail("signature %q: the name is taken", sig.Name)
		}
		content, err := s.compile(sig.Content, true)
		if err != nil {
			return fail("signature %q: %v", sig.Name, err)
		}
		s.signatures = append(s.signatures, signature{sig.Name, sig.Algorithm, sig.Encode, content, sig.Legacy})
	}
	for _, h := range c.Signing.Headers {
		compiled, err := s.header(h)
		if err != nil {
			return fail("header %q: %v", h.Name, err)
		}
		s.headers = append(s.headers, compiled)
	}
	s.carryRest()
	s.note()
	return s, nil
}

// carryRest adds the headers that time and identity lie in and that nothing writes yet.
func (s *Scheme) carryRest() {
	c := s.contract
	add := func(l schemas.Location, kind variable) {
		named := func(name string) bool { return strings.EqualFold(name, l.Header) }
		if l.Header == "" || l.Element != "" ||
			slices.ContainsFunc(s.headers, func(h header) bool { return named(h.Name) }) ||
			slices.ContainsFunc(c.Request.Headers, func(h schemas.HeaderValue) bool { return named(h.Name) }) {
			return
		}
		s.headers = append(s.headers, header{Header: Header{Name: l.Header, Grammar: "plain"}, values: [][]piece{{{kind: kind}}}})
	}
	add(c.Time.At, varTimestamp)
	add(c.Identity.Type, varType)
	if len(c.Identity.ID) > 0 {
		add(c.Identity.ID[0], varID)
	}
}

// note fills what each header carries.
func (s *Scheme) note() {
	for _, sig := range s.signatures {
		s.usesTime = s.usesTime || carries(sig.content, varTimestamp)
		s.seeksID = s.seeksID || carries(sig.content, varID)
		s.seeksType = s.seeksType || carries(sig.content, varType)
	}
	for i := range s.headers {
		h := &s.headers[i]
		h.Legacy = true
		for _, v := range h.values {
			h.Timestamp = h.Timestamp || carries(v, varTimestamp)
			h.ID = h.ID || carries(v, varID)
			h.Type = h.Type || carries(v, varType)
			for _, p := range v {
				if p.kind == varSignature {
					h.Signature = true
					h.Legacy = h.Legacy && s.signatures[p.sig].legacy
				}
			}
		}
		h.Legacy = h.Legacy && h.Signature
		s.usesTime = s.usesTime || h.Timestamp
		s.seeksID = s.seeksID && !h.ID
		s.seeksType = s.seeksType && !h.Type
	}
}

func carries(pieces []piece, kind variable) bool {
	return slices.ContainsFunc(pieces, func(p piece) bool { return p.kind == kind })
}

func (s *Scheme) header(h schemas.SigningHeader) (header, error) {
	out := header{Header: Header{Name: h.Name, Grammar: h.Grammar, Separator: h.Separator}, repeat: h.Rotation == "repeat"}
	switch h.Grammar {
	case "", "plain":
		out.Grammar = "plain"
	case "elements", "list":
		if h.Separator == "" {
			return out, fmt.Errorf("grammar %s without a separator", h.Grammar)
		}
	default:
		return out, fmt.Errorf("unknown grammar %q, want plain, elements or list", h.Grammar)
	}
	if h.Rotation != "" && h.Rotation != "repeat" {
		return out, fmt.Errorf("unknown rotation %q, want repeat", h.Rotation)
	}
	if len(h.Value) == 0 {
		return out, fmt.Errorf("no value")
	}
	var err error
	if out.values, err = s.values(h.Value); err != nil {
		return out, err
	}
	for _, a := range h.Alternatives {
		values, err := s.values(a)
		if err != nil {
			return out, fmt.Errorf("alternative: %w", err)
		}
		out.alternatives = append(out.alternatives, values)
	}
	return out, nil
}

func (s *Scheme) values(templates []schemas.Template) ([][]piece, error) {
	out := make([][]piece, len(templates))
	for i, t := range templates {
		var err error
		if out[i], err = s.compile(t, false); err != nil {
			return nil, err
		}
		for j := 1; j < len(out[i]); j++ {
			if out[i][j].kind != literal && out[i][j-1].kind != literal {
				return nil, fmt.Errorf("%q: two variables with nothing between them cannot be told apart", t.Text)
			}
		}
	}
	return out, nil
}

// compile resolves a template's variables. Only signed content holds {body};
// only headers hold signatures.
func (s *Scheme) compile(t schemas.Template, content bool) ([]piece, error) {
	var out []piece
	for _, part := range t.Parts {
		if part.Var == "" {
			out = append(out, piece{text: []byte(part.Literal)})
			continue
		}
		if kind := contentVariables[part.Var]; kind != literal && (content || kind != varBody) {
			out = append(out, piece{kind: kind})
			continue
		}
		i := slices.IndexFunc(s.signatures, func(sig signature) bool { return sig.name == part.Var })
		if content || i < 0 {
			return nil, fmt.Errorf("unknown variable {%s} in %q", part.Var, t.Text)
		}
		out = append(out, piece{kind: varSignature, sig: i})
	}
	return out, nil
}

// Alternatives is the number of other forms that the contract's own text lets
// its headers be read as.
func (s *Scheme) Alternatives() int {
	n := 0
	for _, h := range s.headers {
		n = max(n, len(h.alternatives))
	}
	return n
}

// Alternative returns a scheme that writes and reads the nth other form, from
// 1, of every header that has one. It is nil where there is none.
func (s *Scheme) Alternative(n int) *Scheme {
	if n < 1 || n > s.Alternatives() {
		return nil
	}
	out := *s
	out.headers = slices.Clone(s.headers)
	for i := range out.headers {
		if h := &out.headers[i]; len(h.alternatives) >= n {
			h.values = h.alternatives[n-1]
		}
	}
	return &out
}

// mistaken returns the scheme with a mistake's algorithm, encoding and content.
func (s *Scheme) mistaken(w Mistakes) (*Scheme, error) {
	if w.Algorithm == "" && w.Encode == "" && w.Content == nil {
		return s, nil
	}
	out := *s
	out.signatures = slices.Clone(s.signatures)
	for i := range out.signatures {
		sig := &out.signatures[i]
		if w.Algorithm != "" {
			if _, known := algorithms[w.Algorithm]; !known {
				return nil, fmt.Errorf("unknown algorithm %q", w.Algorithm)
			}
			sig.algorithm = w.Algorithm
		}
		if w.Encode != "" {
			if !encodings[w.Encode] {
				return nil, fmt.Errorf("unknown encoding %q", w.Encode)
			}
			sig.encode = w.Encode
		}
		if w.Content != nil {
			content, err := s.compile(*w.Content, true)
			if err != nil {
				return nil, err
			}
			sig.content = content
		}
	}
	out.headers = slices.DeleteFunc(slices.Clone(s.headers), func(h header) bool { return h.Legacy })
	return &out, nil
}
