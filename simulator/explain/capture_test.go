package explain

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/wire"
)

// delivered is a genuine delivery with everything that its captures are made of.
func delivered(t testing.TB) (*simulator.Sender, simulator.Delivery, *fault.Draft) {
	t.Helper()
	p := provider(t, "sharmo-timestamped")
	s := senderOf(t, p, secretFor(p.Contract))
	o := simulator.Delivery{Event: event(t, p, 1), Faults: []fault.Fault{awkward()}, Class: simulator.Genuine}
	d, err := s.Prepare(o)
	if err != nil {
		t.Fatal(err)
	}
	return s, o, d
}

// har is a HAR with one entry.
func har(d *fault.Draft, encoded bool) string {
	var headers []map[string]string
	for _, f := range d.Request.Fields {
		headers = append(headers, map[string]string{"name": f.Name, "value": f.Value})
	}
	post := map[string]string{"mimeType": "application/json", "text": string(d.Request.Body)}
	if encoded {
		post["encoding"], post["text"] = "base64", base64.StdEncoding.EncodeToString(d.Request.Body)
	}
	entry := map[string]any{"startedDateTime": d.Now.Format(time.RFC3339Nano), "request": map[string]any{
		"method": "POST", "url": "http://h/webhooks", "headers": headers, "postData": post, "bodySize": len(d.Request.Body)}}
	text, _ := json.Marshal(map[string]any{"log": map[string]any{"version": "1.2", "entries": []any{
		map[string]any{"startedDateTime": "2026-03-04T05:00:00Z", "request": map[string]any{"method": "GET", "url": "http://h/", "headers": []any{}, "bodySize": 0}}, entry}}})
	return string(text)
}

// verbose is what curl -v writes of the request.
func verbose(d *fault.Draft) string {
	var b strings.Builder
	b.WriteString("*   Trying 127.0.0.1:3000...\n* Connected to h (127.0.0.1) port 3000\n> POST /webhooks HTTP/1.1\r\n")
	for _, f := range d.Request.Fields {
		fmt.Fprintf(&b, "> %s: %s\r\n", f.Name, f.Value)
	}
	fmt.Fprintf(&b, "> Content-Length: %d\r\n> \r\n* upload completely sent off: %d bytes\n< HTTP/1.1 403 Forbidden\r\n< Date: now\r\n<\r\n", len(d.Request.Body), len(d.Request.Body))
	return b.String()
}

// TestEveryFormOfCapture reads one delivery in every form, and it verifies.
func TestEveryFormOfCapture(t *testing.T) {
	s, o, d := delivered(t)
	raw := string(s.Client.AppendRequest(nil, &d.Request))
	attempt, err := json.Marshal(s.Record(o, d, wire.Outcome{Started: clock}))
	if err != nil {
		t.Fatal(err)
	}
	curl, err := s.Render(o, d, "curl")
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(raw, "\r\n\r\n")
	_, lines, _ := strings.Cut(head, "\r\n")
	object := map[string]any{}
	for _, f := range d.Request.Fields {
		object[strings.ToLower(f.Name)] = f.Value
	}
	asObject, _ := json.Marshal(object)
	chunked := "POST / HTTP/1.1\r\n" + strings.ReplaceAll(lines, "Content-Length", "X-Length") + "\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" + body[:5] + "\r\n" + fmt.Sprintf("%x;ext=1\r\n", len(body)-5) + body[5:] + "\r\n0\r\n\r\n"
	for name, c := range map[string]struct {
		text, body, headers string
		form                string
		timed               bool
	}{
		"raw":                  {text: raw, form: "raw HTTP request"},
		"raw with LF":          {text: strings.Replace(raw, head, strings.ReplaceAll(head, "\r\n", "\n"), 1), form: "raw HTTP request"},
		"raw, saved by editor": {text: raw + "\n", form: "raw HTTP request"},
		"raw, chunked":         {text: chunked, form: "raw HTTP request"},
		"har":                  {text: har(d, false), form: "HAR entry", timed: true},
		"har in base64":        {text: har(d, true), form: "HAR entry", timed: true},
		"journal":              {text: string(attempt) + "\n" + string(attempt) + "\n", form: "journal line", timed: true},
		"journal, indented":    {text: indentJSON(t, attempt), form: "journal line", timed: true},
		"curl -v and a body":   {text: verbose(d), body: body, form: "curl transcript"},
		"command and curl -v":  {text: "$ " + string(curl) + verbose(d), form: "curl transcript"},
		"files":                {headers: lines, body: body, form: "header and body files"},
		"files with marks":     {headers: "> POST / HTTP/1.1\n> " + strings.ReplaceAll(lines, "\r\n", "\n> ") + "\n>\n", body: body, form: "header and body files"},
		"files, JSON headers":  {headers: string(asObject), body: body, form: "header and body files"},
	} {
		var got Capture
		var err error
		if c.headers != "" {
			got, err = ReadFiles([]byte(c.headers), []byte(c.body))
		} else {
			got, err = Read([]byte(c.text), 0)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.NeedsBody() != (c.headers == "" && c.body != "") {
			t.Errorf("%s: NeedsBody = %v", name, got.NeedsBody())
		}
		if c.body != "" {
			got = got.WithBody([]byte(c.body))
		}
		if got.Form != c.form || got.At.IsZero() == c.timed || string(got.Body) != string(d.Request.Body) {
			t.Errorf("%s: read as %s of %s with body %q", name, got.Form, got.At, got.Body)
		}
		e, err := Explain(Question{Capture: got, Secret: s.Secret, Library: builtin(t), Now: clock})
		if err != nil || !e.Verifies || e.Provider != "sharmo-timestamped" || got.Unfinished {
			t.Errorf("%s: %v %+v", name, err, e)
		}
	}
}

func indentJSON(t *testing.T, text []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	out, _ := json.MarshalIndent(v, "", "  ")
	return "\ufeff" + string(out)
}

// TestRealCurl reads what an installed curl writes, with -v and with --trace.
func TestRealCurl(t *testing.T) {
	path := tool(t, "curl")
	s, _, d := delivered(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403) }))
	defer server.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "body")
	if err := os.WriteFile(file, d.Request.Body, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-sS", "--noproxy", "*", "--data-binary", "@" + file, "-o", filepath.Join(dir, "answer")}
	for _, f := range d.Request.Fields {
		if f.Name != "Host" {
			args = append(args, "-H", f.Name+": "+f.Value)
		}
	}
	for _, how := range [][]string{{"-v"}, {"--trace", "-"}} {
		ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
		out, err := exec.CommandContext(ctx, path, append(append(how, args...), server.URL)...).CombinedOutput()
		stop()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		c, err := Read(out, 0)
		if err != nil {
			t.Fatalf("%v: %v\n%s", how, err, out)
		}
		if c.NeedsBody() {
			c = c.WithBody(d.Request.Body)
		}
		e, err := Explain(Question{Capture: c, Secret: s.Secret, Library: builtin(t), Now: clock})
		if err != nil || !e.Verifies {
			t.Errorf("%v: %v %+v", how, err, e)
		}
	}
}

func TestCapturesThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "is empty",
		" \r\n":                               "is empty",
		"hello":                               "no request line",
		"POST / HTTP/1.1\r\nno colon\r\n\r\n": `header line 1 is "no colon": want Name: value`,
		"{":                                   "begins as JSON and is none",
		"{}":                                  "neither a HAR",
		`{"log":{"entries":[]}}`:              "holds no request",
		`{"log":{"entries":[{}]}}`:            "entry 1 has no request",
		`{"request":{"method":"POST","postData":{"text":"%","encoding":"base64"}}}`:                                     "not base64",
		"* Connected\n< HTTP/1.1 200\n":                                                                                 "shows no request",
		`{"class":"genuine","sent_at":"2026-03-04T05:06:07Z","request":{"headers":[],"body":{"base64":"","length":0}}}`: "attempt 1: it records no request",
		"=> Send header, 20 bytes (0x14)\n0000: POST / HTTP/1.1\n":                                                      "--trace-ascii does not hold every byte",
	} {
		if _, err := Read([]byte(text), 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Read(%q) = %v; want %q", text, err, want)
		}
	}
	if _, err := Read([]byte(`{"log":{"entries":[{"request":{"method":"POST"}}]}}`), 2); err == nil || !strings.Contains(err.Error(), "there is no number 2") {
		t.Errorf("entry 2 of 1: %v", err)
	}
	if _, err := ReadFiles([]byte(`{"a":{}}`), nil); err == nil || !strings.Contains(err.Error(), `"a"`) {
		t.Errorf("headers of objects: %v", err)
	}
	if _, err := Read(make([]byte, Limit+1), 0); err == nil || !strings.Contains(err.Error(), "cut it down") {
		t.Errorf("an oversized capture: %v", err)
	}
}

func TestUnfinishedCapturesAreTold(t *testing.T) {
	s, _, d := delivered(t)
	raw := s.Client.AppendRequest(nil, &d.Request)
	c, err := Read(raw[:len(raw)-7], 0)
	if err != nil {
		t.Fatal(err)
	}
	e := ask(t, provider(t, "sharmo-timestamped"), c, s.Secret)
	if e.Verifies || !strings.Contains(e.Summary, "lacks a part of the body") || len(e.Notes) != 1 {
		t.Errorf("%s %v", e.Summary, e.Notes)
	}
}

func FuzzRead(f *testing.F) {
	s, o, d := delivered(f)
	attempt, _ := json.Marshal(s.Record(o, d, wire.Outcome{Started: clock}))
	f.Add(s.Client.AppendRequest(nil, &d.Request), 0)
	f.Add(attempt, 0)
	f.Add([]byte(har(d, true)), 2)
	f.Add([]byte(verbose(d)), 1)
	f.Add([]byte("=> Send header, 3 bytes\n0000: 50 4f 53\n"), 0)
	f.Add([]byte("$ curl -d 'a' \\\n -d \"b\\\"\" h\n> POST / HTTP/1.1\n> A: b\n>\n"), 0)
	f.Add([]byte("POST / HTTP/1.1\nTransfer-Encoding: chunked\n\nffffffff\n"), 0)
	library := builtin(f)
	f.Fuzz(func(t *testing.T, text []byte, entry int) {
		c, err := Read(text, entry)
		if err != nil {
			if c.Fields != nil && c.Body != nil {
				t.Errorf("a refused capture is returned: %+v", c)
			}
			return
		}
		if len(c.Fields) > maxFields || len(c.Body) > Limit {
			t.Errorf("%d header lines, %d bytes", len(c.Fields), len(c.Body))
		}
		Recognise(library, &c)
		receivedIn(&c)
	})
}

// FuzzExplain asks about hostile requests: whatever they hold, an answer comes
// and holds no secret.
func FuzzExplain(f *testing.F) {
	_, _, d := delivered(f)
	for _, field := range d.Request.Fields {
		f.Add(field.Name, field.Value, d.Request.Body)
	}
	p, library := provider(f, "sharmo-timestamped"), builtin(f)
	f.Add("Sharmo-Signature", "t=1772600767,v1=", []byte(`{"id":"\ud800","type":1e400}`))
	f.Fuzz(func(t *testing.T, name, value string, body []byte) {
		if len(body) > 4096 || len(value) > 4096 {
			return
		}
		c := Capture{Form: "fuzz", Method: "POST", Fields: []wire.Field{{Name: name, Value: value}}, Body: body, At: clock}
		e, err := Explain(Question{Capture: c, Secret: secretFor(p.Contract), Library: library, Provider: p})
		if err != nil {
			t.Fatal(err)
		}
		if own, _ := recipeOf(p.Contract, &c, secretFor(p.Contract)); e.SignatureRight && !strings.Contains(value, hex.EncodeToString(own.sum())) {
			t.Errorf("verifies without the right digest: %q", value)
		}
		discreet(t, p, &c, secretFor(p.Contract), e)
	})
}
