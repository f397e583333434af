package sign

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/wire"
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func material() Material {
	body := fmt.Sprintf(`{"id":"e1","type":"a.b","event":{"type":"a.b"},"timestamp":%q,"created":%q,"data":{}}`, now.Format(time.RFC3339), now.Format(time.RFC3339))
	return Material{Body: []byte(body), ID: "e1", Type: "a.b", At: now}
}

func value(fields []wire.Field, name string) string {
	for _, f := range fields {
		if f.Name == name {
			return f.Value
		}
	}
	return "(none)"
}

func TestEveryContractVerifiesItself(t *testing.T) {
	for name, c := range contracts(t) {
		s, secret := scheme(t, name), secretFor(c)
		other := append(slices.Clone(secret), "aaaa"...)
		m := material()
		signed, err := s.Sign(m, Mistakes{}, secret)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := s.Verify(signed.Fields, m.Body, now, secret); err != nil {
			t.Errorf("%s: Verify = %v", name, err)
		}
		if err := s.Verify(signed.Fields, m.Body, now, other); !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: Verify with another secret = %v; want ErrMismatch", name, err)
		}
		if err := s.Verify(signed.Fields, m.Body, now, other, secret); err != nil {
			t.Errorf("%s: Verify with both secrets = %v", name, err)
		}
		if err := s.Verify(signed.Fields, append(m.Body[:len(m.Body)-1:len(m.Body)-1], `,"x":1}`...), now, secret); !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: Verify of a longer body = %v; want ErrMismatch", name, err)
		}
		if err := s.Verify(s.Bare(m), m.Body, now, secret); !errors.Is(err, ErrMissing) {
			t.Errorf("%s: Verify without signature = %v; want ErrMissing", name, err)
		}
		if err := s.Verify(append(slices.Clone(signed.Fields), signed.Fields...), m.Body, now, secret); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: Verify of repeated lines = %v; want ErrMalformed", name, err)
		}
		for _, off := range []time.Duration{-time.Second, time.Second} {
			late := c.Time.Tolerance.Duration + time.Minute
			err := s.Verify(signed.Fields, m.Body, now.Add(late*time.Duration(off/time.Second)), secret)
			if stale := c.Time.Tolerance.Duration > 0; errors.Is(err, ErrStale) != stale {
				t.Errorf("%s: Verify %v later = %v; want stale %v", name, late, err, stale)
			}
		}
	}
}

func TestRotation(t *testing.T) {
	m := material()
	m.Body = []byte("{}")
	for name, want := range map[string]int{"standard-webhooks": 2, "stripe": 2, "slack": 1, "milliseconds": 2} {
		s, c := scheme(t, name), contracts(t)[name]
		newest := secretFor(c)
		oldest := append(slices.Clone(newest), "aaaa"...)
		both, err := s.Sign(m, Mistakes{}, newest, oldest)
		if err != nil {
			t.Fatal(err)
		}
		one, _ := s.Sign(m, Mistakes{}, newest)
		for _, f := range one.Fields {
			if got := value(both.Fields, f.Name); want == 1 && got != f.Value {
				t.Errorf("%s: %s = %s; want the newest secret's %s", name, f.Name, got, f.Value)
			}
		}
		takes := 0
		for _, secret := range [][]byte{newest, oldest} {
			if s.Verify(both.Fields, m.Body, now, secret) == nil {
				takes++
			}
		}
		if takes != want {
			t.Errorf("%s: %d secrets verify; want %d", name, takes, want)
		}
		if sig := one.Digest[c.Signing.Signatures[0].Name]; !strings.Contains(fmt.Sprint(both.Fields), sig) {
			t.Errorf("%s: the newest digest %s is not in %v", name, sig, both.Fields)
		}
	}
	s := scheme(t, "stripe")
	both, _ := s.Sign(m, Mistakes{}, []byte("new"), []byte("old"))
	one, _ := s.Sign(m, Mistakes{}, []byte("new"))
	if got := value(both.Fields, "Stripe-Signature"); !strings.HasPrefix(got, value(one.Fields, "Stripe-Signature")+",v1=") {
		t.Errorf("Stripe-Signature = %s; want the newest first", got)
	}
}

func TestMistakes(t *testing.T) {
	m := material()
	secret := []byte("k")
	content := must(schemas.ParseTemplate("{body}"))
	for _, c := range []struct {
		contract string
		w        Mistakes
		header   string
		want     func(string) bool
	}{
		{"stripe", Mistakes{Algorithm: "hmac-sha1"}, "Stripe-Signature", func(v string) bool { return len(v) == len("t=1772600767,v1=")+40 }},
		{"stripe", Mistakes{Encode: "base64"}, "Stripe-Signature", func(v string) bool { return strings.HasSuffix(v, "=") }},
		{"stripe", Mistakes{Encode: "hex-upper"}, "Stripe-Signature", func(v string) bool {
			_, digest, _ := strings.Cut(v, "v1=")
			return digest == strings.ToUpper(digest)
		}},
		{"stripe", Mistakes{Digest: func(right string) string { return right[:8] }}, "Stripe-Signature", func(v string) bool { return len(v) == len("t=1772600767,v1=")+8 }},
		{"stripe", Mistakes{Content: &content}, "Stripe-Signature", func(v string) bool {
			body, _ := scheme(t, "prefixed").Sign(m, Mistakes{}, secret)
			return strings.HasSuffix(v, "v1="+body.Digest["v"])
		}},
		{"github", Mistakes{Algorithm: "hmac-sha1"}, "X-Hub-Signature", func(v string) bool { return v == "(none)" }},
		{"github", Mistakes{Algorithm: "md5"}, "X-Hub-Signature-256", func(v string) bool { return len(v) == len("sha256=")+32 }},
		{"github", Mistakes{Digest: func(string) string { return "x" }}, "X-Hub-Signature", func(v string) bool { return v == "sha1=x" }},
		{"github", Mistakes{Body: []byte("Hello")}, "X-GitHub-Event", func(v string) bool { return v == "a.b" }},
	} {
		s := scheme(t, c.contract)
		signed, err := s.Sign(m, c.w, secret)
		if err != nil {
			t.Fatal(err)
		}
		if got := value(signed.Fields, c.header); !c.want(got) {
			t.Errorf("%s with %+v: %s = %q", c.contract, c.w, c.header, got)
		}
		if err := s.Verify(signed.Fields, m.Body, now, secret); err == nil {
			t.Errorf("%s with %+v verifies", c.contract, c.w)
		}
	}
	if _, err := scheme(t, "stripe").Sign(m, Mistakes{Algorithm: "rot13"}, secret); err == nil {
		t.Error("an unknown algorithm signs")
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestReserialised(t *testing.T) {
	s := scheme(t, "reserialised")
	m := material()
	signed := must(s.Sign(m, Mistakes{}, []byte("k")))
	pretty := []byte(strings.ReplaceAll(string(m.Body), ":{}", " : { \n}"))
	if err := s.Verify(signed.Fields, pretty, now, []byte("k")); err != nil {
		t.Errorf("Verify of another spelling = %v", err)
	}
	if _, err := s.Sign(Material{Body: []byte("{")}, Mistakes{}, []byte("k")); !errors.Is(err, ErrUnsignable) {
		t.Errorf("Sign of no JSON = %v; want ErrUnsignable", err)
	}
}

func TestAlternative(t *testing.T) {
	s := scheme(t, "prefixed")
	if s.Alternatives() != 1 || s.Alternative(2) != nil || s.Alternative(0) != nil {
		t.Fatalf("%d alternatives; want 1", s.Alternatives())
	}
	m := material()
	first, second := must(s.Sign(m, Mistakes{}, []byte("k"))), must(s.Alternative(1).Sign(m, Mistakes{}, []byte("k")))
	if got, want := "sha256="+second.Fields[0].Value, first.Fields[0].Value; got != want {
		t.Errorf("the bare form is %q; want %q without its prefix", second.Fields[0].Value, want)
	}
	if err := s.Verify(second.Fields, m.Body, now, []byte("k")); err == nil {
		t.Error("the first form's scheme takes the other form")
	}
	if err := s.Alternative(1).Verify(second.Fields, m.Body, now, []byte("k")); err != nil {
		t.Errorf("the other form's scheme: %v", err)
	}
}

func TestTimestampSpelling(t *testing.T) {
	s := scheme(t, "stripe")
	m := material()
	for _, text := range []string{"abc", "", "+1772600767", "1772600767.5", "Infinity", " 1772600767", "01772600767"} {
		m.Timestamp, m.TimestampSet = text, true
		signed := must(s.Sign(m, Mistakes{}, []byte("k")))
		if got := value(signed.Fields, "Stripe-Signature"); !strings.HasPrefix(got, "t="+text+",v1=") || signed.Time != text {
			t.Errorf("timestamp %q is written in %q as %q", text, got, signed.Time)
		}
		if string(signed.Base) != text+"."+string(m.Body) {
			t.Errorf("timestamp %q is signed as %q", text, signed.Base)
		}
		if err := s.Verify(signed.Fields, m.Body, now, []byte("k")); !errors.Is(err, ErrMalformed) {
			t.Errorf("Verify of timestamp %q = %v; want ErrMalformed", text, err)
		}
	}
}

func TestTimeHeaderOutsideTheClause(t *testing.T) {
	signed := must(scheme(t, "shopify").Sign(material(), Mistakes{}, []byte("k")))
	if got := value(signed.Fields, "X-Shopify-Triggered-At"); got != "2026-03-04T05:06:07.000Z" {
		t.Errorf("X-Shopify-Triggered-At = %q", got)
	}
}

func TestExpected(t *testing.T) {
	for name, c := range contracts(t) {
		s, m := scheme(t, name), material()
		right := must(s.Sign(m, Mistakes{}, secretFor(c)))
		forged := must(s.Sign(m, Mistakes{Digest: func(string) string { return "00" }}, secretFor(c)))
		digests, err := s.Expected(forged.Fields, m.Body, secretFor(c))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, sig := range c.Signing.Signatures {
			want := right.Digest[sig.Name]
			if got := hex.EncodeToString(digests[i]); got != strings.ToLower(want) && base64.StdEncoding.EncodeToString(digests[i]) != want {
				t.Errorf("%s: expected %s; want %s", name, got, want)
			}
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	for want, change := range map[string]func(*schemas.Contract){
		"unknown algorithm": func(c *schemas.Contract) { c.Signing.Signatures[0].Algorithm = "sha256" },
		"unknown encoding":  func(c *schemas.Contract) { c.Signing.Signatures[0].Encode = "base32" },
		"unknown variable {when}": func(c *schemas.Contract) {
			c.Signing.Signatures[0].Content = must(schemas.ParseTemplate("{when}.{body}"))
		},
		"unknown variable {body}": func(c *schemas.Contract) { c.Signing.Headers[0].Value[0] = must(schemas.ParseTemplate("t={body}")) },
		"cannot be told apart": func(c *schemas.Contract) {
			c.Signing.Headers[0].Value[0] = must(schemas.ParseTemplate("{timestamp}{v1}"))
		},
		"unknown grammar":           func(c *schemas.Contract) { c.Signing.Headers[0].Grammar = "cookie" },
		"without a separator":       func(c *schemas.Contract) { c.Signing.Headers[0].Separator = "" },
		"unknown rotation":          func(c *schemas.Contract) { c.Signing.Headers[0].Rotation = "both" },
		"unknown key decoding":      func(c *schemas.Contract) { c.Signing.Key.Decode = "base58" },
		"unknown body":              func(c *schemas.Contract) { c.Signing.Body = "xml" },
		"unknown time form":         func(c *schemas.Contract) { c.Time.Form = "roman" },
		"the name is taken":         func(c *schemas.Contract) { c.Signing.Signatures[0].Name = "timestamp" },
		`header "Stripe-Signature"`: func(c *schemas.Contract) { c.Signing.Headers[0].Value = nil },
	} {
		c := contracts(t)["stripe"]
		change(c)
		if _, err := Compile(c); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "stripe") {
			t.Errorf("Compile = %v; want %q", err, want)
		}
	}
}

func TestSecretsThatDoNotDecode(t *testing.T) {
	s := scheme(t, "standard-webhooks")
	_, err := s.Sign(material(), Mistakes{}, []byte("whsec_not base64!"))
	if err == nil || strings.Contains(err.Error(), "not base64!") {
		t.Errorf("Sign = %v; want an error that does not hold the secret", err)
	}
	if _, err := s.Sign(material(), Mistakes{RawKey: true}, []byte(" ")); err != nil {
		t.Errorf("Sign with the raw key: %v", err)
	}
	if _, err := s.Sign(material(), Mistakes{}); err == nil {
		t.Error("Sign without a secret signs")
	}
}

func TestSignerWritesWhatSignDoes(t *testing.T) {
	for name, c := range contracts(t) {
		s, m := scheme(t, name), material()
		g := must(s.Bind(secretFor(c)))
		for n := range 3 {
			m.Body = fmt.Appendf(nil, `{"n":%d,"created":"x"}`, n)
			m.At = now.Add(time.Duration(n) * time.Second)
			want := must(s.Sign(m, Mistakes{}, secretFor(c)))
			var lines strings.Builder
			for _, f := range want.Fields {
				lines.WriteString(f.Name + ": " + f.Value + "\r\n")
			}
			if got := g.AppendFields(nil, &m); !slices.Equal(got, want.Fields) {
				t.Errorf("%s: AppendFields = %v; want %v", name, got, want.Fields)
			}
			if got := string(g.AppendHeader(nil, &m)); got != lines.String() {
				t.Errorf("%s: AppendHeader = %q; want %q", name, got, lines.String())
			}
		}
	}
}

func TestSignerAllocatesNothing(t *testing.T) {
	s, m := scheme(t, "stripe"), material()
	g := must(s.Bind([]byte("k")))
	out := g.AppendHeader(nil, &m)
	if n := testing.AllocsPerRun(200, func() { out = g.AppendHeader(out[:0], &m) }); n > 0 {
		t.Errorf("%v allocations a signature; want 0", n)
	}
}

func BenchmarkSigner(b *testing.B) {
	for _, name := range []string{"stripe", "prefixed", "standard-webhooks", "reserialised"} {
		b.Run(name, func(b *testing.B) {
			g := must(scheme(b, name).Bind(secretFor(contracts(b)[name])))
			m := material()
			m.Body = []byte(`{"x":"` + strings.Repeat("x", 600) + `"}`)
			var out []byte
			b.ReportAllocs()
			for b.Loop() {
				out = g.AppendHeader(out[:0], &m)
			}
		})
	}
}

func FuzzVerify(f *testing.F) {
	all := contracts(f)
	names := []string{"stripe", "standard-webhooks", "github", "milliseconds", "prefixed"}
	for i, name := range names {
		signed := must(scheme(f, name).Sign(material(), Mistakes{}, secretFor(all[name])))
		for _, field := range signed.Fields {
			f.Add(i, field.Name, field.Value)
		}
	}
	f.Add(0, "stripe-signature", "t=1,t=2,v1=,,=")
	schemes := map[string]*Scheme{}
	for _, name := range names {
		schemes[name] = scheme(f, name)
	}
	f.Fuzz(func(t *testing.T, n int, header, text string) {
		name := names[((n%len(names))+len(names))%len(names)]
		s, m := schemes[name], material()
		right := must(s.Sign(m, Mistakes{}, []byte(secretFor(all[name]))))
		fields := slices.Clone(right.Fields)
		genuine := true
		for i := range fields {
			if strings.EqualFold(fields[i].Name, header) {
				genuine = genuine && fields[i].Value == text
				fields[i].Value = text
			}
		}
		err := s.Verify(fields, m.Body, now, secretFor(all[name]))
		if genuine && err != nil {
			t.Fatalf("%s: genuine %v is refused: %v", name, fields, err)
		}
		if err == nil {
			// What verifies must hold the right digests.
			for _, sig := range all[name].Signing.Signatures {
				if !sig.Legacy && !strings.Contains(fmt.Sprint(fields), right.Digest[sig.Name]) {
					t.Fatalf("%s: %v verifies without the digest of %s", name, fields, sig.Name)
				}
			}
		}
	})
}
