package mine

import (
	"net/http/httptest"
	"net/url"
	"os"
	"testing"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/wire"
)

const secret = "whsec_my-signing-secret"

func TestReceiver(t *testing.T) {
	server := httptest.NewServer(Receive(secret, os.Getenv("CARELESS") != ""))
	defer server.Close()
	library, _ := schemas.Builtin()
	provider, _ := library.Provider("usmewe")
	target, _ := url.Parse(server.URL)
	client := wire.NewClient(target, nil, wire.Limits{})
	result, err := conformance.Run(t.Context(), conformance.Config{Provider: provider, Secret: []byte(secret), Client: client})
	if err != nil || result.Outcome != conformance.Conformant {
		t.Fatalf("%v %+v", err, result)
	}
}
