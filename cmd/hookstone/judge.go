package main

import (
	"errors"
	"strings"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/conformance/suite"
)

// judge runs the suite in this process. Ginkgo takes the signals while it
// runs: who catches them takes them back afterwards (interrupts.rearm).
var judge = suite.Run

// check finds what is wrong with a run's configuration; it sends nothing.
func check(c conformance.Config) error {
	_, err := conformance.Planned(c)
	return configError(err)
}

// configError makes an error of the engine, which is always the
// configuration's, a usage failure.
func configError(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if errors.Is(err, conformance.ErrConfig) {
		text = strings.TrimPrefix(text, conformance.ErrConfig.Error()+": ")
	}
	return usage(errors.New(text), "")
}

// exitCode is the outcome's.
func exitCode(o conformance.Outcome) int {
	switch o {
	case conformance.Conformant:
		return exitConformant
	case conformance.Nonconformant:
		return exitNonconformant
	case conformance.Partial:
		return exitPartial
	}
	return exitHarness
}
