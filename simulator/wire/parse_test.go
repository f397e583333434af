package wire

import (
	"bytes"
	"context"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

// wellFormed are answers and what is read of them.
var wellFormed = []struct {
	name, wire string
	bodiless   bool
	want       Response
}{
	{"length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", false,
		Response{Status: 200, Reason: "OK", Fields: []Field{{"Content-Length", "2"}}, Body: []byte("hi")}},
	{"no reason", "HTTP/1.1 200\r\ncontent-length:0\r\n\r\n", false,
		Response{Status: 200, Fields: []Field{{"content-length", "0"}}}},
	{"empty reason", "HTTP/1.1 599 \r\ncontent-length: 0 \t\r\n\r\n", false,
		Response{Status: 599, Fields: []Field{{"content-length", "0"}}}},
	{"line feeds alone", "HTTP/1.1 200 all right\nContent-Length: 1\n\nx", false,
		Response{Status: 200, Reason: "all right", Fields: []Field{{"Content-Length", "1"}}, Body: []byte("x")}},
	{"length repeated", "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\nContent-Length: 1\r\n\r\nx", false,
		Response{Status: 200, Reason: "OK", Fields: []Field{{"Content-Length", "1, 1"}, {"Content-Length", "1"}}, Body: []byte("x")}},
	{"folded", "HTTP/1.1 200 OK\r\nA: b\r\n  c\r\n\t d \r\nE:\r\n f\r\nContent-Length:\r\n 1\r\n\r\nx", false,
		Response{Status: 200, Reason: "OK", Fields: []Field{{"A", "b c d"}, {"E", "f"}, {"Content-Length", "1"}}, Body: []byte("x")}},
	{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=\"b\"\r\nabc\r\n00A \t\r\n0123456789\r\n0\r\nTrailer: yes\r\nx: \r\n\r\n", false,
		Response{Status: 200, Reason: "OK", Fields: []Field{{"Transfer-Encoding", "chunked"}}, Trailers: []Field{{"Trailer", "yes"}, {"x", ""}}, Body: []byte("abc0123456789")}},
	{"coded and chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip,\r\nTRANSFER-ENCODING: Chunked\r\n\r\n1\r\nz\r\n0\r\n\r\n", false,
		Response{Status: 200, Reason: "OK", Fields: []Field{{"Transfer-Encoding", "gzip,"}, {"TRANSFER-ENCODING", "Chunked"}}, Body: []byte("z")}},
	{"chunked and length", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nz\r\n0\r\n\r\n", false,
		Response{Status: 200, Reason: "OK", Fields: []Field{{"Content-Length", "99"}, {"Transfer-Encoding", "chunked"}}, Body: []byte("z"), Close: true}},
	{"other coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n1\r\nz", false,
		Response{Status: 200, Reason: "OK", Fields: []Field{{"Transfer-Encoding", "gzip"}}, Body: []byte("1\r\nz"), Close: true}},
	{"until close", "HTTP/1.1 200 OK\r\n\r\nto the end\r\n", false,
		Response{Status: 200, Reason: "OK", Body: []byte("to the end\r\n"), Close: true}},
	{"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", false,
		Response{Proto: "HTTP/1.0", Status: 200, Reason: "OK", Fields: []Field{{"Content-Length", "1"}}, Body: []byte("x"), Close: true}},
	{"HTTP/1.0, kept alive", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: Keep-Alive\r\n\r\nx", false,
		Response{Proto: "HTTP/1.0", Status: 200, Reason: "OK", Fields: []Field{{"Content-Length", "1"}, {"Connection", "Keep-Alive"}}, Body: []byte("x")}},
	{"closing", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: x , CLOSE\r\n\r\nx", false,
		Response{Status: 200, Reason: "OK", Fields: []Field{{"Content-Length", "1"}, {"Connection", "x , CLOSE"}}, Body: []byte("x"), Close: true}},
	{"no content", "HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n", false,
		Response{Status: 204, Reason: "No Content", Fields: []Field{{"Content-Length", "7"}}}},
	{"not modified", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", false,
		Response{Status: 304, Reason: "Not Modified", Fields: []Field{{"Transfer-Encoding", "chunked"}}}},
	{"to HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", true,
		Response{Status: 200, Reason: "OK", Fields: []Field{{"Content-Length", "7"}}}},
	{"interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", false,
		Response{Status: 200, Reason: "OK", Fields: []Field{{"Content-Length", "1"}}, Body: []byte("x"), Interim: []int{100, 103}}},
	{"switching", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", false,
		Response{Status: 101, Reason: "Switching Protocols", Fields: []Field{{"Upgrade", "x"}}, Close: true}},
	{"surplus", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n\r\n", false,
		Response{Status: 200, Reason: "OK", Fields: []Field{{"Content-Length", "1"}}, Body: []byte("x"), Surplus: 19, Close: true}},
	{"other bytes", "HTTP/1.1 200 \xff\t\r\nA: \x01\xff\r\nContent-Length: 1\r\n\r\n\x00", false,
		Response{Status: 200, Reason: "\xff\t", Fields: []Field{{"A", "\x01\xff"}, {"Content-Length", "1"}}, Body: []byte{0}}},
}

func TestParseWellFormed(t *testing.T) {
	for _, test := range wellFormed {
		want := test.want
		if want.Proto == "" {
			want.Proto = "HTTP/1.1"
		}
		want.BodyBytes = int64(len(want.Body))
		a, err := parseAll(strings.NewReader(test.wire), test.bodiless, Limits{})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := a.Response(); !reflect.DeepEqual(*got, want) {
			t.Errorf("%s: parsed %+v; want %+v", test.name, *got, want)
		}
		// Byte by byte nothing differs, but that what is behind is not seen yet.
		a, err = parseAll(iotest.OneByteReader(strings.NewReader(test.wire)), test.bodiless, Limits{})
		if want.Surplus > 0 {
			want.Surplus, want.Close = 0, false
		}
		if got := a.Response(); err != nil || !reflect.DeepEqual(*got, want) {
			t.Errorf("%s, byte by byte: parsed %+v, %v; want %+v", test.name, *got, err, want)
		}
	}
}

// illFormed are answers and the kind of error they are.
var illFormed = []struct {
	wire string
	want Kind
	says string
}{
	{"", Closed, "before it answered"},
	{"HTTP/1.1 100 Continue\r\n\r\n", Closed, "before it answered"},
	{"H", Incomplete, "middle"},
	{"HTTP/1.1 200 OK\r\n", Incomplete, "middle"},
	{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", Incomplete, "middle"},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab", Incomplete, "middle"},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", Incomplete, "middle"},
	{"\r\nHTTP/1.1 200 OK\r\n\r\n", Malformed, "status line"},
	{"HTTP/2.0 200 OK\r\n\r\n", Malformed, "status line"},
	{"HTTP/1.1  200 OK\r\n\r\n", Malformed, "status line"},
	{"HTTP/1.1 20 OK\r\n\r\n", Malformed, "status line"},
	{"HTTP/1.1 099 OK\r\n\r\n", Malformed, "status line"},
	{"HTTP/1.1 2000 OK\r\n\r\n", Malformed, "status line"},
	{"http/1.1 200 OK\r\n\r\n", Malformed, "status line"},
	{"SSH-2.0-OpenSSH_9.2\r\n", Malformed, `"SSH-2.0-OpenSSH_9.2"`},
	{"HTTP/1.1 200 O\x00K\r\n\r\n", Malformed, "reason"},
	{"HTTP/1.1 200 O\rK\r\n\r\n", Malformed, "reason"},
	{"HTTP/1.1 200 OK\r\n A: b\r\n\r\n", Malformed, "before the first field"},
	{"HTTP/1.1 200 OK\r\nA : b\r\n\r\n", Malformed, "no field line"},
	{"HTTP/1.1 200 OK\r\n: b\r\n\r\n", Malformed, "no field line"},
	{"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", Malformed, "no field line"},
	{"HTTP/1.1 200 OK\r\nA: b\x00\r\n\r\n", Malformed, "NUL"},
	{"HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n", Malformed, "CR"},
	{"HTTP/1.1 200 OK\r\nA: b\r\n c\x00\r\n\r\n", Malformed, "NUL"},
	{"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", Malformed, "empty content-length"},
	{"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", Malformed, `"-1"`},
	{"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx", Malformed, `"+1"`},
	{"HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\nx", Malformed, `"0x1"`},
	{"HTTP/1.1 200 OK\r\nContent-Length: 1,\r\n\r\nx", Malformed, `"1,"`},
	{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy", Malformed, "both 1 and 2"},
	{"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nxy", Malformed, "both 1 and 2"},
	{"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", Malformed, "not a number of bytes"},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", Malformed, "after chunked"},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n", Malformed, "after chunked"},
	{"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Malformed, "HTTP/1.0"},
	{chunkedHead + "x\r\n", Malformed, "chunk size"},
	{chunkedHead + "\r\n", Malformed, "chunk size"},
	{chunkedHead + "-1\r\n", Malformed, "chunk size"},
	{chunkedHead + "0x1\r\nz\r\n", Malformed, "chunk size"},
	{chunkedHead + "1 2\r\nz\r\n", Malformed, "chunk size"},
	{chunkedHead + "1;\x00\r\nz\r\n", Malformed, "NUL"},
	{chunkedHead + "ffffffffffffffff\r\n", Malformed, "too large a number"},
	{chunkedHead + "00000000000000001\r\nz\r\n", Malformed, "chunk size"},
	{chunkedHead + "1\nz\r\n0\r\n\r\n", Malformed, "LF without CR"},
	{chunkedHead + "1\r\nzz\r\n", Malformed, "not followed by CR LF"},
	{chunkedHead + "1\r\nz\n0\r\n\r\n", Malformed, "not followed by CR LF"},
	{chunkedHead + "0\r\nno colon\r\n\r\n", Malformed, "no field line"},
	{"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n", TooLarge, "9000000"},
	{chunkedHead + "fffffff\r\n", TooLarge, "longer than"},
	{chunkedHead + "1;" + strings.Repeat("x", 70_000) + "\r\nz\r\n", TooLarge, "65536"},
	{chunkedHead + strings.Repeat("1;"+strings.Repeat("x", 700)+"\r\nz\r\n", 100), TooLarge, "65536"},
	{chunkedHead + "0\r\n" + strings.Repeat("A: b\r\n", 20_000), TooLarge, "field lines"},
	{strings.Repeat("x", 70_000), TooLarge, "65536"},
	{"HTTP/1.1 200 " + strings.Repeat("x", 70_000) + "\r\n\r\n", TooLarge, "65536"},
	{"HTTP/1.1 200 OK\r\nA: b\r\n" + strings.Repeat(" c\r\n", 30_000), TooLarge, "65536"},
	{"HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 2000), TooLarge, "1000 field lines"},
	{strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 50), TooLarge, "32 interim"},
	{"HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("x", 8<<20+1), TooLarge, "8388608"},
}

const chunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

func TestParseIllFormed(t *testing.T) {
	for _, test := range illFormed {
		name := string(clip([]byte(test.wire)))
		a, err := parseAll(strings.NewReader(test.wire), false, Limits{})
		if got := parseKind(a, err); got != test.want {
			t.Errorf("%q: %q (%v); want %q", name, got, err, test.want)
		} else if msg := classify(context.Background(), "read", err, a.started).Error(); !strings.Contains(msg, test.says) || len(msg) > 400 {
			t.Errorf("%q: error %q; want it to say %q, briefly", name, msg, test.says)
		}
		if len(test.wire) > 200_000 {
			continue
		}
		a, err = parseAll(iotest.OneByteReader(strings.NewReader(test.wire)), false, Limits{})
		if got := parseKind(a, err); got != test.want {
			t.Errorf("%q, byte by byte: %q (%v); want %q", name, got, err, test.want)
		}
	}
}

func TestBodyLimits(t *testing.T) {
	limits := Limits{BodyBytes: 10, BodyRead: 20}
	for _, test := range []struct {
		wire      string
		bytes     int64
		kept      string
		truncated bool
		kind      Kind
	}{
		{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", 10, "0123456789", false, ""},
		{"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n0123456789x", 11, "0123456789", true, ""},
		{chunkedHead + "8\r\n01234567\r\n8\r\n89xxxxxx\r\n4\r\nyyyy\r\n0\r\n\r\n", 20, "0123456789", true, ""},
		{chunkedHead + "14\r\n01234567890123456789\r\n1\r\n!\r\n0\r\n\r\n", 20, "0123456789", true, TooLarge},
		{"HTTP/1.1 200 OK\r\n\r\n01234567890123456789", 20, "0123456789", true, ""},
		{"HTTP/1.1 200 OK\r\n\r\n01234567890123456789!", 0, "", false, TooLarge},
		{"HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n", 0, "", false, TooLarge},
	} {
		a, err := parseAll(strings.NewReader(test.wire), false, limits)
		if parseKind(a, err) != test.kind || a.BodyBytes != test.bytes || string(a.Body) != test.kept || a.Truncated != test.truncated {
			t.Errorf("%q: %d bytes, kept %q, truncated %v, %v; want %+v", test.wire, a.BodyBytes, a.Body, a.Truncated, err, test)
		}
	}
}

// TestLargeBody reads a body longer than all buffers, whole.
func TestLargeBody(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789abcdef"), 60_000)
	for name, wire := range map[string]string{
		"length":  "HTTP/1.1 200 OK\r\nContent-Length: 960000\r\n\r\n" + string(body),
		"chunked": chunkedHead + "ea600\r\n" + string(body) + "\r\n0\r\n\r\n",
		"close":   "HTTP/1.1 200 OK\r\n\r\n" + string(body),
	} {
		a, err := parseAll(strings.NewReader(wire), false, Limits{BodyBytes: 1 << 20})
		if err != nil || !bytes.Equal(a.Body, body) {
			t.Errorf("%s: %d bytes, %v; want %d", name, len(a.Body), err, len(body))
		}
	}
}

func TestAnswerFields(t *testing.T) {
	a, err := parseAll(strings.NewReader(wellFormed[0].wire), false, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := a.Value("CONTENT-length"); !ok || string(v) != "2" {
		t.Errorf("Value = %q, %v; want 2", v, ok)
	}
	if _, ok := a.Value("Date"); ok {
		t.Error("Value(Date) is there; want not")
	}
	r := a.Response()
	a.reset()
	if v, ok := r.Value("content-LENGTH"); !ok || v != "2" {
		t.Errorf("Response.Value = %q, %v; want 2", v, ok)
	}
	if _, ok := r.Value("Date"); ok {
		t.Error("Response.Value(Date) is there; want not")
	}
}
