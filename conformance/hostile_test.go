package conformance_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/conformance"
)

// hostile is a server that never acknowledges, and how the run tells it.
type hostile struct {
	name    string
	handle  func(net.Conn)
	outcome conformance.Outcome
	finding string // one of these, by "|", stands first
	telling string // stands in the outcome's reason, the finding or a violation
}

const (
	okLine  = "HTTP/1.1 200 OK\r\n"
	chunked = okLine + "Transfer-Encoding: chunked\r\n\r\n"
	bad     = conformance.Nonconformant
)

// hostiles misbehave in one way each, at every delivery.
var hostiles = []hostile{
	{"closes at accept", func(net.Conn) {}, bad, "drops-connections", "closed|reset"},
	{"resets at accept", func(c net.Conn) { play(c, reset{}) }, bad, "drops-connections", "closed|reset"},
	{"closes after the head", headOnly(), bad, "drops-connections", "closed|reset"},
	{"resets in the upload", headOnly(reset{}), bad, "drops-connections", "reset|closed"},
	{"closes before the answer", answering(), bad, "drops-connections", "closed"},
	{"closes in the status line", answering("HTTP/1.1 2"), bad, "drops-connections", "in the middle of its answer"},
	{"closes in the headers", answering(okLine + "Content-Type: te"), bad, "drops-connections", "in the middle of its answer"},
	{"closes in the body", answering(okLine + "Content-Length: 10\r\n\r\n01234"), bad, "drops-connections", "in the middle of its answer"},
	{"closes in a chunk", answering(chunked + "5\r\nab"), bad, "drops-connections", "in the middle of its answer"},
	{"resets in the body", answering(okLine+"Content-Length: 10\r\n\r\n01234", 20*time.Millisecond, reset{}), bad, "drops-connections", "reset"},
	{"accepts and never answers", func(c net.Conn) { play(c, hang{}) }, bad, "hangs", "no complete answer"},
	{"stops in the status line", answering("HTTP/1.1 ", hang{}), bad, "hangs", "no complete answer"},
	{"stops in the headers", answering(okLine+"A: b\r\n", hang{}), bad, "hangs", "no complete answer"},
	{"length too long", answering(okLine+"Content-Length: 100\r\n\r\nok", hang{}), bad, "hangs", "no complete answer"},
	{"slow drip in the headers", answering(okLine, drip{"A: b\r\n"}), bad, "hangs", "no complete answer"},
	{"slow drip in the body", answering(okLine+"\r\n", drip{"x"}), bad, "hangs", "no complete answer"},
	{"endless body", answering(okLine+"\r\n", flood{"x"}), bad, "endless-answer", ""},
	{"chunk bomb", answering(chunked, flood{"10\r\n0123456789abcdef\r\n"}), bad, "endless-answer", ""},
	{"huge chunk size", answering(chunked+"7fffffffffffffff\r\nx", hang{}), bad, "not-a-receiver|endless-answer|hangs", ""},
	{"chunk size overflow", answering(chunked + "10000000000000001\r\nx"), bad, "not-a-receiver", "HTTP"},
	{"trailers flood", answering(chunked+"0\r\n", flood{"A: b\r\n"}), bad, "endless-answer", ""},
	{"header bomb", answering(okLine+"A: ", flood{"b"}), bad, "endless-answer", ""},
	{"fields without end", answering(okLine, flood{"A: b\r\n"}), bad, "endless-answer", ""},
	{"1xx flood", answering(flood{"HTTP/1.1 103 Early Hints\r\n\r\n"}), bad, "endless-answer", ""},
	{"length beyond reason", answering(okLine+"Content-Length: 999999999999999999\r\n\r\n", hang{}), bad, "not-a-receiver|endless-answer|hangs", ""},
	{"another protocol", func(c net.Conn) { play(c, "220 mail ready\r\n", hang{}) }, bad, "not-a-receiver", "does not speak HTTP"},
	{"binary garbage", answering("\x00\xff\xfe\x80\r\n\x01\x02\n\n"), bad, "not-a-receiver", "does not speak HTTP"},
	{"NULs without end", answering(flood{"\x00"}), bad, "endless-answer", "longer than"},
	{"HTTP/0.9", answering("<html>hello</html>\n"), bad, "not-a-receiver", "does not speak HTTP"},
	{"HTTP/2 preface", answering("\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64\n", hang{}), bad, "not-a-receiver", "does not speak HTTP"},
	{"NUL in a field", answering(okLine + "A: \x00\r\n\r\n"), bad, "not-a-receiver", "does not speak HTTP"},
	{"two lengths", answering(okLine + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), bad, "not-a-receiver", "does not speak HTTP"},
	{"switches protocols", answering("HTTP/1.1 101 Switching Protocols\r\n\r\n", hang{}), bad, "always-refuses", "101"},
	{"redirect loop", answering("HTTP/1.1 302 Found\r\nLocation: /webhooks\r\nContent-Length: 0\r\n\r\n"), bad, "redirects", "302"},
	{"status out of range", answering("HTTP/1.1 999 Whatever\r\nContent-Length: 0\r\n\r\n"), bad, "always-refuses", "999"},
	{"429 for ever", answering("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"), conformance.Partial, "rate-limited|always-refuses", "429"},
	{"429 without a word", answering("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"), conformance.Partial, "rate-limited|always-refuses", "429"},
	{"plain HTTP on a TLS port", secured(&tls.Config{}), bad, "not-a-receiver", "https://"},
}

// headOnly reads a byte of the request and ends.
func headOnly(parts ...any) func(net.Conn) {
	return func(c net.Conn) {
		_, _ = c.Read(make([]byte, 1))
		play(c, parts...)
	}
}

// secured speaks TLS.
func secured(config *tls.Config) func(net.Conn) {
	return func(c net.Conn) {
		_ = tls.Server(c, config).Handshake()
	}
}

// TestHostileServers: whatever the server does, the run ends in time, says
// what it met, and its result is whole.
func TestHostileServers(t *testing.T) {
	t.Parallel()
	for _, h := range hostiles {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			c := brief(t, "usmewe", "http://"+listen(t, h.handle)+"/webhooks", nil)
			c.Deadline = 100 * time.Millisecond // nothing genuine is to be acknowledged
			r := examine(t, context.Background(), c)
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("the run took %s", took)
			}
			h.judge(t, r)
			if n := len(failed(r, conformance.Failed)); n > 3 {
				t.Errorf("%d failed cases; want one cause told once", n)
			}
		})
	}
}

func (h *hostile) judge(t *testing.T, r *conformance.Result) {
	t.Helper()
	if r.Outcome != h.outcome {
		t.Errorf("outcome %s (%s); want %s", r.Outcome, r.Reason, h.outcome)
	}
	first := ""
	if len(r.Findings) > 0 {
		first = r.Findings[0].ID
	}
	if !among(first, h.finding) {
		t.Errorf("first finding %q of %s; want %q", first, findings(r), h.finding)
	}
	if h.telling != "" && !tells(r, h.telling) {
		t.Errorf("nothing tells of %q: %s, %s", h.telling, r.Reason, findings(r))
	}
}

func among(s, alternatives string) bool {
	for _, a := range strings.Split(alternatives, "|") {
		if s == a {
			return true
		}
	}
	return false
}

// tells looks for one of the words in what a person reads first.
func tells(r *conformance.Result, words string) bool {
	text := r.Reason
	for _, f := range r.Findings {
		text += "\n" + f.Title + "\n" + f.Evidence
	}
	for _, c := range r.Results {
		for _, v := range c.Violations {
			text += "\n" + v.Got
		}
		if c.Verdict == conformance.Inconclusive {
			text += "\n" + c.Reason
		}
	}
	for _, w := range strings.Split(words, "|") {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

func findings(r *conformance.Result) string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, f.ID+" ("+f.Evidence+")")
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// TestUnreachableTLS: no TLS connection is the environment's fault, told in a
// line that names the reason.
func TestUnreachableTLS(t *testing.T) {
	t.Parallel()
	expired := certificate(t, "127.0.0.1", time.Now().Add(-time.Hour))
	other := certificate(t, "elsewhere.example", time.Now().Add(time.Hour))
	valid := certificate(t, "127.0.0.1", time.Now().Add(time.Hour))
	serving := func(c tls.Certificate, config *tls.Config) func(net.Conn) {
		config.Certificates = []tls.Certificate{c}
		return secured(config)
	}
	for _, test := range []struct {
		name    string
		handle  func(net.Conn)
		trust   *tls.Config
		telling string
	}{
		{"expired certificate", serving(expired, &tls.Config{}), trusting(t, expired), "expired"},
		{"certificate for another host", serving(other, &tls.Config{}), trusting(t, other), "127.0.0.1"},
		{"certificate of a stranger", serving(valid, &tls.Config{}), &tls.Config{}, "unknown authority"},
		{"TLS of long ago", serving(valid, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}), trusting(t, valid), "version"},
		{"plain HTTP", answering("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), nil, "does not speak TLS"},
		{"hangs up in the handshake", func(net.Conn) {}, nil, "handshake"},
		{"no word in the handshake", func(c net.Conn) { play(c, hang{}) }, nil, "handshake"},
		{"demands a client's certificate", serving(valid, &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}), trusting(t, valid), "handshake failure"},
		{"demands one after the handshake", serving(valid, &tls.Config{ClientAuth: tls.RequireAnyClientCert}), trusting(t, valid), "certificate required"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := examine(t, context.Background(), brief(t, "usmewe", "https://"+listen(t, test.handle)+"/webhooks", test.trust))
			if r.Outcome != conformance.OutcomeError {
				t.Errorf("outcome %s (%s); want error", r.Outcome, r.Reason)
			}
			if !strings.Contains(r.Reason, test.telling) || strings.Contains(r.Reason, "\n") {
				t.Errorf("reason %q; want one line that says %q", r.Reason, test.telling)
			}
			if n := len(failed(r, conformance.Failed)); n > 0 {
				t.Errorf("%d failed cases; want none: nothing was judged", n)
			}
		})
	}
}

// TestNothingListens: one clear line, and nothing else.
func TestNothingListens(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	r := examine(t, context.Background(), brief(t, "usmewe", "http://"+l.Addr().String()+"/webhooks", nil))
	if r.Outcome != conformance.OutcomeError || !strings.HasPrefix(r.Reason, "nothing listens at http://"+l.Addr().String()) || strings.Contains(r.Reason, "\n") {
		t.Errorf("%s: %q; want one line that says that nothing listens", r.Outcome, r.Reason)
	}
	if len(r.Findings) > 0 || r.Counts.Verdicts[conformance.Failed] > 0 {
		t.Errorf("findings %s, verdicts %v; want none", findings(r), r.Counts.Verdicts)
	}
}

// TestBoundedMemory: what a flood leaves in the result is small.
func TestBoundedMemory(t *testing.T) {
	t.Parallel()
	for name, handle := range map[string]func(net.Conn){
		"body":    answering(okLine+"\r\n", flood{"x"}),
		"header":  answering(okLine+"A: ", flood{"b"}),
		"refusal": answering("HTTP/1.1 401 Unauthorized\r\nContent-Length: 900000\r\n\r\n" + strings.Repeat("x", 900000)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := examine(t, context.Background(), brief(t, "usmewe", "http://"+listen(t, handle), nil))
			text, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			const most = 8 << 20
			if len(text) > most {
				t.Errorf("the result has %d bytes; want at most %d", len(text), most)
			}
		})
	}
}
