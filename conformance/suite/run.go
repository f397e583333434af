package suite

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/extensions/globals"
	"github.com/onsi/ginkgo/v2/formatter"
	"github.com/onsi/gomega"

	"github.com/hookstone/hookstone/conformance"
)

// running: Ginkgo keeps its suite in globals, so one run at a time.
var running sync.Mutex

// Run registers and runs the suite in this process, without any output, and
// returns the run's result. It may be called again and again, one at a time.
// Ginkgo takes over the process's interrupt signals while it runs: a caller
// that handles them resets and notifies again afterwards.
func Run(ctx context.Context, c conformance.Config) (*conformance.Result, error) {
	running.Lock()
	defer running.Unlock()
	globals.Reset()
	formatter.ColorableStdOut = io.Discard
	gomega.RegisterFailHandler(ginkgo.Fail)

	s, err := Register(ctx, c)
	if err != nil {
		return nil, err
	}
	sc, rc := ginkgo.GinkgoConfiguration()
	sc.RandomizeAllSpecs = false
	rc.Succinct = true
	sink := &verdictSink{}
	ginkgo.RunSpecs(sink, "hookstone "+c.Provider.Contract.Provider, sc, rc)
	result, err := s.Result()
	if err != nil {
		return nil, err
	}
	if result == nil {
		return nil, fmt.Errorf("the suite ended without running a case")
	}
	return result, nil
}

// verdictSink is what RunSpecs asks for instead of a testing.T: the verdict is
// taken from the engine's result, not from here.
type verdictSink struct{ failed bool }

func (s *verdictSink) Fail() { s.failed = true }
