package reports

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/hookstone/hookstone/schemas"
)

func contracts(t *testing.T) []*schemas.Provider {
	t.Helper()
	library, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return library.Providers()
}

// pages are every page of every contract.
func pages(t *testing.T) map[string]*Page {
	t.Helper()
	out := map[string]*Page{}
	for _, p := range contracts(t) {
		page, err := ContractPage(p)
		if err != nil {
			t.Fatal(err)
		}
		out[p.Name()] = page
		for _, e := range p.Events {
			if page, err = EventPage(p, e); err != nil {
				t.Fatal(err)
			}
			out[p.Name()+" "+e.Type] = page
		}
	}
	return out
}

func written(t *testing.T, p *Page, format string) string {
	t.Helper()
	text, err := p.Write(format)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestPagesHoldTheContract: what a contract says stands on its page, in every
// format, each clause with a source.
func TestPagesHoldTheContract(t *testing.T) {
	all := pages(t)
	for _, p := range contracts(t) {
		for _, format := range PageFormats() {
			text := written(t, all[p.Name()], format)
			flat := strings.Join(strings.Fields(html.UnescapeString(strings.ReplaceAll(text, `\`, ""))), " ")
			want := []string{p.Contract.Title, "constant time", "worked example", p.Contract.Request.MediaType}
			for _, h := range p.Contract.Signing.Headers {
				want = append(want, h.Name)
			}
			for _, e := range p.Events {
				want = append(want, e.Type, e.Summary)
			}
			for _, d := range p.Contract.Documents {
				want = append(want, d.Title)
			}
			for _, d := range p.Contract.Retries.Delays {
				want = append(want, short(d.Duration))
			}
			for _, w := range want {
				if !strings.Contains(flat, w) {
					t.Errorf("%s as %s lacks %q", p.Name(), format, w)
				}
			}
		}
		for _, s := range all[p.Name()].Sections {
			for _, b := range s.Blocks {
				if b.Table == nil || b.Table.Head[len(b.Table.Head)-1] != "source" {
					continue
				}
				for _, row := range b.Table.Rows {
					if len(row) != len(b.Table.Head) || row[len(row)-1] == "" {
						t.Errorf("%s: %s: %q has no source", p.Name(), s.Heading, row)
					}
				}
			}
		}
		for _, e := range p.Events {
			text := written(t, all[p.Name()+" "+e.Type], "text")
			for _, m := range e.Members() {
				if !strings.Contains(text, m.Pointer) {
					t.Errorf("%s %s lacks the member %s", p.Name(), e.Type, m.Pointer)
				}
			}
		}
	}
}

// TestTextPagesKeepTheirWidth: only code and what cannot be broken is wider.
func TestTextPagesKeepTheirWidth(t *testing.T) {
	for name, p := range pages(t) {
		code := map[string]bool{}
		for _, s := range p.Sections {
			for _, b := range s.Blocks {
				for line := range strings.SplitSeq(b.Code, "\n") {
					code["    "+line] = true
				}
			}
		}
		for line := range strings.SplitSeq(written(t, p, "text"), "\n") {
			if utf8.RuneCountInString(line) > pageColumns && !code[line] && len(strings.Fields(line)) > 2 {
				t.Errorf("%s: %q is wider than %d columns", name, line, pageColumns)
			}
		}
	}
}

// TestHTMLPagesAreSound: every element that is opened is closed in order.
func TestHTMLPagesAreSound(t *testing.T) {
	void := map[string]bool{"meta": true}
	for name, p := range pages(t) {
		var open []string
		for z := html.NewTokenizer(strings.NewReader(written(t, p, "html"))); ; {
			kind := z.Next()
			if kind == html.ErrorToken {
				break
			}
			tag, _ := z.TagName()
			switch kind {
			case html.StartTagToken:
				if !void[string(tag)] {
					open = append(open, string(tag))
				}
			case html.EndTagToken:
				if len(open) == 0 || open[len(open)-1] != string(tag) {
					t.Fatalf("%s: </%s> closes %q", name, tag, open)
				}
				open = open[:len(open)-1]
			}
		}
		if len(open) > 0 {
			t.Errorf("%s: %q is never closed", name, open)
		}
	}
}

// TestPagesEscape: what a contract holds is text, in every format.
func TestPagesEscape(t *testing.T) {
	p := &Page{Title: "<script>alert(1)</script>", Lead: "a | b \x1b[31m *c*"}
	p.add("<b>", Block{Text: "[x](javascript:y) <img>"}, Block{Code: "```\n</pre><script>"}, Block{Table: &Table{Head: []string{"a", "b"}, Rows: [][]string{{"x|y", "<i>"}}}}, Block{List: []string{"<li>"}}, Block{Steps: []string{"<ol>"}})
	page := written(t, p, "html")
	for _, bad := range []string{"<script>", "<img>", "<i>", "<b>", "<li><li>", "\x1b"} {
		if strings.Contains(page, bad) {
			t.Errorf("the HTML holds %q: %s", bad, page)
		}
	}
	markdown := written(t, p, "markdown")
	for _, bad := range []string{"\n# <", "[x](", "<img>", "x|y", "\x1b"} {
		if strings.Contains(markdown, bad) {
			t.Errorf("the Markdown holds %q: %s", bad, markdown)
		}
	}
	if !strings.Contains(markdown, "````\n```") {
		t.Errorf("the fence ends within the code: %s", markdown)
	}
	if strings.Contains(written(t, p, "text"), "\x1b") {
		t.Error("the text holds an escape character")
	}
	if _, err := p.Write("pdf"); err == nil || !strings.Contains(err.Error(), "text, markdown, html") {
		t.Errorf("Write(pdf) = %v", err)
	}
}

// TestWorkedExamples follows the worked examples with nothing of ours, and
// with OpenSSL as the page says.
func TestWorkedExamples(t *testing.T) {
	for name, p := range pages(t) {
		if strings.Contains(name, " ") {
			continue
		}
		var code []string
		for _, s := range p.Sections {
			for _, b := range s.Blocks {
				if b.Code != "" {
					code = append(code, b.Code)
				}
			}
		}
		if len(code) < 3 {
			t.Fatalf("%s: no worked example: %q", name, code)
		}
		headers, command := code[len(code)-2], code[len(code)-1]
		base := code[len(code)-3]
		_, secret, _ := strings.Cut(command, "-hmac '")
		secret, _, _ = strings.Cut(secret, "'")
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(base))
		if want := hex.EncodeToString(mac.Sum(nil)); !strings.Contains(headers, want) {
			t.Errorf("%s: the headers %q do not hold %s", name, headers, want)
		}
		t.Run(name, func(t *testing.T) {
			if _, err := exec.LookPath("openssl"); err != nil {
				if os.Getenv("HOOKSTONE_REQUIRE_TOOLS") == "1" {
					t.Fatal("openssl is not installed")
				}
				t.Skip("openssl is not installed")
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "signed-content"), []byte(base), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("sh", "-c", command)
			cmd.Dir = dir
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			words := bytes.Fields(out)
			if digest := string(words[len(words)-1]); !strings.Contains(headers, digest) {
				t.Errorf("%s makes %s, the page %s", command, digest, headers)
			}
		})
	}
}
