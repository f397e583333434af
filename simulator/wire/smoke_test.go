package wire

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

func clientFor(t testing.TB, address string, limits Limits) *Client {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return NewClient(u, nil, limits)
}

func TestSmoke(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Len", r.Host)
		w.WriteHeader(201)
		w.Write(b)
	}))
	defer s.Close()
	c := clientFor(t, s.URL+"/a?b=c", Limits{})
	for range 3 {
		out := c.Do(context.Background(), &Request{Body: []byte("hello"), Fields: []Field{{"content-type", "text/plain"}}})
		if out.Err != nil || out.Response.Status != 201 || string(out.Response.Body) != "hello" {
			t.Fatalf("%+v %v", out, out.Err)
		}
	}
	conn, _ := c.Open(context.Background())
	for range 3 {
		out := conn.Exchange(context.Background(), &Request{Body: []byte("hello"), Framing: Chunked, ChunkBytes: 2, Pieces: []Piece{{10 * time.Millisecond, 3}, {10 * time.Millisecond, 0}}})
		if out.Err != nil || out.Response.Status != 201 || string(out.Response.Body) != "hello" || !conn.Usable() {
			t.Fatalf("%+v %v", out, out.Err)
		}
		t.Logf("%+v", out.Phases)
	}
}
