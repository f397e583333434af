package extension

import (
	"fmt"
	"slices"
	"testing"

	"go.k6.io/k6/v2/lib"

	"github.com/hookstone/hookstone/simulator/schedule"
)

// everything is a mix whose classes all have ids of their own.
const everything = `seed: 7, mix: { forged: '10%', stale: '10%', duplicates: '10%' }`

// TestInstances runs one test on one machine, and on several as k6 cuts it.
func TestInstances(t *testing.T) {
	t.Parallel()
	target, came := reference(t, "usmewe")
	script := sends(everything, 10, ``)
	instance := func(runID string, flags ...string) []string {
		t.Helper()
		exit, out := run(t, script, aimed(target, runVariable, runID), flags...)
		if exit != 0 {
			t.Fatalf("exit %d:\n%s", exit, out)
		}
		return ids(t, came.taken())
	}
	whole := instance("pinned")
	if again := instance("pinned"); !slices.Equal(whole, again) {
		t.Errorf("a pinned run sent %v, and then %v", whole, again)
	}
	disjoint(t, "runs of their own", whole, instance("another"), instance(""), instance(""))

	first := instance("pinned", "--execution-segment", "0:1/2", "--execution-segment-sequence", "0,1/2,1")
	second := instance("pinned", "--execution-segment", "1/2:1", "--execution-segment-sequence", "0,1/2,1")
	disjoint(t, "halves of a sequence", first, second)
	if both := slices.Sorted(slices.Values(slices.Concat(first, second))); !slices.Equal(both, whole) {
		t.Errorf("the halves sent %v; the whole sent %v", both, whole)
	}
	disjoint(t, "halves alone", instance("pinned", "--execution-segment", "0:1/2"), instance("pinned", "--execution-segment", "1/2:1"))
	// Without a sequence k6 numbers the users of the first two alike.
	disjoint(t, "thirds alone", instance("pinned", "--execution-segment", "0:1/3"),
		instance("pinned", "--execution-segment", "1/3:2/3"), instance("pinned", "--execution-segment", "2/3:1"))
}

// TestProcesses runs processes that k6 knows nothing of.
func TestProcesses(t *testing.T) {
	t.Parallel()
	target, came := reference(t, "usmewe")
	var lists [][]string
	for index := range 3 {
		script := sends(fmt.Sprintf(`%s, partition: { index: %d, count: 3 }`, everything, index), 5, ``)
		if exit, out := run(t, script, aimed(target, runVariable, "pinned")); exit != 0 {
			t.Fatalf("exit %d:\n%s", exit, out)
		}
		lists = append(lists, ids(t, came.taken()))
	}
	disjoint(t, "processes", lists...)
}

func TestPlace(t *testing.T) {
	t.Parallel()
	vu := func(id uint64) *lib.State { return &lib.State{VUIDGlobal: id} }
	for _, c := range []struct {
		vu        uint64
		processes schedule.Partition
		want      schedule.Partition
		fails     bool
	}{
		{1, schedule.Partition{}, schedule.Partition{Index: 0, Count: vuPlaces}, false},
		{9, schedule.Partition{}, schedule.Partition{Index: 8, Count: vuPlaces}, false},
		{9, schedule.Partition{Index: 1, Count: 3}, schedule.Partition{Index: 25, Count: vuPlaces / 3 * 3}, false},
		{vuPlaces, schedule.Partition{}, schedule.Partition{Index: vuPlaces - 1, Count: vuPlaces}, false},
		{vuPlaces + 1, schedule.Partition{}, schedule.Partition{}, true},
		{2, schedule.Partition{Index: 0, Count: vuPlaces}, schedule.Partition{}, true},
		{0, schedule.Partition{}, schedule.Partition{}, true}, // setup's and teardown's
	} {
		got, _, err := place(vu(c.vu), c.processes)
		if (err != nil) != c.fails || !c.fails && got != c.want {
			t.Errorf("place(user %d, %v) = %v, %v; want %v", c.vu, c.processes, got, err, c.want)
		}
	}
	if _, _, err := place(nil, schedule.Partition{}); err == nil {
		t.Error("a script that is being read has a place")
	}
}
