package simulator

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/jsondoc"
	"github.com/hookstone/hookstone/simulator/sign"
	"github.com/hookstone/hookstone/simulator/wire"
)

var shapes = []string{"standard-webhooks", "stripe", "github", "shopify", "slack", "prefixed", "reserialised", "milliseconds"}

func secretOf(c *schemas.Contract) []byte {
	switch c.Signing.Key.Decode {
	case "base64":
		return []byte(c.Signing.Key.Strip + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	case "hex":
		return []byte("00ff10203040506070")
	}
	return []byte(secret)
}

// shapedEvent is an event that every test contract finds its places in.
func shapedEvent() generate.Event {
	return generate.Event{Type: "loan.funded", ID: "evt_1", At: clock, Body: []byte(
		`{"id":"evt_1","event_id":"evt_1","type":"loan.funded","event":{"type":"loan.funded"},"timestamp":"2026-03-04T05:06:07Z","created":"2026-03-04T05:06:07.890Z",` +
			`"challenge":"c","data":{"itemTransfer":{"id":"evt_1"},"amount":"12.50","count":7,"note":"a/b é","maybe":1}}`)}
}

// verdict is what a receiver that verifies strictly makes of a draft.
func verdict(d *fault.Draft, secret []byte) error {
	s, err := sign.Compile(d.Contract)
	if err != nil {
		return err
	}
	return s.Verify(d.Request.Fields, d.Request.Body, d.Now, secret)
}

// TestForgeriesAreRefusedEverywhere applies every fault that makes a delivery
// wrong to every shape of contract: it is not applicable, or it is refused.
func TestForgeriesAreRefusedEverywhere(t *testing.T) {
	other := provider(t, "stripe").Contract
	third := provider(t, "github").Contract
	forgeries := []fault.Fault{
		fault.Unsigned(), fault.AnotherSecret(), fault.EmptySecret(), fault.BlankSecret(), fault.PublishedSecret("changeme"), fault.RetiredSecret([]byte("whsec_aaaabbbb")),
		fault.Algorithm("hmac-sha1"), fault.Algorithm("hmac-sha512"), fault.Algorithm("hmac-md5"), fault.Algorithm("hmac-sha256"), fault.Algorithm("sha256"), fault.Algorithm("md5"),
		fault.Encoding("base64"), fault.Encoding("hex"), fault.SiblingContent(other), fault.SiblingScheme(other), fault.SiblingContent(third), fault.SiblingScheme(third),
		fault.EmptySignature(), fault.BlankSignature(), fault.SchemeOnly(), fault.RandomDigest(),
		fault.Truncated(1), fault.Truncated(8), fault.Truncated(32), fault.Truncated(63), fault.Suffix(), fault.Extended(), fault.TrailingGarbage(),
		fault.NotHex(), fault.NonASCII(), fault.Multibyte(), fault.Control(), fault.OversizedDigest(), fault.Uppercase(),
		fault.TamperedValue(""), fault.TamperedValue("/data/count"), fault.TamperedType("loan.repaid"), fault.Appended(), fault.Emptied(), fault.RespelledAfterSigning(jsondoc.Python),
		fault.OtherHeader("X-Other"), fault.RepeatedHeader(true), fault.RepeatedHeader(false), fault.RepeatedForged(),
		fault.DowngradedScheme(), fault.Spaces(),
		fault.ReDated(time.Hour), fault.TwoTimestamps(time.Hour, true), fault.TwoTimestamps(time.Hour, false), fault.TimestampMissing(),
		fault.SignedAs(jsondoc.Python), fault.ContentCoding("gzip"),
	}
	for _, kind := range fault.TimestampKinds() {
		forgeries = append(forgeries, fault.TimestampSpelled(kind))
	}
	for _, age := range []time.Duration{time.Hour, -time.Hour, 330 * time.Second, -330 * time.Second} {
		forgeries = append(forgeries, fault.Aged(age))
	}
	applied := map[string]int{}
	for _, shape := range shapes {
		s := sender(t, shape, &url.URL{Scheme: "http", Host: "h"})
		c := s.Provider.Contract
		s.Secret = secretOf(c)
		for _, f := range append(forgeries, otherDelivery(t, s)) {
			d, err := s.Prepare(Delivery{Event: shapedEvent(), Faults: []fault.Fault{f}})
			if fault.IsNotApplicable(err) {
				continue
			}
			if err != nil {
				t.Errorf("%s: %s: %v", shape, f.Name, err)
				continue
			}
			applied[f.Name]++
			err = verdict(d, s.Secret)
			if strings.HasPrefix(f.Name, "time.") && c.Time.Tolerance.Duration == 0 {
				continue // without a tolerance an old or odd time is right
			}
			if errors.Is(err, sign.ErrUnsignable) {
				err = nil
				continue
			}
			if err == nil {
				t.Errorf("%s: %s verifies: %v %s", shape, f.Name, d.Request.Fields, d.Request.Body)
			}
		}
	}
	for _, f := range forgeries {
		if applied[f.Name] == 0 {
			t.Errorf("%s applies to no shape", f.Name)
		}
	}
}

func otherDelivery(t *testing.T, s *Sender) fault.Fault {
	e := shapedEvent()
	e.Body = []byte(strings.Replace(string(e.Body), "12.50", "99.99", 1))
	d, err := s.Prepare(Delivery{Event: e})
	if err != nil {
		t.Fatal(err)
	}
	return fault.OtherDelivery(d.Signed.Fields)
}

// TestGenuineOdditiesVerify applies every fault that leaves a delivery rightly
// signed: it verifies, and its body is what the fault says.
func TestGenuineOdditiesVerify(t *testing.T) {
	has := func(part string) func(string) bool {
		return func(body string) bool { return strings.Contains(body, part) }
	}
	lacks := func(part string) func(string) bool {
		return func(body string) bool { return !strings.Contains(body, part) }
	}
	oddities := []struct {
		fault.Fault
		body func(string) bool
	}{
		{fault.UnknownMembers(), func(b string) bool { return strings.Count(b, "hookstone_added") >= 2 }},
		{fault.UnknownType("hookstone.unknown"), nil},
		{fault.Nulls("/data/maybe", "/data/other"), has(`"maybe":null,"other":null}`)},
		{fault.Unicode("/data/note"), has(fault.ExoticText)},
		{fault.Unicode(""), has(fault.ExoticText)},
		{fault.NUL(""), has(`\u0000`)},
		{fault.LoneSurrogate(""), has(`\ud83d `)},
		{fault.ExtremeNumbers(), has("9007199254740991")},
		{fault.NumberForms(), has(`1.0,"hundred":1e2`)},
		{fault.CanonicalNumbers(), has(`1,"hundred":100`)},
		{fault.Large(64), func(b string) bool { return len(b) >= 64<<10 && len(b) < 65<<10 }},
		{fault.Respelled(jsondoc.PrettyPrinted), has("\n  \"id\": \"evt_1\"")},
		{fault.Respelled(jsondoc.EscapedUnicode), has(`\u0031\u0032`)},
		{fault.DuplicateKeys(), has(`"hookstone_added":1,"hookstone_added":2`)},
		{fault.SecondMember("", "type", `"x"`, true), has(`{"type":"x",`)},
		{fault.SecondType("x", false), has(`:"x"}`)},
		{fault.PrototypeKeys(), has("__proto__")},
		{fault.DeepNesting(300), has(strings.Repeat("[", 300) + "]")},
		{fault.Set("/data/count", "8"), has(`"count":8`)},
		{fault.Remove("/data/note"), lacks("note")},
		{fault.Mistype("/data"), has(`"data":"unexpected"`)},
		{fault.AddMember("/data", "x/y", "[]"), has(`"x/y":[]`)},
		{fault.Challenge(`"<svg>"`), has(`"challenge":"<svg>"`)},
		{fault.WithoutChallenge(), lacks("challenge")},
		{fault.ReID("evt_2"), nil},
		{fault.WithoutType(), nil},
		{fault.WithoutID(), nil},
		{fault.HeaderCase("lower"), nil}, {fault.HeaderCase("upper"), nil}, {fault.HeaderCase("mixed"), nil},
		{fault.MediaType("application/json; charset=utf-8"), nil}, {fault.MediaType(""), nil},
		{fault.Method("PUT"), nil}, {fault.HeaderRemoved("Accept"), nil}, {fault.HeaderValue("X-A", "b"), nil},
		{fault.ElementOrder(), nil}, {fault.UnknownElement(), nil}, {fault.SecondSignature(true), nil}, {fault.SecondSignature(false), nil},
		{fault.Chunked(0), nil}, {fault.Slow(5, time.Second), nil}, {fault.ExpectContinue(), nil}, {fault.CutAt(-1), nil}, {fault.CutAt(3), nil},
		{fault.Abandon(), nil}, {fault.NoLength(), nil}, {fault.ReadEarly(), nil}, {fault.ContentCoding("br"), nil}, {fault.RawBytes("x", []byte("GET")), nil},
		{fault.Aged(270 * time.Second), nil}, {fault.Aged(-20 * time.Second), nil},
		// Only for schemes that sign raw bytes:
		{fault.ByteOrderMark(), has("\xEF\xBB\xBF{")}, {fault.InvalidUTF8(), has("\xff\xfe")}, {fault.Malformed(), nil}, {fault.Garbage(), has("not json")},
		{fault.EmptyBody(), func(b string) bool { return b == "" }}, {fault.Scalar(), nil}, {fault.Array(), nil}, {fault.NullBody(), nil},
	}
	senders := map[string]*Sender{}
	for _, shape := range shapes {
		s := sender(t, shape, &url.URL{Scheme: "http", Host: "h"})
		s.Secret = secretOf(s.Provider.Contract)
		senders[shape] = s
	}
	for _, o := range oddities {
		applied := 0
		for _, shape := range shapes {
			s := senders[shape]
			c := s.Provider.Contract
			if shape == "milliseconds" && strings.HasPrefix(o.Name, "time.aged(4m30s") {
				continue // its tolerance is a minute
			}
			d, err := s.Prepare(Delivery{Event: shapedEvent(), Faults: []fault.Fault{o.Fault}})
			if fault.IsNotApplicable(err) {
				continue
			}
			if err != nil {
				t.Errorf("%s: %s: %v", shape, o.Name, err)
				continue
			}
			applied++
			if o.body != nil && !o.body(string(d.Request.Body)) {
				t.Errorf("%s: %s: body %.300s", shape, o.Name, d.Request.Body)
			}
			if err := verdict(d, s.Secret); err != nil && !(c.Time.At.Pointer != "" && errors.Is(err, sign.ErrMissing) || c.Time.At.Pointer != "" && errors.Is(err, sign.ErrMalformed)) {
				t.Errorf("%s: %s: Verify = %v", shape, o.Name, err)
			}
		}
		if applied == 0 {
			t.Errorf("%s applies to no shape", o.Name)
		}
	}
}

func prepared(t *testing.T, shape string, faults ...fault.Fault) *fault.Draft {
	t.Helper()
	s := sender(t, shape, &url.URL{Scheme: "http", Host: "h"})
	s.Secret = secretOf(s.Provider.Contract)
	d, err := s.Prepare(Delivery{Event: shapedEvent(), Faults: faults})
	if err != nil {
		t.Fatalf("%s: %v", shape, err)
	}
	return d
}

func lines(d *fault.Draft, name string) []string {
	var out []string
	for _, f := range d.Request.Fields {
		if strings.EqualFold(f.Name, name) {
			out = append(out, f.Value)
		}
	}
	return out
}

func TestSignatureHeadersKeepTheirGrammar(t *testing.T) {
	right := prepared(t, "stripe")
	v1, stamp := right.Signed.Digest["v1"], right.Signed.Time
	const header = "Stripe-Signature"
	for _, c := range []struct {
		fault.Fault
		want string // VALUE, TIME for the right ones; RANDOM for any 64 hex digits
	}{
		{fault.SchemeOnly(), "t=TIME,v1="},
		{fault.EmptySignature(), ""},
		{fault.BlankSignature(), "   "},
		{fault.RandomDigest(), "t=TIME,v1=RANDOM"},
		{fault.Truncated(8), "t=TIME,v1=" + v1[:8]},
		{fault.Truncated(63), "t=TIME,v1=" + v1[:63]},
		{fault.Suffix(), "t=TIME,v1=" + v1[32:]},
		{fault.Extended(), "t=TIME,v1=VALUEabcdef01"},
		{fault.TrailingGarbage(), "t=TIME,v1=VALUEzz"},
		{fault.NotHex(), "t=TIME,v1=" + strings.Repeat("z", 64)},
		{fault.NonASCII(), "t=TIME,v1=" + strings.Repeat("\xe9", 64)},
		{fault.Multibyte(), "t=TIME,v1=" + strings.Repeat("é", 64)},
		{fault.Uppercase(), "t=TIME,v1=" + strings.ToUpper(v1)},
		{fault.ElementOrder(), "v1=VALUE,t=TIME"},
		{fault.Spaces(), "t=TIME, v1=VALUE"},
		{fault.UnknownElement(), "t=TIME,v1=VALUE,v9=RANDOM"},
		{fault.SecondSignature(true), "t=TIME,v1=RANDOM,v1=VALUE"},
		{fault.SecondSignature(false), "t=TIME,v1=VALUE,v1=RANDOM"},
		{fault.DowngradedScheme(), "t=TIME,v0=VALUE"},
		{fault.TimestampSpelled("abc"), "t=abc,v1=RANDOM"},
		{fault.TimestampSpelled("now-abc"), "t=TIMEabc,v1=RANDOM"},
		{fault.TimestampSpelled("plus-now"), "t=+TIME,v1=RANDOM"},
		{fault.TimestampSpelled("now.5"), "t=TIME.5,v1=RANDOM"},
		{fault.TimestampSpelled("empty"), "t=,v1=RANDOM"},
		{fault.TimestampSpelled("milliseconds"), "t=TIME890,v1=RANDOM"},
		{fault.TimestampMissing(), "v1=RANDOM"},
		{fault.Aged(time.Hour), "t=1772597167,v1=RANDOM"},
		{fault.ReDated(time.Hour), "t=TIME,v1=RANDOM"},
		{fault.TwoTimestamps(time.Hour, true), "t=TIME,t=1772597167,v1=RANDOM"},
		{fault.TwoTimestamps(time.Hour, false), "t=1772597167,t=TIME,v1=RANDOM"},
	} {
		got := lines(prepared(t, "stripe", c.Fault), header)
		if len(got) != 1 {
			t.Errorf("%s: %d lines", c.Name, len(got))
			continue
		}
		want := strings.NewReplacer("VALUE", v1, "TIME", stamp).Replace(c.want)
		if i := strings.Index(want, "RANDOM"); i >= 0 && len(got[0]) >= i+64 {
			digits := got[0][i : i+64]
			if strings.Trim(digits, "0123456789abcdef") != "" || digits == v1 {
				t.Errorf("%s: digest %s", c.Name, digits)
			}
			want = strings.Replace(want, "RANDOM", digits, 1)
		}
		if got[0] != want {
			t.Errorf("%s: %q; want %q", c.Name, got[0], want)
		}
	}
	old := prepared(t, "stripe", fault.Aged(time.Hour)).Signed.Digest["v1"]
	for _, f := range []fault.Fault{fault.ReDated(time.Hour), fault.TwoTimestamps(time.Hour, true)} {
		if got := lines(prepared(t, "stripe", f), header)[0]; !strings.HasSuffix(got, "v1="+old) {
			t.Errorf("%s: %s; want the old delivery's digest %s", f.Name, got, old)
		}
	}
	if got := lines(prepared(t, "standard-webhooks", fault.UnknownElement()), "webhook-signature")[0]; !strings.HasPrefix(got, "v1,") || !strings.Contains(got, " v9,") {
		t.Errorf("unknown element of a list: %s", got)
	}
	if got := prepared(t, "slack", fault.Unsigned()); len(lines(got, "X-Slack-Signature")) != 0 || len(lines(got, "X-Slack-Request-Timestamp")) != 1 || got.Key != "none" {
		t.Errorf("unsigned: %v, key %s", got.Request.Fields, got.Key)
	}
	for forgedFirst, order := range map[bool]int{true: 1, false: 0} {
		got := lines(prepared(t, "stripe", fault.RepeatedHeader(forgedFirst)), header)
		if len(got) != 2 || !strings.HasSuffix(got[order], v1) || strings.HasSuffix(got[1-order], v1) {
			t.Errorf("repeated, forged first %v: %v", forgedFirst, got)
		}
	}
}

func TestReDatedBody(t *testing.T) {
	right, d := prepared(t, "reserialised"), prepared(t, "reserialised", fault.ReDated(time.Hour))
	old := prepared(t, "reserialised", fault.Aged(time.Hour))
	if !slices.Equal(lines(d, "reserialised-signature"), lines(old, "reserialised-signature")) || string(d.Request.Body) != string(right.Request.Body) {
		t.Errorf("re-dated: %v over %s", d.Request.Fields, d.Request.Body)
	}
	if !strings.Contains(string(old.Request.Body), `"created":"2026-03-04T04:06:07.890Z"`) {
		t.Errorf("aged: %s", old.Request.Body)
	}
	for kind, want := range map[string]string{"abc": `"created":"abc"`, "empty": `"created":""`, "milliseconds": `"created":1772600767890`, "now.5": `"created":1772600767.5`} {
		if got := string(prepared(t, "reserialised", fault.TimestampSpelled(kind)).Request.Body); !strings.Contains(got, want) {
			t.Errorf("timestamp %s: %s; want %s", kind, got, want)
		}
	}
	if got := string(prepared(t, "reserialised", fault.TimestampMissing()).Request.Body); strings.Contains(got, "created") {
		t.Errorf("timestamp missing: %s", got)
	}
}

func TestTampering(t *testing.T) {
	right := string(prepared(t, "prefixed").Request.Body)
	for _, c := range []struct {
		fault.Fault
		from, to string
	}{
		{fault.TamperedValue(""), `"amount":"12.50"`, `"amount":"12.51"`},
		{fault.TamperedValue("/data/note"), `a/b é`, `a/b éy`},
		{fault.TamperedType("loan.repaid"), `"type":"loan.funded","event"`, `"type":"loan.repaid","event"`},
		{fault.Appended(), `"maybe":1}}`, `"maybe":1},"hookstone_added":true}`},
	} {
		want := strings.Replace(right, c.from, c.to, 1)
		got := string(prepared(t, "prefixed", c.Fault).Request.Body)
		if got != want {
			t.Errorf("%s: %s;\nwant %s", c.Name, got, want)
		}
	}
}

func TestWirePlans(t *testing.T) {
	d := prepared(t, "prefixed", fault.Slow(4, time.Second), fault.Chunked(9), fault.ReadEarly(), fault.ExpectContinue())
	r := d.Request
	var pause time.Duration
	for _, p := range r.Pieces {
		pause += p.Pause
	}
	if len(r.Pieces) != 4 || pause != time.Second || r.Pieces[3].Bytes != 0 || r.Framing != wire.Chunked || r.ChunkBytes != 9 || !r.ReadWhileWriting || !r.Expect {
		t.Errorf("plan %+v", r)
	}
	d = prepared(t, "prefixed", fault.CutAt(-1))
	if r := d.Request; !r.Cut || r.CutAfter != len(r.Body)/2 {
		t.Errorf("cut after %d of %d", r.CutAfter, len(r.Body))
	}
	if d := prepared(t, "prefixed", fault.ContentCoding("gzip")); !strings.HasPrefix(string(d.Request.Body), "\x1f\x8b") || lines(d, "Content-Encoding")[0] != "gzip" {
		t.Errorf("gzip: %v %q", d.Request.Fields, d.Request.Body)
	}
}

func TestSecretsThatAreTheConfiguredOne(t *testing.T) {
	s := sender(t, "prefixed", &url.URL{Scheme: "http", Host: "h"})
	s.Secret = []byte("changeme")
	if _, err := s.Prepare(Delivery{Event: shapedEvent(), Faults: []fault.Fault{fault.PublishedSecret("changeme")}}); !fault.IsNotApplicable(err) {
		t.Errorf("Prepare = %v; want not applicable", err)
	}
	for want, f := range map[string]fault.Fault{"another": fault.AnotherSecret(), "empty": fault.EmptySecret(), "blank": fault.BlankSecret(), "published": fault.PublishedSecret("secret"), "retired": fault.RetiredSecret([]byte("old"))} {
		d, err := s.Prepare(Delivery{Event: shapedEvent(), Faults: []fault.Fault{f}})
		if err != nil || d.Key != want {
			t.Errorf("%s: key %v, %v", f.Name, d, err)
		}
	}
}

func TestSummariesAndNames(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range []fault.Fault{fault.Truncated(1), fault.Truncated(8), fault.Aged(time.Hour), fault.Aged(-time.Hour), fault.Chunked(0), fault.MediaType("")} {
		if f.Summary == "" || seen[f.Name] || strings.Contains(f.Name, " ") {
			t.Errorf("fault %q: %q", f.Name, f.Summary)
		}
		seen[f.Name] = true
	}
}
