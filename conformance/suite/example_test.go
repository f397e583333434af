package suite_test

import (
	"context"
	"fmt"
	"io"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/extensions/globals"
	"github.com/onsi/ginkgo/v2/formatter"
	"github.com/onsi/gomega"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/conformance/suite"
	"github.com/hookstone/hookstone/fixtures/receiver"
	"github.com/hookstone/hookstone/schemas"
)

// Certify a receiver from a team's own Ginkgo suite: its specs stand beside
// the team's, with labels to filter by (level:must, family:signature).
func ExampleRegister() {
	quiet() // an example prints its own output alone
	library, _ := schemas.Builtin()
	provider, _ := library.Provider("usmewe")
	server := started(provider, "my-signing-secret")
	defer server.Close()

	gomega.RegisterFailHandler(ginkgo.Fail)
	certified, err := suite.Register(context.Background(), conformance.Config{
		Library: library, Provider: provider, Target: server.URL(), Secret: []byte("my-signing-secret"),
		Selection: conformance.Selection{Families: []string{"signature"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ginkgo.It("holds the team's own specs too", func() {})
	ginkgo.RunSpecs(&noTest{}, "Webhooks") // in a test: RunSpecs(t, "Webhooks")

	result, err := certified.Result()
	fmt.Println(result.Outcome, err)
	// Output: conformant <nil>
}

// Run the same specs in a program of its own, and look at the result.
func ExampleRun() {
	library, _ := schemas.Builtin()
	provider, _ := library.Provider("usmewe")
	server := started(provider, "my-signing-secret", "never-verifies")
	defer server.Close()

	result, err := suite.Run(context.Background(), conformance.Config{
		Library: library, Provider: provider, Target: server.URL(), Secret: []byte("my-signing-secret"),
		Selection: conformance.Selection{Cases: []string{"signature/missing/*"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Outcome, result.Findings[0].ID)
	// Output: nonconformant accepts-unsigned
}

func started(p *schemas.Provider, secret string, defects ...string) *receiver.Server {
	r, err := receiver.New(receiver.Options{Provider: p, Secret: []byte(secret), Defects: defects})
	if err != nil {
		panic(err)
	}
	s, err := r.Start("")
	if err != nil {
		panic(err)
	}
	return s
}

// quiet silences Ginkgo, and forgets what this process ran before: a suite of
// one's own needs neither.
func quiet() {
	globals.Reset()
	formatter.ColorableStdOut = io.Discard
}

// noTest takes the place of the *testing.T that a test has.
type noTest struct{}

func (*noTest) Fail() {}
