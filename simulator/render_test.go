package simulator

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

func TestRenderedCurlSendsTheSameBytes(t *testing.T) {
	_, err := exec.LookPath("curl")
	if err != nil {
		if os.Getenv("HOOKSTONE_REQUIRE_TOOLS") == "1" {
			t.Fatal("curl is not installed")
		}
		t.Skip("curl is not installed")
	}
	l := listen(t)
	quoted := fault.Set("/data/note", `"it's $HOME \\ `+"`id`"+` é\n"`)
	for name, faults := range map[string][]fault.Fault{
		"plain":       nil,
		"quoted":      {quoted},
		"pretty":      {fault.Respelled(jsondoc.PrettyPrinted)},
		"at sign":     {fault.Body("at", "", []byte("@/etc/hostname"))},
		"binary":      {fault.InvalidUTF8(), fault.Body("nul", "", []byte("\x00\xff\r\n"))},
		"large":       {fault.Large(300)},
		"empty":       {fault.EmptyBody()},
		"no type":     {fault.MediaType("")},
		"put":         {fault.Method("PUT")},
		"get":         {fault.Method("GET"), fault.EmptyBody()},
		"many lines":  {fault.RepeatedHeader(true)},
		"upper names": {fault.HeaderCase("upper")},
	} {
		t.Run(name, func(t *testing.T) {
			s := sender(t, "stripe", l.url)
			d := Delivery{Event: event(), Faults: faults}
			draft, err := s.Prepare(d)
			if err != nil {
				t.Fatal(err)
			}
			text, err := s.Render(d, draft, "curl")
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("sh")
			cmd.Stdin = bytes.NewReader(text)
			cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nowhere"}
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.HasPrefix(string(out), "HTTP/1.1 200") {
				t.Fatalf("%v: %s\n%.2000s", err, out, text)
			}
			want, err := s.Render(d, draft, "http")
			if err != nil {
				t.Fatal(err)
			}
			if got := l.last(t); !bytes.Equal(got, want) {
				t.Errorf("curl sent %.1200q;\nwant %.1200q", got, want)
			}
		})
	}
}

func TestRenderJSON(t *testing.T) {
	s := sender(t, "stripe", &url.URL{Scheme: "http", Host: "h:1", Path: "/x"})
	draft, err := s.Prepare(Delivery{Event: event()})
	if err != nil {
		t.Fatal(err)
	}
	text, err := s.Render(Delivery{ID: "a1", Class: Genuine, Event: event()}, draft, "json")
	if err != nil {
		t.Fatal(err)
	}
	var a Attempt
	if err := json.Unmarshal(text, &a); err != nil || a.ID != "a1" || a.Request.URL != "http://h:1/x" || a.Answer != nil || a.Signing.ClockOffsetMS != 0 {
		t.Errorf("%v: %s", err, text)
	}
	if _, err := s.Render(Delivery{}, draft, "xml"); err == nil || !strings.Contains(err.Error(), `"xml"`) {
		t.Errorf("Render as xml = %v", err)
	}
}
