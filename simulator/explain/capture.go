// Package explain says why a captured request does or does not verify: it
// reads captures of several forms, tries the known mistakes alone and in
// pairs, and names the smallest change that reproduces the signature. It opens
// no socket, and what it returns holds neither the secret nor a signature that
// was not in the capture.
//
// It is not part of the promised API: see CONTRIBUTING.md.
package explain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hookstone/hookstone/simulator/wire"
)

// Limit is the longest capture that is read, in bytes.
const Limit = 32 << 20

// maxFields bounds the header lines of a captured request.
const maxFields = 1000

// Capture is a request as it was captured.
type Capture struct {
	Form   string // how it was written down: "raw HTTP request", "HAR entry" …
	Method string
	Target string       // URL or path; "" where the form does not tell
	Fields []wire.Field // header lines in order, values without the blanks around them
	Body   []byte
	// At is when the request was made; zero where the form does not tell.
	At time.Time
	// Notes say what the form cannot hold, or what looks wrong with the capture.
	Notes []string
	// Unfinished says that the body is known not to be whole.
	Unfinished bool
	bodyless   bool // the form holds no body at all
}

// Value is the first value of a header, in any casing.
func (c *Capture) Value(name string) (string, bool) {
	for _, f := range c.Fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value, true
		}
	}
	return "", false
}

func (c *Capture) note(format string, args ...any) {
	c.Notes = append(c.Notes, fmt.Sprintf(format, args...))
}

// NeedsBody tells whether the form left the body out, as curl -v does: it must
// then come from elsewhere (see WithBody).
func (c *Capture) NeedsBody() bool { return c.bodyless }

// WithBody is the capture with a body from elsewhere.
func (c Capture) WithBody(body []byte) Capture {
	c.Body, c.bodyless, c.Unfinished = body, false, false
	c.Notes = append([]string(nil), c.Notes...)
	c.weigh()
	return c
}

// weigh compares the body with the length that the header announces.
func (c *Capture) weigh() {
	text, ok := c.Value("Content-Length")
	if !ok || c.bodyless {
		return
	}
	want, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || want == len(c.Body) {
		return
	}
	if want > len(c.Body) {
		c.Unfinished = true
	}
	c.note("Content-Length says %d bytes, the captured body has %d: it is not what was sent", want, len(c.Body))
}

// Read reads a capture of any form that it knows by its looks: a raw HTTP
// request, a curl -v transcript, a HAR (or an entry or a request of one), or a
// line of a journal. entry is which of several requests is meant, from 1; 0 is
// the first that has a body.
func Read(text []byte, entry int) (Capture, error) {
	if err := bounded(text); err != nil {
		return Capture{}, err
	}
	// Blanks in front of a request are no part of it; behind, they may be its body.
	switch looks := bytes.TrimLeft(text, " \t\r\n\ufeff"); {
	case len(looks) == 0:
		return Capture{}, fmt.Errorf("the capture is empty")
	case looks[0] == '{' || looks[0] == '[':
		var probe struct {
			Log      json.RawMessage `json:"log"`
			Class    json.RawMessage `json:"class"`
			SentAt   json.RawMessage `json:"sent_at"`
			Request  json.RawMessage `json:"request"`
			PostData json.RawMessage `json:"postData"`
			Started  json.RawMessage `json:"startedDateTime"`
		}
		// A journal has further lines behind the first value.
		if err := json.NewDecoder(bytes.NewReader(looks)).Decode(&probe); err != nil {
			return Capture{}, fmt.Errorf("the capture begins as JSON and is none: %w", err)
		}
		if probe.Class != nil || probe.SentAt != nil {
			return ReadJournal(looks, entry)
		}
		return ReadHAR(looks, entry)
	case curlLine(firstLine(looks)):
		return ReadCurl(looks, entry)
	default:
		return ReadHTTP(looks)
	}
}

func bounded(text []byte) error {
	if len(text) > Limit {
		return fmt.Errorf("the capture has %d bytes, more than %d are not read: cut it down to the request", len(text), Limit)
	}
	return nil
}

func firstLine(text []byte) string {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return strings.TrimRight(string(line), "\r")
}

// pick chooses among several requests: the nth from 1, or with 0 the first that
// has a body, else the first.
func pick(all []Capture, entry int, what string) (Capture, error) {
	if len(all) == 0 {
		return Capture{}, fmt.Errorf("the %s holds no request", what)
	}
	if entry < 0 || entry > len(all) {
		return Capture{}, fmt.Errorf("the %s holds %d requests: there is no number %d", what, len(all), entry)
	}
	n := entry - 1
	if entry == 0 {
		n = 0
		for i := range all {
			if len(all[i].Body) > 0 {
				n = i
				break
			}
		}
	}
	c := all[n]
	if len(all) > 1 && entry == 0 {
		c.note("number %d of the %d requests in the %s", n+1, len(all), what)
	}
	return c, nil
}
