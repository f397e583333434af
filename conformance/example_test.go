package conformance_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/schemas"
)

// handler is the receiver under test: it verifies the raw body.
func handler(secret string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4<<20))
		if err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		want := "sha256=" + hex.EncodeToString(mac.Sum(nil))
		if !hmac.Equal([]byte(want), []byte(r.Header.Get("X-Usmewe-Signature"))) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
}

// Certify a handler in an ordinary test, against an httptest.Server. Leave the
// selection out to run the whole catalogue.
func ExampleRun() {
	server := httptest.NewServer(handler("my-signing-secret"))
	defer server.Close()

	library, _ := schemas.Builtin()
	provider, _ := library.Provider("usmewe")
	result, err := conformance.Run(context.Background(), conformance.Config{
		Library: library, Provider: provider, Target: server.URL, Secret: []byte("my-signing-secret"),
		Selection: conformance.Selection{Families: []string{"signature", "raw-body"}},
	})
	if err != nil || result.Err() != nil {
		fmt.Println(err, result.Err()) // in a test: t.Fatal; it tells causes, fixes and failed cases
		return
	}
	fmt.Println(result.Outcome)
	// Output: conformant
}

// What the report knows of a receiver that has no eye for the signature.
func ExampleRun_finding() {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()

	library, _ := schemas.Builtin()
	provider, _ := library.Provider("usmewe")
	result, err := conformance.Run(context.Background(), conformance.Config{
		Library: library, Provider: provider, Target: server.URL, Secret: []byte("my-signing-secret"),
		Selection: conformance.Selection{Cases: []string{"signature/missing/*"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Outcome)
	fmt.Println(result.Findings[0].ID)
	// Output:
	// nonconformant
	// accepts-unsigned
}
