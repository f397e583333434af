package wire

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// FuzzParseResponse: whatever comes, the parser ends, keeps to the limits, says
// the same however the bytes are split, and agrees with net/http on the status
// and body of what both accept.
func FuzzParseResponse(f *testing.F) {
	for _, s := range wellFormed {
		f.Add([]byte(s.wire), s.bodiless)
	}
	for _, s := range illFormed {
		if len(s.wire) < 4096 {
			f.Add([]byte(s.wire), false)
		}
	}
	limits := Limits{HeaderBytes: 2048, BodyBytes: 64, BodyRead: 512}
	f.Fuzz(func(t *testing.T, wire []byte, bodiless bool) {
		a, err := parseAll(bytes.NewReader(wire), bodiless, limits)
		kind := parseKind(a, err)
		switch kind {
		case "", Closed, Incomplete, Malformed, TooLarge:
		default:
			t.Fatalf("kind %q (%v)", kind, err)
		}
		if len(a.Body) > 64 || a.BodyBytes > 512 || len(a.text) > 2048 || a.Complete() != (err == nil) {
			t.Fatalf("kept %d bytes of %d, head %d, complete %v, %v", len(a.Body), a.BodyBytes, len(a.text), a.Complete(), err)
		}
		if err == nil && (a.Status < 200 && a.Status != 101 || a.Status > 999 || int64(len(a.Body)) != min(a.BodyBytes, 64)) {
			t.Fatalf("complete with status %d, %d of %d bytes", a.Status, len(a.Body), a.BodyBytes)
		}

		b, err2 := parseAll(iotest.OneByteReader(bytes.NewReader(wire)), bodiless, limits)
		whole, split := a.Response(), b.Response()
		whole.Surplus, whole.Close, split.Close = 0, false, false
		if parseKind(b, err2) != kind || kind == "" && !reflect.DeepEqual(whole, split) {
			t.Fatalf("whole: %+v, %v; byte by byte: %+v, %v", whole, err, split, err2)
		}

		if err == nil && len(a.Interim) == 0 && a.Status != 101 && !bodiless {
			theirs, body, ok := readResponse(wire)
			if ok && a.BodyBytes <= 64 && (theirs.StatusCode != a.Status || !bytes.Equal(body, a.Body)) && !a.message.hasTransfer {
				t.Fatalf("%d %q; net/http reads %d %q", a.Status, a.Body, theirs.StatusCode, body)
			}
		}
	})
}

// readResponse is net/http's reading of an answer to a POST.
func readResponse(wire []byte) (*http.Response, []byte, bool) {
	r, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(wire)), &http.Request{Method: "POST"})
	if err != nil {
		return nil, nil, false
	}
	body, err := io.ReadAll(r.Body)
	return r, body, err == nil
}

// TestAgreesWithNetHTTP compares with net/http over well-formed answers.
func TestAgreesWithNetHTTP(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		wire, framing := drawAnswer(t)
		theirs, body, ok := readResponse(wire)
		if !ok {
			t.Fatalf("net/http refuses %q", wire)
		}
		a, err := parseAll(iotest.HalfReader(bytes.NewReader(wire)), false, Limits{})
		if err != nil {
			t.Fatalf("%v: %q", err, wire)
		}
		ours := a.Response()
		if ours.Status != theirs.StatusCode || ours.Proto != theirs.Proto || !bytes.Equal(ours.Body, body) {
			t.Fatalf("%s %d %q; net/http reads %s %d %q", ours.Proto, ours.Status, ours.Body, theirs.Proto, theirs.StatusCode, body)
		}
		if got := headerOf(ours.Fields); !reflect.DeepEqual(got, theirs.Header) {
			t.Fatalf("fields %v; net/http reads %v", got, theirs.Header)
		}
		if got := headerOf(ours.Trailers); framing == "chunked" && len(got)+len(theirs.Trailer) > 0 && !reflect.DeepEqual(got, theirs.Trailer) {
			t.Fatalf("trailers %v; net/http reads %v", got, theirs.Trailer)
		}
		if ours.Close != theirs.Close && framing != "close" {
			t.Fatalf("close %v; net/http reads %v: %q", ours.Close, theirs.Close, wire)
		}
	})
}

// headerOf gathers fields as net/http does, which takes framing and connection
// fields of its own out.
func headerOf(fields []Field) http.Header {
	h := http.Header{}
	for _, f := range fields {
		if !strings.EqualFold(f.Name, "Transfer-Encoding") && !strings.EqualFold(f.Name, "Connection") {
			h.Add(f.Name, f.Value)
		}
	}
	return h
}

func drawAnswer(t *rapid.T) (wire []byte, framing string) {
	framing = rapid.SampledFrom([]string{"length", "chunked", "close"}).Draw(t, "framing")
	status := rapid.SampledFrom([]string{"200 OK", "201 ", "404 Not Found", "503 Service Unavailable", "299 x  y"}).Draw(t, "status")
	body := bytes.Repeat(rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "body"), rapid.SampledFrom([]int{1, 300}).Draw(t, "times"))
	eol := rapid.SampledFrom([]string{"\r\n", "\n"}).Draw(t, "eol")
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 " + status + eol)
	fields := func(name string) {
		for range rapid.IntRange(0, 5).Draw(t, name) {
			b.WriteString(rapid.StringMatching(`X-[A-Za-z0-9!#$%&'*+.^_|~-]{1,12}`).Draw(t, "name"))
			b.WriteString(rapid.SampledFrom([]string{":", ": ", ":\t "}).Draw(t, "blank"))
			b.WriteString(rapid.StringMatching(`([!-~]([ -~]{0,30}[!-~])?)?`).Draw(t, "value") + eol)
		}
	}
	fields("fields")
	if rapid.Bool().Draw(t, "closing") {
		b.WriteString("Connection: close" + eol)
	}
	switch framing {
	case "length":
		b.WriteString("Content-Length: " + strconv.Itoa(len(body)) + eol + eol)
		b.Write(body)
	case "close":
		b.WriteString(eol)
		b.Write(body)
	case "chunked":
		b.WriteString("Transfer-Encoding: chunked" + eol + eol)
		for len(body) > 0 {
			n := rapid.IntRange(1, len(body)).Draw(t, "chunk")
			b.WriteString(strings.ToUpper(strconv.FormatInt(int64(n), 16)) + rapid.SampledFrom([]string{"", ";a=b", "; c"}).Draw(t, "extension") + "\r\n")
			b.Write(body[:n])
			b.WriteString("\r\n")
			body = body[n:]
		}
		b.WriteString("0\r\n")
		eol = "\r\n"
		fields("trailers")
		b.WriteString("\r\n")
	}
	return b.Bytes(), framing
}
