package reports

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/hookstone/hookstone/conformance"
)

// htmlBytes is what the page may weigh. Attempts of failing cases are told
// whole as long as they fit, the rest on a line each.
const htmlBytes = 4_600_000

var (
	//go:embed page/report.tmpl
	pageTemplate string
	//go:embed page/report.css
	pageStyle string
	//go:embed page/report.js
	pageScript string
)

// HTML writes a self-contained page: no request leaves it (its policy allows
// its own style and script by hash, and nothing else), it is readable without
// script and can be printed. Foreign text is inert: escaped, in its own
// direction, with unseen characters spelled.
func HTML(w io.Writer, r *conformance.Result) error {
	p := pageOf(r)
	var lean bytes.Buffer
	if err := page().Execute(&lean, p); err != nil {
		return fmt.Errorf("html report: %w", err)
	}
	if err := p.detail(htmlBytes - lean.Len()); err != nil {
		return fmt.Errorf("html report: %w", err)
	}
	var whole bytes.Buffer
	if err := page().Execute(&whole, p); err != nil {
		return fmt.Errorf("html report: %w", err)
	}
	_, err := w.Write(whole.Bytes())
	return err
}

var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"v":     func(s any) template.HTML { return inline(fmt.Sprint(s)) },
		"words": func(s any) string { return strings.ReplaceAll(fmt.Sprint(s), "-", " ") },
		"upper": func(s any) string { return strings.ToUpper(fmt.Sprint(s)) },
	}).Parse(pageTemplate))
})

// policy allows the page's own style and script, and its icon, which is a data
// URL.
func policy() string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; style-src " + hash(pageStyle) + "; script-src " + hash(pageScript) +
		"; img-src data:; base-uri 'none'; form-action 'none'"
}

// icon is the outcome as the picture of the page's tab.
func icon(o conformance.Outcome) template.URL {
	color := map[conformance.Outcome]string{conformance.Conformant: "#23834a", conformance.Partial: "#94640a"}[o]
	if color == "" {
		color = "#c62f2b"
	}
	svg := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="16" fill="%s"/><path d="%s" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>`, color, mark(o))
	return template.URL("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(svg)))
}

// mark is the outcome as a drawing.
func mark(o conformance.Outcome) string {
	switch o {
	case conformance.Conformant:
		return "M9.5 16.8l4.4 4.4 8.8-9.6"
	case conformance.Nonconformant:
		return "M11 11l10 10M21 11L11 21"
	case conformance.Partial:
		return "M9 16h4M19 16h4"
	}
	return "M16 9v9M16 22.6v.1"
}

// when writes a time for people, in UTC.
func when(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}
