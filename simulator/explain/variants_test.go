package explain

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"hash"
	"slices"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
)

// careless are receivers of a contract that signs "{timestamp}.{body}": each
// computes a digest in a wrong way, by code of its own.
func careless(secret string) map[string]func(stamp string, body []byte) string {
	mac := func(h func() hash.Hash, key, text string) string {
		m := hmac.New(h, []byte(key))
		m.Write([]byte(text))
		return hex.EncodeToString(m.Sum(nil))
	}
	return map[string]func(string, []byte) string{
		"secret.newline":            func(t string, b []byte) string { return mac(sha256.New, secret+"\n", t+"."+string(b)) },
		"secret.stripped":           func(t string, b []byte) string { return mac(sha256.New, secret[6:], t+"."+string(b)) },
		"secret.quoted":             func(t string, b []byte) string { return mac(sha256.New, `"`+secret+`"`, t+"."+string(b)) },
		"algorithm.hmac-sha1":       func(t string, b []byte) string { return mac(sha1.New, secret, t+"."+string(b)) },
		"content.without-timestamp": func(_ string, b []byte) string { return mac(sha256.New, secret, string(b)) },
		"content.separator-colon":   func(t string, b []byte) string { return mac(sha256.New, secret, t+":"+string(b)) },
		"timestamp.milliseconds":    func(t string, b []byte) string { return mac(sha256.New, secret, t+"000."+string(b)) },
		"body.empty":                func(t string, _ []byte) string { return mac(sha256.New, secret, t+".") },
		"body.go": func(t string, b []byte) string {
			var v any
			_ = json.Unmarshal(b, &v)
			again, _ := json.Marshal(v)
			return mac(sha256.New, secret, t+"."+string(again))
		},
		"encoding.base64": func(t string, b []byte) string {
			raw, _ := hex.DecodeString(mac(sha256.New, secret, t+"."+string(b)))
			return base64.StdEncoding.EncodeToString(raw)
		},
	}
}

// TestVariantsNameTheReceiversMistake sends the variants one after the other,
// as a run does that is refused everything: the first that is taken is the
// receiver's mistake.
func TestVariantsNameTheReceiversMistake(t *testing.T) {
	p := provider(t, "sharmo-timestamped")
	secret := string(secretFor(p.Contract))
	for want, digest := range careless(secret) {
		first := ""
		for _, v := range Variants(p.Contract, siblings(t, p)) {
			d, err := senderOf(t, p, []byte(secret)).Prepare(simulator.Delivery{Event: event(t, p, 2), Faults: []fault.Fault{v.Fault}})
			if fault.IsNotApplicable(err) {
				continue
			}
			if err != nil {
				t.Fatalf("%s: %v", v.ID, err)
			}
			c := captured(d)
			header, _ := c.Value("Sharmo-Signature")
			stamp, sent, _ := strings.Cut(strings.TrimPrefix(header, "t="), ",v1=")
			if sent == digest(stamp, c.Body) {
				first = v.ID
				break
			}
		}
		if first != want {
			t.Errorf("the first variant that the receiver takes is %q; want %q", first, want)
		}
	}
}

func TestVariantsAreSorted(t *testing.T) {
	for _, p := range everyProvider(t) {
		all := Variants(p.Contract, siblings(t, p))
		ids := map[string]bool{}
		for _, v := range all {
			if ids[v.ID] || v.Label == "" || v.Fix == "" || v.Fault.Apply == nil {
				t.Errorf("%s: %+v", p.Name(), v)
			}
			ids[v.ID] = true
			if len(v.Label) > 80 {
				t.Errorf("%s is long: %q", v.ID, v.Label)
			}
		}
		at := func(id string) int { return slices.IndexFunc(all, func(v Variant) bool { return v.ID == id }) }
		if at("body.python") > 10 || at("body.python") > at("body.utf-16le") || at("secret.newline") > at("secret.upper") {
			t.Errorf("%s: the likeliest do not come first", p.Name())
		}
		for _, s := range siblings(t, p) {
			if i := at("contract." + s.Provider); i < 0 || i > len(all)/2 {
				t.Errorf("%s: the sibling %s stands at %d of %d", p.Name(), s.Provider, i, len(all))
			}
		}
	}
}

func BenchmarkExplain(b *testing.B) {
	p := provider(b, "sharmo-timestamped")
	for name, faults := range map[string][]fault.Fault{
		"verifies":    nil,
		"one mistake": {fault.Algorithm("hmac-sha1")},
		"unexplained": {fault.AnotherSecret()},
	} {
		d, err := senderOf(b, p, secretFor(p.Contract)).Prepare(simulator.Delivery{Event: event(b, p, 1), Faults: faults})
		if err != nil {
			b.Fatal(err)
		}
		q := Question{Capture: captured(d), Secret: secretFor(p.Contract), Library: builtin(b), Provider: p}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Explain(q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
