package schemas

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// Contracts in the shapes of well-known schemes: what the format must be able
// to say. Each has one event.
var sketches = map[string]string{
	"several signed headers, base64 key": `
identity: {type: body:/type, id: [header:webhook-id]}
time: {at: header:webhook-timestamp, form: unix-seconds, signed: true, on_redelivery: renewed, tolerance: 300s}
signing:
  covers: [body, timestamp, id]
  body: raw
  key: {strip: whsec_, decode: base64}
  signatures: [{name: v1, algorithm: hmac-sha256, encode: base64, content: "{id}.{timestamp}.{body}"}]
  headers:
    - {name: webhook-id, value: ["{id}"]}
    - {name: webhook-timestamp, value: ["{timestamp}"]}
    - {name: webhook-signature, grammar: list, separator: " ", value: ["v1,{v1}"], rotation: repeat}
`,
	"handshake in text or JSON, attempt headers": `
identity: {type: body:/event/type, id: [body:/event_id]}
time: {at: header:X-Request-Timestamp, form: unix-seconds, signed: true, on_redelivery: renewed, tolerance: 300s}
request: {attempt_headers: [{name: X-Retry-Num, value: "{retry}"}, {name: X-Retry-Reason, value: "{reason}"}]}
signing:
  covers: [body, timestamp]
  body: raw
  key: {decode: utf-8}
  signatures: [{name: v0, algorithm: hmac-sha256, encode: hex, content: "v0:{timestamp}:{body}"}]
  headers:
    - {name: X-Request-Timestamp, value: ["{timestamp}"]}
    - {name: X-Signature, value: ["v0={v0}"]}
handshake:
  type: order.paid
  type_at: body:/type
  challenge: body:/challenge
  answers: [{media_type: text/plain, body: "{challenge}"}, {media_type: application/json, pointer: /challenge}]
`,
	"type and id in unsigned headers, two signatures": `
identity: {type: header:X-Event, id: [header:X-Delivery], unknown_type: acknowledge}
time: {signed: false}
signing:
  covers: [body]
  body: raw
  key: {decode: utf-8}
  signatures:
    - {name: s256, algorithm: hmac-sha256, encode: hex, content: "{body}"}
    - {name: s1, algorithm: hmac-sha1, encode: hex, content: "{body}", legacy: true}
  headers:
    - {name: X-Hub-Signature-256, value: ["sha256={s256}"]}
    - {name: X-Hub-Signature, value: ["sha1={s1}"]}
    - {name: X-Event, value: ["{type}"]}
    - {name: X-Delivery, value: ["{id}"]}
retries: {delays: []}
`,
	"unsigned time in a header": `
identity: {type: header:X-Topic, id: [header:X-Webhook-Id]}
time: {at: header:X-Triggered-At, form: rfc3339, signed: false}
signing:
  covers: [body]
  signatures: [{name: mac, algorithm: hmac-sha256, encode: base64, content: "{body}"}]
  headers:
    - {name: X-Hmac-Sha256, value: ["{mac}"]}
    - {name: X-Topic, value: ["{type}"]}
    - {name: X-Webhook-Id, value: ["{id}"]}
    - {name: X-Triggered-At, value: ["{timestamp}"]}
`,
	"elements, composite key": `
identity: {type: body:/type, id: [body:/data/a/id, body:/data/b/id], scope: [body:/type], scope_documented: false}
time: {at: "header:Signature#t", form: unix-seconds, signed: true, on_redelivery: renewed, tolerance: 300s, tolerance_is: typical}
signing:
  covers: [body, timestamp]
  body: raw
  key: {strip: "", decode: utf-8}
  signatures: [{name: v1, algorithm: hmac-sha256, encode: hex, content: "{timestamp}.{body}"}]
  headers: [{name: Signature, grammar: elements, separator: ",", value: ["t={timestamp}", "v1={v1}"], rotation: repeat}]
`,
}

func sketch(clauses string) fstest.MapFS {
	head := `format: 1
provider: sketch
title: Sketch
documents: {guide: {title: Guide}}
events: {order.paid: {summary: An order was paid., documented: true}}
citations:
`
	for _, clause := range []string{"request", "identity", "time", "signing", "retries", "handshake", "events"} {
		if clause == "events" || strings.Contains(clauses, "\n"+clause+":") {
			head += "  /" + clause + ": {document: guide, section: Reference}\n"
		}
	}
	schema := `{"type": "object", "examples": [{"type": "order.paid", "event": {"type": "order.paid"}, "event_id": "e1", "challenge": "c", "data": {"a": {"id": "o1"}}}]}`
	return fstest.MapFS{
		contractFile:                    {Data: []byte(head + strings.TrimPrefix(clauses, "\n"))},
		"events/order.paid.schema.json": {Data: []byte(schema)},
	}
}

func TestFormatSaysTheSketches(t *testing.T) {
	for name, clauses := range sketches {
		t.Run(name, func(t *testing.T) {
			if _, err := Load(sketch(clauses)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDefaultsAreOursAndCited(t *testing.T) {
	l, err := Load(sketch(sketches["unsigned time in a header"]))
	if err != nil {
		t.Fatal(err)
	}
	c := l.Providers()[0].Contract
	if c.Request.Method != "POST" || c.Request.MediaType != "application/json" || c.Signing.Body != "raw" || c.Signing.Key.Decode != "utf-8" ||
		c.Signing.Headers[0].Grammar != "plain" || c.Answers.Acknowledge.Counts != "2xx" || c.Platform != "sketch" || c.Time.OnRedelivery != "kept" {
		t.Errorf("defaults are missing: %+v", c)
	}
	if c.Deadlines.Acknowledge.Duration != 10*time.Second || c.Deadlines.Recommended.Duration != 5*time.Second {
		t.Errorf("deadlines = %v; want 10 s and 5 s", c.Deadlines)
	}
	if len(c.Retries.Delays) != 5 || c.Retries.Delays[4].Duration != 2*time.Hour || len(c.Retries.On) != 3 {
		t.Errorf("retries = %v", c.Retries)
	}
	for _, pointer := range []string{"/deadlines/acknowledge", "/retries/delays", "/answers/acknowledge", "/request/method", "/signing/key/decode"} {
		cite, ok := c.CitationFor(pointer)
		if !ok || cite.Convention == "" && cite.Document == "" {
			t.Errorf("CitationFor(%q) = %v, %t", pointer, cite, ok)
		}
	}
	if cite, _ := c.CitationFor("/deadlines/acknowledge"); cite.Convention == "" {
		t.Errorf("a default deadline is cited as %v; want a convention", cite)
	}

	l, err = Load(sketch(sketches["type and id in unsigned headers, two signatures"]))
	if err != nil {
		t.Fatal(err)
	}
	if delays := l.Providers()[0].Contract.Retries.Delays; len(delays) != 0 {
		t.Errorf("a provider that never tries again has the delays %v", delays)
	}
}

func TestHandshakeTypeStandsElsewhere(t *testing.T) {
	l, err := Load(sketch(sketches["handshake in text or JSON, attempt headers"]))
	if err != nil {
		t.Fatal(err)
	}
	p := l.Providers()[0]
	h := p.Contract.Handshake
	if h.TypeAt.Pointer != "/type" || len(h.Forms) != 1 || h.Forms[0] != "signed" || h.Unsigned != "refused" || h.Status[0] != 200 {
		t.Errorf("handshake = %+v", h)
	}
	if !p.Events[0].Handshake {
		t.Error("the event is not known as the handshake's request")
	}
}

func TestCitationForTakesTheLongestPrefix(t *testing.T) {
	c := &Contract{Citations: map[string]Citation{
		"/signing":             {Convention: "a"},
		"/signing/headers/0":   {Convention: "b"},
		"/events/a~1b":         {Convention: "c"},
		"/signing/headers/0/v": {Convention: "d"},
	}}
	for pointer, want := range map[string]string{
		"/signing":                 "a",
		"/signing/body":            "a",
		"/signing/headers/0":       "b",
		"/signing/headers/0/value": "b",
		"/signing/headers/0/v/1":   "d",
		"/signing/headers/01":      "a",
		"/events/a~1b/summary":     "c",
		"/sign":                    "",
		"":                         "",
	} {
		if got, ok := c.CitationFor(pointer); got.Convention != want || ok != (want != "") {
			t.Errorf("CitationFor(%q) = %q, %t; want %q", pointer, got.Convention, ok, want)
		}
	}
}

func TestProblemsAreAnError(t *testing.T) {
	var ps Problems
	if ps.err() != nil {
		t.Error("no problems are an error")
	}
	ps.add("b.yaml", "/x", "wrong")
	ps.add("a.yaml", "", "missing")
	ps.add("b.yaml", "/x", "wrong")
	err := ps.err()
	var got Problems
	if !errors.As(err, &got) || len(got) != 2 || err.Error() != "a.yaml: missing\nb.yaml: /x: wrong" {
		t.Errorf("err() = %q", err)
	}
	text, err := Problems(nil).MarshalJSON()
	if err != nil || string(text) != "[]" {
		t.Errorf("no problems in JSON = %s, %v", text, err)
	}
}
