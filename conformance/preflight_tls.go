package conformance

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"
)

// helloWait is how long a TLS handshake with a port that is not said to speak
// TLS may take.
const helloWait = 2 * time.Second

// speaksTLS tells whether a port that answers plain HTTP oddly (400, no HTTP, or
// nothing at all) shakes hands in TLS. It sends no delivery.
func (r *run) speaksTLS(ctx context.Context, obs *Observation) bool {
	if r.c.Client.URL.Scheme != "http" || len(obs.Attempts) == 0 {
		return false
	}
	first := &obs.Attempts[0]
	switch s := r.terms.symptom(first); {
	case s == dropped, s == garbled, s == refused && first.Answer.Status == http.StatusBadRequest:
	default:
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, helloWait)
	defer cancel()
	port := r.c.Client.URL.Port()
	if port == "" {
		port = "80"
	}
	// Whose certificate it is does not matter: nothing is sent to it.
	d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, ServerName: r.c.Client.URL.Hostname()}}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(r.c.Client.URL.Hostname(), port))
	if err != nil {
		var op *net.OpError
		return errors.As(err, &op) && op.Op == "remote error" // an alert: it does, if not with us
	}
	conn.Close()
	return true
}
