package sign

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestPublishedVectors holds the examples that the schemes' own documents and
// libraries print.
func TestPublishedVectors(t *testing.T) {
	const slackBody = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar" +
		"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=" +
		"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN" +
		"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	for _, c := range []struct {
		contract, secret string
		m                Material
		header, want     string
	}{
		{"github", "It's a Secret to Everybody", Material{Body: []byte("Hello, World!")},
			"X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
		{"standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
			Material{Body: []byte(`{"test": 2432232314}`), ID: "msg_p5jXN8AQM9LWM0D4loKWxJek", At: time.Unix(1614265330, 0)},
			"webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
		{"standard-webhooks", "whsec_plJ3nmyCDGBKInavdOK15jsl",
			Material{Body: []byte(`{"event_type":"ping","data":{"success":true}}`), ID: "msg_loFOjxBNrRLzqYUf", At: time.Unix(1731705121, 0)},
			"webhook-signature", "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="},
		{"slack", "8f742231b10e8888abcd99yyyzzz85a5", Material{Body: []byte(slackBody), At: time.Unix(1531420618, 0)},
			"X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"},
	} {
		signed, err := scheme(t, c.contract).Sign(c.m, Mistakes{}, []byte(c.secret))
		if err != nil {
			t.Errorf("%s: %v", c.contract, err)
			continue
		}
		got := ""
		for _, f := range signed.Fields {
			if f.Name == c.header {
				got = f.Value
			}
		}
		if got != c.want {
			t.Errorf("%s: %s = %q; want %q", c.contract, c.header, got, c.want)
		}
	}
}

// TestPythonAgrees has Python's hmac make every digest of every test contract.
func TestPythonAgrees(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("HOOKSTONE_REQUIRE_TOOLS") == "1" {
			t.Fatal("python3 is not installed")
		}
		t.Skip("python3 is not installed")
	}
	var in strings.Builder
	var want, names []string
	for name, c := range contracts(t) {
		s := scheme(t, name)
		secret := secretFor(c)
		key, err := s.Key(secret)
		if err != nil {
			t.Fatal(err)
		}
		for n := range 20 {
			m := Material{Body: fmt.Appendf(nil, `{"n":%d,"text":"%s é😀"}`, n, strings.Repeat("x", n*37)), ID: fmt.Sprint("id-", n), Type: "loan.funded", At: time.Unix(1700000000+int64(n), 0)}
			signed, err := s.Sign(m, Mistakes{}, secret)
			if err != nil {
				t.Fatal(err)
			}
			stamp := string(AppendTime(nil, c.Time.Form, m.At))
			for _, sig := range c.Signing.Signatures {
				content := strings.NewReplacer("{body}", string(m.Body), "{id}", m.ID, "{type}", m.Type, "{timestamp}", stamp).Replace(sig.Content.Text)
				fmt.Fprintf(&in, "%s %s %s %s\n", strings.TrimPrefix(sig.Algorithm, "hmac-"), sig.Encode, hex.EncodeToString(key), hex.EncodeToString([]byte(content)))
				want, names = append(want, signed.Digest[sig.Name]), append(names, name+" "+sig.Name)
			}
		}
	}
	cmd := exec.Command(python, "-c", `
import sys, hmac, base64
for l in sys.stdin:
    alg, enc, key, text = l.split(' ')
    d = hmac.new(bytes.fromhex(key), bytes.fromhex(text), alg)
    print(base64.b64encode(d.digest()).decode() if enc == 'base64' else d.hexdigest().upper() if enc == 'hex-upper' else d.hexdigest())`)
	cmd.Stdin = strings.NewReader(in.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for lines := bufio.NewScanner(strings.NewReader(string(out))); lines.Scan(); n++ {
		if lines.Text() != want[n] {
			t.Errorf("%s: got %s; Python has %s", names[n], want[n], lines.Text())
		}
	}
	if n != len(want) || n < 150 {
		t.Errorf("%d digests compared of %d", n, len(want))
	}
}
