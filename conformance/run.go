package conformance

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/wire"
)

// ErrConfig is wrapped by every error that Run returns for its Config: nothing
// was sent.
var ErrConfig = errors.New("configuration")

// grace is how long past the deadline an answer is waited for, so that a late
// answer is told from none.
const grace = time.Second

// patience is how long past the deadline the run's first delivery, and one of a
// type that was not answered, are waited for: slow is another cause than dead.
const patience = 5 * time.Second

// run is one run of the suite.
type run struct {
	c             Config
	terms         terms
	cases         []Case
	plan          []planned // one per case: whether it runs, else why not
	generator     *generate.Generator
	plain         *generate.Generator // documented members only
	deadline      time.Duration
	sender        *simulator.Sender
	hasty, curt   *simulator.Sender // for a receiver that leaves forgeries unanswered
	patient       *simulator.Sender // tells an answer that is late from none
	pace          *pacer
	limit         limit
	life          life
	fallen        atomic.Bool // the receiver was found gone among the quick cases
	early         *earlyDelivery
	observerFault string    // why the observer cannot be trusted; "" for one that proved sound
	markers       []*Effect // some of what was acknowledged; guarded by mu
	marked        int
	control       string // the event type of controls
	notes         []string
	waivers       map[string]*Waiver // by case id

	telling      sync.Mutex // held while Progress is called
	mu           sync.Mutex
	observations map[string]*observation
	repetitions  map[string][]*observation // of a case's second run and later ones
	results      map[string]CaseResult
	diagnostics  []*observation
	skew         skew
	hung         int // forged deliveries that were never answered
	done, total  int
	dead         string // why nothing more can be sent; "" while the receiver lives

	attempts atomic.Uint64
}

// counter hands out numbers from 1.
type counter struct{ n atomic.Uint64 }

func (c *counter) next() uint64 { return c.n.Add(1) }

// Run judges the receiver. An error is the configuration's (errors.Is
// ErrConfig) and nothing was sent; whatever the receiver does, or the end of
// ctx, is in the Result.
func Run(ctx context.Context, c Config) (*Result, error) {
	r, err := newRun(c)
	if err != nil {
		return nil, err
	}
	started := r.wall()
	outcome, reason := r.execute(ctx)
	return r.result(started, outcome, reason), nil
}

func (r *run) wall() time.Time { return time.Now().UTC() }

// now is the signing clock.
func (r *run) now() time.Time {
	if r.c.Now != nil {
		return r.c.Now()
	}
	return time.Now()
}

// execute runs the preflight, the lanes and the whole-run judges. Its words
// are set only where the run itself could not be carried through.
func (r *run) execute(ctx context.Context) (outcome Outcome, reason string) {
	outcome, reason, goOn := r.preflight(ctx)
	if goOn {
		if r.c.Observer != nil {
			if err := r.proveObserver(ctx); err != nil {
				r.observerFault, r.terms.Observed = err.Error(), false
			}
		}
		r.sharedLane(ctx)
		r.exclusiveLane(ctx)
		r.countEffects(ctx)
		r.settleEffects()
		r.diagnose(ctx)
	}
	if r.life.unexplained != "" && outcome == "" {
		outcome, reason = Nonconformant, r.life.unexplained
	}
	if r.limit.lasting() && r.dead == "" {
		r.dead, reason = limitedRun, limitedRun
	}
	if ctx.Err() != nil && r.dead == "" {
		r.dead = "the run was interrupted"
		reason = "interrupted before every case had run"
	}
	r.wholeRun()
	r.fillUnrun()
	return outcome, reason
}

func (r *run) stopped(ctx context.Context) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return ctx.Err() != nil || r.dead != "" || r.limit.lasting()
}

// runCase probes, judges and reports one case.
func (r *run) runCase(ctx context.Context, c *Case) {
	began := time.Now()
	var runs []*observation
	for n := 1; n <= r.repeats(c) && (n == 1 || !r.stopped(ctx)); n++ {
		obs := r.probe(ctx, c, n)
		if obs == nil {
			break
		}
		runs = append(runs, obs)
	}
	if len(runs) == 0 || r.foundGone(c, runs) {
		return
	}
	r.observed(c.ID, runs)
	if c.lane != wholeRun && c.Evidence != Effects {
		r.settle(c, runs, time.Since(began))
	}
}

// settle judges the observations of a case's runs and reports its result.
func (r *run) settle(c *Case, runs []*observation, took time.Duration) {
	r.observed(c.ID, runs)
	r.report(r.judged(c, runs, took))
}

// judged is the result of a case that ran.
func (r *run) judged(c *Case, runs []*observation, took time.Duration) CaseResult {
	var all []judgement
	for _, obs := range runs {
		all = append(all, r.judge(c, obs))
	}
	j, shown := combine(all)
	res := r.caseResult(c, runs[shown], j, took)
	res.repeated(runs, all, shown)
	return res
}

// judge judges one observation of a case.
func (r *run) judge(c *Case, obs *observation) judgement {
	judge := c.judge
	switch {
	case c.Evidence == Effects && r.observerFault != "":
		return judgement{Verdict: Inconclusive, Reason: r.observerFault}
	case judge != nil:
	case c.Evidence == Effects:
		judge = byEffects
	default:
		judge = byRoles
	}
	return judge(obs, &r.terms)
}

// settleEffects judges the cases that waited for the observer.
func (r *run) settleEffects() {
	for i := range r.cases {
		c := &r.cases[i]
		runs := r.runsOf(c.ID)
		if c.Evidence != Effects || c.lane == wholeRun || len(runs) == 0 {
			continue
		}
		r.settle(c, runs, 0)
	}
}

// report stores a result and tells the progress listener.
func (r *run) report(res CaseResult) {
	// The listener is called by one at a time, in the order of its numbers.
	r.telling.Lock()
	defer r.telling.Unlock()
	r.mu.Lock()
	_, again := r.results[res.ID]
	r.results[res.ID] = res
	if !again {
		r.done++
	}
	done, total := r.done, r.total
	r.mu.Unlock()
	if r.c.Progress != nil && !again {
		r.c.Progress(done, total, res)
	}
}

// deliver sends one delivery, on the given connection where keep says so.
func (r *run) deliver(ctx context.Context, conn *wire.Conn, d simulator.Delivery, keep bool) (simulator.Attempt, *wire.Conn, error) {
	a, err := r.transmit(ctx, d, func(s *simulator.Sender) (a simulator.Attempt, err error) {
		if !keep {
			return s.Send(ctx, d)
		}
		a, conn, err = s.SendOn(ctx, conn, d)
		if conn != nil && !conn.Usable() {
			conn.Close()
			conn = nil
		}
		return a, err
	})
	return a, conn, err
}

// resend sends the bytes of a prepared delivery, on a fresh connection.
func (r *run) resend(ctx context.Context, d simulator.Delivery, draft *fault.Draft) (simulator.Attempt, error) {
	return r.transmit(ctx, d, func(s *simulator.Sender) (simulator.Attempt, error) { return s.Resend(ctx, d, draft) })
}

// sendPipelined sends deliveries back to back on one connection. A 429 is not
// waited out: it would have to be met in the same company again.
func (r *run) sendPipelined(ctx context.Context, ds []simulator.Delivery) ([]simulator.Attempt, error) {
	for range ds {
		r.pace.wait(ctx)
	}
	if ctx.Err() != nil {
		return nil, nil
	}
	attempts, err := r.sender.SendPipelined(ctx, ds)
	for i := range attempts {
		attempts[i].ID = fmt.Sprintf("a%05d", r.attempts.Add(1))
		r.learn(&attempts[i])
	}
	return attempts, err
}

// transmit sends within the run's pace and waits out a 429.
func (r *run) transmit(ctx context.Context, d simulator.Delivery, send func(*simulator.Sender) (simulator.Attempt, error)) (simulator.Attempt, error) {
	sender := r.sender
	if d.Class == simulator.Forged {
		sender = r.forger()
	}
	return r.transmitBy(ctx, sender, d.Role, send)
}

func (r *run) transmitBy(ctx context.Context, sender *simulator.Sender, roleName string, send func(*simulator.Sender) (simulator.Attempt, error)) (simulator.Attempt, error) {
	for try := 0; ; try++ {
		r.pace.wait(ctx)
		if ctx.Err() != nil {
			return simulator.Attempt{Role: roleName, Error: &simulator.Failure{Kind: string(wire.Canceled), Message: "not sent"}}, nil
		}
		a, err := send(sender)
		if err != nil {
			return a, err
		}
		a.ID = fmt.Sprintf("a%05d", r.attempts.Add(1))
		r.learn(&a)
		if !rateLimited(&a) || try == 3 || r.limit.lasting() {
			r.limit.told(rateLimited(&a))
			return a, nil
		}
		wait := retryAfter(&a, try, min(time.Second, r.deadline))
		r.limit.wait(func() { pause(ctx, wait) })
	}
}

// learn takes what every answer tells beside its case: the clock, the hangs.
func (r *run) learn(a *simulator.Attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.skew.observe(a)
	r.mark(a)
	if a.Class == simulator.Forged && a.Error != nil && a.Error.Kind == string(wire.Timeout) {
		r.hung++
	}
}

// forger is the sender for a forgery. Once three were never answered the next
// ones are given a second, and after ten a quarter of one: the verdict is the
// same, and a run must end.
func (r *run) forger() *simulator.Sender {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.hung < 3:
		return r.sender
	case r.hung < 10:
		return r.hasty
	}
	return r.curt
}

// newSenders makes the run's senders: two that wait past the deadline, and two
// that do not (see forger).
func (r *run) newSenders(p *schemas.Provider) {
	client := r.c.Client
	limits := client.Limits
	limits.Answer = r.deadline + min(grace, r.deadline)
	r.sender = r.newSender(p, wire.NewClient(client.URL, client.TLS, limits))
	limits.Answer = r.deadline + min(patience, r.deadline)
	r.patient = r.newSender(p, wire.NewClient(client.URL, client.TLS, limits))
	limits.Answer = r.deadline + min(grace, r.deadline)
	limits.Answer = min(limits.Answer, time.Second)
	r.hasty = r.newSender(p, wire.NewClient(client.URL, client.TLS, limits))
	limits.Answer = min(limits.Answer, time.Second/4)
	r.curt = r.newSender(p, wire.NewClient(client.URL, client.TLS, limits))
}

func (r *run) newSender(p *schemas.Provider, client *wire.Client) *simulator.Sender {
	return &simulator.Sender{Provider: p, Generator: r.generator, Secret: r.c.Secret, Extra: r.c.Extra, Clock: r.now, Client: client, Redactor: r.redactor(), UserAgent: r.c.Tool.UserAgent()}
}
