package main

import "fmt"

// Exit codes, which scripts depend on.
const (
	exitConformant    = 0 // conformant, acknowledged, or simply done
	exitNonconformant = 1
	exitUsage         = 2 // usage or configuration error; nothing was sent
	exitPartial       = 3 // no MUST failed, but one could not be judged
	exitHarness       = 4 // nothing listens, not writable, would not start
)

// failure is an error with its exit code and a hint at what to type next. With
// a nil err the code says it all and nothing more is printed.
type failure struct {
	code int
	err  error
	hint string // "" : none
}

func (f *failure) Error() string {
	if f.err == nil {
		return fmt.Sprintf("exit code %d", f.code)
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// usage is a mistake in the command line or the configuration.
func usage(err error, hint string) *failure { return &failure{exitUsage, err, hint} }

func usagef(hint, format string, args ...any) *failure {
	return usage(fmt.Errorf(format, args...), hint)
}

// environment is a fault of the harness or of what surrounds it.
func environment(err error, hint string) *failure { return &failure{exitHarness, err, hint} }

func environmentf(hint, format string, args ...any) *failure {
	return environment(fmt.Errorf(format, args...), hint)
}

// verdict ends the process with a code whose reason was already told.
func verdict(code int) error {
	if code == exitConformant {
		return nil
	}
	return &failure{code: code}
}
