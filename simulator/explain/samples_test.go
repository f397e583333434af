package explain

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
)

// tool finds a program, or skips the test.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("HOOKSTONE_REQUIRE_TOOLS") == "1" {
			t.Fatalf("%s is not installed", name)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}

// The programs read the raw body and print the digest that a receiver of their
// language computes when it makes a mistake of the documents' samples. The
// secret is in SECRET, the timestamp in STAMP.
const (
	nodeStringify = `const c=require('crypto');const b=require('fs').readFileSync(0);
console.log(c.createHmac('sha256',process.env.SECRET).update(process.env.STAMP+JSON.stringify(JSON.parse(b))).digest('hex'))`
	nodeObject = `const c=require('crypto');const b=require('fs').readFileSync(0);
console.log(c.createHmac('sha256',process.env.SECRET).update(process.env.STAMP+String(JSON.parse(b))).digest('hex'))`
	nodeBase64 = `const c=require('crypto');const b=require('fs').readFileSync(0);
console.log(c.createHmac('sha256',process.env.SECRET).update(process.env.STAMP+b).digest('base64'))`
	nodeLatin1 = `const c=require('crypto');const b=require('fs').readFileSync(0);
console.log(c.createHmac('sha256',process.env.SECRET).update(process.env.STAMP+b.toString('latin1')).digest('hex'))`
	pythonDumps = `import hmac,hashlib,json,os,sys
b=json.loads(sys.stdin.buffer.read())
print(hmac.new(os.environ['SECRET'].encode(),(os.environ['STAMP']+json.dumps(b)).encode(),hashlib.sha256).hexdigest())`
	pythonCompact = `import hmac,hashlib,json,os,sys
b=json.loads(sys.stdin.buffer.read())
print(hmac.new(os.environ['SECRET'].encode(),(os.environ['STAMP']+json.dumps(b,separators=(',',':'))).encode(),hashlib.sha256).hexdigest())`
	pythonRaw = `import hmac,hashlib,os,sys
print(hmac.new(os.environ['SECRET'].encode(),(os.environ['STAMP']+str(sys.stdin.buffer.read())).encode(),hashlib.sha256).hexdigest())`
	pythonStr = `import hmac,hashlib,json,os,sys
print(hmac.new(os.environ['SECRET'].encode(),(os.environ['STAMP']+str(json.loads(sys.stdin.buffer.read()))).encode(),hashlib.sha256).hexdigest())`
	phpEncode = `$b=json_decode(stream_get_contents(STDIN),true);
echo hash_hmac('sha256',getenv('STAMP').json_encode($b),getenv('SECRET'));`
	phpObjects = `$b=json_decode(stream_get_contents(STDIN));
echo hash_hmac('sha256',getenv('STAMP').json_encode($b),getenv('SECRET'));`
	phpUnescaped = `$b=json_decode(stream_get_contents(STDIN));
echo hash_hmac('sha256',getenv('STAMP').json_encode($b,JSON_UNESCAPED_SLASHES|JSON_UNESCAPED_UNICODE),getenv('SECRET'));`
	rubyGenerate = `require 'json'; require 'openssl'; b=JSON.parse(STDIN.read.force_encoding('UTF-8'))
print OpenSSL::HMAC.hexdigest('sha256',ENV['SECRET'],ENV['STAMP']+JSON.generate(b))`
	phpRawOutput = `echo base64_encode(hash_hmac('sha256',getenv('STAMP').stream_get_contents(STDIN),getenv('SECRET')));`
)

// TestSampleMistakes captures genuine deliveries of every contract and lets
// the mistakes of the documents' samples, in their own languages, compute the
// digest that a receiver would compare: each is named, both when a receiver
// computed it and when a sender sent it.
func TestSampleMistakes(t *testing.T) {
	const secret = "whsec_9fJ2kQ7mZx4VbT1cR8sLw3Hn6Yp0Dg5A"
	for _, c := range []struct {
		program, flag, script, want string
		spoil                       fault.Fault // what the genuine body must hold for the mistake to show
	}{
		{"node", "-e", nodeStringify, "body.javascript", fault.NumberForms()},
		{"node", "-e", nodeObject, "body.object-text", awkward()},
		{"node", "-e", nodeBase64, "encoding.base64", awkward()},
		{"node", "-e", nodeLatin1, "body.mojibake", awkward()},
		{"python3", "-c", pythonDumps, "body.python", awkward()},
		{"python3", "-c", pythonCompact, "body.python-compact", awkward()},
		{"python3", "-c", pythonRaw, "body.python-bytes", awkward()},
		{"python3", "-c", pythonStr, "body.python-repr", awkward()},
		{"php", "-r", phpEncode, "body.php-arrays", awkward()},
		{"php", "-r", phpObjects, "body.php", awkward()},
		{"php", "-r", phpUnescaped, "body.php-unicode", awkward()},
		{"ruby", "-e", rubyGenerate, "body.ruby", awkward()},
		{"php", "-r", phpRawOutput, "encoding.base64-of-hex", awkward()},
	} {
		t.Run(c.want, func(t *testing.T) {
			path := tool(t, c.program)
			for _, p := range builtin(t).Providers() {
				if c.want == "body.javascript" && p.Contract.Signing.Body == "json-stringify" {
					continue // is what the contract asks for
				}
				d, err := senderOf(t, p, []byte(secret)).Prepare(simulator.Delivery{Event: event(t, p, 2), Faults: []fault.Fault{c.spoil}})
				if err != nil {
					t.Fatal(err)
				}
				stamp := ""
				if d.Signed.Time != "" && strings.HasPrefix(string(d.Signed.Base), d.Signed.Time) {
					stamp = d.Signed.Time + "."
				}
				cmd := exec.Command(path, c.flag, c.script)
				cmd.Stdin = bytes.NewReader(d.Request.Body)
				cmd.Env = append(os.Environ(), "SECRET="+secret, "STAMP="+stamp)
				out, err := cmd.Output()
				if err != nil {
					t.Fatal(err)
				}
				digest := strings.TrimSpace(string(out))
				e, err := Explain(Question{Capture: captured(d), Secret: []byte(secret), Library: builtin(t), Provider: p, Computed: digest})
				if err != nil {
					t.Fatal(err)
				}
				discreet(t, p, ptr(captured(d)), []byte(secret), e)
				if !named(e, c.want) {
					t.Errorf("%s: computed: explained by %v: %s", p.Name(), e.Changes, e.Summary)
				}
				// The same as a sender that the sample's author wrote would send it.
				sent := captured(d)
				for i, f := range sent.Fields {
					right := d.Signed.Digest[mainName(p.Contract)]
					sent.Fields[i].Value = strings.Replace(f.Value, right, digest, 1)
				}
				if e := ask(t, p, sent, []byte(secret)); !named(e, c.want) {
					t.Errorf("%s: sent: explained by %v: %s", p.Name(), e.Changes, e.Summary)
				}
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

// TestDocumentMistakes are the documents' own contradictions, as captures.
func TestDocumentMistakes(t *testing.T) {
	const secret = "whsec_9fJ2kQ7mZx4VbT1cR8sLw3Hn6Yp0Dg5A"
	timestamped, overBody, prefixed := provider(t, "sharmo-timestamped"), provider(t, "sharmo-body"), provider(t, "usmewe")
	for name, c := range map[string]struct {
		faults []fault.Fault
		alter  func(*Capture)
		want   string
	}{
		"sharmo-timestamped signed as the other guide says": {[]fault.Fault{fault.SiblingScheme(overBody.Contract)}, nil, "contract.sharmo-body"},
		"sharmo-body signed as the other guide says":        {[]fault.Fault{fault.SiblingScheme(timestamped.Contract)}, nil, "contract.sharmo-timestamped"},
		"sharmo-body with the prefix of another platform": {nil, func(c *Capture) {
			prefix(c, "X-Sharmo-Signature", "sha256=")
		}, "header.form"},
		"sharmo-timestamped under the other guide's header": {nil, func(c *Capture) { rename(c, "Sharmo-Signature", "X-Signature") }, "header.name"},
		"handcash over the raw body":                        {[]fault.Fault{fault.NumberForms(), rawBody()}, nil, "body.raw"},
		"usmewe with the sample's secret":                   {[]fault.Fault{fault.PublishedSecret("your_webhook_secret_here")}, nil, "secret.published"},
	} {
		own := provider(t, strings.Fields(name)[0])
		d, err := senderOf(t, own, []byte(secret)).Prepare(simulator.Delivery{Event: event(t, own, 1), Faults: c.faults})
		if err != nil {
			t.Fatal(err)
		}
		in := captured(d)
		if c.alter != nil {
			c.alter(&in)
		}
		if e := ask(t, own, in, []byte(secret)); !named(e, c.want) || e.Verifies {
			t.Errorf("%s: explained by %v, alike %v: %s", name, e.Changes, e.Alike, e.Summary)
		}
	}
	// The bare digest verifies by that document's own sample.
	d, err := senderOf(t, prefixed, []byte(secret)).Prepare(simulator.Delivery{Event: event(t, prefixed, 1)})
	if err != nil {
		t.Fatal(err)
	}
	in := captured(d)
	for i := range in.Fields {
		in.Fields[i].Value = strings.TrimPrefix(in.Fields[i].Value, "sha256=")
	}
	if e := ask(t, prefixed, in, []byte(secret)); !e.Verifies || !strings.Contains(fmt.Sprint(e.Notes), "another form") {
		t.Errorf("usmewe, bare digest: %s %v", e.Summary, e.Notes)
	}
}

func rawBody() fault.Fault {
	return fault.Fault{Name: "raw", Stage: fault.InSigner, Apply: func(d *fault.Draft) error {
		d.Mistakes.Body = d.Material.Body
		return nil
	}}
}

func prefix(c *Capture, name, text string) {
	for i := range c.Fields {
		if c.Fields[i].Name == name {
			c.Fields[i].Value = text + c.Fields[i].Value
		}
	}
}

func rename(c *Capture, old, name string) {
	for i := range c.Fields {
		if c.Fields[i].Name == old {
			c.Fields[i].Name = name
		}
	}
}
