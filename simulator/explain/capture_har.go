package explain

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/hookstone/hookstone/simulator/wire"
)

// harEntry is what is read of an entry of a HAR 1.2 file.
type harEntry struct {
	Started string      `json:"startedDateTime"`
	Request *harRequest `json:"request"`
}

type harRequest struct {
	Method   string    `json:"method"`
	URL      string    `json:"url"`
	Headers  []harPair `json:"headers"`
	BodySize *int      `json:"bodySize"`
	PostData *struct {
		MimeType string    `json:"mimeType"`
		Text     *string   `json:"text"`
		Params   []harPair `json:"params"`
		Encoding string    `json:"encoding"`
		Custom   string    `json:"_encoding"`
	} `json:"postData"`
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// ReadHAR reads a request of an HTTP archive: the whole file, one entry of it,
// or one entry's request. entry counts from 1; 0 is the first with a body.
//
// A HAR holds a body as text, so that bytes which are not UTF-8 are lost; the
// capture notes where its length shows that.
func ReadHAR(text []byte, entry int) (Capture, error) {
	if err := bounded(text); err != nil {
		return Capture{}, err
	}
	var file struct {
		harEntry
		harRequest
		Log *struct {
			Entries []harEntry `json:"entries"`
		} `json:"log"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return Capture{}, fmt.Errorf("malformed HAR: %w", err)
	}
	entries := []harEntry{file.harEntry}
	switch {
	case file.Log != nil:
		entries = file.Log.Entries
	case file.Request != nil:
	case file.harRequest.Method != "":
		entries = []harEntry{{Started: file.Started, Request: &file.harRequest}}
	default:
		return Capture{}, fmt.Errorf("the JSON is neither a HAR (log.entries, or an entry with a request) nor a journal line")
	}
	var all []Capture
	for i, e := range entries {
		if e.Request == nil {
			return Capture{}, fmt.Errorf("malformed HAR: entry %d has no request", i+1)
		}
		c, err := e.capture()
		if err != nil {
			return Capture{}, fmt.Errorf("malformed HAR: entry %d: %w", i+1, err)
		}
		all = append(all, c)
	}
	return pick(all, entry, "HAR")
}

func (e *harEntry) capture() (Capture, error) {
	r := e.Request
	c := Capture{Form: "HAR entry", Method: r.Method, Target: r.URL}
	if at, err := time.Parse(time.RFC3339, e.Started); err == nil {
		c.At = at
	}
	if len(r.Headers) > maxFields {
		return c, fmt.Errorf("more than %d header lines", maxFields)
	}
	for _, h := range r.Headers {
		if !strings.HasPrefix(h.Name, ":") { // HTTP/2's pseudo-headers
			c.Fields = append(c.Fields, wire.Field{Name: h.Name, Value: h.Value})
		}
	}
	d := r.PostData
	switch {
	case d == nil:
		c.bodyless = r.BodySize == nil || *r.BodySize != 0
		return c, nil
	case d.Text != nil && (d.Encoding == "base64" || d.Custom == "base64"):
		body, err := base64.StdEncoding.DecodeString(*d.Text)
		if err != nil {
			return c, fmt.Errorf("the body is not base64: %w", err)
		}
		c.Body = body
	case d.Text != nil:
		c.Body = []byte(*d.Text)
	case len(d.Params) > 0:
		var pairs []string
		for _, p := range d.Params {
			pairs = append(pairs, url.QueryEscape(p.Name)+"="+url.QueryEscape(p.Value))
		}
		c.Body = []byte(strings.Join(pairs, "&"))
		c.note("the HAR holds the form's fields and not its bytes: they are spelled anew")
	default:
		c.bodyless = true
	}
	if r.BodySize != nil && *r.BodySize >= 0 && *r.BodySize != len(c.Body) && !c.bodyless {
		c.note("the HAR says that the body has %d bytes and holds %d: it is not what was sent", *r.BodySize, len(c.Body))
		c.Unfinished = *r.BodySize > len(c.Body)
		return c, nil
	}
	c.weigh()
	return c, nil
}
