package simulator

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/wire"
)

var clock = time.Date(2026, 3, 4, 5, 6, 7, 890e6, time.UTC)

const secret = "a secret's \"text\" of some length/+é"

// provider reads a test contract of the sign package.
func provider(t testing.TB, name string) *schemas.Provider {
	t.Helper()
	f, err := os.Open("sign/testdata/contracts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for d := yaml.NewDecoder(f); ; {
		c := &schemas.Contract{}
		if err := d.Decode(c); errors.Is(err, io.EOF) {
			t.Fatalf("no test contract %q", name)
		} else if err != nil {
			t.Fatal(err)
		}
		if c.Provider == name {
			return &schemas.Provider{Contract: c}
		}
	}
}

// listener is a receiver that keeps the bytes of every request and answers
// what it is told.
type listener struct {
	url  *url.URL
	mu   sync.Mutex
	seen [][]byte
	// answer makes the answer's head and body; nil: 200 without a body.
	answer func(request []byte) string
}

func listen(t *testing.T) *listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	out := &listener{url: &url.URL{Scheme: "http", Host: l.Addr().String(), Path: "/hooks", RawQuery: "a=b"}}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go out.serve(c)
		}
	}()
	return out
}

func (l *listener) serve(c net.Conn) {
	defer c.Close()
	var raw bytes.Buffer
	in := bufio.NewReader(io.TeeReader(c, &raw))
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		request := slices.Clone(raw.Bytes())
		raw.Reset()
		l.mu.Lock()
		l.seen = append(l.seen, request)
		l.mu.Unlock()
		text := "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
		if l.answer != nil {
			text = l.answer(request)
		}
		if _, err := io.WriteString(c, text); err != nil {
			return
		}
	}
}

func (l *listener) last(t *testing.T) []byte {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.seen) == 0 {
		t.Fatal("no request came")
	}
	return l.seen[len(l.seen)-1]
}

func sender(t testing.TB, name string, target *url.URL) *Sender {
	return &Sender{
		Provider: provider(t, name), Secret: []byte(secret), Clock: func() time.Time { return clock },
		Client: wire.NewClient(target, nil, wire.Limits{}),
	}
}

func event() generate.Event {
	return generate.Event{Type: "loan.funded", ID: "evt_1", At: clock.Add(-time.Hour),
		Body: []byte(`{"id":"evt_1","type":"loan.funded","timestamp":"2026-01-01T00:00:00Z","created":"2026-01-01T00:00:00.000Z","data":{"amount":"12.50","note":"it's"}}`)}
}

func TestSendWritesTheWholeRequest(t *testing.T) {
	l := listen(t)
	s := sender(t, "stripe", l.url)
	s.Extra = []wire.Field{{Name: "X-Gateway", Value: "pass"}, {Name: "user-agent", Value: "mine/1"}}
	a, err := s.Send(context.Background(), Delivery{Case: "a/b", Role: "control", Class: Genuine, Event: event()})
	if err != nil {
		t.Fatal(err)
	}
	scheme, _ := s.Scheme()
	draft, _ := s.Prepare(Delivery{Event: event()})
	want := "POST /hooks?a=b HTTP/1.1\r\nHost: " + l.url.Host + "\r\nAccept: */*\r\nContent-Type: application/json\r\nStripe-Signature: " +
		draft.Signed.Fields[0].Value + "\r\nX-Gateway: pass\r\nuser-agent: mine/1\r\nContent-Length: " + fmt.Sprint(len(event().Body)) + "\r\n\r\n" + string(event().Body)
	if got := string(l.last(t)); got != want {
		t.Errorf("sent %q;\nwant %q", got, want)
	}
	if err := scheme.Verify(draft.Request.Fields, event().Body, clock, []byte(secret)); err != nil {
		t.Errorf("Verify = %v", err)
	}
	if a.Answer == nil || a.Answer.Status != 200 || a.Error != nil {
		t.Errorf("answer %+v, error %+v", a.Answer, a.Error)
	}
	if got := string(a.Request.Body.Decode()); got != string(event().Body) {
		t.Errorf("recorded body %s", got)
	}
	if len(a.Request.Headers) != 7 || a.Request.Headers[0][0] != "Host" || a.Request.Headers[6] != [2]string{"Content-Length", fmt.Sprint(len(event().Body))} {
		t.Errorf("recorded headers %v", a.Request.Headers)
	}
	if string(a.Signing.Base.Decode()) != fmt.Sprint(clock.Unix(), ".", string(event().Body)) || a.Signing.Key != "configured" || a.Signing.Timestamp != fmt.Sprint(clock.Unix()) {
		t.Errorf("recorded signing %+v", a.Signing)
	}
	if a.ID == "" || a.Case != "a/b" || a.Role != "control" || a.Class != Genuine || a.Event.ID != "evt_1" || a.Phases.Total <= 0 {
		t.Errorf("attempt %+v", a)
	}
	b, err := s.Resend(context.Background(), Delivery{Class: Duplicate, Event: event()}, draft)
	if err != nil || b.ID == a.ID || string(l.last(t)) != want {
		t.Errorf("Resend = %v, %v; sent %q", b.ID, err, l.last(t))
	}
}

func TestConnectionIsKeptAndReplaced(t *testing.T) {
	l := listen(t)
	s := sender(t, "prefixed", l.url)
	a, conn, err := s.SendOn(context.Background(), nil, Delivery{Event: event()})
	if err != nil || conn == nil || a.Answer == nil {
		t.Fatal(a, err)
	}
	b, conn2, err := s.SendOn(context.Background(), conn, Delivery{Event: event()})
	if err != nil || conn2 != conn || !b.Connection.Reused || b.Connection.Number != a.Connection.Number {
		t.Errorf("second delivery on %+v, %v; want the connection of the first", b.Connection, err)
	}
	conn.Close()
	c, conn3, err := s.SendOn(context.Background(), conn, Delivery{Event: event()})
	if err != nil || conn3 == conn || c.Connection.Reused || c.Answer == nil {
		t.Errorf("third delivery on %+v, %v; want a fresh connection", c.Connection, err)
	}
	conn3.Close()
}

func TestNothingListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	target := &url.URL{Scheme: "http", Host: l.Addr().String()}
	l.Close()
	a, err := sender(t, "prefixed", target).Send(context.Background(), Delivery{Event: event()})
	if err != nil || a.Error == nil || a.Error.Kind != string(wire.Refused) || a.Answer != nil {
		t.Errorf("Send = %+v, %v; want a refused connection in the attempt", a.Error, err)
	}
}

func TestBodyTimeIsRenewed(t *testing.T) {
	target := &url.URL{Scheme: "http", Host: "h"}
	s := sender(t, "reserialised", target)
	d := Delivery{Event: event(), At: clock.Add(2 * time.Hour), Attempt: 2}
	draft, err := s.Prepare(d)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(string(event().Body), "2026-01-01T00:00:00.000Z", "2026-03-04T07:06:07.890Z", 1)
	if got := string(draft.Request.Body); got != want {
		t.Errorf("the redelivery is %s; want %s", got, want)
	}
	scheme, _ := s.Scheme()
	if err := scheme.Verify(draft.Request.Fields, draft.Request.Body, d.At, []byte(secret)); err != nil {
		t.Errorf("Verify of the redelivery = %v", err)
	}
	if string(d.Event.Body) != string(event().Body) {
		t.Error("Prepare changed the caller's body")
	}
	kept, err := sender(t, "prefixed", target).Prepare(d)
	if err != nil || string(kept.Request.Body) != string(event().Body) {
		t.Errorf("a contract that keeps the time sends %s, %v", kept.Request.Body, err)
	}
}

func TestAttemptHeaders(t *testing.T) {
	s := sender(t, "slack", &url.URL{Scheme: "http", Host: "h"})
	field := func(n int, name string) string {
		draft, err := s.Prepare(Delivery{Event: event(), Attempt: n, Reason: "http_timeout"})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range draft.Request.Fields {
			if f.Name == name {
				return f.Value
			}
		}
		return "(none)"
	}
	if got := field(1, "X-Slack-Retry-Num"); got != "(none)" {
		t.Errorf("the first attempt has X-Slack-Retry-Num: %s", got)
	}
	if got := field(3, "X-Slack-Retry-Num") + " " + field(3, "X-Slack-Retry-Reason"); got != "2 http_timeout" {
		t.Errorf("the third attempt has %q", got)
	}
	hook := sender(t, "github", &url.URL{Scheme: "http", Host: "h"})
	draft, err := hook.Prepare(Delivery{Event: event()})
	if err != nil || !slices.Contains(draft.Request.Fields, wire.Field{Name: "X-GitHub-Hook-ID", Value: "292430182"}) || !slices.Contains(draft.Request.Fields, wire.Field{Name: "X-GitHub-Event", Value: "loan.funded"}) {
		t.Errorf("constant and identity headers: %v, %v", draft.Request.Fields, err)
	}
}

func TestStagesRunInOrderWhateverTheOrderGiven(t *testing.T) {
	s := sender(t, "prefixed", &url.URL{Scheme: "http", Host: "h"})
	faults := []fault.Fault{fault.Chunked(7), fault.HeaderCase("upper"), fault.Truncated(8), fault.UnknownMembers()}
	d := Delivery{Event: event(), Faults: faults}
	draft, err := s.Prepare(d)
	if err != nil {
		t.Fatal(err)
	}
	f := draft.Request.Fields[slices.IndexFunc(draft.Request.Fields, func(f wire.Field) bool { return f.Name == "X-PREFIXED-SIGNATURE" })]
	right, err := s.Prepare(Delivery{Event: event(), Faults: faults[3:]})
	if err != nil {
		t.Fatal(err)
	}
	if want := "sha256=" + right.Signed.Digest["v"][:8]; f.Value != want || draft.Request.Framing != wire.Chunked {
		t.Errorf("signature %q, framing %q; want %q of the edited body, chunked", f.Value, draft.Request.Framing, want)
	}
	a := s.Record(d, draft, wire.Outcome{})
	if got := strings.Join(a.Faults, " "); got != "body.unknown-members signature.truncated(8) header.case(upper) wire.chunked(7)" {
		t.Errorf("faults %s", got)
	}
	if a.Request.Framing != "chunked" || a.Request.Headers[len(a.Request.Headers)-1] != [2]string{"Transfer-Encoding", "chunked"} {
		t.Errorf("framing %s, headers %v", a.Request.Framing, a.Request.Headers)
	}
}

func TestNotApplicableIsTyped(t *testing.T) {
	s := sender(t, "reserialised", &url.URL{Scheme: "http", Host: "h"})
	for _, f := range []fault.Fault{fault.SchemeOnly(), fault.ElementOrder(), fault.Malformed()} {
		if _, err := s.Prepare(Delivery{Event: event(), Faults: []fault.Fault{f}}); !fault.IsNotApplicable(err) {
			t.Errorf("%s: %v; want not applicable", f.Name, err)
		}
	}
	s.Alternative = 1
	if _, err := s.Prepare(Delivery{Event: event()}); err == nil {
		t.Error("an alternative that is not there is signed")
	}
}

func TestLongBodiesAreCut(t *testing.T) {
	s := sender(t, "prefixed", &url.URL{Scheme: "http", Host: "h"})
	draft, err := s.Prepare(Delivery{Event: event(), Faults: []fault.Fault{fault.Large(100)}})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(draft.Request.Body); n < 100<<10 || n > 101<<10 {
		t.Errorf("the body has %d bytes", n)
	}
	a := s.Record(Delivery{}, draft, wire.Outcome{Response: &wire.Response{Status: 200, Body: make([]byte, 10), BodyBytes: 99, Truncated: true}})
	if b := a.Request.Body; len(b.Decode()) != KeptBytes || b.Length != int64(len(draft.Request.Body)) || !b.Truncated || len(b.SHA256) != 64 {
		t.Errorf("recorded %d bytes of %d, %v, %q", len(b.Decode()), b.Length, b.Truncated, b.SHA256)
	}
	if b := a.Answer.Body; b.Length != 99 || !b.Truncated {
		t.Errorf("recorded answer of %d bytes, %v", b.Length, b.Truncated)
	}
}
