package conformance

import (
	"strings"
	"sync"

	"github.com/hookstone/hookstone/simulator"
)

// Roles say what an attempt is for within its case, and so what is wanted of
// its answer. A label may follow after a colon: "forged:upper".
const (
	roleControl  = "control"  // the positive twin: not acknowledged → the case is inconclusive
	roleContext  = "context"  // earlier events of the journey; not judged
	roleGenuine  = "genuine"  // wanted: acknowledged
	roleForged   = "forged"   // wanted: rejected
	roleRefused  = "refused"  // wanted: rejected, by the application or by the server itself
	roleBarred   = "barred"   // wanted: anything but a 2xx
	roleOdd      = "odd"      // wanted: a complete answer that is no 5xx
	roleTold     = "told"     // told, not judged
	roleLiveness = "liveness" // a genuine delivery after a hostile one: acknowledged
)

// observation is what a probe saw: enough to judge it again offline.
type observation struct {
	Case     string
	Attempts []simulator.Attempt
	// Facts are what was found beside the attempts (effect counts, overlaps);
	// values are JSON's: string, float64, bool.
	Facts map[string]any
	// Effects are what the observer counted.
	Effects []Effect
	// Trouble is the harness's own failure; the verdict then reads error.
	Trouble string

	mu sync.Mutex
}

func (o *observation) record(a simulator.Attempt) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.Attempts = append(o.Attempts, a)
}

func (o *observation) trouble(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.Trouble == "" && err != nil {
		o.Trouble = err.Error()
	}
}

func (o *observation) troubled() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.Trouble != ""
}

// Fact notes something beside the attempts.
func (o *observation) Fact(name string, value any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.Facts == nil {
		o.Facts = map[string]any{}
	}
	o.Facts[name] = value
}

// roleOf is the role without its label.
func roleOf(a *simulator.Attempt) string {
	role, _, _ := strings.Cut(a.Role, ":")
	return role
}

// withRole lists the attempts of a role, in the order sent.
func (o *observation) withRole(role string) []*simulator.Attempt {
	var out []*simulator.Attempt
	for i := range o.Attempts {
		if roleOf(&o.Attempts[i]) == role {
			out = append(out, &o.Attempts[i])
		}
	}
	return out
}

// labelled returns the first attempt whose whole role is the given one.
func (o *observation) labelled(role string) *simulator.Attempt {
	for i := range o.Attempts {
		if o.Attempts[i].Role == role {
			return &o.Attempts[i]
		}
	}
	return nil
}

// relabel gives a recorded attempt another role.
func (o *observation) relabel(id, role string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range o.Attempts {
		if o.Attempts[i].ID == id {
			o.Attempts[i].Role = role
		}
	}
}

// thin keeps only the first and the unacknowledged attempts with a label: a batch of a
// thousand would bury the rest of the report.
func (o *observation) thin(label string, t *terms) {
	o.mu.Lock()
	defer o.mu.Unlock()
	kept := o.Attempts[:0:0]
	dropped := 0
	for _, a := range o.Attempts {
		if strings.HasSuffix(a.Role, ":"+label) && t.acknowledged(&a) {
			if dropped++; dropped > 3 {
				continue
			}
		}
		kept = append(kept, a)
	}
	o.Attempts = kept
	if o.Facts == nil {
		o.Facts = map[string]any{}
	}
	o.Facts["acknowledged: "+label] = float64(dropped)
}
