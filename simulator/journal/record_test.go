package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/wire"
)

// A lean record says what Sender.Record says of the same exchange.
func TestRecordAgreesWithAttempt(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Odd", "caf\xe9 \"quoted\" \\ \t.")
		w.Header().Set("Date", "Mon, 01 Jan 2026 00:00:00 GMT")
		w.Write([]byte("\x00\xff answered"))
	}))
	defer server.Close()
	target, _ := url.Parse(server.URL + "/hook?a=b")
	client := wire.NewClient(target, nil, wire.Limits{})
	conn, out := client.Open(context.Background())
	if conn == nil {
		t.Fatal(out.Err)
	}
	defer conn.Close()
	before, head, behind := "Host: "+client.Host()+"\r\n", "X-Latin: \xe9\"\\\r\n", "X-Last: \x01\r\n"
	body := []byte("body\n")
	var a wire.Answer
	if err := conn.Roundtrip([]byte("POST /hook?a=b HTTP/1.1\r\n"+before+head+"Content-Length: 5\r\n\r\nbody\n"), time.Second, &a); err != nil {
		t.Fatal(err)
	}
	sent := time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.FixedZone("", 3600))
	line := AppendRecord(nil, &Record{
		ID: "7.1", Role: "peak", Class: simulator.Duplicate, Type: "loan.created", EventID: []byte("evt_\"1"), Scope: [][]byte{[]byte("a"), []byte("b")},
		Intended: sent.Add(-time.Second), Sent: sent, Signed: sent.Add(-2 * time.Second), Timestamp: []byte("123"), Frame: NewFrame("POST", target.String(), []byte(before), []byte(behind)),
		Head: []byte(head), Body: body, Answer: &a, Phases: a.Phases(), Conn: 3, Reused: true, LeakedSecret: true,
		Err: &wire.Error{Kind: wire.Timeout, Op: "read", Err: context.DeadlineExceeded},
	})
	if line[len(line)-1] != '\n' || bytes.Count(line, []byte{'\n'}) != 1 {
		t.Fatalf("not one line: %q", line)
	}
	if err := schemas.ValidateAttempt(line); err != nil {
		t.Fatalf("%v\n%s", err, line)
	}
	var got simulator.Attempt
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatal(err)
	}
	response := a.Response()
	want := simulator.Attempt{
		ID: "7.1", Role: "peak", Class: simulator.Duplicate, Event: simulator.EventRef{Type: "loan.created", ID: "evt_\"1", Scope: []string{"a", "b"}},
		IntendedAt: sent.Add(-time.Second).UTC(), SentAt: sent.UTC(), Signing: simulator.Signing{Timestamp: "123", ClockOffsetMS: -2000, Key: "configured"},
		Request:      simulator.Message{Method: "POST", URL: target.String(), Proto: "HTTP/1.1", Headers: [][2]string{{"Host", client.Host()}, {"X-Latin", "é\"\\"}, {"X-Last", "\x01"}, {"Content-Length", "5"}}, Body: simulator.NewBytes(body), Framing: "length"},
		Answer:       &simulator.Message{Proto: "HTTP/1.1", Status: 200, Headers: [][2]string{}, Body: simulator.NewBytes(response.Body)},
		Error:        &simulator.Failure{Kind: "timeout", Op: "read", Message: got.Error.Message},
		Connection:   simulator.Link{Number: 3, Reused: true},
		LeakedSecret: true,
	}
	for _, f := range response.Fields {
		want.Answer.Headers = append(want.Answer.Headers, [2]string{simulator.HeaderText(f.Name), simulator.HeaderText(f.Value)})
	}
	if got.Phases.Total <= 0 || got.Phases.Total < got.Phases.Answer {
		t.Errorf("phases %+v", got.Phases)
	}
	want.Phases = got.Phases
	if !reflect.DeepEqual(got.Answer, want.Answer) {
		t.Errorf("answer\n%+v\nwant\n%+v", got.Answer, want.Answer)
	}
	got.Answer, want.Answer = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%+v\nwant\n%+v", got, want)
	}
	if !strings.Contains(got.Error.Message, "deadline") {
		t.Errorf("message %q", got.Error.Message)
	}
	line = AppendRecord(nil, &Record{Intended: sent, Sent: sent, Signed: sent, Frame: NewFrame("POST", "/", nil, nil), Head: []byte("A: b\r\n")})
	if err := json.Unmarshal(line, &got); err != nil || !got.SentAt.Equal(sent) || !got.IntendedAt.Equal(sent) {
		t.Errorf("%v, intended and sent at %v: %s", err, sent, line)
	}
}

func TestMilliseconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0", -5: "0", time.Microsecond: "0.001", 10 * time.Microsecond: "0.01", 100 * time.Microsecond: "0.1",
		1234567 * time.Nanosecond: "1.234", 2 * time.Second: "2000", 2*time.Second + 50*time.Microsecond: "2000.05",
	} {
		if got := string(appendMS(nil, d)); got != want {
			t.Errorf("appendMS(%v) = %s; want %s", d, got, want)
		}
	}
}

func TestRecordAllocatesNothing(t *testing.T) {
	a, _ := net.Pipe()
	a.Close()
	r := &Record{ID: "1.1", Class: simulator.Genuine, Type: "t", EventID: []byte("e"), Sent: time.Now(), Signed: time.Now(), Frame: NewFrame("POST", "http://h/", nil, nil), Head: []byte("A: b\r\nC: d\r\n"), Body: bytes.Repeat([]byte("x"), 700), Answer: &wire.Answer{Status: 200}}
	buffer := make([]byte, 0, 8192)
	if n := testing.AllocsPerRun(100, func() { buffer = AppendRecord(buffer[:0], r) }); n > 0 {
		t.Errorf("%v allocations a record; want 0", n)
	}
}

func BenchmarkRecord(b *testing.B) {
	frame := NewFrame("POST", "http://127.0.0.1:3000/webhooks", []byte("Host: 127.0.0.1:3000\r\nContent-Type: application/json\r\n"), []byte("User-Agent: hookstone\r\n"))
	r := &Record{
		ID: "123456.1", Role: "all", Class: simulator.Genuine, Type: "payment.succeeded", EventID: []byte("evt_0123456789abcdef"),
		Intended: time.Now(), Sent: time.Now(), Signed: time.Now(), Frame: frame,
		Head: []byte("Webhook-Signature: t=1700000000,v1=" + strings.Repeat("0123456789abcdef", 4) + "\r\n"), Body: bytes.Repeat([]byte("x"), 390),
		Answer: &wire.Answer{Status: 200, Body: []byte("ok"), BodyBytes: 2}, Phases: wire.Phases{Write: 7e3, FirstByte: 61e3, Answer: 61e3, Total: 68e3}, Conn: 7, Reused: true,
	}
	buffer := make([]byte, 0, 8192)
	b.ReportAllocs()
	for b.Loop() {
		buffer = AppendRecord(buffer[:0], r)
	}
}
