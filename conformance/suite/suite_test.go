package suite_test

import (
	"context"
	"flag"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/conformance/suite"
	"github.com/hookstone/hookstone/fixtures/receiver"
	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/wire"
)

// A receiver of one's own, under go test:
//
//	go test -count=1 ./conformance/suite -args -target http://127.0.0.1:3000/webhooks -provider NAME
//
// The secret comes from HOOKSTONE_SECRET. Without -target the reference
// receiver is judged.
var (
	target   = flag.String("target", "", "URL of the receiver to judge; \"\": the reference receiver")
	provider = flag.String("provider", "", "contract to judge it by; \"\": the first")
)

const secret = "whsec_2Xb7Qm4TzK9cV1nR6wHs8LpY3dGf5J0a"

// config prepares a run against a receiver with the defects.
func config(t testing.TB, defects ...string) conformance.Config {
	t.Helper()
	l, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	name := *provider
	if name == "" {
		name = l.Providers()[0].Name()
	}
	p, err := l.Provider(name)
	if err != nil {
		t.Fatal(err)
	}
	c := conformance.Config{Library: l, Provider: p, Secret: []byte(secret), Seed: 7}
	address := *target
	if address == "" || len(defects) > 0 {
		r, err := receiver.New(receiver.Options{Provider: p, Secret: c.Secret, Defects: defects})
		if err != nil {
			t.Fatal(err)
		}
		s, err := r.Start("")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		address = s.URL()
	} else {
		c.Secret = []byte(os.Getenv("HOOKSTONE_SECRET"))
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	c.Client = wire.NewClient(u, nil, wire.Limits{})
	return c
}

// TestConformance runs the catalogue as specs of this package's own Ginkgo
// suite. It stands first: Run below resets Ginkgo's globals.
func TestConformance(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	c := config(t)
	s, err := suite.Register(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	ginkgo.RunSpecs(t, "Conformance")
	r, err := s.Result()
	if err != nil || r == nil {
		t.Fatalf("no result: %v", err)
	}
	gomega.NewWithT(t).Expect(r).To(suite.BeConformant())
}

func only(c conformance.Config, cases ...string) conformance.Config {
	c.Selection.Cases = cases
	return c
}

// TestRunAgain: in one process, twice, with the engine's own verdicts.
func TestRunAgain(t *testing.T) {
	g := gomega.NewWithT(t)
	told := 0
	good := only(config(t), "signature/missing/*", "acknowledge/event/*")
	good.Progress = func(done, total int, r conformance.CaseResult) { told++ }
	r, err := suite.Run(context.Background(), good)
	g.Expect(err).NotTo(gomega.HaveOccurred())
	g.Expect(r).To(suite.BeConformant())
	g.Expect(told).To(gomega.BeNumerically(">", 2))

	bad := only(config(t, "never-verifies"), "signature/missing/*", "acknowledge/event/*")
	r, err = suite.Run(context.Background(), bad)
	g.Expect(err).NotTo(gomega.HaveOccurred())
	g.Expect(r.Outcome).To(gomega.Equal(conformance.Nonconformant))
	g.Expect(r).To(suite.HaveFinding("accepts-unsigned"))
	// The end of the specs does not cut the engine short: it still looks for causes.
	g.Expect(r.Reason).To(gomega.BeEmpty())
	for _, c := range r.Results {
		if strings.HasPrefix(c.ID, "signature/missing/") {
			g.Expect(c).NotTo(suite.BePassed())
			g.Expect(suite.BePassed().FailureMessage(c)).To(gomega.ContainSubstring("want rejected"))
		}
	}
}

// TestRunStops: the end of the context ends the run, and the result tells what
// was not run.
func TestRunStops(t *testing.T) {
	g := gomega.NewWithT(t)
	ctx, cancel := context.WithCancel(context.Background())
	c := config(t)
	c.Progress = func(done, total int, r conformance.CaseResult) {
		if done == 3 {
			cancel()
		}
	}
	began := time.Now()
	r, err := suite.Run(ctx, c)
	g.Expect(err).NotTo(gomega.HaveOccurred())
	g.Expect(r.Outcome).To(gomega.Equal(conformance.Partial))
	g.Expect(r.Counts.Verdicts[conformance.NotRun]).To(gomega.BeNumerically(">", 10))
	g.Expect(time.Since(began)).To(gomega.BeNumerically("<", 30*time.Second))
}

// TestBadConfiguration is an error of the caller's, and nothing is sent.
func TestBadConfiguration(t *testing.T) {
	g := gomega.NewWithT(t)
	_, err := suite.Run(context.Background(), only(config(t), "nothing/*"))
	g.Expect(err).To(gomega.MatchError(conformance.ErrConfig))
	g.Expect(err.Error()).To(gomega.ContainSubstring(`"nothing/*"`))
}
