package reports

import (
	"html/template"
	"strings"
	"unicode/utf8"

	"github.com/hookstone/hookstone/simulator"
)

// Only the functions of this file make template.HTML out of foreign text, all
// of them through escaped: nothing else in the page is exempt from
// html/template's escaping.

// textEscaper serves element content, where quotes are harmless and long.
var textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escaped is s as element content: markup escaped, unseen characters spelled.
func escaped(b *strings.Builder, s string, lines bool) {
	for _, p := range spans(s, lines) {
		if p.unseen {
			b.WriteString(`<span class="u">` + p.text + `</span>`)
		} else {
			textEscaper.WriteString(b, p.text)
		}
	}
}

// inline shows a foreign text in a line of its own direction.
func inline(s string) template.HTML {
	var b strings.Builder
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < utf8.RuneSelf
	}
	if !ascii {
		b.WriteString("<bdi>")
	}
	escaped(&b, s, false)
	if !ascii {
		b.WriteString("</bdi>")
	}
	return template.HTML(b.String())
}

// block shows bytes in a <pre>: as text where they are legible, else dumped.
// The second value tells what is not shown, if anything.
func block(body simulator.Bytes) (template.HTML, string) {
	data, whole := content(body, bodyShown)
	var b strings.Builder
	if len(data) == 0 {
		if whole {
			return "", ""
		}
		return "", "The bytes are not in the report; there were " + size(body.Length) + "."
	}
	if legible(data) {
		s := string(data)
		escaped(&b, strings.ReplaceAll(s, "\r\n", "\n"), true)
		if strings.HasSuffix(s, "\n") {
			b.WriteString(`<span class="ref">(ends with a line feed)</span>`)
		}
		if n := strings.Count(s, "\r\n"); n > 0 {
			b.WriteString("\n" + `<span class="ref">(lines end with CR LF)</span>`)
		}
	} else {
		whole = whole && len(data) <= hexShown
		data = data[:min(len(data), hexShown)]
		textEscaper.WriteString(&b, dump(data))
	}
	if whole {
		return template.HTML(b.String()), ""
	}
	return template.HTML(b.String()), "The first " + size(int64(len(data))) + " of " + size(max(body.Length, int64(len(data)))) + "."
}

// headers shows a message's head. The record reads header bytes as ISO 8859-1;
// here they are UTF-8 where they can be.
func headers(first string, fields [][2]string) template.HTML {
	var b strings.Builder
	escaped(&b, first, false)
	for _, f := range fields {
		b.WriteString("\n" + `<span class="hd">`)
		escaped(&b, brief(simulator.HeaderBytes(f[0]), 256), false)
		b.WriteString(`:</span> `)
		escaped(&b, clipped(simulator.HeaderBytes(f[1]), 1024), false)
	}
	return template.HTML(b.String())
}

// clipped is s cut to n bytes, with an ellipsis where it was.
func clipped(s string, n int) string {
	s, cut := clip(s, n)
	if cut {
		s += "…"
	}
	return s
}
