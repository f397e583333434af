package explain

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/url"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

var errNothing = errors.New("the body leaves it nothing to change")

const (
	editedFix = "Something adds or takes bytes at the body's ends (an editor, a template, a log): sign and verify exactly the bytes that are sent."
	formFix   = "The body is read as a form: take the raw bytes, before the form parser, and send application/json."
	emptyFix  = "The body was consumed or not parsed before it was signed: take its raw bytes first, and sign those."
)

// always is a change of the body that is always possible.
func always(f func([]byte) []byte) func([]byte) ([]byte, bool) {
	return func(b []byte) ([]byte, bool) { return f(b), true }
}

func suffixed(s string) func([]byte) ([]byte, bool) {
	return always(func(b []byte) []byte { return append(bytes.Clone(b), s...) })
}

func constantly(s string) func([]byte) ([]byte, bool) {
	return always(func([]byte) []byte { return []byte(s) })
}

func replacing(old, by string) func([]byte) ([]byte, bool) {
	return always(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(old), []byte(by)) })
}

// byteMistakes sign other bytes than the body's.
func byteMistakes() []mistake {
	return []mistake{
		body("newline", likely, "signed over the body and a line break behind it", editedFix, suffixed("\n")),
		body("without-newline", likely, "signed over the body without the line break at its end", editedFix, always(func(b []byte) []byte {
			return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
		})),
		body("crlf-behind", usual, "signed over the body and CRLF behind it", editedFix, suffixed("\r\n")),
		body("trimmed", usual, "signed over the body without the white space around it", editedFix, always(bytes.TrimSpace)),
		body("crlf", usual, "signed over the body with CRLF for every line break", editedFix, func(b []byte) ([]byte, bool) {
			return bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n")), true
		}),
		body("lf", usual, "signed over the body with LF for every CRLF", editedFix, replacing("\r\n", "\n")),
		body("empty", likely, "signed over an empty body", emptyFix, constantly("")),
		body("empty-object", usual, "signed over {} in place of the body", emptyFix, constantly("{}")),
		body("object-text", usual, "signed over [object Object] in place of the body", emptyFix, constantly("[object Object]")),
		body("undefined", rare, "signed over undefined in place of the body", emptyFix, constantly("undefined")),
		body("null", rare, "signed over null in place of the body", emptyFix, constantly("null")),
		body("python-bytes", usual, "signed over Python's str() of the body's bytes", rawFix, always(func(b []byte) []byte {
			quote := quoteLike(string(b))
			out := []byte{'b', quote}
			for _, c := range b {
				out = pythonByte(out, c, quote, true)
			}
			return append(out, quote)
		})),
		body("json-text", usual, "signed over the body as a JSON text within quotes", rawFix, always(func(b []byte) []byte {
			return jsondoc.Text(string(b)).Compact()
		})),
		body("from-json-text", rare, "signed over the text within the body's quotes", rawFix, func(b []byte) ([]byte, bool) {
			doc, err := jsondoc.Parse(b)
			return []byte(doc.Text), err == nil && doc.Kind == jsondoc.String
		}),
		body("form-decoded", usual, "signed over the body decoded as a form", formFix, func(b []byte) ([]byte, bool) {
			return formDecoded(b), true
		}),
		body("form-encoded", rare, "signed over the body encoded as a form", formFix, always(func(b []byte) []byte { return []byte(url.QueryEscape(string(b))) })),
		body("form-field", usual, "signed over the JSON in the form's field", formFix, formPayload),
		body("form-payload", rare, "signed over the body as the form field payload", formFix, always(func(b []byte) []byte {
			return []byte("payload=" + url.QueryEscape(string(b)))
		})),
		body("from-base64", usual, "signed over the body base64-decoded", "The capture, or the gateway, holds the body in base64: decode it before it is verified.", func(b []byte) ([]byte, bool) {
			out, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(b)))
			return out, err == nil && len(out) > 0
		}),
		body("base64", rare, "signed over the body in base64", "Decode what the gateway encoded before the body is verified.", always(func(b []byte) []byte {
			return []byte(base64.StdEncoding.EncodeToString(b))
		})),
		body("gunzipped", rare, "signed over the body decompressed", "Sign and verify the same form of the body: the bytes on the wire, or what they decompress to.", gunzipped),
		dataAlone(),
	}
}

// formDecoded decodes + and %XX, and leaves what is malformed as it is.
func formDecoded(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '+':
			out = append(out, ' ')
		case b[i] == '%' && i+2 < len(b) && isHex(b[i+1]) && isHex(b[i+2]):
			out = append(out, unhex(b[i+1])<<4|unhex(b[i+2]))
			i += 2
		default:
			out = append(out, b[i])
		}
	}
	return out
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

// dataAlone signs one object of the envelope.
func dataAlone() mistake {
	const fix = "Sign and verify the whole body, not a member of it."
	members := func(b []byte) [][]byte {
		doc, err := jsondoc.Parse(b)
		if err != nil || doc.Kind != jsondoc.Object {
			return nil
		}
		var out [][]byte
		for _, m := range doc.Members {
			if m.Value.Kind != jsondoc.Object {
				continue
			}
			if start, end, ok := jsondoc.Find(b, "/"+jsondoc.Escape(m.Key)); ok && len(out) < 8 {
				out = append(out, b[start:end])
			}
		}
		return out
	}
	return mistake{id: "body.member", label: "signed over one member of the body alone", fix: fix, family: ofBody, rank: usual,
		apply: func(_ *scene, r recipe) []recipe {
			var out []recipe
			for _, m := range members(r.body) {
				c := r
				c.body = m
				out = append(out, c)
			}
			return out
		},
		fault: func(*schemas.Contract) (fault.Fault, bool) {
			return fault.SignedOver("member", func(b []byte) ([]byte, error) {
				if all := members(b); len(all) > 0 {
					return all[0], nil
				}
				return nil, errNothing
			}), true
		},
	}
}
