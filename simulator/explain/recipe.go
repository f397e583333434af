package explain

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"net/url"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/jsondoc"
	"github.com/hookstone/hookstone/simulator/sign"
)

// recipe is everything that a digest is made of. The one that a contract asks
// for is changed by mistakes until it makes the digest that came.
type recipe struct {
	contract *schemas.Contract // whose recipe it is
	sig      schemas.Signature
	body     []byte
	key      []byte
	how      string // algorithm: one of algorithms
	parts    []schemas.Part
	stamp    string
	id, typ  string
}

// algorithm makes a digest of a key and signed content.
type algorithm struct {
	new  func() hash.Hash
	form byte // 'm' HMAC, 'x' HMAC with key and content swapped, '0' no key, '<' key before, '>' key behind
}

var algorithms = map[string]algorithm{
	"hmac-sha256": {sha256.New, 'm'},
	"hmac-sha1":   {sha1.New, 'm'},
	"hmac-sha512": {sha512.New, 'm'},
	"hmac-sha384": {sha512.New384, 'm'},
	"hmac-md5":    {md5.New, 'm'},
	"sha256":      {sha256.New, '0'},
	"sha1":        {sha1.New, '0'},
	"sha512":      {sha512.New, '0'},
	"md5":         {md5.New, '0'},

	"sha256(secret+content)":      {sha256.New, '<'},
	"sha256(content+secret)":      {sha256.New, '>'},
	"sha1(secret+content)":        {sha1.New, '<'},
	"md5(secret+content)":         {md5.New, '<'},
	"hmac-sha256(content,secret)": {sha256.New, 'x'},
}

// base is the signed content: the signing base string.
func (r *recipe) base() []byte {
	n := len(r.body) + 64
	out := make([]byte, 0, n)
	for _, p := range r.parts {
		switch p.Var {
		case "":
			out = append(out, p.Literal...)
		case "body":
			out = append(out, r.body...)
		case "timestamp":
			out = append(out, r.stamp...)
		case "id":
			out = append(out, r.id...)
		case "type":
			out = append(out, r.typ...)
		}
	}
	return out
}

// sum is the digest's bytes; nil for an algorithm that is not known.
func (r *recipe) sum() []byte {
	a, ok := algorithms[r.how]
	if !ok {
		return nil
	}
	base := r.base()
	var h hash.Hash
	switch a.form {
	case 'm':
		h = hmac.New(a.new, r.key)
	case 'x':
		h = hmac.New(a.new, base)
		base = r.key
	default:
		h = a.new()
	}
	if a.form == '<' {
		h.Write(r.key)
	}
	h.Write(base)
	if a.form == '>' {
		h.Write(r.key)
	}
	return h.Sum(nil)
}

func (r *recipe) uses(variable string) bool {
	for _, p := range r.parts {
		if p.Var == variable {
			return true
		}
	}
	return false
}

// mainSignature is the signature that a receiver checks: the first that is not legacy.
func mainSignature(c *schemas.Contract) (schemas.Signature, bool) {
	for _, s := range c.Signing.Signatures {
		if !s.Legacy {
			return s, true
		}
	}
	return schemas.Signature{}, false
}

// recipeOf is what the contract asks for. Where the secret or the body cannot
// be read as it asks, their bytes stand in: the search finds out.
func recipeOf(c *schemas.Contract, in *Capture, secret []byte) (recipe, bool) {
	sig, ok := mainSignature(c)
	if !ok {
		return recipe{}, false
	}
	r := recipe{contract: c, sig: sig, body: in.Body, key: secret, how: sig.Algorithm, parts: sig.Content.Parts}
	if key, err := sign.Key(c.Signing.Key, secret); err == nil {
		r.key = key
	}
	if c.Signing.Body == "json-stringify" {
		if doc, err := jsondoc.Parse(in.Body); err == nil {
			r.body = doc.Compact()
		}
	}
	r.stamp = located(c, c.Time.At, in)
	if r.stamp == "" && c.Time.At.Element != "" {
		r.stamp = astray(c.Time.At.Element, in)
	}
	for _, at := range c.Identity.ID {
		if r.id = located(c, at, in); r.id != "" {
			break
		}
	}
	r.typ = located(c, c.Identity.Type, in)
	return r, true
}

// astray is a time in an element of that name under any header.
func astray(element string, in *Capture) string {
	for _, f := range in.Fields {
		for _, e := range elements(f.Value) {
			if text, ok := strings.CutPrefix(strings.TrimSpace(e), element+"="); ok {
				if _, ok := instant(text); ok {
					return text
				}
			}
		}
	}
	return ""
}

// located reads a place of the request as text; "" where nothing is there.
func located(c *schemas.Contract, at schemas.Location, in *Capture) string {
	switch {
	case at.Header != "":
		value, _ := in.Value(at.Header)
		if at.Element == "" {
			return value
		}
		separator := ","
		for _, h := range c.Signing.Headers {
			if strings.EqualFold(h.Name, at.Header) && h.Separator != "" {
				separator = h.Separator
			}
		}
		for _, e := range strings.Split(value, separator) {
			if text, ok := strings.CutPrefix(strings.TrimSpace(e), at.Element+"="); ok {
				return text
			}
		}
	case at.Pointer != "":
		if doc, err := jsondoc.Parse(textOf(in.Body)); err == nil {
			if v, ok := doc.Get(at.Pointer); ok && (v.Kind == jsondoc.String || v.Kind == jsondoc.Number) {
				return v.Text
			}
		}
	}
	return ""
}

// textOf takes off what keeps a captured body from being read as JSON: a byte
// order mark, UTF-16, a form around it.
func textOf(body []byte) []byte {
	for _, undo := range []func([]byte) ([]byte, bool){withoutMark, fromUTF16, formPayload} {
		if out, ok := undo(body); ok {
			return out
		}
	}
	return body
}

// formPayload is the JSON in the one field of a form.
func formPayload(body []byte) ([]byte, bool) {
	text := string(body)
	if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") || !strings.Contains(text, "%22") {
		return nil, false
	}
	form, err := url.ParseQuery(strings.TrimSpace(text))
	if err != nil {
		return nil, false
	}
	for name, values := range form {
		for _, v := range append(values, name) {
			if strings.HasPrefix(v, "{") {
				return []byte(v), true
			}
		}
	}
	return nil, false
}
