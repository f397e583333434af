package schedule

import (
	"testing"

	"github.com/hookstone/hookstone/simulator/fault"
)

// TestUsualForgeries: every name can be asked for, and makes the same fault.
func TestUsualForgeries(t *testing.T) {
	t.Parallel()
	names := UsualForgeries()
	if len(names) != len(defaultForgeries()) {
		t.Errorf("UsualForgeries() = %v; want a name for each of %d", names, len(defaultForgeries()))
	}
	for _, name := range names {
		if f, err := fault.Parse(name); err != nil || f.Name != name {
			t.Errorf("Parse(%q) = %q, %v", name, f.Name, err)
		}
	}
}
