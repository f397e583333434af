package simulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
)

// Sign one event for a unit test of a handler: no socket is opened.
func ExampleSender_Prepare() {
	library, _ := schemas.Builtin()
	provider, _ := library.Provider("usmewe")
	generator, _ := generate.New(provider, generate.Options{Seed: 1, RunID: "unit-test"})
	event, _ := generator.Event(generate.Key{Case: "loan", Number: 1}, "loan.funded", time.Now())
	sender := &simulator.Sender{Provider: provider, Secret: []byte("my-signing-secret")}
	delivery, err := sender.Prepare(simulator.Delivery{Event: event})
	if err != nil {
		fmt.Println(err)
		return
	}

	request := httptest.NewRequest(delivery.Request.Method, "/webhooks", strings.NewReader(string(delivery.Request.Body)))
	for _, f := range delivery.Request.Fields {
		request.Header.Add(f.Name, f.Value)
	}
	answer := httptest.NewRecorder()
	handler(answer, request)
	fmt.Println(answer.Code, len(request.Header.Get("X-Usmewe-Signature")), delivery.Event.Type)
	// Output: 200 71 loan.funded
}

// The same event, forged in a way that has a name.
func ExampleSender_Prepare_forged() {
	library, _ := schemas.Builtin()
	provider, _ := library.Provider("usmewe")
	generator, _ := generate.New(provider, generate.Options{Seed: 1, RunID: "unit-test"})
	event, _ := generator.Event(generate.Key{Case: "loan", Number: 1}, "loan.funded", time.Now())
	sender := &simulator.Sender{Provider: provider, Secret: []byte("my-signing-secret")}
	for _, f := range []fault.Fault{fault.Truncated(8), fault.Unsigned()} {
		delivery, err := sender.Prepare(simulator.Delivery{Event: event, Faults: []fault.Fault{f}})
		if err != nil {
			fmt.Println(err)
			return
		}
		signature := ""
		for _, field := range delivery.Request.Fields {
			if field.Name == "X-Usmewe-Signature" {
				signature = field.Value
			}
		}
		fmt.Printf("%s: %d characters\n", f.Name, len(signature))
	}
	// Output:
	// signature.truncated(8): 15 characters
	// signature.missing: 0 characters
}

func handler(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Usmewe-Signature") == "" {
		w.WriteHeader(http.StatusUnauthorized)
	}
}
