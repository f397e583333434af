package infer

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

// sortHeaders gives the headers beside the signature's their place: time and
// identity travel with it, constants stay, the rest is told and left out.
func (d *draft) sortHeaders() {
	c := &d.contract
	carried := func(name, template string) {
		c.headers = append(c.headers, signingHeader{name: name, value: []string{template}})
	}
	signing := slices.Clone(c.headers)
	kinds, _ := d.all(c.identity.typeAt)
	var ids []string
	for i := range d.captures {
		for _, l := range c.identity.id {
			if t, ok := d.at(&d.captures[i], l); ok {
				ids = append(ids, t)
				break
			}
		}
	}
	for _, name := range d.headerNames() {
		chosen := func(l schemas.Location) bool { return strings.EqualFold(l.Header, name) }
		if isTransport(name) && !chosen(c.identity.typeAt) && !slices.ContainsFunc(c.identity.id, chosen) || slices.ContainsFunc(signing, func(h signingHeader) bool { return strings.EqualFold(h.name, name) }) {
			continue
		}
		values, everywhere := d.all(headerLocation(name, ""))
		_, constant := same(values, func(v string) string { return v })
		switch {
		case !everywhere:
			d.note("header %s is not in every request: left out (a header of redeliveries alone belongs under request.attempt_headers)", name)
		case strings.EqualFold(name, c.time.at.Header) && c.time.at.Element == "":
			carried(name, "{timestamp}")
		case slices.Equal(values, ids):
			carried(name, "{id}")
		case slices.Equal(values, kinds):
			carried(name, "{type}")
		case !isPlain(values[0]):
			d.note("header %s holds other characters than printable ASCII: left out", name)
		case !constant:
			d.note("header %s differs from request to request in no way that a contract can say: left out", name)
		case len(d.captures) == 1 && (randomName.MatchString(name) || pattern(values) != ""):
			d.note("header %s may differ from request to request, and there is but one: left out", name)
		default:
			c.constants = append(c.constants, Header{name, values[0]})
		}
	}
	// In the order of the wire.
	order := d.headerNames()
	slices.SortStableFunc(c.headers, func(a, b signingHeader) int {
		return slices.IndexFunc(order, func(n string) bool { return strings.EqualFold(n, a.name) }) -
			slices.IndexFunc(order, func(n string) bool { return strings.EqualFold(n, b.name) })
	})
}

// recipe says what is signed with which key: by what is usual for the form of
// the headers, and where the secret is known, by trying.
func (d *draft) recipe() {
	c := &d.contract
	idHeader := slices.ContainsFunc(c.headers, func(h signingHeader) bool { return h.value[0] == "{id}" })
	timeHeader := c.time.at.Header != "" && c.time.signed
	main := slices.IndexFunc(c.headers, func(h signingHeader) bool { return len(h.digests) > 0 })
	c.content, c.decode = "{body}", "utf-8"
	switch h := c.headers[main]; {
	case h.grammar == "list" && idHeader && timeHeader:
		c.content, c.strip, c.decode = "{id}.{timestamp}.{body}", "whsec_", "base64"
	case timeHeader && h.prefix == "v0=":
		c.content = "v0:{timestamp}:{body}"
	case timeHeader:
		c.content = "{timestamp}.{body}"
	}
	if d.options.Secret != nil {
		d.try()
	}
	if c.time.at.Header != "" {
		c.time.signed = strings.Contains(c.content, "{timestamp}")
	}
}

// contents are what providers are known to sign.
var contents = []string{
	"{body}", "{timestamp}.{body}", "{timestamp}{body}", "{timestamp}:{body}", "v0:{timestamp}:{body}", "v1:{timestamp}:{body}",
	"{timestamp}\n{body}", "{timestamp}|{body}", "{timestamp}_{body}", "{body}{timestamp}", "{body}.{timestamp}",
	"{id}.{timestamp}.{body}", "{id}{timestamp}{body}", "{id}.{body}", "{type}.{body}", "{timestamp}.{id}.{body}",
}

// try looks for the recipe that explains the main signature of every capture.
func (d *draft) try() {
	c := &d.contract
	if slices.ContainsFunc(d.captures, func(one Capture) bool { return !one.Exact }) {
		d.note("the secret was not tried: a body was captured as JSON, not as the bytes that were signed")
		return
	}
	h := c.headers[slices.IndexFunc(c.headers, func(h signingHeader) bool { return len(h.digests) > 0 })]
	for _, content := range append([]string{c.content}, contents...) {
		if strings.Contains(content, "{timestamp}") && c.time.at.Header == "" {
			continue
		}
		for _, k := range keys(string(d.options.Secret)) {
			if !slices.ContainsFunc(d.captures, func(one Capture) bool { return !d.explains(&one, h, content, k.key) }) {
				c.content, c.strip, c.decode, c.proven = content, k.strip, k.decode, true
				return
			}
		}
	}
	d.note("the secret explains no signature by any of %d recipes: how it is signed stays a guess", len(contents))
}

type key struct {
	strip, decode string
	key           []byte
}

// keys are the ways to make a key of a secret.
func keys(secret string) []key {
	var out []key
	strips := []string{""}
	if i := strings.IndexByte(secret, '_'); i > 0 {
		strips = append(strips, secret[:i+1])
	}
	for _, strip := range strips {
		rest := secret[len(strip):]
		out = append(out, key{strip, "utf-8", []byte(rest)})
		if raw, err := base64.StdEncoding.DecodeString(rest); err == nil && rest != "" {
			out = append(out, key{strip, "base64", raw})
		}
		if raw, err := hex.DecodeString(rest); err == nil && rest != "" {
			out = append(out, key{strip, "hex", raw})
		}
	}
	return out
}

var hashes = map[string]func() hash.Hash{"hmac-sha1": sha1.New, "hmac-sha256": sha256.New, "hmac-sha384": sha512.New384, "hmac-sha512": sha512.New}

// explains tells whether the recipe makes a digest that the header holds.
func (d *draft) explains(one *Capture, h signingHeader, content string, key []byte) bool {
	s := d.signatureOf(h)
	kind, _ := d.at(one, d.contract.identity.typeAt)
	stamp, _ := d.at(one, d.contract.time.at)
	id := ""
	for _, l := range d.contract.identity.id {
		if t, ok := d.at(one, l); ok {
			id = t
			break
		}
	}
	mac := hmac.New(hashes[s.algorithm], key)
	mac.Write([]byte(strings.NewReplacer("{body}", string(one.Body), "{timestamp}", stamp, "{id}", id, "{type}", kind).Replace(content)))
	spelled := hex.EncodeToString(mac.Sum(nil))
	if s.encode == "base64" {
		spelled = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	value, _ := one.header(h.name)
	switch h.grammar {
	case "list":
		return slices.ContainsFunc(strings.Fields(value), func(v string) bool { return strings.HasSuffix(v, ","+spelled) })
	case "elements":
		return slices.Contains(strings.Split(value, h.separator), h.elements[h.digests[0]]+"="+spelled)
	}
	return value == h.prefix+spelled
}

// signatureOf is the first signature that a header carries.
func (d *draft) signatureOf(h signingHeader) signature {
	i := slices.IndexFunc(d.contract.signatures, func(s signature) bool {
		return strings.Contains(h.value[h.digests[0]], "{"+s.name+"}")
	})
	return d.contract.signatures[i]
}

// describe tells the recipe in words.
func (d *draft) describe() string {
	c := &d.contract
	h := c.headers[slices.IndexFunc(c.headers, func(h signingHeader) bool { return len(h.digests) > 0 })]
	s := d.signatureOf(h)
	return fmt.Sprintf("%s over %s, in %s, in the header %s", s.algorithm, c.content, s.encode, h.name)
}
