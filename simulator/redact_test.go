package simulator

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/wire"
)

func reply(headers, body string) string {
	return fmt.Sprintf("HTTP/1.1 400 Bad\r\n%sContent-Length: %d\r\n\r\n%s", headers, len(body), body)
}

func TestEchoedSecretsAreBlottedOut(t *testing.T) {
	l := listen(t)
	b := []byte(secret)
	quoted, _ := json.Marshal(secret)
	for name, echo := range map[string]string{
		"raw": secret, "hex": hex.EncodeToString(b), "HEX": strings.ToUpper(hex.EncodeToString(b)),
		"base64": base64.StdEncoding.EncodeToString(b), "base64url": base64.RawURLEncoding.EncodeToString(b),
		"query": url.QueryEscape(secret), "path": url.PathEscape(secret), "html": html.EscapeString(secret), "json": string(quoted),
		"ascii json": strings.ReplaceAll(strings.Trim(string(quoted), ""), "é", `\u00e9`),
	} {
		t.Run(name, func(t *testing.T) {
			l.answer = func([]byte) string {
				return reply("X-Debug: "+strings.ReplaceAll(echo, "\"", "\"")+"\r\n", "wanted <"+echo+"> here")
			}
			a, err := sender(t, "stripe", l.url).Send(context.Background(), Delivery{Class: Forged, Event: event(), Faults: []fault.Fault{fault.RandomDigest()}})
			if err != nil {
				t.Fatal(err)
			}
			body := string(a.Answer.Body.Decode())
			if !a.LeakedSecret || strings.Contains(body, echo) || !strings.Contains(body, Redacted) || !strings.HasSuffix(body, " here") {
				t.Errorf("leaked %v, answer %q", a.LeakedSecret, body)
			}
			text, _ := json.Marshal(a)
			if strings.Contains(string(text), echo) {
				t.Errorf("the attempt holds %q: %s", echo, text)
			}
		})
	}
}

func TestEchoedSignature(t *testing.T) {
	l := listen(t)
	s := sender(t, "stripe", l.url)
	scheme, _ := s.Scheme()
	expected := func(request []byte) string {
		head, body, _ := strings.Cut(string(request), "\r\n\r\n")
		var fields []wire.Field
		for _, line := range strings.Split(head, "\r\n")[1:] {
			name, value, _ := strings.Cut(line, ": ")
			fields = append(fields, wire.Field{Name: name, Value: value})
		}
		d, err := scheme.Expected(fields, []byte(body), []byte(secret))
		if err != nil {
			return "no time"
		}
		return hex.EncodeToString(d[0])
	}
	var echoed string
	for _, c := range []struct {
		name   string
		class  Class
		faults []fault.Fault
		leaks  bool
		spell  func(string) string
	}{
		{"forged", Forged, []fault.Fault{fault.RandomDigest()}, true, strings.ToLower},
		{"upper", Forged, []fault.Fault{fault.AnotherSecret()}, true, strings.ToUpper},
		{"base64", Forged, []fault.Fault{fault.TamperedValue("")}, true, func(s string) string {
			b, _ := hex.DecodeString(s)
			return base64.StdEncoding.EncodeToString(b)
		}},
		{"genuine", Genuine, nil, false, strings.ToLower},
		{"other spelling", Forged, []fault.Fault{fault.Uppercase()}, false, strings.ToLower},
	} {
		t.Run(c.name, func(t *testing.T) {
			l.answer = func(request []byte) string {
				echoed = c.spell(expected(request))
				return reply("", "expected v1="+echoed+".")
			}
			a, err := s.Send(context.Background(), Delivery{Class: c.class, Event: event(), Faults: c.faults})
			if err != nil {
				t.Fatal(err)
			}
			body := string(a.Answer.Body.Decode())
			if a.LeakedSignature != c.leaks || strings.Contains(body, strings.TrimRight(echoed, "=")) == c.leaks {
				t.Errorf("leaked %v; want %v; answer %q", a.LeakedSignature, c.leaks, body)
			}
		})
	}
}

func TestRedactor(t *testing.T) {
	r := NewRedactor(schemas.Key{Strip: "whsec_", Decode: "base64"}, []byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), []byte("abc"))
	key, _ := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	for _, text := range []string{"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", string(key), hex.EncodeToString(key), base64.URLEncoding.EncodeToString(key)} {
		if got := string(r.Bytes([]byte("<" + text + ">"))); got != "<"+Redacted+">" {
			t.Errorf("Bytes(%q) = %q", text, got)
		}
		if got := r.String(text + text); got != Redacted+Redacted {
			t.Errorf("String = %q", got)
		}
	}
	if got := r.String("abcdef"); got != "abcdef" {
		t.Errorf("a secret of three letters is blotted out: %q", got)
	}
	r.Add([]byte("Bearer gateway-token"))
	a := Attempt{
		Request: Message{URL: "http://h/?k=Bearer+gateway-token", Headers: [][2]string{{"Authorization", "Bearer gateway-token"}}, Body: NewBytes([]byte("x"))},
		Error:   &Failure{Message: "read: Bearer gateway-token"},
		Answer:  &Message{Body: Bytes{Base64: base64.StdEncoding.EncodeToString([]byte("cut: Bearer gatew")), Length: 900, Truncated: true}, Trailers: [][2]string{{"X", "Bearer gateway-token"}}},
	}
	r.Attempt(&a)
	text, _ := json.Marshal(a)
	if strings.Contains(string(text), "gateway") || string(a.Answer.Body.Decode()) != "cut: "+Redacted {
		t.Errorf("attempt %s, answer %q", text, a.Answer.Body.Decode())
	}
}
