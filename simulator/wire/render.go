package wire

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// step is a part of the rendered request that leaves in one write.
type step struct {
	pause    time.Duration
	from, to int
}

// AppendRequest appends the request as it stands on the wire, whole: pauses,
// Cut and Abandon do not show.
func (c *Client) AppendRequest(dst []byte, r *Request) []byte {
	c.setUp()
	if r.Raw != nil {
		return append(dst, r.Raw...)
	}
	whole := *r
	whole.Cut, whole.CutAfter = false, 0
	dst, _ = c.render(dst, nil, &whole)
	return dst
}

// check refuses values that no request can be made of.
func (r *Request) check() error {
	switch r.Framing {
	case ByLength, Chunked, Unframed:
	default:
		return fmt.Errorf("unknown framing %q", r.Framing)
	}
	if r.CutAfter < 0 || r.ChunkBytes < 0 {
		return errors.New("a cut or a chunk of less than 0 bytes")
	}
	for _, p := range r.Pieces {
		if p.Bytes < 0 || p.Pause < 0 {
			return errors.New("a piece of less than 0 bytes, or after a pause of less than 0")
		}
	}
	return nil
}

// render appends the request to dst and its writes to steps.
func (c *Client) render(dst []byte, steps []step, r *Request) ([]byte, []step) {
	start := len(dst)
	body := r.Raw
	if body == nil {
		dst = c.appendHead(dst, r)
		body = r.Body
	}
	chunked := r.Raw == nil && r.Framing == Chunked
	allowed := len(body)
	if r.Cut {
		allowed = min(allowed, r.CutAfter)
	}
	if r.Pieces == nil && !r.Expect {
		dst = appendPart(dst, body, allowed, chunked, r.ChunkBytes)
		if chunked && !r.Cut {
			dst = append(dst, "0\r\n\r\n"...)
		}
		return dst, append(steps, step{0, start, len(dst)})
	}

	if len(dst) > start {
		steps = append(steps, step{0, start, len(dst)})
	}
	pieces := r.Pieces
	for sent := 0; sent < allowed || len(pieces) > 0; {
		p := Piece{} // whatever the pieces leave over follows at once
		if len(pieces) > 0 {
			p, pieces = pieces[0], pieces[1:]
		}
		n := len(body) - sent
		if p.Bytes > 0 {
			n = min(n, p.Bytes)
		}
		from := len(dst)
		dst = appendPart(dst, body[sent:sent+n], max(allowed-sent, 0), chunked, r.ChunkBytes)
		sent += n
		if len(dst) > from {
			steps = append(steps, step{p.Pause, from, len(dst)})
		}
	}
	if chunked && !r.Cut {
		from := len(dst)
		dst = append(dst, "0\r\n\r\n"...)
		if last := len(steps) - 1; steps[last].from > start || !r.Expect {
			steps[last].to = len(dst)
		} else { // with Expect nothing but the head leaves before the answer
			steps = append(steps, step{0, from, len(dst)})
		}
	}
	return dst, steps
}

func (c *Client) appendHead(dst []byte, r *Request) []byte {
	method, target := r.Method, r.Target
	if method == "" {
		method = "POST"
	}
	if target == "" {
		target = c.target
	}
	dst = append(append(dst, method...), ' ')
	dst = append(append(dst, target...), " HTTP/1.1\r\n"...)
	var host, expect, length, transfer bool
	for i := range r.Fields {
		switch name := r.Fields[i].Name; len(name) {
		case 4:
			host = host || strings.EqualFold(name, "Host")
		case 6:
			expect = expect || strings.EqualFold(name, "Expect")
		case 14:
			length = length || strings.EqualFold(name, "Content-Length")
		case 17:
			transfer = transfer || strings.EqualFold(name, "Transfer-Encoding")
		}
	}
	if !host {
		dst = appendField(dst, "Host", c.host)
	}
	for i := range r.Fields {
		dst = appendField(dst, r.Fields[i].Name, r.Fields[i].Value)
	}
	if r.Expect && !expect {
		dst = appendField(dst, "Expect", "100-continue")
	}
	switch {
	case r.Framing == Chunked && !transfer:
		dst = appendField(dst, "Transfer-Encoding", "chunked")
	case r.Framing == ByLength && !transfer && !length && (len(r.Body) > 0 || expectsBody(method)):
		dst = append(dst, "Content-Length: "...)
		dst = append(strconv.AppendInt(dst, int64(len(r.Body)), 10), "\r\n"...)
	}
	return append(dst, "\r\n"...)
}

func appendField(dst []byte, name, value string) []byte {
	dst = append(append(dst, name...), ": "...)
	return append(append(dst, value...), "\r\n"...)
}

// expectsBody tells whether a request of the method has a Content-Length even
// without a body (RFC 9110, section 8.6).
func expectsBody(method string) bool {
	switch method {
	case "GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT":
		return false
	}
	return true
}

// appendPart appends a part of the body, of which only the allowed bytes are
// written; a chunk's size is told as if all of it came.
func appendPart(dst, part []byte, allowed int, chunked bool, chunkBytes int) []byte {
	if !chunked {
		return append(dst, part[:min(len(part), allowed)]...)
	}
	for len(part) > 0 && allowed > 0 {
		n := len(part)
		if chunkBytes > 0 {
			n = min(n, chunkBytes)
		}
		dst = append(strconv.AppendInt(dst, int64(n), 16), "\r\n"...)
		dst = append(dst, part[:min(n, allowed)]...)
		if n > allowed {
			break
		}
		dst = append(dst, "\r\n"...)
		part, allowed = part[n:], allowed-n
	}
	return dst
}
