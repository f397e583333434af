package explain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/hookstone/hookstone/simulator/wire"
)

// ReadHTTP reads a raw HTTP/1 request (RFC 9112): request line, header lines,
// an empty line, the body. Lines may end with LF alone. A body with a
// Content-Length ends there, so that the line end which an editor adds does
// not count; a chunked one is put together.
func ReadHTTP(text []byte) (Capture, error) {
	if err := bounded(text); err != nil {
		return Capture{}, err
	}
	line, rest := cutLine(text)
	method, target, ok := requestLine(line)
	if !ok {
		return Capture{}, fmt.Errorf("the first line %s is no request line: want POST /path HTTP/1.1, a curl -v transcript, a HAR or a journal line", quoted(line))
	}
	c := Capture{Form: "raw HTTP request", Method: method, Target: target}
	head, body, ended := cutHead(rest)
	var err error
	if c.Fields, err = headerLines(head); err != nil {
		return Capture{}, err
	}
	if !ended {
		c.bodyless = true
	}
	if coding, chunked := c.Value("Transfer-Encoding"); chunked && strings.EqualFold(strings.TrimSpace(coding), "chunked") {
		if c.Body, err = dechunk(body); err != nil {
			// Many tools show the body put together below the header that was.
			c.Body = body
			c.note("Transfer-Encoding is chunked and the body is not: taken as it stands")
		}
		return c, nil
	}
	c.Body = body
	if length, ok := c.Value("Content-Length"); ok {
		if n, err := strconv.Atoi(strings.TrimSpace(length)); err == nil && n >= 0 && n < len(body) {
			if surplus := body[n:]; len(bytes.Trim(surplus, "\r\n")) == 0 {
				c.Body = body[:n]
			}
		}
	}
	c.weigh()
	return c, nil
}

// ReadFiles reads a request whose header lines and body lie in two files. The
// header file holds lines "Name: value" (a request line before them, and the
// marks of curl -v, are passed over) or a JSON object of names and values.
func ReadFiles(headers, body []byte) (Capture, error) {
	if err := errors.Join(bounded(headers), bounded(body)); err != nil {
		return Capture{}, err
	}
	c := Capture{Form: "header and body files", Body: body}
	if text := bytes.TrimSpace(headers); len(text) > 0 && text[0] == '{' {
		fields, err := headerObject(text)
		if err != nil {
			return Capture{}, err
		}
		c.Fields = fields
		c.weigh()
		return c, nil
	}
	head := headers
	if line, rest := cutLine(headers); line != "" {
		if method, target, ok := requestLine(strings.TrimPrefix(line, "> ")); ok {
			c.Method, c.Target, head = method, target, rest
		}
	}
	var lines [][]byte
	for l := range bytes.SplitSeq(head, []byte("\n")) {
		lines = append(lines, bytes.TrimPrefix(bytes.TrimSuffix(l, []byte("\r")), []byte("> ")))
	}
	var err error
	if c.Fields, err = headerLines(bytes.TrimRight(bytes.Join(lines, []byte("\n")), "\n>")); err != nil {
		return Capture{}, err
	}
	c.weigh()
	return c, nil
}

// headerObject reads {"name": "value", "other": ["one", "two"]}.
func headerObject(text []byte) ([]wire.Field, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	var fields []wire.Field
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("the headers begin as JSON and are none: %w", err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("the headers begin as JSON and are none: %w", err)
		}
		var value any
		if err := d.Decode(&value); err != nil {
			return nil, fmt.Errorf("the headers begin as JSON and are none: %w", err)
		}
		values, isList := value.([]any)
		if !isList {
			values = []any{value}
		}
		for _, v := range values {
			switch v.(type) {
			case string, float64, bool:
				fields = append(fields, wire.Field{Name: fmt.Sprint(name), Value: fmt.Sprint(v)})
			default:
				return nil, fmt.Errorf("the header %q is neither a text nor a list of texts", name)
			}
		}
		if len(fields) > maxFields {
			return nil, fmt.Errorf("more than %d header lines", maxFields)
		}
	}
	if _, err := d.Token(); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("the headers begin as JSON and are none: %w", err)
	}
	return fields, nil
}

// headerLines reads lines "Name: value". A folded line (RFC 9112, section 5.2)
// goes on with the one before.
func headerLines(head []byte) ([]wire.Field, error) {
	var fields []wire.Field
	n := 0
	for raw := range bytes.SplitSeq(head, []byte("\n")) {
		n++
		line := string(bytes.TrimSuffix(raw, []byte("\r")))
		if strings.TrimSpace(line) == "" {
			continue
		}
		if (line[0] == ' ' || line[0] == '\t') && len(fields) > 0 {
			last := &fields[len(fields)-1]
			last.Value += " " + strings.TrimSpace(line)
			continue
		}
		// The pseudo-headers of HTTP/2 begin with the colon.
		from := 0
		if line[0] == ':' {
			from = 1
		}
		i := strings.IndexByte(line[from:], ':') + from
		name := strings.TrimSpace(line[:max(i, 0)])
		if i <= from-1 || i == 0 || name == "" || strings.ContainsAny(name, " \t\"{}") {
			return nil, fmt.Errorf("header line %d is %s: want Name: value", n, quoted(line))
		}
		if from == 1 {
			continue
		}
		if len(fields) == maxFields {
			return nil, fmt.Errorf("more than %d header lines", maxFields)
		}
		fields = append(fields, wire.Field{Name: name, Value: strings.Trim(line[i+1:], " \t")})
	}
	return fields, nil
}

func cutLine(text []byte) (line string, rest []byte) {
	l, rest, _ := bytes.Cut(text, []byte("\n"))
	return string(bytes.TrimSuffix(l, []byte("\r"))), rest
}

// cutHead parts header lines from the body at the first empty line.
func cutHead(text []byte) (head, body []byte, ended bool) {
	for at := 0; at <= len(text); {
		end := bytes.IndexByte(text[at:], '\n')
		if end < 0 {
			if len(bytes.TrimSuffix(text[at:], []byte("\r"))) == 0 {
				return text[:at], nil, at > 0 && at == len(text)
			}
			return text, nil, false
		}
		if len(bytes.TrimSuffix(text[at:at+end], []byte("\r"))) == 0 {
			return text[:at], text[at+end+1:], true
		}
		at += end + 1
	}
	return text, nil, false
}

var methods = []string{"POST", "PUT", "PATCH", "GET", "DELETE", "HEAD", "OPTIONS"}

// requestLine reads "METHOD target HTTP/1.1".
func requestLine(line string) (method, target string, ok bool) {
	words := strings.Fields(line)
	if len(words) != 3 || !strings.HasPrefix(words[2], "HTTP/") || !slices.Contains(methods, words[0]) {
		return "", "", false
	}
	return words[0], words[1], true
}

// dechunk puts a chunked body together (RFC 9112, section 7.1).
func dechunk(text []byte) ([]byte, error) {
	var body []byte
	for {
		line, rest, ok := bytes.Cut(text, []byte("\n"))
		if !ok {
			return nil, fmt.Errorf("the chunked body ends early")
		}
		size, _, _ := strings.Cut(strings.TrimSpace(string(line)), ";")
		n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 31)
		if err != nil {
			return nil, fmt.Errorf("malformed chunk size %s", quoted(string(line)))
		}
		if n == 0 {
			return body, nil
		}
		if uint64(len(rest)) < n {
			return nil, fmt.Errorf("the chunked body ends early")
		}
		body = append(body, rest[:n]...)
		rest = bytes.TrimPrefix(rest[n:], []byte("\r"))
		if text, ok = bytes.CutPrefix(rest, []byte("\n")); !ok {
			return nil, fmt.Errorf("a chunk is longer than its size")
		}
	}
}

// quoted shortens a line for a message.
func quoted(line string) string {
	if len(line) > 60 {
		return strconv.Quote(line[:60]) + "…"
	}
	return strconv.Quote(line)
}
