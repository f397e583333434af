// Package suite is the catalogue as Ginkgo specs. The selected cases stand in
// one ordered container whose BeforeAll starts the engine and whose specs
// await and assert each its own result. It is used in three ways: in-process
// by Run, as "go test ./conformance/suite -args -target …", and by Register from a team's
// own Ginkgo suite.
package suite

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/hookstone/hookstone/conformance"
)

// Suite is one registered run. Result is set once its specs have run.
type Suite struct {
	config  conformance.Config
	planned []conformance.Case

	mu      sync.Mutex
	results map[string]chan conformance.CaseResult
	awaited int // how many of them specs were given
	result  *conformance.Result
	err     error
	done    chan struct{}
	cancel  context.CancelFunc
}

// Register adds the catalogue's selected cases to the suite being built. Call
// it while Ginkgo builds its tree: inside a container, or before RunSpecs. The
// error is the configuration's; nothing is registered then.
func Register(ctx context.Context, c conformance.Config) (*Suite, error) {
	cases, err := conformance.Planned(c)
	if err != nil {
		return nil, err
	}
	s := &Suite{config: c, planned: cases, results: map[string]chan conformance.CaseResult{}, done: make(chan struct{})}
	for i := range cases {
		s.results[cases[i].ID] = make(chan conformance.CaseResult, 1)
	}
	ginkgo.Describe(c.Provider.Contract.Title, ginkgo.Ordered, ginkgo.ContinueOnFailure, func() {
		ginkgo.BeforeAll(func() { s.start(ctx) })
		ginkgo.AfterAll(func() { s.stop() })
		for i := range cases {
			s.spec(&cases[i])
		}
	})
	return s, nil
}

// spec is one case: it awaits the case's result and asserts it. Ginkgo allows
// no slash in a label: the id's label has dots in their place.
func (s *Suite) spec(c *conformance.Case) {
	labels := ginkgo.Label("level:"+string(c.Level), "family:"+c.Family(), "impact:"+string(c.Impact), "id:"+strings.ReplaceAll(c.ID, "/", "."))
	ginkgo.It(c.ID+" "+c.Summary, labels, func(ctx ginkgo.SpecContext) {
		result, ok := s.await(ctx, c.ID)
		if !ok {
			ginkgo.Fail(fmt.Sprintf("the run ended without a result: %v", s.failure()))
		}
		ginkgo.AddReportEntry("result", result, ginkgo.ReportEntryVisibilityNever)
		switch {
		case result.Verdict == conformance.Inconclusive, result.Verdict == conformance.NotRun, result.Verdict == conformance.NotApplicable:
			ginkgo.Skip(string(result.Verdict) + ": " + result.Reason)
		case result.Waived != nil:
			ginkgo.Skip(fmt.Sprintf("waived until %s by %s: %s", result.Waived.Expires, result.Waived.Owner, describe(result)))
		case result.Level != conformance.Must && result.Verdict != conformance.Passed:
			// Only a MUST gates: the rest is told.
			ginkgo.Skip(fmt.Sprintf("%s (%s, does not gate): %s", result.Verdict, result.Level, describe(result)))
		}
		gomega.Expect(result).To(BePassed())
	})
}

// start runs the engine beside the specs.
func (s *Suite) start(ctx context.Context) {
	ctx, s.cancel = context.WithCancel(ctx)
	config := s.config
	told := config.Progress
	config.Progress = func(done, total int, r conformance.CaseResult) {
		if ch := s.results[r.ID]; ch != nil {
			ch <- r
		}
		if told != nil {
			told(done, total, r)
		}
	}
	go func() {
		defer close(s.done)
		result, err := conformance.Run(ctx, config)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.result, s.err = result, err
	}()
}

// stop waits for the engine, which goes on after the last case: it looks for
// causes. Where specs were skipped or interrupted it is told to end.
func (s *Suite) stop() {
	defer s.cancel()
	s.mu.Lock()
	cut := s.awaited < len(s.planned)
	s.mu.Unlock()
	if cut {
		s.cancel()
	}
	<-s.done
}

// await returns a case's result as soon as there is one.
func (s *Suite) await(ctx context.Context, id string) (conformance.CaseResult, bool) {
	select {
	case r := <-s.results[id]:
		return s.got(r), true
	case <-ctx.Done():
		return conformance.CaseResult{}, false
	case <-s.done:
	}
	select {
	case r := <-s.results[id]:
		return s.got(r), true
	default:
		return conformance.CaseResult{}, false
	}
}

// got counts the results that specs were given.
func (s *Suite) got(r conformance.CaseResult) conformance.CaseResult {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.awaited++
	return r
}

// Result returns the run's result, or its error; both nil before the specs ran.
func (s *Suite) Result() (*conformance.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.result, s.err
}

func (s *Suite) failure() error {
	_, err := s.Result()
	return err
}
