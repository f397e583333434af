package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/explain"
	"github.com/hookstone/hookstone/simulator/sign"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Bounds of a relay: what it reads of a delivery and of an answer, how long it
// waits for one, and how long a body may be whose refusal is looked into; a
// search is followed by a rest, so that a flood of forgeries costs little.
const (
	relayBody    = 10 << 20
	relayAnswer  = 10 << 20
	relayTimeout = 30 * time.Second
	relayExplain = 64 << 10
	relayRest    = 200 * time.Millisecond
)

// relay verifies deliveries, validates them, tells of them, and passes the
// genuine ones on to a receiver, byte for byte.
type relay struct {
	c        *console
	provider *schemas.Provider
	library  *schemas.Library
	scheme   *sign.Scheme
	secret   []byte
	to       *url.URL
	path     string
	client   *http.Client
	redactor *simulator.Redactor
	now      func() time.Time

	mu        sync.Mutex // one line at a time
	explained sync.Mutex // one search at a time: it takes a while
	rest      time.Duration
	last      time.Time // when the last search ended; guarded by explained
}

func newRelay(c *console, library *schemas.Library, p *schemas.Provider, secret []byte, forward, path string) (*relay, error) {
	to, err := url.Parse(forward)
	if err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https" {
		return nil, usagef("write it as http://127.0.0.1:3000/webhooks", "--forward %q is no http or https address", forward)
	}
	scheme, err := sign.Compile(p.Contract)
	if err != nil {
		return nil, usage(err, "")
	}
	if _, err := scheme.Key(secret); err != nil {
		return nil, usage(err, secretHint)
	}
	return &relay{
		c: c, provider: p, library: library, scheme: scheme, secret: secret, to: to, path: path, now: time.Now, rest: relayRest,
		redactor: simulator.NewRedactor(p.Contract.Signing.Key, secret),
		client: &http.Client{
			Timeout: relayTimeout,
			// What the receiver answers is the provider's to see: a redirect too.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport:     &http.Transport{Proxy: nil, DisableCompression: true, MaxIdleConnsPerHost: 16},
		},
	}, nil
}

// relayed is a delivery's line, and its object with --json.
type relayed struct {
	At        time.Time         `json:"at"`
	Event     string            `json:"event,omitempty"`
	ID        string            `json:"id,omitempty"`
	Verified  bool              `json:"verified"`
	Reason    string            `json:"reason,omitempty"` // why it was refused
	Valid     bool              `json:"valid"`            // by the event's schema
	Failures  []schemas.Failure `json:"failures,omitempty"`
	Problem   string            `json:"problem,omitempty"` // why no schema could tell
	Forwarded bool              `json:"forwarded"`
	Status    int               `json:"status"` // what was answered
	Millis    float64           `json:"duration_ms"`
}

func (r *relay) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if q.URL.Path != r.path {
		http.NotFound(w, q)
		return
	}
	began := r.now()
	line := relayed{At: began}
	body, err := io.ReadAll(http.MaxBytesReader(w, q.Body, relayBody))
	if err != nil {
		line.Reason, line.Status = "the body could not be read: "+err.Error(), http.StatusBadRequest
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			line.Status = http.StatusRequestEntityTooLarge
		}
		w.WriteHeader(line.Status)
		r.tell(&line, began)
		return
	}
	in := explain.Capture{Form: "delivery", Method: q.Method, Target: q.URL.Path, Body: body, At: began}
	for name, values := range q.Header {
		for _, v := range values {
			in.Fields = append(in.Fields, wire.Field{Name: name, Value: v})
		}
	}
	r.look(&line, q, &in)
	if err := r.verify(&in, began); err != nil && !r.unsignedHandshake(&line, &in, err) {
		line.Status = r.refusal(err)
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(line.Status)
		// The answer does not wait for the explanation.
		_ = http.NewResponseController(w).Flush()
		spent := r.now()
		line.Reason = r.why(&in, err, began)
		r.tellAt(&line, began, spent)
		return
	} else if err == nil {
		line.Verified = true
	}
	r.pass(w, q, body, &line)
	r.tell(&line, began)
}

// look names the event and holds the body against its schema.
func (r *relay) look(line *relayed, q *http.Request, in *explain.Capture) {
	k := r.provider.Contract
	line.Event = where(k.Identity.Type, q.Header, in.Body)
	if line.Event == "" && k.Handshake != nil {
		line.Event = where(k.Handshake.TypeAt, q.Header, in.Body)
	}
	for _, at := range k.Identity.ID {
		if line.ID = where(at, q.Header, in.Body); line.ID != "" {
			break
		}
	}
	event, known := r.provider.Event(line.Event)
	if !known {
		line.Problem = "the contract has no such event"
		return
	}
	err := event.Validate(in.Body)
	var invalid *schemas.Invalid
	switch {
	case err == nil:
		line.Valid = true
	case errors.As(err, &invalid):
		line.Failures = invalid.Failures
	default:
		line.Problem = err.Error()
	}
}

// verify checks signature and timestamp, in every form that the contract's
// document can be read to send.
func (r *relay) verify(in *explain.Capture, now time.Time) error {
	err := r.scheme.Verify(in.Fields, in.Body, now, r.secret)
	for n := 1; err != nil && !errors.Is(err, sign.ErrStale) && n <= r.scheme.Alternatives(); n++ {
		if other := r.scheme.Alternative(n).Verify(in.Fields, in.Body, now, r.secret); other == nil || errors.Is(other, sign.ErrStale) {
			return other
		}
	}
	return err
}

// unsignedHandshake tells the verification request that may come unsigned.
func (r *relay) unsignedHandshake(line *relayed, in *explain.Capture, err error) bool {
	h := r.provider.Contract.Handshake
	if h == nil || h.Unsigned != "accepted" || line.Event != h.Type || !errors.Is(err, sign.ErrMissing) {
		return false
	}
	for _, header := range r.scheme.Headers() {
		if _, there := in.Value(header.Name); there && header.Signature {
			return false
		}
	}
	return true
}

// refusal is the documented status of what is refused.
func (r *relay) refusal(err error) int {
	a := r.provider.Contract.Answers.BadSignature
	if errors.Is(err, sign.ErrStale) && r.provider.Contract.Answers.Stale != nil {
		a = r.provider.Contract.Answers.Stale
	}
	if a != nil && len(a.Documented) > 0 {
		return a.Documented[0]
	}
	return http.StatusUnauthorized
}

// why looks for a known mistake behind a refusal, one delivery at a time.
func (r *relay) why(in *explain.Capture, err error, now time.Time) string {
	if len(in.Body) > relayExplain || !r.explained.TryLock() {
		return err.Error()
	}
	defer r.explained.Unlock()
	if r.now().Sub(r.last) < r.rest {
		return err.Error()
	}
	defer func() { r.last = r.now() }()
	e, failed := explain.Explain(explain.Question{Capture: *in, Secret: r.secret, Library: r.library, Provider: r.provider, Now: now})
	if failed != nil {
		return err.Error()
	}
	return e.Summary
}

// hops are headers of one connection and not of the message (RFC 9110, section 7.6.1).
var hops = []string{"Connection", "Proxy-Connection", "Keep-Alive", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Proxy-Authenticate", "Proxy-Authorization"}

func withoutHops(h http.Header) http.Header {
	out := h.Clone()
	for _, list := range out["Connection"] {
		for name := range strings.SplitSeq(list, ",") {
			out.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range hops {
		out.Del(name)
	}
	return out
}

// pass sends the delivery on, and the answer back.
func (r *relay) pass(w http.ResponseWriter, q *http.Request, body []byte, line *relayed) {
	ctx, stop := context.WithTimeout(q.Context(), relayTimeout)
	defer stop()
	on, err := http.NewRequestWithContext(ctx, q.Method, r.to.String(), bytes.NewReader(body))
	if err != nil {
		line.Reason, line.Status = "it could not be passed on: "+err.Error(), http.StatusBadGateway
		w.WriteHeader(line.Status)
		return
	}
	on.Header = withoutHops(q.Header)
	if _, has := q.Header["User-Agent"]; !has {
		on.Header["User-Agent"] = nil // or net/http names itself
	}
	answer, err := r.client.Do(on)
	if err != nil {
		var told *url.Error // repeats the method and the URL
		if errors.As(err, &told) {
			err = told.Err
		}
		line.Reason, line.Status = "it could not be passed on: "+err.Error(), http.StatusBadGateway
		w.WriteHeader(line.Status)
		return
	}
	defer answer.Body.Close()
	line.Forwarded, line.Status = true, answer.StatusCode
	for name, values := range withoutHops(answer.Header) {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.StatusCode)
	if n, err := io.Copy(w, io.LimitReader(answer.Body, relayAnswer)); err != nil || n == relayAnswer {
		line.Reason = "the answer was cut off"
	}
}

// tell writes a delivery's line, with what is wrong below it.
func (r *relay) tell(line *relayed, began time.Time) { r.tellAt(line, began, r.now()) }

func (r *relay) tellAt(line *relayed, began, answered time.Time) {
	spent := answered.Sub(began)
	line.Millis = float64(spent.Microseconds()) / 1000
	line.Event, line.ID, line.Reason = r.redactor.String(line.Event), r.redactor.String(line.ID), r.redactor.String(line.Reason)
	for i := range line.Failures {
		line.Failures[i].Reason = r.redactor.String(line.Failures[i].Reason)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.c.json {
		e := json.NewEncoder(r.c.stdout)
		e.SetEscapeHTML(false)
		_ = e.Encode(line) // nobody is left to be told where stdout is gone
	}
	word := "refused"
	switch {
	case line.Forwarded && line.Verified:
		word = "passed on"
	case line.Forwarded:
		word = "passed on unsigned"
	case line.Verified:
		word = "not passed on"
	}
	event := line.Event
	if event == "" {
		event = "(no event)"
	}
	r.c.say("%s  %d  %s  %s %s  %s", began.Format("15:04:05.000"), line.Status, word,
		clip(printable(event, false), 40), clip(printable(line.ID, false), 40), spent.Round(10*time.Microsecond))
	below := func(text string) {
		for _, l := range indented("              ", wrapText(printable(text, false), columns-14, 0)) {
			r.c.say("%s", l)
		}
	}
	if line.Reason != "" {
		below(line.Reason)
	}
	if line.Problem != "" && line.Verified {
		below(line.Problem)
	}
	if line.Verified {
		for i, f := range line.Failures {
			if i == 5 {
				below(fmt.Sprintf("… and %d more", len(line.Failures)-i))
				break
			}
			below(f.String())
		}
	}
}
