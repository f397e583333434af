package reports

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

// Page is a page for people, in sections. It is written as text, Markdown or
// HTML; what it holds is escaped for each.
type Page struct {
	Title    string
	Lead     string
	Sections []Section
}

// Section is a heading with what stands below it.
type Section struct {
	Heading string
	Blocks  []Block
}

// Block is one of: a paragraph, a list, numbered steps, a table, or code.
type Block struct {
	Text  string
	List  []string
	Steps []string
	Table *Table
	Code  string
}

// Table is a table with a head.
type Table struct {
	Head []string
	Rows [][]string
}

// PageFormats are the formats that Page.Write knows.
func PageFormats() []string { return []string{"text", "markdown", "html"} }

// Write spells the page in a format.
func (p *Page) Write(format string) (string, error) {
	switch format {
	case "text":
		return p.text(), nil
	case "markdown":
		return p.markdown(), nil
	case "html":
		return p.html(), nil
	}
	return "", fmt.Errorf("unknown format %q (known: %s)", format, strings.Join(PageFormats(), ", "))
}

func (p *Page) add(heading string, blocks ...Block) {
	p.Sections = append(p.Sections, Section{heading, blocks})
}

// pageColumns is the width of the text form; code may be wider.
const pageColumns = 80

func (p *Page) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", visible(p.Title), strings.Repeat("=", utf8.RuneCountInString(p.Title)))
	folded(&b, "", p.Lead)
	for _, s := range p.Sections {
		fmt.Fprintf(&b, "\n%s\n%s\n", visible(s.Heading), strings.Repeat("-", utf8.RuneCountInString(s.Heading)))
		for i, block := range s.Blocks {
			// What a paragraph announces stands right below it.
			if i > 0 && !strings.HasSuffix(s.Blocks[i-1].Text, ":") {
				b.WriteString("\n")
			}
			switch {
			case block.Table != nil:
				textTable(&b, block.Table)
			case block.Code != "":
				for line := range strings.SplitSeq(block.Code, "\n") {
					b.WriteString("    " + visible(line) + "\n")
				}
			case block.List != nil:
				for _, item := range block.List {
					folded(&b, "- ", item)
				}
			case block.Steps != nil:
				for i, item := range block.Steps {
					folded(&b, fmt.Sprintf("%2d. ", i+1), item)
				}
			default:
				folded(&b, "", block.Text)
			}
		}
	}
	return b.String()
}

// textTable writes a table in columns where they fit. Otherwise, and for the
// source of a row, what does not fit stands below, folded.
func textTable(b *strings.Builder, t *Table) {
	columns := len(t.Head)
	sourced := columns > 0 && t.Head[columns-1] == "source"
	if sourced {
		columns--
	}
	wide, total := make([]int, columns), 2*columns
	for i := range columns {
		wide[i] = utf8.RuneCountInString(t.Head[i])
		for _, row := range t.Rows {
			wide[i] = max(wide[i], utf8.RuneCountInString(row[i]))
		}
		total += wide[i]
	}
	if total > pageColumns {
		columns, wide[0] = 1, min(wide[0], 34)
	} else {
		textRow(b, wide, t.Head[:columns])
	}
	for _, row := range t.Rows {
		rest := row[columns:]
		source := ""
		if sourced {
			rest, source = rest[:len(rest)-1], row[len(row)-1]
		}
		if len(rest) > 0 {
			name := visible(row[0])
			if utf8.RuneCountInString(name) > wide[0] { // has a line of its own
				b.WriteString("  " + name + "\n")
				name = ""
			}
			folded(b, fmt.Sprintf("  %-*s  ", wide[0], name), strings.Join(rest[:len(rest)-1], "; ")+". "+rest[len(rest)-1])
		} else {
			textRow(b, wide, row[:columns])
		}
		if source != "" {
			folded(b, strings.Repeat(" ", wide[0]+4), "["+source+"]")
		}
	}
}

func textRow(b *strings.Builder, wide []int, cells []string) {
	line := ""
	for i, c := range cells {
		line += fmt.Sprintf("  %-*s", wide[i], visible(c))
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
}

// folded writes a paragraph behind a prefix, at most pageColumns wide.
func folded(b *strings.Builder, prefix, text string) {
	pad := strings.Repeat(" ", utf8.RuneCountInString(prefix))
	line, begun := prefix, false
	for _, word := range strings.Fields(visible(text)) {
		if begun && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > pageColumns {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			line, begun = pad, false
		}
		if begun {
			line += " "
		}
		line, begun = line+word, true
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
}

func (p *Page) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", mdPage(p.Title), mdPage(p.Lead))
	for _, s := range p.Sections {
		fmt.Fprintf(&b, "\n## %s\n", mdPage(s.Heading))
		for _, block := range s.Blocks {
			b.WriteString("\n")
			switch {
			case block.Table != nil:
				mdRow(&b, block.Table.Head)
				b.WriteString("|" + strings.Repeat(" --- |", len(block.Table.Head)) + "\n")
				for _, row := range block.Table.Rows {
					mdRow(&b, row)
				}
			case block.Code != "":
				fence := "```"
				for strings.Contains(block.Code, fence) {
					fence += "`"
				}
				fmt.Fprintf(&b, "%s\n%s\n%s\n", fence, block.Code, fence)
			case block.List != nil:
				for _, item := range block.List {
					b.WriteString("- " + mdPage(item) + "\n")
				}
			case block.Steps != nil:
				for i, item := range block.Steps {
					fmt.Fprintf(&b, "%d. %s\n", i+1, mdPage(item))
				}
			default:
				b.WriteString(mdPage(block.Text) + "\n")
			}
		}
	}
	return b.String()
}

func mdRow(b *strings.Builder, cells []string) {
	b.WriteString("|")
	for _, c := range cells {
		b.WriteString(" " + strings.ReplaceAll(mdPage(c), "|", `\|`) + " |")
	}
	b.WriteString("\n")
}

// mdPage escapes what Markdown would interpret.
func mdPage(s string) string {
	return strings.NewReplacer("\n", " ", `\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", ">", "&gt;", "[", `\[`, "]", `\]`, "#", `\#`).Replace(visible(s))
}

func (p *Page) html() string {
	var b strings.Builder
	e := func(s string) string { return html.EscapeString(visible(s)) }
	fmt.Fprintf(&b, "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>%s</title>\n<style>%s</style>\n<main>\n<h1>%s</h1>\n<p>%s</p>\n", e(p.Title), contractStyle, e(p.Title), e(p.Lead))
	for _, s := range p.Sections {
		fmt.Fprintf(&b, "<section>\n<h2>%s</h2>\n", e(s.Heading))
		for _, block := range s.Blocks {
			switch {
			case block.Table != nil:
				b.WriteString("<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr>")
				for _, h := range block.Table.Head {
					b.WriteString("<th scope=\"col\">" + e(h) + "</th>")
				}
				b.WriteString("</tr></thead>\n<tbody>\n")
				for _, row := range block.Table.Rows {
					b.WriteString("<tr>")
					for i, c := range row {
						if i == 0 {
							b.WriteString("<th scope=\"row\">" + e(c) + "</th>")
						} else {
							b.WriteString("<td>" + e(c) + "</td>")
						}
					}
					b.WriteString("</tr>\n")
				}
				b.WriteString("</tbody></table></div>\n")
			case block.Code != "":
				// Line breaks of code stay; visible would blot them out.
				var lines []string
				for line := range strings.SplitSeq(block.Code, "\n") {
					lines = append(lines, e(line))
				}
				class := ""
				if len(lines) == 1 {
					class = " class=\"line\"" // is folded, so that all of it shows
				}
				b.WriteString("<pre" + class + " tabindex=\"0\">" + strings.Join(lines, "\n") + "</pre>\n")
			case block.List != nil:
				b.WriteString("<ul><li>" + strings.Join(eachEscaped(block.List, e), "</li><li>") + "</li></ul>\n")
			case block.Steps != nil:
				b.WriteString("<ol><li>" + strings.Join(eachEscaped(block.Steps, e), "</li><li>") + "</li></ol>\n")
			default:
				b.WriteString("<p>" + e(block.Text) + "</p>\n")
			}
		}
		b.WriteString("</section>\n")
	}
	b.WriteString("</main>\n</html>\n")
	return b.String()
}

func eachEscaped(in []string, e func(string) string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = e(s)
	}
	return out
}

const contractStyle = `
:root{color-scheme:light dark;--ink:#171b24;--soft:#535b6b;--paper:#f5f6f8;--card:#fff;--line:#dde1e8}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#a3acbb;--paper:#0e1116;--card:#171b22;--line:#2b323d}}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 system-ui,sans-serif}
main{max-width:960px;margin:2rem auto;padding:0 1.25rem}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:.4rem 1.25rem 1rem;margin:1rem 0}
h1{line-height:1.2}h2{font-size:1.08rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92em}
th,td{text-align:left;vertical-align:top;padding:.35rem .8rem .35rem 0;border-bottom:1px solid var(--line);overflow-wrap:break-word}
thead th{color:var(--soft);font-weight:600}tbody th{font-weight:500;min-width:8rem;overflow-wrap:anywhere}td:last-child{color:var(--soft);min-width:9rem}
pre{overflow-x:auto;background:var(--paper);border-radius:8px;padding:.7rem .9rem;font-size:.86em}
pre.line{white-space:pre-wrap;overflow-wrap:anywhere}
@media(max-width:640px){table{min-width:38rem}main{padding:0 .7rem}section{padding:.4rem .9rem 1rem}}
@media print{section{break-inside:avoid;border:0}pre{white-space:pre-wrap}}
`
