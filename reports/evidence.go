package reports

import (
	"bytes"
	"fmt"
	"iter"
	"net/url"
	"regexp"
	"strings"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/simulator"
)

// EvidenceFile is a file of the evidence folder.
type EvidenceFile struct {
	Dir  string // of its case: the id with "/" as "__"
	Name string // "3-request.http", "3-answer.http", "case.txt"
	Data []byte
}

// evidenceAttempts bounds the attempts of a case that become files.
const evidenceAttempts = 200

// EvidenceName is the form of the names of evidence files.
var EvidenceName = regexp.MustCompile(`^(case\.txt|[0-9]+-(request|answer)\.http)$`)

// Evidence makes the files that show why each failed or flaky case failed:
// case.txt says what was wanted and what came, and the attempts follow in the
// order sent, each message byte for byte as the report holds it. Secrets were
// blotted out of it before, a body beyond what a report keeps is cut, and
// chunks are told as one; case.txt says where.
func Evidence(r *conformance.Result) iter.Seq[EvidenceFile] {
	return func(yield func(EvidenceFile) bool) {
		for i := range r.Results {
			c := &r.Results[i]
			if !failing(c.Verdict) {
				continue
			}
			dir := evidenceDir(c.ID)
			if !yield(EvidenceFile{dir, "case.txt", evidenceIndex(c)}) {
				return
			}
			for n := range c.Attempts[:min(len(c.Attempts), evidenceAttempts)] {
				a := &c.Attempts[n]
				if !yield(EvidenceFile{dir, fmt.Sprintf("%d-request.http", n+1), messageBytes(&a.Request)}) {
					return
				}
				if a.Answer != nil && !yield(EvidenceFile{dir, fmt.Sprintf("%d-answer.http", n+1), messageBytes(a.Answer)}) {
					return
				}
			}
		}
	}
}

// evidenceDir makes a folder's name of an id, whoever wrote the id: nothing in
// it leads elsewhere.
func evidenceDir(id string) string {
	var b strings.Builder
	for _, part := range []byte(strings.ReplaceAll(id, "/", "__")) {
		switch {
		case part >= 'a' && part <= 'z', part >= 'A' && part <= 'Z', part >= '0' && part <= '9', part == '-', part == '_',
			part == '.' && b.Len() > 0:
			b.WriteByte(part)
		default:
			fmt.Fprintf(&b, "%%%02X", part)
		}
	}
	name := b.String()
	return name[:min(len(name), 200)]
}

// evidenceIndex tells a case and its attempts.
func evidenceIndex(c *conformance.CaseResult) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s: %s (%s)\n%s", visible(c.ID), c.Verdict, strings.ToUpper(string(c.Level)), account(*c))
	if c.Waived != nil {
		fmt.Fprintf(&b, "%-10s until %s by %s: %s\n", "waived", visible(c.Waived.Expires), visible(c.Waived.Owner), visible(c.Waived.Reason))
	}
	b.WriteString("\n")
	for i := range c.Attempts {
		a := &c.Attempts[i]
		if i == evidenceAttempts {
			fmt.Fprintf(&b, "…and %s in report.json\n", plural(len(c.Attempts)-i, "more attempt"))
			break
		}
		row := rowOf(a)
		fmt.Fprintf(&b, "%3d  %s  %s  %s %s", i+1, visible(a.ID), visible(a.Role), row.Class, row.Event)
		if len(a.Faults) > 0 {
			fmt.Fprintf(&b, " (%s)", visible(strings.Join(a.Faults, ", ")))
		}
		fmt.Fprintf(&b, ": %s", row.Answer)
		if a.Error != nil {
			fmt.Fprintf(&b, ": %s", visible(a.Error.Message))
		}
		for _, m := range []struct {
			name string
			m    *simulator.Message
		}{{"request", &a.Request}, {"answer", a.Answer}} {
			switch {
			case m.m == nil:
			case m.m.Body.Truncated:
				fmt.Fprintf(&b, "; the %s is cut, its body has %d bytes", m.name, m.m.Body.Length)
			case chunked(m.m):
				fmt.Fprintf(&b, "; the %s's chunks are told as one", m.name)
			}
		}
		b.WriteString("\n")
	}
	return b.Bytes()
}

// messageBytes spells a recorded message as it stood on the wire (RFC 9112).
func messageBytes(m *simulator.Message) []byte {
	body := m.Body.Decode()
	if m.Framing == "raw" {
		return body
	}
	var b bytes.Buffer
	proto := m.Proto
	if proto == "" {
		proto = "HTTP/1.1"
	}
	if m.Status != 0 {
		// The reason phrase is not recorded; a status line may go without one.
		fmt.Fprintf(&b, "%s %d \r\n", proto, m.Status)
	} else {
		fmt.Fprintf(&b, "%s %s %s\r\n", m.Method, requestTarget(m.URL), proto)
	}
	fields := func(headers [][2]string) {
		for _, h := range headers {
			fmt.Fprintf(&b, "%s: %s\r\n", simulator.HeaderBytes(h[0]), simulator.HeaderBytes(h[1]))
		}
	}
	fields(m.Headers)
	b.WriteString("\r\n")
	if !chunked(m) {
		b.Write(body)
		return b.Bytes()
	}
	if len(body) > 0 {
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(body), body)
	}
	b.WriteString("0\r\n")
	fields(m.Trailers)
	b.WriteString("\r\n")
	return b.Bytes()
}

func chunked(m *simulator.Message) bool {
	if m.Framing == "raw" {
		return false
	}
	for _, h := range m.Headers {
		if strings.EqualFold(h[0], "Transfer-Encoding") && strings.Contains(strings.ToLower(h[1]), "chunked") {
			return true
		}
	}
	return false
}

// requestTarget is the origin form of a URL (RFC 9112, section 3.2.1).
func requestTarget(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "/"
	}
	return u.RequestURI()
}
