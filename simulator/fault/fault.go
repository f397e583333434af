// Package fault holds what a sender does wrong on purpose, as named values
// that act at one stage of a delivery's making.
//
// It is not part of the promised API: see CONTRIBUTING.md.
package fault

import (
	"errors"
	"fmt"
)

// Stage is where a fault acts.
type Stage int

// The stages, in their order.
const (
	BeforeSigning Stage = iota // the event and its body
	InSigner                   // secret, time, algorithm, content, digest
	AfterSigning               // body, method and headers, once signed
	OnWire                     // framing, pieces, cuts, raw bytes
)

func (s Stage) String() string {
	switch s {
	case BeforeSigning:
		return "before signing"
	case InSigner:
		return "in the signer"
	case AfterSigning:
		return "after signing"
	}
	return "on the wire"
}

// Fault is one deliberate wrong.
type Fault struct {
	Name    string // stable, as in "signature.truncated(8)"
	Summary string
	Stage   Stage
	Apply   func(*Draft) error
}

// NotApplicable says that a contract, or the event at hand, leaves a fault
// nothing to act on. Test for it with errors.As.
type NotApplicable struct{ Reason string }

func (e *NotApplicable) Error() string { return "not applicable: " + e.Reason }

// IsNotApplicable tells a fault that had nothing to act on from one that failed.
func IsNotApplicable(err error) bool {
	var na *NotApplicable
	return errors.As(err, &na)
}

func notApplicable(format string, args ...any) error {
	return &NotApplicable{Reason: fmt.Sprintf(format, args...)}
}

// Apply lets the faults of one stage act, in the order given.
func Apply(d *Draft, stage Stage, faults []Fault) error {
	for _, f := range faults {
		if f.Stage != stage {
			continue
		}
		if err := f.Apply(d); err != nil {
			return fmt.Errorf("fault %s: %w", f.Name, err)
		}
	}
	return nil
}

// Names are the faults' names in the order in which they act: by stage, and
// within a stage as given.
func Names(faults []Fault) []string {
	var names []string
	for stage := BeforeSigning; stage <= OnWire; stage++ {
		for _, f := range faults {
			if f.Stage == stage {
				names = append(names, f.Name)
			}
		}
	}
	return names
}
