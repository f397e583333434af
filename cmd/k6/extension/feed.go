package extension

import (
	"errors"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/common"
	khttp "go.k6.io/k6/v2/js/modules/k6/http"

	"github.com/hookstone/hookstone/simulator/schedule"
)

// feed is what deliveries returns to a script: its next and its judge.
type feed struct {
	instance *Instance
	options  *options
	source   *source
	drawn    *schedule.Feed // nil before the first
	// expected are the statuses that k6 is told to expect, of what should be
	// accepted and of what should be refused.
	accepted, refused sobek.Value
	jar               sobek.Value
	mark              *sobek.Symbol // the member of a delivery that holds its given
	now               func() time.Time
}

// given is what the module knows of a delivery that it handed out.
type given struct{ schedule.Delivery }

func newFeed(i *Instance, o *options, s *source) (*feed, error) {
	f := &feed{instance: i, options: o, source: s, mark: sobek.NewSymbol("delivery"), now: time.Now}
	if err := f.expect(); err != nil {
		return nil, err
	}
	// A jar that holds nothing and takes nothing: a provider keeps no cookies.
	f.jar = i.vu.Runtime().ToValue(&khttp.CookieJar{})
	return f, nil
}

// object is the feed as a script sees it.
func (f *feed) object() sobek.Value {
	out := f.instance.vu.Runtime().NewObject()
	set(out, "next", f.next)
	set(out, "judge", f.judge)
	return out
}

// expect asks k6's own module for what it takes as expected statuses.
func (f *feed) expect() error {
	rt := f.instance.vu.Runtime()
	exports, _ := khttp.New().NewModuleInstance(f.instance.vu).Exports().Default.(*sobek.Object)
	expected, ok := sobek.AssertFunction(exports.Get("expectedStatuses"))
	if !ok {
		return errors.New("k6/http has no expectedStatuses")
	}
	span := func(from, to int) sobek.Value {
		return rt.ToValue(map[string]any{"min": from, "max": to})
	}
	statuses := []sobek.Value{span(200, 299)}
	if a := f.options.provider.Contract.Answers.Acknowledge; a.Counts == "documented" {
		statuses = nil
		for _, status := range a.Documented {
			statuses = append(statuses, rt.ToValue(status))
		}
	}
	var err, err2 error
	f.accepted, err = expected(sobek.Undefined(), statuses...)
	f.refused, err2 = expected(sobek.Undefined(), span(400, 499))
	return errors.Join(err, err2)
}

// open takes the virtual user's partition.
func (f *feed) open() error {
	p, suffix, err := place(f.instance.vu.State(), f.options.partition)
	if err != nil {
		return err
	}
	if suffix != "" {
		if f.source, err = f.instance.module.sources.get(f.options, suffix); err != nil {
			return err
		}
	}
	f.drawn, err = f.source.Feed(p)
	return err
}

// next is the script's feed.next().
func (f *feed) next() sobek.Value {
	if f.drawn == nil {
		if err := f.open(); err != nil {
			f.instance.throw(err)
		}
	}
	d, err := f.drawn.Next(f.now())
	if err == nil && d.Fault != "" {
		err = carry(d, f.options.target)
	}
	if err != nil {
		f.instance.throw(err)
	}
	return f.handOut(d)
}

// handOut makes a delivery what http.request and http.batch take.
func (f *feed) handOut(d *schedule.Delivery) sobek.Value {
	rt := f.instance.vu.Runtime()
	headers := rt.NewObject()
	for _, h := range d.Fields {
		set(headers, h.Name, h.Value)
	}
	wanted := f.accepted
	if d.Wanted() != schedule.Accepted {
		wanted = f.refused
	}
	tags := rt.NewObject()
	set(tags, "class", string(d.Class))
	set(tags, "event", d.Event)
	params := rt.NewObject()
	set(params, "headers", headers)
	set(params, "redirects", 0)
	set(params, "responseType", "none")
	set(params, "responseCallback", wanted)
	set(params, "timeout", (f.source.Deadline() + time.Second).Milliseconds())
	set(params, "jar", f.jar)
	set(params, "tags", tags)
	out := rt.NewObject()
	set(out, "method", d.Method)
	set(out, "url", f.options.target.String())
	// The feed writes its next body over this one.
	set(out, "body", rt.NewArrayBuffer(append([]byte(nil), d.Body...)))
	set(out, "headers", headers)
	set(out, "params", params)
	set(out, "class", string(d.Class))
	set(out, "event", d.Event)
	set(out, "id", d.EventID)
	set(out, "fault", d.Fault)
	g := &given{*d}
	g.Fields, g.Body = nil, nil // the feed's, and soon the next delivery's
	if err := out.DefineDataPropertySymbol(f.mark, rt.ToValue(g), sobek.FLAG_FALSE, sobek.FLAG_FALSE, sobek.FLAG_FALSE); err != nil {
		f.instance.throw(err)
	}
	return out
}

// set writes a member of an object that is new, which nothing can refuse.
func set(o *sobek.Object, name string, value any) {
	if err := o.Set(name, value); err != nil {
		panic(err)
	}
}

var errJudge = errors.New("judge wants a delivery that next gave, and the response that k6 gave for it: feed.judge(delivery, http.request(…))")

// judge is the script's feed.judge(delivery, response).
func (f *feed) judge(delivery, response sobek.Value) sobek.Value {
	rt := f.instance.vu.Runtime()
	var g *given
	if object, ok := delivery.(*sobek.Object); ok {
		if held := object.GetSymbol(f.mark); held != nil {
			g, _ = held.Export().(*given)
		}
	}
	var r *khttp.Response
	if !common.IsNullish(response) {
		r, _ = response.Export().(*khttp.Response)
	}
	if g == nil || r == nil {
		f.instance.throw(errJudge)
	}
	if f.instance.vu.State() == nil {
		f.instance.throw(errNoVU)
	}
	a := schedule.Answer{
		Status: r.Status, Canceled: f.instance.vu.Context().Err() != nil,
		Took: time.Duration((r.Timings.Waiting + r.Timings.Receiving) * float64(time.Millisecond)),
	}
	j := g.Judge(a)
	f.instance.metrics.add(f.instance.vu, g, j, a, f.now())
	out := rt.NewObject()
	set(out, "outcome", j.Outcome.String())
	set(out, "expected", !j.Unexpected)
	return out
}
