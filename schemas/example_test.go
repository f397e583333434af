package schemas_test

import (
	"errors"
	"fmt"

	"github.com/hookstone/hookstone/schemas"
)

// Look at a contract, and hold a body against the schema of its event.
func ExampleEvent_Validate() {
	library, _ := schemas.Builtin()
	provider, _ := library.Provider("usmewe")
	event, _ := provider.Event("loan.overdue")
	fmt.Println(provider.Contract.Signing.Headers[0].Name, provider.Contract.Deadlines.Acknowledge)

	fmt.Println(event.Validate(event.Examples[0]))
	err := event.Validate([]byte(`{"id":"evt_abc123xyz","type":"loan.overdue","timestamp":"2026-01-15T12:00:00Z",
		"data":{"loanId":"loan_xyz789","userId":"user_abc123","daysOverdue":"one","amountDue":"51.35"}}`))
	var invalid *schemas.Invalid
	if errors.As(err, &invalid) {
		fmt.Println(invalid.Failures[0].Pointer)
	}
	// Output:
	// X-Usmewe-Signature 5s
	// <nil>
	// /data/daysOverdue
}
