package extension

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/hookstone/hookstone/simulator/schedule"
	"github.com/hookstone/hookstone/simulator/wire"
)

// carry tells why k6's HTTP client cannot send a delivery as it is; nil: it
// can. What arrives is compared in HTTP's own terms: names without case, values
// without outer blanks, in no order (RFC 9110, sections 5.1 to 5.5).
//
// Nothing is guessed: the request is filled as k6 fills it, written by
// net/http, and read again.
func carry(d *schedule.Delivery, target *url.URL) error {
	header := http.Header{}
	for _, f := range d.Fields {
		if !httpguts.ValidHeaderFieldName(f.Name) || !httpguts.ValidHeaderFieldValue(f.Value) {
			return fmt.Errorf("k6's HTTP client refuses the header %q", f.Name+": "+f.Value)
		}
		header.Set(f.Name, f.Value) // as k6 does: the last of a name wins
	}
	header.Del("Content-Length") // as k6 does: the client counts
	q := http.Request{
		Method: d.Method, URL: target, Host: header.Get("Host"), Header: header,
		Body: io.NopCloser(bytes.NewReader(d.Body)), ContentLength: int64(len(d.Body)),
	}
	var raw bytes.Buffer
	if err := q.Write(&raw); err != nil {
		return fmt.Errorf("k6's HTTP client refuses the request: %w", err)
	}
	head, body, _ := bytes.Cut(raw.Bytes(), []byte("\r\n\r\n"))
	first, rest, _ := strings.Cut(string(head), "\r\n")
	if !bytes.Equal(body, d.Body) || !strings.HasPrefix(first, d.Method+" ") {
		return fmt.Errorf("k6's HTTP client sends another method or body: %q", first)
	}
	var written []string
	for line := range strings.SplitSeq(rest, "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		written = append(written, plain(name, value))
	}
	slices.Sort(written)
	wanted := lines(d, target)
	if slices.Equal(wanted, written) {
		return nil
	}
	lost := slices.DeleteFunc(slices.Clone(wanted), func(line string) bool {
		i, found := slices.BinarySearch(written, line)
		if found {
			written = slices.Delete(written, i, i+1)
		}
		return found
	})
	return fmt.Errorf("k6's HTTP client sends %q in place of the headers %q", written, lost)
}

// lines are the header lines that a receiver should read.
func lines(d *schedule.Delivery, target *url.URL) (out []string) {
	has := map[string]bool{}
	for _, f := range d.Fields {
		has[strings.ToLower(f.Name)] = true
		out = append(out, plain(f.Name, f.Value))
	}
	if !has["host"] {
		out = append(out, plain("Host", target.Host))
	}
	if !has["content-length"] {
		out = append(out, plain("Content-Length", strconv.Itoa(len(d.Body))))
	}
	slices.Sort(out)
	return out
}

func plain(name, value string) string {
	return strings.ToLower(name) + ": " + strings.Trim(value, " \t")
}

// respelled is a header that a delivery spells in another case than a genuine
// one does: k6's client spells all of them its own way, so that the fault does
// not arrive. It is "" where there is none.
func respelled(fields, genuine []wire.Field) string {
	for _, f := range fields {
		for _, g := range genuine {
			if f.Name != g.Name && strings.EqualFold(f.Name, g.Name) {
				return f.Name
			}
		}
	}
	return ""
}
