package simulator

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/hookstone/hookstone/simulator/fault"
)

// TestHeadersAreRecordedByteForByte sends bytes that are no UTF-8 and reads
// them back out of the record's JSON.
func TestHeadersAreRecordedByteForByte(t *testing.T) {
	l := listen(t)
	s := sender(t, "stripe", l.url)
	a, err := s.Send(context.Background(), Delivery{Event: event(), Faults: []fault.Fault{fault.NonASCII(), fault.HeaderValue("X-Both", "é\xff")}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var back Attempt
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	got := "POST /hooks?a=b HTTP/1.1\r\n"
	for _, h := range back.Request.Headers {
		got += HeaderBytes(h[0]) + ": " + HeaderBytes(h[1]) + "\r\n"
	}
	got += "\r\n" + string(back.Request.Body.Decode())
	if want := string(l.last(t)); got != want || !strings.Contains(want, "v1=\xe9\xe9") {
		t.Errorf("recorded %q;\nsent %q", got, want)
	}
}

// TestAttemptsFitTheirSchema validates records of every kind of outcome.
func TestAttemptsFitTheirSchema(t *testing.T) {
	schema, err := jsonschema.Compile("../schemas/attempt.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	l := listen(t)
	l.answer = func([]byte) string {
		return "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n"
	}
	for _, faults := range [][]fault.Fault{
		nil, {fault.Unsigned()}, {fault.EmptyBody()}, {fault.Large(70)}, {fault.Chunked(10), fault.Slow(2, time.Millisecond)}, {fault.CutAt(5)}, {fault.Abandon()},
		{fault.RawBytes("line", []byte("NONSENSE\r\n\r\n"))}, {fault.NonASCII()},
	} {
		a, err := sender(t, "stripe", l.url).Send(context.Background(), Delivery{Case: "a/b", Role: "probe", Class: Malformed, Event: event(), Faults: faults})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%v: %#v\n%s", a.Faults, err, text)
		}
	}
}
