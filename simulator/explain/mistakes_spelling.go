package explain

import (
	"bytes"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

const rawFix = "Sign and verify the raw bytes of the body, taken before any parser sees them."

// body makes a mistake of a function on the signed body.
func body(id string, rank int, label, fix string, alter func([]byte) ([]byte, bool)) mistake {
	return mistake{id: "body." + id, label: label, fix: fix, family: ofBody, rank: rank,
		apply: func(_ *scene, r recipe) []recipe {
			out, ok := alter(r.body)
			if !ok || bytes.Equal(out, r.body) {
				return nil
			}
			r.body = out
			return []recipe{r}
		},
		fault: func(*schemas.Contract) (fault.Fault, bool) {
			return fault.SignedOver(id, func(b []byte) ([]byte, error) {
				if out, ok := alter(b); ok {
					return out, nil
				}
				return nil, errNothing
			}), true
		},
	}
}

// spelled makes a mistake of a style to spell JSON in; who spells so, with the
// options in brackets.
func spelled(id, who string, rank int, style jsondoc.Style) mistake {
	who, options, has := strings.Cut(who, " (")
	label := "signed over " + who + "'s spelling of the JSON"
	if has {
		label += " (" + options
	}
	return body(id, rank, label, rawFix, func(b []byte) ([]byte, bool) {
		doc, err := jsondoc.Parse(b)
		if err != nil {
			return nil, false
		}
		return doc.Spell(style), true
	})
}

// styled is a style with changes.
func styled(s jsondoc.Style, change func(*jsondoc.Style)) jsondoc.Style {
	change(&s)
	return s
}

func compact(s *jsondoc.Style)  { s.ItemSeparator, s.KeySeparator = "", "" }
func sorted(s *jsondoc.Style)   { s.SortKeys = true }
func lists(s *jsondoc.Style)    { s.ListsFromKeys = true }
func readable(s *jsondoc.Style) { s.EscapeNonASCII, s.EscapeDelete = false, false }

// spellingMistakes sign the body as a language's serialiser spells it again.
func spellingMistakes() []mistake {
	python, php, golang := jsondoc.Python, jsondoc.PHP, jsondoc.Go
	return []mistake{
		spelled("javascript", "JavaScript", likely, jsondoc.ECMAScript),
		spelled("python", "Python", likely, python),
		spelled("python-compact", "compact Python", likely, styled(python, compact)),
		spelled("php", "PHP", likely, php),
		spelled("go", "Go", likely, golang),
		spelled("ruby", "Ruby", likely, jsondoc.Ruby),
		spelled("python-unicode", "Python (ensure_ascii=False)", usual, styled(python, readable)),
		spelled("python-compact-unicode", "compact Python (ensure_ascii=False)", usual, styled(styled(python, compact), readable)),
		spelled("php-slashes", "PHP (unescaped slashes)", usual, styled(php, func(s *jsondoc.Style) { s.EscapeSolidus = false })),
		spelled("php-unicode", "PHP (unescaped slashes and Unicode)", usual, styled(php, func(s *jsondoc.Style) { s.EscapeSolidus, s.EscapeNonASCII = false, false })),
		spelled("php-arrays", "PHP (associative arrays)", usual, styled(php, lists)),
		spelled("php-arrays-unicode", "PHP (associative arrays, nothing escaped)", usual, styled(php, func(s *jsondoc.Style) {
			lists(s)
			s.EscapeSolidus, s.EscapeNonASCII = false, false
		})),
		spelled("rails", "Ruby on Rails", usual, styled(jsondoc.Ruby, func(s *jsondoc.Style) { s.EscapeHTML, s.EscapeLineSeparators = true, true })),
		spelled("go-html", "Go (HTML not escaped)", usual, styled(golang, func(s *jsondoc.Style) { s.EscapeHTML = false })),
		spelled("go-encoder", "Go's Encoder", usual, styled(golang, func(s *jsondoc.Style) { s.TrailingNewline = true })),
		spelled("python-sorted", "Python (sort_keys)", usual, styled(python, sorted)),
		spelled("python-sorted-compact", "compact Python (sort_keys)", usual, styled(styled(python, sorted), compact)),
		spelled("sorted", "JavaScript (keys sorted)", usual, styled(jsondoc.ECMAScript, sorted)),
		spelled("compact", "a minifier", usual, jsondoc.Style{}),
		spelled("pretty-2", "a pretty-printer (2 spaces)", usual, styled(jsondoc.ECMAScript, indent("  "))),
		spelled("pretty-4", "a pretty-printer (4 spaces)", usual, styled(jsondoc.ECMAScript, indent("    "))),
		spelled("pretty-tab", "a pretty-printer (tabs)", rare, styled(jsondoc.ECMAScript, indent("\t"))),
		body("python-repr", usual, "signed over Python's str() of the parsed body", rawFix, func(b []byte) ([]byte, bool) {
			doc, err := jsondoc.Parse(b)
			if err != nil || doc.Kind != jsondoc.Object {
				return nil, false
			}
			return pythonRepr(nil, doc), true
		}),
		{id: "body.raw", label: "signed over the raw bytes of the body", family: ofBody, rank: likely,
			fix: "The contract signs the body as JSON.stringify spells it again: parse it, spell it so, and sign that.",
			apply: func(s *scene, r recipe) []recipe {
				if r.contract.Signing.Body != "json-stringify" || bytes.Equal(r.body, s.capture.Body) {
					return nil
				}
				r.body = s.capture.Body
				return []recipe{r}
			}},
	}
}

func indent(with string) func(*jsondoc.Style) {
	return func(s *jsondoc.Style) { s.Indent, s.ItemSeparator, s.KeySeparator = with, "", ": " }
}

// pythonRepr spells a parsed body as str() of Python's dict does.
func pythonRepr(dst []byte, v jsondoc.Value) []byte {
	switch v.Kind {
	case jsondoc.Null:
		return append(dst, "None"...)
	case jsondoc.Bool:
		if v.Bool {
			return append(dst, "True"...)
		}
		return append(dst, "False"...)
	case jsondoc.Number:
		return append(dst, v.Spell(jsondoc.Python)...)
	case jsondoc.String:
		return pythonText(dst, v.Text)
	case jsondoc.Array:
		dst = append(dst, '[')
		for i, item := range v.Items {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = pythonRepr(dst, item)
		}
		return append(dst, ']')
	case jsondoc.Object:
		dst = append(dst, '{')
		for i, m := range v.Members {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = append(pythonText(dst, m.Key), ": "...)
			dst = pythonRepr(dst, m.Value)
		}
		return append(dst, '}')
	}
	return dst
}

// quoteLike is the quote that Python's repr chooses.
func quoteLike(s string) byte {
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		return '"'
	}
	return '\''
}

func pythonText(dst []byte, s string) []byte {
	quote := quoteLike(s)
	dst = append(dst, quote)
	for i := range len(s) {
		dst = pythonByte(dst, s[i], quote, false)
	}
	return append(dst, quote)
}

// pythonByte spells one byte as repr does; of a bytes object all above 0x7E too.
func pythonByte(dst []byte, c, quote byte, raw bool) []byte {
	const hex = "0123456789abcdef"
	switch {
	case c == quote || c == '\\':
		return append(dst, '\\', c)
	case c == '\n':
		return append(dst, '\\', 'n')
	case c == '\r':
		return append(dst, '\\', 'r')
	case c == '\t':
		return append(dst, '\\', 't')
	case c < 0x20 || c == 0x7f || raw && c > 0x7f:
		return append(dst, '\\', 'x', hex[c>>4], hex[c&15])
	}
	return append(dst, c)
}
