package explain

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

// token is a text of the request that may be a digest.
type token struct {
	header   string // name as received; "" for a digest that the receiver computed
	element  string // the part of the header's value that holds it
	text     string
	encoding string // hex, hex-upper, hex-mixed, base64, base64-unpadded, base64url, base64-of-hex
}

// received are the request's possible digests by their bytes.
type received map[string][]token

// digestSizes are the lengths of known digests in bytes.
var digestSizes = []int{16, 20, 32, 48, 64}

// receivedIn collects digests from every header but those that hold credentials.
func receivedIn(in *Capture) received {
	out := received{}
	for _, f := range in.Fields {
		switch strings.ToLower(f.Name) {
		case "authorization", "cookie", "proxy-authorization":
			continue
		}
		if len(f.Value) > 16<<10 {
			continue
		}
		for _, element := range elements(f.Value) {
			out.add(f.Name, element)
		}
	}
	return out
}

// elements are the parts of a header's value that may hold a digest, the whole first.
func elements(value string) []string {
	out := []string{value}
	for _, separator := range []string{",", ";", " "} {
		if strings.Contains(value, separator) {
			out = append(out, strings.Split(value, separator)...)
		}
	}
	return out
}

// add reads an element as it is and without what may stand before a digest.
func (d received) add(header, element string) {
	texts := []string{element}
	for _, mark := range []string{"=", ",", ":", " "} {
		if _, after, ok := strings.Cut(element, mark); ok {
			texts = append(texts, after)
		}
	}
	for _, text := range texts {
		text = strings.Trim(text, " \t\"'")
		for encoding, raw := range decodings(text) {
			t := token{header, element, text, encoding}
			if !slices.Contains(d[string(raw)], t) {
				d[string(raw)] = append(d[string(raw)], t)
			}
		}
	}
}

// decodings reads a text as a digest in every encoding that fits.
func decodings(text string) map[string][]byte {
	out := map[string][]byte{}
	keep := func(name string, raw []byte, err error) {
		if err == nil && slices.Contains(digestSizes, len(raw)) {
			out[name] = raw
		}
	}
	if raw, err := hex.DecodeString(text); err == nil {
		name := "hex-mixed"
		switch text {
		case strings.ToLower(text):
			name = "hex"
		case strings.ToUpper(text):
			name = "hex-upper"
		}
		keep(name, raw, nil)
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	keep("base64", raw, err)
	if err == nil {
		inner, err := hex.DecodeString(string(raw))
		keep("base64-of-hex", inner, err)
	}
	if !strings.HasSuffix(text, "=") {
		if raw, err := base64.RawStdEncoding.Strict().DecodeString(text); err == nil && out["base64"] == nil {
			keep("base64-unpadded", raw, nil)
		}
	}
	if strings.ContainsAny(text, "-_") {
		raw, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(text, "="))
		keep("base64url", raw, err)
	}
	return out
}

// encodingWords names an encoding for people.
func encodingWords(name string) string {
	switch name {
	case "hex":
		return "lower-case hex"
	case "hex-upper":
		return "upper-case hex"
	case "hex-mixed":
		return "hex of mixed case"
	case "base64-unpadded":
		return "base64 without padding"
	case "base64url":
		return "base64url"
	case "base64-of-hex":
		return "base64 of its hex text"
	}
	return name
}

// hung is how a header of a contract holds a signature: the text before and
// behind the digest within its element.
type hung struct {
	header, before, behind string
	form                   string // as the contract writes it: "sha256={v1}"
}

// hangs are the places where a contract puts a signature, its other readings
// behind the first.
func hangs(c *schemas.Contract, signature string) []hung {
	var out []hung
	for _, h := range c.Signing.Headers {
		for _, values := range append([][]schemas.Template{h.Value}, h.Alternatives...) {
			for _, v := range values {
				i := slices.IndexFunc(v.Parts, func(p schemas.Part) bool { return p.Var == signature })
				if i < 0 {
					continue
				}
				place := hung{header: h.Name, form: v.Text}
				for j, p := range v.Parts {
					switch {
					case p.Var == "" && j < i:
						place.before += p.Literal
					case p.Var == "" && j > i:
						place.behind += p.Literal
					}
				}
				out = append(out, place)
			}
		}
	}
	return out
}

// fits tells whether the token hangs as the contract says, and in what it fails.
func (t token) fits(places []hung) (name, form bool) {
	for _, p := range places {
		if strings.EqualFold(p.header, t.header) {
			name = true
			if t.element == p.before+t.text+p.behind {
				return true, true
			}
		}
	}
	return name, false
}
