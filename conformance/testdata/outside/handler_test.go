package mine

import (
	"net/http/httptest"
	"os"
	"testing"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/schemas"
)

const secret = "whsec_my-signing-secret"

func TestReceiver(t *testing.T) {
	server := httptest.NewServer(Receive(secret, os.Getenv("CARELESS") != ""))
	defer server.Close()
	library, _ := schemas.Builtin()
	provider, _ := library.Provider("usmewe")
	result, err := conformance.Run(t.Context(), conformance.Config{Provider: provider, Target: server.URL, Secret: []byte(secret)})
	if err != nil || result.Err() != nil {
		t.Fatal(err, result.Err())
	}
}
