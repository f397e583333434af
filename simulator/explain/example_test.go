package explain_test

import (
	"fmt"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/explain"
)

// Say why a captured request does not verify: this one was signed over the
// body as Python's json.dumps spells it.
func ExampleExplain() {
	capture, err := explain.Read([]byte(`POST /webhooks HTTP/1.1
X-Usmewe-Signature: sha256=d98f1445b613f9a61a3d2bc65dcebf73e53adbbb424c4f965ab1d89071ba241f
Content-Type: application/json

{"id":"evt_abc123xyz","type":"loan.overdue"}`), 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	library, _ := schemas.Builtin()
	e, err := explain.Explain(explain.Question{Capture: capture, Secret: []byte("my-signing-secret"), Library: library})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Provider, e.Verifies)
	fmt.Println(e.Summary)
	fmt.Println(e.FirstDifference)
	// Output:
	// usmewe false
	// The signature does not verify: the request was signed over Python's spelling of the JSON.
	// 6
}
