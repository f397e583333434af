package simulator

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/hookstone/hookstone/simulator/fault"
)

func TestSendPipelinedKeepsOrder(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Forged") == "yes" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := sender(t, "stripe", target)
	attempts, err := s.SendPipelined(context.Background(), []Delivery{
		{Role: "first", Class: Genuine, Event: event()},
		{Role: "second", Class: Forged, Event: event(), Faults: []fault.Fault{fault.HeaderValue("Forged", "yes"), fault.AnotherSecret()}},
		{Role: "third", Class: Genuine, Event: event()},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		role   string
		status int
	}{{"first", 200}, {"second", 401}, {"third", 200}} {
		a := attempts[i]
		if a.Role != want.role || a.Answer == nil || a.Answer.Status != want.status || a.Connection.Number != attempts[0].Connection.Number {
			t.Errorf("attempt %d = %s %+v on connection %d; want %s answered %d on one connection", i, a.Role, a.Answer, a.Connection.Number, want.role, want.status)
		}
	}
}

func TestSendPipelinedToNobody(t *testing.T) {
	s := sender(t, "stripe", &url.URL{Scheme: "http", Host: "127.0.0.1:1"})
	attempts, err := s.SendPipelined(context.Background(), []Delivery{{Class: Genuine, Event: event()}, {Class: Genuine, Event: event()}})
	if err != nil || len(attempts) != 2 {
		t.Fatalf("%d attempts, %v; want 2", len(attempts), err)
	}
	for i, a := range attempts {
		if a.Error == nil || a.Error.Kind != "refused" {
			t.Errorf("attempt %d: %+v; want refused", i, a.Error)
		}
	}
}
