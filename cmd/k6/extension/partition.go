package extension

import (
	"errors"
	"fmt"

	"go.k6.io/k6/v2/lib"

	"github.com/hookstone/hookstone/simulator/schedule"
)

// vuPlaces is how many virtual users a run has place for, on all instances and
// processes together: as many partitions as there can be.
const vuPlaces = 1 << 20

var errNoVU = errors.New("deliveries are made in a virtual user's own function, not while the script is read, in setup or in teardown: these run in every instance, and would send the same ids")

// place is a virtual user's partition of the run, and what is added to the run
// id to make it so. The number of a virtual user is k6's own for the whole
// test, so that the same user sends the same deliveries on however many
// instances the test is run.
//
// Without a sequence of segments an instance does not know how the others are
// cut, and k6 numbers virtual users of different instances alike: then the
// segment goes into the run id.
func place(state *lib.State, processes schedule.Partition) (p schedule.Partition, suffix string, err error) {
	if state == nil || state.VUIDGlobal == 0 {
		return p, "", errNoVU
	}
	count := max(processes.Count, 1)
	p.Count = vuPlaces / count * count
	vu := state.VUIDGlobal - 1
	if vu >= uint64(vuPlaces/count) {
		return p, "", fmt.Errorf("virtual user %d has no place: %d processes have %d each", state.VUIDGlobal, count, vuPlaces/count)
	}
	p.Index = int(vu)*count + processes.Index
	if state.Options.ExecutionSegment != nil && (state.Options.ExecutionSegmentSequence == nil || len(*state.Options.ExecutionSegmentSequence) == 0) {
		suffix = "@" + state.Options.ExecutionSegment.String()
	}
	return p, suffix, nil
}
