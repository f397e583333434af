package conformance_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/fixtures/receiver"
	"github.com/hookstone/hookstone/simulator/wire"
)

// TestTLS: a server that also takes TLS 1.0 fails robustness/tls, one that
// starts at 1.2 passes it, and on this machine plain http is not judged.
func TestTLS(t *testing.T) {
	for _, c := range []struct {
		name    string
		minimum uint16
		plain   bool
		want    conformance.Verdict
	}{
		{"1.2 and later", tls.VersionTLS12, false, conformance.Passed},
		{"1.0 as well", tls.VersionTLS10, false, conformance.Failed},
		{"no TLS on this machine", 0, true, conformance.NotApplicable},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := library(t).Providers()[0]
			r, err := receiver.New(receiver.Options{Provider: p, Secret: []byte(secret)})
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewUnstartedServer(r.Handler())
			server.TLS = &tls.Config{MinVersion: c.minimum}
			var config *tls.Config
			if c.plain {
				server.Start()
			} else {
				server.StartTLS()
				config = &tls.Config{RootCAs: x509.NewCertPool()}
				config.RootCAs.AddCert(server.Certificate())
			}
			defer server.Close()
			target, err := url.Parse(server.URL + "/webhooks")
			if err != nil {
				t.Fatal(err)
			}
			result, err := conformance.Run(t.Context(), conformance.Config{
				Provider: p, Secret: []byte(secret), Client: wire.NewClient(target, config, wire.Limits{}),
				Selection: conformance.Selection{Cases: []string{"robustness/tls", "robustness/null"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range result.Results {
				if k.ID == "robustness/tls" && k.Verdict != c.want {
					t.Errorf("verdict %s (%s %v); want %s", k.Verdict, k.Reason, k.Violations, c.want)
				}
			}
		})
	}
}

// TestPlainHTTPToTLS: a target given as http whose port speaks TLS is told as
// such, however the server answers plain text.
func TestPlainHTTPToTLS(t *testing.T) {
	p := library(t).Providers()[0]
	r, err := receiver.New(receiver.Options{Provider: p, Secret: []byte(secret)})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(r.Handler())
	defer server.Close()
	target, err := url.Parse("http://" + server.Listener.Addr().String() + "/webhooks")
	if err != nil {
		t.Fatal(err)
	}
	result, err := conformance.Run(t.Context(), conformance.Config{Provider: p, Secret: []byte(secret), Client: wire.NewClient(target, nil, wire.Limits{})})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Findings) == 0 || result.Findings[0].ID != "not-a-receiver" || !strings.Contains(result.Findings[0].Evidence, "https://") {
		t.Errorf("findings %+v; want not-a-receiver that names https", result.Findings)
	}
}
