package wire

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// tool finds a program that a test needs, or skips the test.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("HOOKSTONE_REQUIRE_TOOLS") == "1" {
		t.Fatalf("%s is needed: %v", name, err)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// run starts a server that prints its port on a line, and returns its base URL.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(tool(t, name), args...)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("%s printed no port: %v", name, err)
	}
	go io.Copy(io.Discard, stdout)
	return "http://127.0.0.1:" + strings.TrimSpace(line)
}

// The servers answer alike:
//
//	/echo    the body, with its length
//	/chunked the body in chunks, with the trailer X-Length
//	/close   the body, ended by closing the connection
//	/empty   204
//	/early   413 before the body is read, Connection: close
//	/hints   103, then 200
//	/slow    never
func goServer(t *testing.T) string {
	mux := http.NewServeMux()
	echo := func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(400)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(b)))
		w.Write(b)
	}
	mux.HandleFunc("/echo", echo)
	mux.HandleFunc("/chunked", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Header().Set("Trailer", "X-Length")
		for i := range b {
			w.Write(b[i : i+1])
			w.(http.Flusher).Flush()
		}
		w.Header().Set("X-Length", fmt.Sprint(len(b)))
	})
	mux.HandleFunc("/close", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		c, _, _ := w.(http.Hijacker).Hijack()
		defer c.Close()
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\n\r\n%s", b)
	})
	mux.HandleFunc("/empty", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })
	mux.HandleFunc("/early", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		http.Error(w, "too large", 413)
	})
	mux.HandleFunc("/hints", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(103)
		echo(w, r)
	})
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // else the server would not notice that the client has gone
		<-r.Context().Done()
	})
	s := httptest.NewServer(mux)
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s.URL
}

func TestGoServer(t *testing.T) {
	t.Parallel()
	conformToServer(t, goServer(t), true)
}

func TestNodeServer(t *testing.T) {
	t.Parallel()
	conformToServer(t, run(t, "node", "testdata/server.js"), true)
}

func TestPythonServer(t *testing.T) {
	t.Parallel()
	address := run(t, "python3", "testdata/server.py")
	conformToServer(t, address, false)
	// The module's own file server, HTTP/1.0 and closing.
	out := clientFor(t, address+"/files/", quick).Do(context.Background(), &Request{Method: "GET"})
	if out.Err != nil || out.Response.Proto != "HTTP/1.0" || !out.Response.Close {
		t.Errorf("HTTP/1.0: %v, %+v; want closed HTTP/1.0", out.Err, out.Response)
	}
}

// conformToServer exchanges with a server in all ways. full: it also knows
// interim answers, trailers and chunked requests by itself.
func conformToServer(t *testing.T, address string, full bool) {
	t.Helper()
	ctx := context.Background()
	at := func(path string) *Client { return clientFor(t, address+path, quick) }
	body := []byte(`{"id":"evt_1","text":"größer"}`)

	conn, opened := at("/echo").Open(ctx)
	if conn == nil {
		t.Fatal(opened.Err)
	}
	defer conn.Close()
	requests := map[string]*Request{
		"one write": {Body: body},
		"pieces":    {Body: body, Pieces: []Piece{{time.Millisecond, 7}, {time.Millisecond, 9}}},
		"PUT":       {Method: "PUT", Body: body},
		"expect":    {Body: body, Expect: true},
		"both":      {Body: body, ReadWhileWriting: true},
		"odd names": {Body: body, Fields: []Field{{"x-ODD", "1"}, {"CONTENT-type", "application/json"}, {"hOsT", "elsewhere"}}},
	}
	if full {
		requests["chunked"] = &Request{Body: body, Framing: Chunked, ChunkBytes: 5}
		requests["chunked pieces"] = &Request{Body: body, Framing: Chunked, Pieces: []Piece{{0, 3}, {time.Millisecond, 0}}}
	}
	for name, r := range requests {
		out := conn.Exchange(ctx, r)
		if out.Err != nil || out.Response.Status != 200 || string(out.Response.Body) != string(body) || out.Early {
			t.Fatalf("%s: %v, %+v; want the body", name, out.Err, out.Response)
		}
		if interim := len(out.Response.Interim); (interim > 0) != r.Expect {
			t.Errorf("%s: %d interim answers", name, interim)
		}
		if !conn.Usable() {
			t.Fatalf("%s: not usable; want kept alive", name)
		}
	}
	r := Request{Target: "/empty", Body: body}
	if out := conn.Exchange(ctx, &r); out.Err != nil || out.Response.Status != 204 || out.Response.BodyBytes != 0 || !out.Reused {
		t.Errorf("empty: %v, %+v; want 204", out.Err, out.Response)
	}
	r = Request{Method: "HEAD", Target: "/echo"}
	if out := conn.Exchange(ctx, &r); out.Err != nil || out.Response.BodyBytes != 0 || !conn.Usable() {
		t.Errorf("HEAD: %v, %+v; want no body, kept alive", out.Err, out.Response)
	}
	r = Request{Target: "/chunked", Body: body}
	out := conn.Exchange(ctx, &r)
	if out.Err != nil || string(out.Response.Body) != string(body) || !conn.Usable() {
		t.Errorf("chunked answer: %v, %+v; want the body", out.Err, out.Response)
	} else if want := []Field{{"X-Length", fmt.Sprint(len(body))}}; fmt.Sprint(out.Response.Trailers) != fmt.Sprint(want) {
		t.Errorf("trailers %v; want %v", out.Response.Trailers, want)
	}
	if full {
		r = Request{Target: "/hints", Body: body}
		if out = conn.Exchange(ctx, &r); out.Err != nil || fmt.Sprint(out.Response.Interim) != "[103]" || string(out.Response.Body) != string(body) {
			t.Errorf("hints: %v, %+v; want 103 and the body", out.Err, out.Response)
		}
	}
	r = Request{Target: "/close", Body: body}
	if out = conn.Exchange(ctx, &r); out.Err != nil || string(out.Response.Body) != string(body) || conn.Usable() {
		t.Errorf("close: %v, %+v, usable %v; want the body and the end", out.Err, out.Response, conn.Usable())
	}

	conformInRoundtrips(t, at("/"), body, full)
	for _, framing := range []Framing{ByLength, Chunked} {
		out = at("/early").Do(ctx, &Request{Body: bigBody, Framing: framing, ReadWhileWriting: true})
		if status(out.Response) != 413 || !out.Early {
			t.Errorf("early, %q: %v, %+v, early %v; want 413 early", framing, out.Err, out.Response, out.Early)
		}
	}
	out = at("/echo").Do(ctx, &Request{Body: body, Cut: true, CutAfter: 5})
	if kindOf(out) != Abandoned {
		t.Errorf("cut: %v; want abandoned", out.Err)
	}
	// Python's handler takes the short body for whole, and that must show.
	if full && status(out.Response) == 200 || !full && out.Response != nil && status(out.Response) != 200 {
		t.Errorf("cut: answer %+v", out.Response)
	}
	out = at("/echo").Do(ctx, &Request{Body: body, Abandon: true})
	if kindOf(out) != Abandoned || out.Response != nil {
		t.Errorf("abandon: %v, %+v; want abandoned", out.Err, out.Response)
	}
	out = at("/echo").Do(ctx, &Request{Raw: []byte("NONSENSE / HTTP/1.1\r\nbad field\r\n\r\n")})
	if status(out.Response) < 400 {
		t.Errorf("raw nonsense: %v, %+v; want a refusal", out.Err, out.Response)
	}
	slow := clientFor(t, address+"/slow", Limits{Answer: 100 * time.Millisecond})
	if out = slow.Do(ctx, &Request{Body: body}); kindOf(out) != Timeout {
		t.Errorf("slow: %v; want timeout", out.Err)
	}
	// After all that the server is alive.
	if out = at("/echo").Do(ctx, &Request{Body: body}); out.Err != nil {
		t.Errorf("at the end: %v", out.Err)
	}
}
