package infer

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hookstone/hookstone/schemas"
)

func mac(h func() hash.Hash, key, content string) []byte {
	m := hmac.New(h, []byte(key))
	m.Write([]byte(content))
	return m.Sum(nil)
}

// raw spells a request as it stands on the wire.
func raw(body string, headers ...string) string {
	return "POST /hooks HTTP/1.1\r\nHost: example.com\r\nContent-Type: application/json; charset=utf-8\r\n" +
		strings.Join(headers, "\r\n") + fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

func captures(t *testing.T, requests ...string) []Capture {
	t.Helper()
	var out []Capture
	for i, r := range requests {
		c, err := ReadCapture(fmt.Sprintf("captured/%d.http", i+1), []byte(r))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

// load checks the drafted folder and returns its provider.
func load(t *testing.T, d *Draft) *schemas.Provider {
	t.Helper()
	folder := fstest.MapFS{}
	for file, text := range d.Files {
		folder[file] = &fstest.MapFile{Data: text}
	}
	if ps := schemas.Check(folder); len(ps) > 0 {
		t.Fatalf("%v\n%s", ps, d.Files["contract.yaml"])
	}
	l, err := schemas.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	return l.Providers()[0]
}

// scheme is a well-known form of signing, and what must be made of it.
type scheme struct {
	name, secret string
	headers      func(id, kind, body string, n int) []string
	body         func(id, kind string, n int) string
	typeAt, idAt string
	timeAt       string
	covers       string
	content      string
	signing      string // the headers' templates
	key          schemas.Key
}

func inBody(id, kind string, n int) string {
	return fmt.Sprintf(`{"id":"%s","type":"%s","data":{"count":%d,"ok":true}}`, id, kind, n)
}

var schemes = []scheme{
	{
		name: "elements", secret: "whsec_kept", body: inBody,
		headers: func(id, kind, body string, n int) []string {
			ts := fmt.Sprint(1700000000 + n)
			return []string{"Acme-Signature: t=" + ts + ",v1=" + hex.EncodeToString(mac(sha256.New, "whsec_kept", ts+"."+body))}
		},
		typeAt: "body:/type", idAt: "[body:/id]", timeAt: "header:Acme-Signature#t unix-seconds true renewed", covers: "[body timestamp id type]",
		content: "{timestamp}.{body}", signing: "Acme-Signature t={timestamp},v1={v1}", key: schemas.Key{Decode: "utf-8"},
	},
	{
		name: "list, id and time in headers, base64 key", secret: "whsec_" + base64.StdEncoding.EncodeToString([]byte("a key of bytes")),
		body: func(_, kind string, n int) string { return fmt.Sprintf(`{"type":"%s","n":%d}`, kind, n) },
		headers: func(id, kind, body string, n int) []string {
			ts := fmt.Sprint(1700000000 + n)
			return []string{"webhook-id: " + id, "webhook-timestamp: " + ts, "webhook-signature: v1," + base64.StdEncoding.EncodeToString(mac(sha256.New, "a key of bytes", id+"."+ts+"."+body))}
		},
		typeAt: "body:/type", idAt: "[header:webhook-id]", timeAt: "header:webhook-timestamp unix-seconds true renewed", covers: "[body timestamp id type]",
		content: "{id}.{timestamp}.{body}", signing: "webhook-id {id};webhook-timestamp {timestamp};webhook-signature v1,{v1}", key: schemas.Key{Strip: "whsec_", Decode: "base64"},
	},
	{
		name: "versioned prefix and a time header", secret: "s3", body: inBody,
		headers: func(id, kind, body string, n int) []string {
			ts := fmt.Sprint(1700000000 + n)
			return []string{"X-Acme-Request-Timestamp: " + ts, "X-Acme-Signature: v0=" + hex.EncodeToString(mac(sha256.New, "s3", "v0:"+ts+":"+body)), "X-Acme-Edition: 7"}
		},
		typeAt: "body:/type", idAt: "[body:/id]", timeAt: "header:X-Acme-Request-Timestamp unix-seconds true renewed", covers: "[body timestamp id type]",
		content: "v0:{timestamp}:{body}", signing: "X-Acme-Request-Timestamp {timestamp};X-Acme-Signature v0={v0}", key: schemas.Key{Decode: "utf-8"},
	},
	{
		name: "type and id in headers, two signatures", secret: "s4",
		body: func(_, _ string, n int) string {
			return fmt.Sprintf(`{"ref":"refs/heads/main","commits":[{"message":"fix %d","added":[]}]}`, n)
		},
		headers: func(id, kind, body string, n int) []string {
			return []string{
				"X-Hub-Signature: sha1=" + hex.EncodeToString(mac(sha1.New, "s4", body)), "X-Hub-Signature-256: sha256=" + hex.EncodeToString(mac(sha256.New, "s4", body)),
				"X-Acme-Event: " + kind, "X-Acme-Delivery: " + id,
			}
		},
		typeAt: "header:X-Acme-Event", idAt: "[header:X-Acme-Delivery]", timeAt: "  false kept", covers: "[body]",
		content: "{body}", signing: "X-Hub-Signature sha1={sha1};X-Hub-Signature-256 sha256={sha256};X-Acme-Event {type};X-Acme-Delivery {id}", key: schemas.Key{Decode: "utf-8"},
	},
	{
		name: "bare base64, hex key, unusual content", secret: "00ff10", body: inBody,
		headers: func(id, kind, body string, n int) []string {
			ts := fmt.Sprint(1700000000000 + n)
			return []string{"X-Time: " + ts, "X-Acme-Hmac: " + base64.StdEncoding.EncodeToString(mac(sha256.New, "\x00\xff\x10", body+ts))}
		},
		typeAt: "body:/type", idAt: "[body:/id]", timeAt: "header:X-Time unix-milliseconds true renewed", covers: "[body timestamp id type]",
		content: "{body}{timestamp}", signing: "X-Time {timestamp};X-Acme-Hmac {mac}", key: schemas.Key{Decode: "hex"},
	},
}

// TestSchemes drafts each with the secret, which finds the recipe, and wants
// every clause right.
func TestSchemes(t *testing.T) {
	for _, s := range schemes {
		t.Run(s.name, func(t *testing.T) {
			var requests []string
			for n, kind := range []string{"order.paid", "order.sent", "order.paid"} {
				id := fmt.Sprintf("evt_%dAbC9f%dz", n, n)
				body := s.body(id, kind, n)
				requests = append(requests, raw(body, s.headers(id, kind, body, n)...))
			}
			d, err := Infer(captures(t, requests...), Options{Name: "acme", Secret: []byte(s.secret)})
			if err != nil {
				t.Fatal(err)
			}
			p := load(t, d)
			c := p.Contract
			if !d.Proven || fmt.Sprint(d.Events) != "[order.paid order.sent]" {
				t.Errorf("proven %t, events %v", d.Proven, d.Events)
			}
			var headers []string
			for _, h := range c.Signing.Headers {
				var values []string
				for _, v := range h.Value {
					values = append(values, v.Text)
				}
				headers = append(headers, h.Name+" "+strings.Join(values, h.Separator))
			}
			for _, pair := range [][2]string{
				{c.Identity.Type.String(), s.typeAt},
				{fmt.Sprint(c.Identity.ID), s.idAt},
				{fmt.Sprintf("%s %s %t %s", c.Time.At, c.Time.Form, c.Time.Signed, c.Time.OnRedelivery), s.timeAt},
				{fmt.Sprint(c.Signing.Covers), s.covers},
				{c.Signing.Signatures[len(c.Signing.Signatures)-1].Content.Text, s.content},
				{strings.Join(headers, ";"), s.signing},
				{fmt.Sprint(c.Signing.Key), fmt.Sprint(s.key)},
			} {
				if pair[0] != pair[1] {
					t.Errorf("%s; want %s", pair[0], pair[1])
				}
			}
			if cite, _ := c.CitationFor("/identity/id"); cite.Convention != guess {
				t.Errorf("identity is cited as %+v", cite)
			}
			// With another secret it stays a guess, and is told as one.
			d, err = Infer(captures(t, requests...), Options{Name: "acme", Secret: []byte("another")})
			if err != nil {
				t.Fatal(err)
			}
			if cite, _ := load(t, d).Contract.CitationFor("/signing"); d.Proven || len(d.Notes) == 0 || cite.Convention != guess {
				t.Errorf("another secret: proven %t, notes %q, cited as %+v", d.Proven, d.Notes, cite)
			}
		})
	}
}

// TestLegacy marks the weaker of two signatures.
func TestLegacy(t *testing.T) {
	s := schemes[3]
	body := s.body("", "", 1)
	d, err := Infer(captures(t, raw(body, s.headers("d-11aa22", "push", body, 1)...)), Options{Name: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range load(t, d).Contract.Signing.Signatures {
		if want := one.Name == "sha1"; one.Legacy != want {
			t.Errorf("%s: legacy %t; want %t", one.Name, one.Legacy, want)
		}
	}
}

const signed = "X-Signature: 5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd"

// TestSchema shows what is inferred of bodies.
func TestSchema(t *testing.T) {
	d, err := Infer(captures(t,
		raw(`{"id":"e_1a2b3c","type":"t","at":"2026-01-31T12:00:00.250Z","n":1,"x":1,"mail":"ada@example.com","who":{"note":"a few words","{k}":"{b}"},"list":[{"q":1},{"q":2,"z":null}],"7":1,"$ref":1,"u":null,"price":"1.50"}`, signed),
		raw(`{"id":"e_4d5e6f","type":"t","at":"2026-02-01T12:00:00.000Z","n":2,"x":1.5,"who":{"note":"more words","{k}":"{b}"},"list":[],"7":2,"$ref":2,"u":"text","price":"20.00"}`, signed),
	), Options{Name: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	p := load(t, d)
	schema, err := schemas.ParseValue(d.Files["events/t.schema.json"])
	if err != nil {
		t.Fatal(err)
	}
	for pointer, want := range map[string]string{
		"/required":                                   `["id","type","at","n","x","who","list","u","price"]`,
		"/properties/type/const":                      `"t"`,
		"/properties/at/format":                       `"date-time"`,
		"/properties/n/type":                          `"integer"`,
		"/properties/x/type":                          `"number"`,
		"/properties/mail/format":                     `"email"`,
		"/properties/u/type":                          `["string","null"]`,
		"/properties/list/items/required":             `["q"]`,
		"/properties/who/properties/{k}":              `{"type":"string","x-provenance":{"status":"documented","section":"1.http","note":"seen in a captured request"}}`,
		"/properties/$ref/type":                       `"integer"`,
		"/properties/list/items/type":                 `"object"`,
		"/properties/who/properties/note/x-free-text": `true`,
	} {
		v := lookup(&schema, pointer)
		if v == nil {
			t.Errorf("nothing at %s", pointer)
			continue
		}
		if got, _ := v.MarshalJSON(); string(got) != want {
			t.Errorf("%s = %s; want %s", pointer, got, want)
		}
	}
	if e, _ := p.Event("t"); len(e.Examples) != 2 {
		t.Errorf("%d examples; want 2", len(e.Examples))
	}
	for _, want := range []string{
		"id: {$id: 'e_[0-9a-f]{18}'}", "at: {$time: at - 1m..2h, as: rfc3339-milliseconds}", "n: {$integer: 1..2}", "x: {$decimal: 1.0..1.5}",
		"mail: {$maybe: ada@example.com, chance: 0.5}", "price: {$decimal: 1.50..20.00, as: string}", "count: 0..2", "'{k}': '{{b}}'",
	} {
		if !strings.Contains(string(d.Files["journeys.yaml"]), want) {
			t.Errorf("journeys.yaml lacks %q:\n%s", want, d.Files["journeys.yaml"])
		}
	}
	if len(d.Notes) != 2 || !strings.Contains(d.Notes[0], `"7"`) || !strings.Contains(d.Notes[1], `"$ref"`) {
		t.Errorf("notes %q", d.Notes)
	}
}

// TestReadCapture reads each form, and says what is wrong with others.
func TestReadCapture(t *testing.T) {
	for _, text := range []string{
		"POST / HTTP/1.1\nX-A: b\n\n{\"a\":1}",
		"POST / HTTP/1.1\r\nX-A:b\r\nContent-Length: 7\r\n\r\n{\"a\":1}\r\n",
		"POST / HTTP/1.1\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n",
		`{"headers":{"X-A":"b"},"body":"{\"a\":1}"}`,
		`{"headers":{"X-A":["b","c"]},"body":{"base64":"eyJhIjoxfQ=="}}`,
		`{"headers":[["X-A","b"]],"body":{"a":1}}`,
		`{"headers":[{"name":"X-A","value":"b"}],"body":{"a":1}}`,
		`{"id":"attempt-1","request":{"method":"POST","headers":[["X-A","b"]],"body":{"base64":"eyJhIjoxfQ==","length":7}}}`,
	} {
		c, err := ReadCapture("f", []byte(text))
		if v, _ := c.header("x-a"); err != nil || v != "b" || string(c.Body) != `{"a":1}` || c.Method != "POST" {
			t.Errorf("ReadCapture(%q) = %+v, %v", text, c, err)
		}
		if want := !strings.HasSuffix(text, `"body":{"a":1}}`); c.Exact != want {
			t.Errorf("ReadCapture(%q): exact %t; want %t", text, c.Exact, want)
		}
	}
	for text, say := range map[string]string{
		"":                                 "neither an HTTP request",
		"hello":                            "neither an HTTP request",
		"POST / HTTP/1.1\nX-A: b\n":        "no empty line",
		"POST / HTTP/1.1\n\n{}":            "no headers",
		"POST / HTTP/1.1\nno header\n\n{}": "is no header line",
		"POST / HTTP/1.1\nX: y\n\n[]":      "no JSON object",
		"POST / HTTP/1.1\nX: y\n\na=b":     "the body: not JSON",
		"POST / HTTP/1.1\nContent-Length: 9\n\n{}":      "2 bytes of the 9",
		"POST / HTTP/1.1\nContent-Encoding: gzip\n\n{}": "capture it decoded",
		`{"body":"{}"}`:                    "lacks headers or body",
		`{"headers":{"a":{}},"body":"{}"}`: "its value is no text",
	} {
		if _, err := ReadCapture("dir/f.http", []byte(text)); err == nil || !strings.Contains(err.Error(), say) || !strings.HasPrefix(err.Error(), "dir/f.http: ") {
			t.Errorf("ReadCapture(%q) = %v; want …%s…", text, err, say)
		}
	}
}

// TestInferSaysWhatIsMissing wants errors that tell what to do.
func TestInferSaysWhatIsMissing(t *testing.T) {
	for _, c := range []struct {
		name, say string
		options   Options
		requests  []string
	}{
		{"name", "provider name", Options{Name: "Acme"}, []string{raw(`{"id":"1a","type":"t"}`, signed)}},
		{"no signature", "looks like a signature", Options{Name: "a"}, []string{raw(`{"id":"1a","type":"t"}`, "X-Other: 1")}},
		{"not in all", "looks like a signature", Options{Name: "a"}, []string{raw(`{"id":"1a","type":"t"}`, signed), raw(`{"id":"1b","type":"t"}`, "X-Other: 1")}},
		{"no type", "looks like the event type", Options{Name: "a"}, []string{raw(`{"id":"1a"}`, signed)}},
		{"type of other characters", "cannot be an event's name", Options{Name: "a", Type: schemas.Location{Pointer: "/t"}}, []string{raw(`{"id":"1a","t":"a/b"}`, signed)}},
		{"type elsewhere", "no event type at body:/nowhere", Options{Name: "a", Type: schemas.Location{Pointer: "/nowhere"}}, []string{raw(`{"id":"1a","type":"t"}`, signed)}},
		{"no id", "looks like an id", Options{Name: "a"}, []string{raw(`{"type":"t"}`, signed)}},
		{"id that is shared", "looks like an id", Options{Name: "a"}, []string{raw(`{"id":"1","type":"t","n":1}`, signed), raw(`{"id":"1","type":"t","n":2}`, signed)}},
		{"id elsewhere", "text at header:X-Id", Options{Name: "a", ID: schemas.Location{Header: "X-Id"}}, []string{raw(`{"id":"1a","type":"t"}`, signed)}},
		{"two methods", "a contract has one method", Options{Name: "a"}, []string{raw(`{"id":"1a","type":"t"}`, signed), strings.Replace(raw(`{"id":"1b","type":"t"}`, signed), "POST", "PUT", 1)}},
		{"nothing", "no captured request", Options{Name: "a"}, nil},
	} {
		if _, err := Infer(captures(t, c.requests...), c.options); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v; want …%s…", c.name, err, c.say)
		}
	}
}

// TestPattern tells ids from words.
func TestPattern(t *testing.T) {
	for _, c := range []struct {
		texts []string
		want  string
	}{
		{[]string{"evt_5Qn2cVx8"}, "evt_[0-9A-Za-z]{8}"},
		{[]string{"ord-10001", "ord-10002"}, "ord-[0-9]{5}"},
		{[]string{"0x00ab54", "0x99ab54"}, "0x[0-9a-f]{6}"},
		{[]string{"a.b_1234567"}, `a\.b_[0-9]{7}`},
		{[]string{"pending"}, ""}, {[]string{"pending", "funded"}, ""}, {[]string{"late_repayment", "on_time_repayment"}, ""},
		{[]string{"evt_1", "evt-2"}, ""}, {[]string{"two words 12345"}, ""}, {[]string{"1.0"}, ""}, {nil, ""},
	} {
		if got := pattern(c.texts); got != c.want {
			t.Errorf("pattern(%q) = %q; want %q", c.texts, got, c.want)
		}
	}
}

// FuzzInfer reads anything: what can be read and drafted makes a sound folder.
func FuzzInfer(f *testing.F) {
	f.Add([]byte(raw(`{"id":"e_1a2b3c","type":"t","created":1700000000,"n":[1,-0.0,1e30,"x"],"m":{"":{}}}`, signed, "X-B: {c}")))
	f.Add([]byte(`{"headers":[["X-Sig","sha1=5257a869e7ecebeda32affa62cdca3fa51cad7e7"]],"body":{"event":"a:b","id":"\u2028","type":{"id":"1"}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := ReadCapture("f", text)
		if err != nil {
			return
		}
		d, err := Infer([]Capture{c}, Options{Name: "acme", Secret: []byte("whsec_YQ==")})
		if err != nil {
			return
		}
		load(t, d)
	})
}
