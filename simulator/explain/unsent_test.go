package explain

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/wire"
)

// TestMistakesThatNoFaultMakes writes the wrong digests with code of its own,
// under every built-in contract: concatenated keys, swapped arguments, line
// ends, times from elsewhere.
func TestMistakesThatNoFaultMakes(t *testing.T) {
	const secret = "whsec_9fJ2kQ7mZx4VbT1cR8sLw3Hn6Yp0Dg5A"
	mac := func(text []byte) []byte {
		m := hmac.New(sha256.New, []byte(secret))
		m.Write(text)
		return m.Sum(nil)
	}
	both := func(a, b []byte) []byte { return append(bytes.Clone(a), b...) }
	body := []byte("{\"id\":\"evt_1\",\n\"n\":1}")
	windows := []byte("{\"id\":\"evt_1\",\r\n\"n\":1}")
	for id, c := range map[string]struct {
		body   []byte
		digest func(prefix, body []byte) []byte
	}{
		"algorithm.sha256(secret+content)": {body, func(p, b []byte) []byte { s := sha256.Sum256(both([]byte(secret), both(p, b))); return s[:] }},
		"algorithm.sha256(content+secret)": {body, func(p, b []byte) []byte { s := sha256.Sum256(both(both(p, b), []byte(secret))); return s[:] }},
		"algorithm.sha1(secret+content)":   {body, func(p, b []byte) []byte { s := sha1.Sum(both([]byte(secret), both(p, b))); return s[:] }},
		"algorithm.md5(secret+content)":    {body, func(p, b []byte) []byte { s := md5.Sum(both([]byte(secret), both(p, b))); return s[:] }},
		"algorithm.hmac-sha256(content,secret)": {body, func(p, b []byte) []byte {
			m := hmac.New(sha256.New, both(p, b))
			m.Write([]byte(secret))
			return m.Sum(nil)
		}},
		"body.crlf": {body, func(p, _ []byte) []byte { return mac(both(p, windows)) }},
		"body.lf":   {windows, func(p, _ []byte) []byte { return mac(both(p, body)) }},
	} {
		for _, p := range builtin(t).Providers() {
			if kind(id) == "body" && p.Contract.Signing.Body == "json-stringify" {
				continue // signs the value, whatever the line ends
			}
			in := signedBy(t, p, c.body, c.digest)
			if p.Contract.Signing.Body == "json-stringify" {
				in = signedBy(t, p, []byte(`{"id":"evt_1","n":1}`), c.digest)
			}
			if e := ask(t, p, in, []byte(secret)); !named(e, id) {
				t.Errorf("%s: %s is explained by %v, alike %v: %s", p.Name(), id, e.Changes, e.Alike, e.Summary)
			}
		}
	}
	// The time of a header that is not the contract's.
	p := provider(t, "sharmo-timestamped")
	stamp := strconv.FormatInt(clock.Unix()-7, 10)
	in := Capture{Form: "test", At: clock, Body: body, Fields: []wire.Field{
		{Name: "X-Sent-At", Value: stamp},
		{Name: "Sharmo-Signature", Value: fmt.Sprintf("t=%d,v1=%x", clock.Unix(), mac(both([]byte(stamp+"."), body)))},
	}}
	if e := ask(t, p, in, []byte(secret)); !named(e, "timestamp.other") {
		t.Errorf("another time: explained by %v: %s", e.Changes, e.Summary)
	}
}

// signedBy is a capture under a contract's own headers with a digest of one's own.
func signedBy(t *testing.T, p *schemas.Provider, body []byte, digest func(prefix, body []byte) []byte) Capture {
	t.Helper()
	h := p.Contract.Signing.Headers[0]
	stamp := strconv.FormatInt(clock.Unix(), 10)
	var prefix []byte
	if s, _ := mainSignature(p.Contract); s.Content.Uses("timestamp") {
		prefix = []byte(stamp + ".")
	}
	value := ""
	for i, v := range h.Value {
		if i > 0 {
			value += h.Separator
		}
		for _, part := range v.Parts {
			switch part.Var {
			case "":
				value += part.Literal
			case "timestamp":
				value += stamp
			default:
				value += hex.EncodeToString(digest(prefix, body))
			}
		}
	}
	return Capture{Form: "test", At: clock, Body: body, Fields: []wire.Field{{Name: h.Name, Value: value}}}
}

// TestNoMistakeIsUntested: what no fault makes is shown by a test of its own.
func TestNoMistakeIsUntested(t *testing.T) {
	shown := []string{
		"algorithm.sha256(secret+content)", "algorithm.sha256(content+secret)", "algorithm.sha1(secret+content)", "algorithm.md5(secret+content)",
		"algorithm.hmac-sha256(content,secret)", "timestamp.other", // above
		"body.raw", "secret.published", // TestDocumentMistakes
	}
	for _, m := range mistakes() {
		if m.fault == nil != slices.Contains(shown, m.id) {
			t.Errorf("%s: can be sent: %v; shown without: %v", m.id, m.fault != nil, slices.Contains(shown, m.id))
		}
	}
}
