package conformance

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

// Edition is the catalogue's edition: a new MUST arrives in a new edition, so
// that a gate pinned to one does not break. Version counts within it.
const (
	Edition = "2026.1"
	Version = "1"
)

// Case is one thing that a receiver must, should or may do. Its ID is
// permanent: never derived from a position, never reused.
type Case struct {
	ID      string
	Level   Level
	Impact  Impact
	Summary string // what is sends → what is wanted, in a line
	Purpose string // why it matters, a sentence or two
	// Cites is a pointer into the contract whose citation is the case's;
	// where it is empty, or the contract's clause is a convention of ours,
	// Convention says what the case rests on.
	Cites      string
	Convention string
	Evidence   Evidence
	Lane       Lane
	// Event is the event type that a per-type case is about.
	Event string
	// Since is the edition that the case came with; "" = the first.
	Since string
	// NotApplicable says what of the contract the case lacks; "" = it applies.
	NotApplicable string
	Needs         Input
	// Probe sends; it records what came in the Prober's observation.
	Probe func(*Prober)
	// Judge is pure: the same observation, the same judgement. nil: ByRoles.
	Judge func(*Observation, *Terms) Judgement
	// JudgeRun judges all observations of a run; such a case has no Probe.
	JudgeRun func(*Overview) Judgement
}

// Family is the first segment of the id.
func (c *Case) Family() string {
	family, _, _ := strings.Cut(c.ID, "/")
	return family
}

// Evidence is what a verdict rests on.
type Evidence int

const (
	Answer  Evidence = iota // the HTTP answer is enough
	Effects                 // an observer of effects is needed
)

// Lane says how a case may run beside others.
type Lane int

const (
	Shared    Lane = iota // well-formed and quick: in a bounded pool
	Exclusive             // hostile, slow, timing or load: alone, then a liveness probe
	WholeRun              // judges what the others observed
	Last                  // as Exclusive, after all others
)

// Input is an optional input of a run that a case needs.
type Input int

const (
	NoInput Input = iota
	NeedsHook
	NeedsRetiredSecret
	NeedsHTTPS
	NeedsLoad
)

// Terms are the contract's terms as the judges apply them.
type Terms struct {
	Contract    *schemas.Contract
	DeadlineMS  float64 // within which an answer must be complete
	Recommended float64 // milliseconds; 0: none of its own
	Observed    bool    // the run has an observer that proved sound
}

// Judgement is a judge's word on one observation.
type Judgement struct {
	Verdict    Verdict
	Reason     string
	Violations []Violation
}

// Catalogue lists every case for a provider's contract, in catalogue order,
// those that do not apply included. library holds the sibling contracts and may be nil; subscribed names the event types that the
// endpoint takes; nil means all.
func Catalogue(library *schemas.Library, p *schemas.Provider, subscribed []string) []Case {
	s := newSubject(library, p, subscribed)
	var cases []Case
	for _, family := range families {
		cases = append(cases, family(s)...)
	}
	return cases
}

// families are in catalogue order.
var families = []func(*subject) []Case{
	acknowledgeCases,
	rawBodyCases,
	signatureCases,
	freshnessCases,
	handshakeCases,
	idempotencyCases,
	retryCases,
	robustnessCases,
	loadCases,
}

// CasesDigest fingerprints the catalogue: ids, levels and summaries.
func CasesDigest(cases []Case) string {
	h := sha256.New()
	for i := range cases {
		c := &cases[i]
		fmt.Fprintf(h, "%s\t%s\t%s\t%s\n", c.ID, c.Level, c.Impact, c.Summary)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// subject is what the families ask of a contract to tell levels and what applies.
type subject struct {
	provider   *schemas.Provider
	contract   *schemas.Contract
	subscribed map[string]bool // nil: all
	siblings   []*schemas.Contract
}

func newSubject(library *schemas.Library, p *schemas.Provider, subscribed []string) *subject {
	s := &subject{provider: p, contract: p.Contract}
	if library != nil {
		for _, other := range library.Siblings(p) {
			s.siblings = append(s.siblings, other.Contract)
		}
	}
	if len(subscribed) > 0 {
		s.subscribed = map[string]bool{}
		for _, t := range subscribed {
			s.subscribed[t] = true
		}
	}
	return s
}

// events are the deliveries proper: every type but the handshake's.
func (s *subject) events() []*schemas.Event {
	var out []*schemas.Event
	for _, e := range s.provider.Events {
		if !e.Handshake {
			out = append(out, e)
		}
	}
	return out
}

func (s *subject) takes(eventType string) bool {
	return s.subscribed == nil || s.subscribed[eventType]
}

// eventLevel is MUST for a type whose data the document shows and that the
// endpoint is subscribed to, else SHOULD.
func (s *subject) eventLevel(e *schemas.Event) Level {
	if e.Documented && s.takes(e.Type) {
		return Must
	}
	return Should
}

// signingHeader is the header that carries the first non-legacy signature.
func (s *subject) signingHeader() schemas.SigningHeader {
	name := ""
	for _, sig := range s.contract.Signing.Signatures {
		if !sig.Legacy {
			name = sig.Name
			break
		}
	}
	for _, h := range s.contract.Signing.Headers {
		for _, v := range h.Value {
			for _, part := range v.Parts {
				if part.Var == name {
					return h
				}
			}
		}
	}
	return schemas.SigningHeader{}
}

func (s *subject) covers(what string) bool {
	for _, c := range s.contract.Signing.Covers {
		if c == what {
			return true
		}
	}
	return false
}

// only returns the reason unless the condition holds.
func only(holds bool, reason string) string {
	if holds {
		return ""
	}
	return reason
}
