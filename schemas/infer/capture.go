// Package infer drafts a provider's contract folder from captured requests:
// what they show, and guesses where they only hint, each marked as a guess.
//
// It is not part of the promised API: see CONTRIBUTING.md.
package infer

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http/httputil"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

// Capture is one request as an endpoint received it.
type Capture struct {
	File    string // its name for messages and citations
	Method  string
	Headers []Header
	Body    []byte
	// Exact tells whether Body is the bytes that were received. It is false
	// where the body was captured as JSON that had been parsed.
	Exact bool

	event schemas.Value // the body, parsed
}

// Header is one header line.
type Header struct{ Name, Value string }

// header is the first value of a name.
func (c *Capture) header(name string) (string, bool) {
	for _, h := range c.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value, true
		}
	}
	return "", false
}

// fieldName is what a header's name may be (RFC 9110 section 5.6.2).
var fieldName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

var requestLine = regexp.MustCompile(`^([A-Z]+) \S+ HTTP/[0-9.]+\r?\n`)

// ReadCapture reads one captured request: the bytes of an HTTP request, or JSON
// with headers (an object, or a list of pairs) and body (a text, JSON, or
// {"base64": …}), bare or as the member request. Its body must be a JSON object.
func ReadCapture(file string, text []byte) (Capture, error) {
	c := Capture{File: strings.ToValidUTF8(filepath.Base(file), "?"), Method: "POST", Exact: true}
	var err error
	switch trimmed := bytes.TrimSpace(text); {
	case requestLine.Match(text):
		err = c.readHTTP(text)
	case len(trimmed) > 0 && trimmed[0] == '{':
		err = c.readJSON(text)
	default:
		err = errors.New("neither an HTTP request (POST /path HTTP/1.1 …) nor JSON with headers and body")
	}
	if err == nil && len(c.Headers) == 0 {
		err = errors.New("no headers")
	}
	for _, h := range c.Headers {
		if err == nil && !fieldName.MatchString(h.Name) {
			err = fmt.Errorf("%q is no header's name", h.Name)
		}
	}
	if coding, ok := c.header("Content-Encoding"); err == nil && ok && !strings.EqualFold(coding, "identity") {
		err = fmt.Errorf("the body is encoded (%s): capture it decoded, without Content-Encoding", coding)
	}
	if err == nil {
		if c.event, err = schemas.ParseValue(c.Body); err != nil {
			err = fmt.Errorf("the body: %w", err)
		} else if c.event.Kind != schemas.MapValue {
			err = errors.New("the body is no JSON object")
		}
	}
	if err != nil {
		return Capture{}, fmt.Errorf("%s: %w", file, err)
	}
	return c, nil
}

func (c *Capture) readHTTP(text []byte) error {
	c.Method = string(requestLine.FindSubmatch(text)[1])
	rest := text[bytes.IndexByte(text, '\n')+1:]
	for {
		line, after, found := bytes.Cut(rest, []byte("\n"))
		if !found {
			return errors.New("no empty line between headers and body")
		}
		rest = after
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 {
			break
		}
		name, value, ok := strings.Cut(string(line), ":")
		if !ok || !fieldName.MatchString(name) {
			return fmt.Errorf("%q is no header line", line)
		}
		c.Headers = append(c.Headers, Header{name, strings.Trim(value, " \t")})
	}
	c.Body = rest
	if coding, ok := c.header("Transfer-Encoding"); ok && strings.EqualFold(coding, "chunked") {
		body, err := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(rest)))
		if err != nil {
			return fmt.Errorf("the chunked body: %w", err)
		}
		c.Body = body
		return nil
	}
	if length, ok := c.header("Content-Length"); ok {
		n, err := strconv.Atoi(length)
		if err != nil || n < 0 {
			return fmt.Errorf("Content-Length %q is no number", length)
		}
		if n > len(rest) {
			return fmt.Errorf("the body has %d bytes of the %d that Content-Length says", len(rest), n)
		}
		c.Body = rest[:n] // an editor may have put a line break behind it
	}
	return nil
}

func (c *Capture) readJSON(text []byte) error {
	doc, err := schemas.ParseValue(text)
	if err != nil {
		return err
	}
	if request := doc.Member("request"); request != nil && request.Kind == schemas.MapValue {
		doc = *request
	}
	headers, body := doc.Member("headers"), doc.Member("body")
	if headers == nil || body == nil {
		return errors.New("the JSON lacks headers or body")
	}
	if method := doc.Member("method"); method != nil && method.Kind == schemas.TextValue {
		c.Method = strings.ToUpper(method.Text)
	}
	if err := c.jsonHeaders(headers); err != nil {
		return err
	}
	encoded := body.Member("base64")
	switch {
	case body.Kind == schemas.TextValue:
		c.Body = []byte(body.Text)
	case encoded != nil && encoded.Kind == schemas.TextValue:
		if c.Body, err = base64.StdEncoding.DecodeString(encoded.Text); err != nil {
			return fmt.Errorf("body/base64: %w", err)
		}
	default:
		c.Exact = false
		c.Body, err = body.MarshalJSON()
	}
	return err
}

func (c *Capture) jsonHeaders(headers *schemas.Value) error {
	add := func(name string, value schemas.Value) error {
		if value.Kind == schemas.ListValue && len(value.Items) > 0 {
			value = value.Items[0]
		}
		if value.Kind != schemas.TextValue && value.Kind != schemas.NumberValue {
			return fmt.Errorf("header %q: its value is no text", name)
		}
		c.Headers = append(c.Headers, Header{name, strings.Trim(value.Text, " \t")})
		return nil
	}
	for _, m := range headers.Members {
		if err := add(m.Name, m.Value); err != nil {
			return err
		}
	}
	for _, pair := range headers.Items {
		if name, value := pair.Member("name"), pair.Member("value"); name != nil && value != nil {
			if err := add(name.Text, *value); err != nil {
				return err
			}
			continue
		}
		if len(pair.Items) != 2 || pair.Items[0].Kind != schemas.TextValue {
			return errors.New("headers: want an object, or pairs of name and value")
		}
		if err := add(pair.Items[0].Text, pair.Items[1]); err != nil {
			return err
		}
	}
	return nil
}
