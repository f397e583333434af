package main

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// logBody is how much of a body is kept to find the event's type and id in.
const logBody = 1 << 20

// logged tells each delivery in a line, once it was answered.
func logged(c *console, p *schemas.Provider, next http.Handler) http.Handler {
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		seen := &bytes.Buffer{}
		r.Body = &tee{ReadCloser: r.Body, to: seen}
		answer := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(answer, r)
		event := where(p.Contract.Identity.Type, r.Header, seen.Bytes())
		if event == "" {
			event = r.Method + " " + r.URL.Path
		}
		id := ""
		for _, at := range p.Contract.Identity.ID {
			if id = where(at, r.Header, seen.Bytes()); id != "" {
				break
			}
		}
		mu.Lock()
		defer mu.Unlock()
		c.say("%s  %d  %s %s  %s", began.Format("15:04:05.000"), answer.status,
			clip(printable(event, false), 40), clip(printable(id, false), 40), time.Since(began).Round(10*time.Microsecond))
	})
}

// where reads a place in a delivery; "" where it holds no string.
func where(at schemas.Location, h http.Header, body []byte) string {
	if at.Header != "" {
		return h.Get(at.Header)
	}
	doc, err := jsondoc.Parse(body)
	if err != nil {
		return ""
	}
	value, ok := doc.Get(at.Pointer)
	if !ok || value.Kind != jsondoc.String {
		return ""
	}
	return value.Text
}

// tee copies what the handler reads of a body, up to a bound.
type tee struct {
	io.ReadCloser
	to *bytes.Buffer
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if room := logBody - t.to.Len(); room > 0 {
		t.to.Write(p[:min(n, room)])
	}
	return n, err
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
