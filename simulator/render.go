package simulator

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Formats are the formats that Render knows.
func Formats() []string { return []string{"http", "curl", "json"} }

// argument is the longest body that is written into a command's arguments;
// systems take 128 KiB an argument at most.
const argument = 64 << 10

// Render spells a prepared delivery instead of sending it:
//
//	http  the request's bytes as they would stand on the wire
//	curl  a shell command that sends the same bytes
//	json  the delivery as an Attempt without an answer
//
// Secrets that the sender's Redactor knows are blotted out, so that a command
// with a redacted gateway header must be completed before it runs.
func (s *Sender) Render(d Delivery, draft *fault.Draft, format string) ([]byte, error) {
	if s.Client == nil {
		return nil, errNoClient
	}
	redact := func(b []byte) []byte { return b }
	if s.Redactor != nil {
		redact = s.Redactor.Bytes
	}
	switch format {
	case "http":
		return redact(s.Client.AppendRequest(nil, &draft.Request)), nil
	case "curl":
		if draft.Request.Raw != nil {
			return nil, fmt.Errorf("curl cannot send raw bytes; render as http and pipe it to the target")
		}
		return redact(s.curl(&draft.Request)), nil
	case "json":
		a := s.Record(d, draft, wire.Outcome{})
		out, err := json.MarshalIndent(a, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("render: %w", err)
		}
		return append(out, '\n'), nil
	}
	return nil, fmt.Errorf("unknown format %q, want one of %s", format, strings.Join(Formats(), ", "))
}

// curl writes the command. curl's own headers are turned off where the request
// lacks them; it writes Host first and the framing header last, as we do.
func (s *Sender) curl(r *wire.Request) []byte {
	var out bytes.Buffer
	piped := len(r.Body) > argument || !isText(r.Body)
	if piped {
		fmt.Fprintf(&out, "printf %%s '%s' | base64 -d | ", base64.StdEncoding.EncodeToString(r.Body))
	}
	fmt.Fprintf(&out, "curl --silent --show-error --include --http1.1 --globoff --path-as-is --max-time 30 \\\n  --request %s \\\n", quote(r.Method))
	target := *s.Client.URL
	target.User, target.Fragment = nil, ""
	address := target.String()
	if r.Target != "" {
		fmt.Fprintf(&out, "  --request-target %s \\\n", quote(r.Target))
	}
	own := []string{"User-Agent", "Accept", "Content-Type", "Expect"}
	for _, f := range r.Fields {
		own = slices.DeleteFunc(own, func(name string) bool { return strings.EqualFold(name, f.Name) })
		if strings.TrimSpace(f.Value) == "" {
			fmt.Fprintf(&out, "  --header %s \\\n", quote(f.Name+";"))
			continue
		}
		fmt.Fprintf(&out, "  --header %s \\\n", quote(f.Name+": "+f.Value))
	}
	if r.Expect {
		own = slices.DeleteFunc(own, func(name string) bool { return name == "Expect" })
		out.WriteString("  --header 'Expect: 100-continue' \\\n")
	}
	for _, name := range own {
		fmt.Fprintf(&out, "  --header '%s:' \\\n", name)
	}
	if r.Framing == wire.Chunked {
		out.WriteString("  --header 'Transfer-Encoding: chunked' \\\n")
	}
	if r.Framing == wire.Unframed {
		out.WriteString("  --header 'Content-Length:' \\\n")
	}
	switch {
	case len(r.Body) == 0 && r.Method != "POST" && r.Method != "PUT" && r.Method != "PATCH":
	case piped:
		out.WriteString("  --data-binary @- \\\n")
	default:
		// --data-raw, unlike --data-binary, takes a leading @ for itself.
		fmt.Fprintf(&out, "  --data-raw %s \\\n", quote(string(r.Body)))
	}
	fmt.Fprintf(&out, "  %s\n", quote(address))
	return out.Bytes()
}

// quote spells an argument for sh: within single quotes everything stands for
// itself but the quote.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// isText tells bytes that a terminal and an argument can carry.
func isText(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	return !bytes.ContainsFunc(b, func(r rune) bool { return r < 0x20 && r != '\n' && r != '\t' || r == 0x7F })
}
