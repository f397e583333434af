package explain

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"net/url"

	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// alterations change a captured body, by the mistake that undoes it.
func alterations() map[string]func([]byte) []byte {
	spell := func(s jsondoc.Style) func([]byte) []byte {
		return func(b []byte) []byte {
			doc, err := jsondoc.Parse(b)
			if err != nil {
				panic(err)
			}
			return doc.Spell(s)
		}
	}
	return map[string]func([]byte) []byte{
		"body.javascript":      spell(jsondoc.Python),
		"body.compact":         spell(jsondoc.PrettyPrinted),
		"body.without-newline": func(b []byte) []byte { return append(b, '\n') },
		"body.trimmed":         func(b []byte) []byte { return append([]byte("\n  "), append(b, "\r\n\n"...)...) },
		"body.without-bom":     func(b []byte) []byte { return append([]byte(mark), b...) },
		"body.from-mojibake":   fromLatin1,
		"body.mojibake":        func(b []byte) []byte { out, _ := toLatin1(b); return out },
		"body.from-utf-16":     func(b []byte) []byte { return toUTF16(b, binary.LittleEndian, true) },
		"body.from-base64":     func(b []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(b)) },
		"body.from-json-text":  func(b []byte) []byte { return jsondoc.Text(string(b)).Compact() },
		"body.form-field":      func(b []byte) []byte { return []byte("payload=" + url.QueryEscape(string(b))) },
		"body.gunzipped": func(b []byte) []byte {
			var out bytes.Buffer
			z := gzip.NewWriter(&out)
			z.Write(b)
			z.Close()
			return out.Bytes()
		},
	}
}
