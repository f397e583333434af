// Package conformance judges a webhook receiver against a provider's contract.
//
// A Case is a value: what is sent, what is wanted, on which clause of the
// contract it rests. Run sends every selected case through the simulator, in
// lanes that keep hostile cases away from the others, and returns a Result with
// a verdict and its evidence for each case of the catalogue, the likely root
// causes of what failed, and the score. Rejudge judges a recorded Result again
// without sending anything.
//
// The package knows nothing of Ginkgo; conformance/suite runs the same catalogue
// as specs.
package conformance
