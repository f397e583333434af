package conformance

import (
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
)

// The probes that many cases share. Each closes over its faults.

// forging sends a genuine delivery, and only if that is acknowledged a forged
// one with the faults, which must be rejected.
func forging(faults ...fault.Fault) func(*prober) {
	return func(p *prober) {
		if p.Control() {
			p.Forged("", faults...)
		}
	}
}

// forgingEach is forging with one forgery for each fault, labelled by it.
func forgingEach(faults ...fault.Fault) func(*prober) {
	return func(p *prober) {
		if !p.Control() {
			return
		}
		for _, f := range faults {
			p.Forged(f.Name, f)
		}
	}
}

// refusing is forging for requests that the server itself may refuse.
func refusing(faults ...fault.Fault) func(*prober) {
	return func(p *prober) {
		if p.Control() {
			p.Deliver(simulator.Delivery{Role: roleRefused, Class: simulator.Forged, Event: p.Fresh(), Faults: faults})
		}
	}
}

// accepting sends a genuine delivery, and then one for each fault that must be
// acknowledged as well.
func accepting(faults ...fault.Fault) func(*prober) {
	return func(p *prober) {
		if !p.Control() {
			return
		}
		for _, f := range faults {
			p.Genuine(f.Name, f)
		}
	}
}

// surviving sends a genuine delivery, and then one for each fault that must be
// answered without a 5xx.
func surviving(faults ...fault.Fault) func(*prober) {
	return func(p *prober) {
		if !p.Control() {
			return
		}
		for _, f := range faults {
			p.Odd(f.Name, f)
		}
	}
}
