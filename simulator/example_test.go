package simulator_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/generate"
)

// Sign one event for the unit test of a handler: no socket is opened.
func ExampleNewRequest() {
	library, _ := schemas.Builtin()
	provider, _ := library.Provider("usmewe")
	for _, faults := range [][]string{nil, {"signature.truncated(8)"}, {"signature.missing"}} {
		request, err := simulator.NewRequest("/webhooks", provider, []byte("my-signing-secret"), "loan.funded", faults...)
		if err != nil {
			fmt.Println(err)
			return
		}
		answer := httptest.NewRecorder()
		handler(answer, request)
		fmt.Println(answer.Code, faults)
	}
	// Output:
	// 200 []
	// 401 [signature.truncated(8)]
	// 401 [signature.missing]
}

// The same with a clock and ids of one's own: the same bytes at every run.
func ExampleSender_Prepare() {
	library, _ := schemas.Builtin()
	provider, _ := library.Provider("usmewe")
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	prepare := func() string {
		generator, _ := generate.New(provider, generate.Options{Seed: 1, RunID: "unit-test"})
		event, _ := generator.Event(generate.Key{Case: "loan", Number: 1}, "loan.overdue", at)
		sender := &simulator.Sender{Provider: provider, Secret: []byte("my-signing-secret"), Clock: func() time.Time { return at }}
		delivery, err := sender.Prepare(simulator.Delivery{Event: event})
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("%s %s", delivery.Signed.Digest["v1"], delivery.Request.Body)
	}
	first, again := prepare(), prepare()
	fmt.Println(first == again, len(first) > 64)
	// Output: true true
}

// handler is the handler under test: it verifies the raw body.
func handler(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	mac := hmac.New(sha256.New, []byte("my-signing-secret"))
	mac.Write(body)
	want := "sha256=" + hex.EncodeToString(mac.Sum(nil))
	if !hmac.Equal([]byte(want), []byte(r.Header.Get("X-Usmewe-Signature"))) {
		w.WriteHeader(http.StatusUnauthorized)
	}
}
