package conformance

import (
	"crypto/tls"
	"fmt"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
)

// oversizedKiB is an upload that nobody needs: ten mebibytes.
const oversizedKiB = 10 << 10

// nesting is deeper than any event, and than most recursive parsers allow.
const nesting = 10_000

// robustnessCases: rightly signed nonsense, unsigned garbage, and what an
// answer gives away.
func robustnessCases(s *subject) []Case {
	cases := s.oddBodies()
	cases = append(cases, s.garbage()...)
	cases = append(cases, s.oddRequests()...)
	return append(cases, s.manners()...)
}

func robust(c Case) Case {
	c.ID = "robustness/" + c.ID
	if c.Level == "" {
		c.Level = Should
	}
	if c.Impact == "" {
		c.Impact = Interoperability
	}
	if c.Lane == Shared {
		c.Lane = Exclusive
	}
	if c.Convention == "" {
		c.Convention = "input that makes no sense is refused or ignored; a 5xx asks the provider to send it again"
	}
	return c
}

// oddity is a fault of the body that is signed as sent.
type oddity struct {
	id, summary string
	f           fault.Fault
}

func (s *subject) oddBodies() []Case {
	data := s.dataPointer()
	plain := []oddity{
		{"malformed-json", "a body that is no JSON", fault.Malformed()},
		{"empty-body", "an empty body", fault.EmptyBody()},
		{"scalar", "a number for a body", fault.Scalar()},
		{"array", "an array for a body", fault.Array()},
		{"null", "null for a body", fault.NullBody()},
		{"missing-type", "an event without a type", fault.WithoutType()},
		{"missing-id", "an event without an id", fault.WithoutID()},
		{"missing-data", "an event without data", fault.Remove(data)},
		{"mistyped-data", "an event with a text for its data", fault.Mistype(data)},
	}
	if at := s.contract.Time.At.Pointer; at != "" && s.contract.Time.Tolerance.Duration == 0 {
		plain = append(plain,
			oddity{"time-no-date", "an event whose date is none", fault.Set(at, `"not a date"`)},
			oddity{"time-mistyped", "an event whose date is an object", fault.Set(at, `{}`)})
	}
	if id := s.idPointer(); id != "" {
		plain = append(plain,
			oddity{"id-of-a-path", "an event whose id is a path", fault.Set(id, `"../../evt/1"`)},
			oddity{"id-of-signs", "an event whose id holds quotes, spaces and emoji", fault.Set(id, `"evt 'x\" ; -- \ud83d\udd11"`)},
			oddity{"long-id", "an event whose id has 300 characters", fault.Set(id, `"evt_`+strings.Repeat("x", 296)+`"`)})
	}
	deep := []oddity{
		{"deep-nesting", fmt.Sprintf("a member nested %d levels deep", nesting), fault.DeepNesting(nesting)},
		{"duplicate-keys", "repeated member names", fault.DuplicateKeys()},
		{"prototype-keys", "members named __proto__ and constructor", fault.PrototypeKeys()},
		{"invalid-utf8", "bytes that are no UTF-8", fault.InvalidUTF8()},
		{"lone-surrogate", "half of a surrogate pair", fault.LoneSurrogate("")},
	}
	var cases []Case
	for _, o := range append(plain, deep...) {
		cases = append(cases, robust(Case{ID: o.id, Summary: o.summary + ", rightly signed, is answered without a 5xx",
			Purpose: "A server error is retried for hours, and pages somebody at night.", Probe: surviving(o.f)}))
	}
	cases = append(cases, robust(Case{ID: "applies-after-odd-bodies", Level: Must, Impact: DataLoss, Evidence: Effects, Summary: "an event that is acknowledged after an odd one is applied exactly once",
		Purpose: "A worker that an odd event ends leaves everything behind it in the queue, acknowledged and never applied.", Convention: "what is acknowledged is applied, whatever came before it",
		Probe: func(p *Prober) { p.appliesAfter(append(plain, deep...)) }}))
	return append(cases, robust(Case{ID: "survives-odd-bodies", Level: Must, Impact: DataLoss, Summary: "after each odd body the next genuine delivery is acknowledged",
		Purpose: "One bad delivery must not stop all that follow.", Convention: "a receiver outlives what it is sent",
		Probe: func(p *Prober) {
			if !p.Control() {
				return
			}
			for _, o := range append(deep, plain...) {
				p.Deliver(simulator.Delivery{Role: role(RoleTold, o.id), Class: simulator.Malformed, Event: p.Fresh(), Faults: []fault.Fault{o.f}})
				p.Genuine("after " + o.id)
			}
		}}))
}

// appliesAfter sends odd bodies, rightly signed, and genuine events of unusual
// kinds, and after each an event that must have its effect.
func (p *Prober) appliesAfter(odd []oddity) {
	odd = append([]oddity{{id: "unknown-type", f: fault.UnknownType(unknownType)}, {id: "unknown-members", f: fault.UnknownMembers()}, {id: "unicode", f: fault.Unicode("")}}, odd...)
	for _, o := range odd {
		p.Deliver(simulator.Delivery{Role: role(RoleTold, o.id), Class: simulator.Malformed, Event: p.Fresh(), Faults: []fault.Fault{o.f}})
		e := p.Fresh()
		if p.run.terms.acknowledged(p.Deliver(simulator.Delivery{Role: role(RoleTold, "after "+o.id), Class: simulator.Genuine, Event: e})) {
			p.Expect("after "+o.id, e, 1)
		}
	}
}

// idPointer is where the body carries the event's own id; "" for an id that
// is an object's, or in a header.
func (s *subject) idPointer() string {
	if ids := s.contract.Identity.ID; len(ids) == 1 && len(s.contract.Identity.Scope) == 0 {
		return ids[0].Pointer
	}
	return ""
}

// dataPointer is where events carry their data: the one object of the
// envelope.
func (s *subject) dataPointer() string { return "/data" }

func (s *subject) garbage() []Case {
	unsigned := func(label string, faults ...fault.Fault) func(*Prober) {
		return func(p *Prober) {
			p.Deliver(simulator.Delivery{Role: role(RoleForged, label), Class: simulator.Forged, Event: p.Fresh(), Faults: append(faults, fault.Unsigned())})
		}
	}
	return []Case{
		robust(Case{ID: "unsigned-malformed", Level: Must, Impact: Security, Cites: "/answers/bad_signature", Summary: "unsigned garbage is rejected",
			Purpose: "The open internet sends garbage: it must not get further than the signature check.",
			Probe: func(p *Prober) {
				if !p.Control() {
					return
				}
				unsigned("garbage", fault.Garbage())(p)
				unsigned("no JSON", fault.Malformed())(p)
				unsigned("empty", fault.EmptyBody())(p)
			}}),
		robust(Case{ID: "oversized-unsigned", Level: Must, Impact: Security, Cites: "/answers/bad_signature", Summary: "10 MiB, unsigned, chunked and without a length, are refused, and the receiver lives",
			Purpose: "Whoever can make a receiver hold ten mebibytes can make it hold all its memory.",
			Probe: func(p *Prober) {
				if p.Control() {
					p.Deliver(simulator.Delivery{Role: RoleRefused, Class: simulator.Forged, Event: p.Fresh(), Faults: []fault.Fault{
						fault.Large(oversizedKiB), fault.Unsigned(), fault.Chunked(64 << 10), fault.ReadEarly()}})
				}
			}}),
	}
}

func (s *subject) oddRequests() []Case {
	media := []fault.Fault{fault.MediaType("text/plain"), fault.MediaType("application/x-www-form-urlencoded"), fault.MediaType("")}
	cases := []Case{
		robust(Case{ID: "media-type", Summary: "a genuine body as text/plain, as a form and without a media type is answered without a 5xx",
			Purpose: "A proxy may drop or change the header.", Probe: surviving(media...)}),
		robust(Case{ID: "content-encoding", Summary: "a gzipped body, and an unknown content coding, are answered without a 5xx",
			Purpose: "A coding that is not supported has a status of its own: 415.", Convention: "RFC 9110, 8.4 and 15.5.16",
			Probe: surviving(fault.ContentCoding("gzip"), fault.ContentCoding("x-unknown"))}),
	}
	for _, m := range []string{"GET", "PUT", "DELETE", "HEAD"} {
		cases = append(cases, robust(Case{ID: "method/" + strings.ToLower(m), Level: May, Summary: m + " of a genuine delivery: told", Purpose: "405 is the answer that HTTP has for it; a 5xx is none.",
			Convention: "RFC 9110, 15.5.6", Probe: surviving(fault.Method(m))}))
	}
	noEffect := robust(Case{ID: "method-no-effect", Impact: Security, Evidence: Effects, Summary: "a genuine delivery by another method than POST has no effect",
		Purpose: "Methods that proxies repeat and caches answer must not act.", Convention: "the document asks for POST",
		Probe: func(p *Prober) {
			for _, m := range []string{"GET", "PUT", "DELETE"} {
				e := p.Fresh()
				p.Deliver(simulator.Delivery{Role: role(RoleTold, m), Class: simulator.Malformed, Event: e, Faults: []fault.Fault{fault.Method(m)}})
				p.Expect(m, e, 0)
			}
		}, Judge: judgeNoEffect})
	return append(cases, noEffect)
}

func (s *subject) manners() []Case {
	return []Case{
		robust(Case{ID: "no-stack-trace", Lane: WholeRun, Impact: Security, Summary: "no answer of the run shows a stack trace, a file path or source",
			Purpose: "Traces tell an attacker the framework, its version and where to press.", Convention: "answers to strangers hold no internals",
			Probe: func(p *Prober) {
				if p.Control() {
					p.told("garbage", simulator.Delivery{Class: simulator.Forged, Event: p.Fresh(), Faults: []fault.Fault{fault.Malformed(), fault.Unsigned()}})
				}
			}, JudgeRun: judgeNoTrace}),
		robust(Case{ID: "no-reflection", Impact: Security, Summary: "markup in a refused or unknown delivery does not come back as HTML",
			Purpose: "A page that shows what it was sent runs whatever script a stranger puts into it.", Convention: "answers to strangers hold none of what they sent, unless as text or JSON",
			Probe: probeReflection, Judge: judgeReflection}),
		robust(Case{ID: "tls", Needs: NeedsHTTPS, Impact: Security, Summary: "the certificate is valid and TLS is 1.2 or later", Cites: s.httpsClause(),
			Purpose: "Deliveries carry personal data, and some carry no time that would stop a replay.", Convention: "RFC 9325",
			Probe: probeTLS, Judge: judgeTLS}),
	}
}

func (s *subject) httpsClause() string {
	if s.contract.Transport.HTTPS == "required" {
		return "/transport/https"
	}
	return ""
}

// traces are what only a stack trace, a path or source looks like.
var traces = []struct {
	what string
	re   *regexp.Regexp
}{
	{"a JavaScript stack trace", regexp.MustCompile(`\n?\s*at .{1,200}\((?:file://|node:|/|[A-Z]:\\)[^)\n]*:\d+:\d+\)`)},
	{"a Python traceback", regexp.MustCompile(`Traceback \(most recent call last\)|File "[^"\n]+\.py", line \d+`)},
	{"a Java stack trace", regexp.MustCompile(`\bat [\w$.]+\([\w$]+\.(?:java|kt|scala):\d+\)`)},
	{"a Go stack trace", regexp.MustCompile(`goroutine \d+ \[|\n\t/[^\n]+\.go:\d+`)},
	{"a .NET stack trace", regexp.MustCompile(`\bat [\w.<>]+\([^)\n]*\) in [^\n]+:line \d+`)},
	{"a PHP stack trace", regexp.MustCompile(`#\d+ [^\n]*\.php\(\d+\)|(?:Fatal error|Warning)</b>?:[^\n]*\.php`)},
	{"a Ruby stack trace", regexp.MustCompile(`[\w/.-]+\.rb:\d+:in [` + "`" + `']`)},
}

func judgeNoTrace(r *Overview) Judgement {
	seen := 0
	var violations []Violation
	r.each(func(o *Observation, i int) {
		a := &o.Attempts[i]
		if a.Answer == nil {
			return
		}
		seen++
		text := bodyText(a.Answer)
		for _, t := range traces {
			if m := t.re.FindString(text); m != "" && len(violations) < 5 {
				violations = append(violations, Violation{Want: "no internals in an answer", Got: fmt.Sprintf("%s with %s: %q", status(a.Answer.Status), t.what, clip(strings.TrimSpace(m), 100)), Attempt: a.ID})
				break
			}
		}
	})
	switch {
	case seen == 0:
		return Judgement{Verdict: Inconclusive, Reason: "nothing was answered"}
	case len(violations) > 0:
		return Judgement{Verdict: Failed, Violations: violations}
	}
	return Judgement{Verdict: Passed}
}

// probeTLS notes whether there is TLS at all, the version that was agreed on,
// and whether an older one is taken too. A certificate that is not valid ends
// the run before any case.
func probeTLS(p *Prober) {
	client := p.run.sender.Client
	if client.URL.Scheme != "https" {
		p.obs.Fact("plain_http", true)
		return
	}
	conn, out := client.Open(p.ctx)
	if out.Err != nil {
		p.trouble(out.Err)
		return
	}
	defer conn.Close()
	if state := conn.TLS(); state != nil {
		p.obs.Fact("tls_version", float64(state.Version))
	}
	config := &tls.Config{}
	if client.TLS != nil {
		config = client.TLS.Clone()
	}
	// The engine itself never speaks less than 1.2: this handshake is for show.
	config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	port := client.URL.Port()
	if port == "" {
		port = "443"
	}
	dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: 5 * time.Second}, Config: config}
	if old, err := dialer.DialContext(p.ctx, "tcp", net.JoinHostPort(client.URL.Hostname(), port)); err == nil {
		if c, ok := old.(*tls.Conn); ok {
			p.obs.Fact("old_tls_version", float64(c.ConnectionState().Version))
		}
		old.Close()
	}
}

func judgeTLS(o *Observation, _ *Terms) Judgement {
	if o.Trouble != "" {
		return Judgement{Verdict: Errored, Reason: o.Trouble}
	}
	failed := func(got string) Judgement {
		return Judgement{Verdict: Failed, Violations: []Violation{{Want: "https with TLS 1.2 or later, and nothing older", Got: got}}}
	}
	if o.Facts["plain_http"] == true {
		return failed("plain http to a host that is not this machine")
	}
	if v, ok := o.Facts["old_tls_version"].(float64); ok {
		return failed(tls.VersionName(uint16(v)) + " is accepted as well")
	}
	v, ok := o.Facts["tls_version"].(float64)
	if !ok {
		return Judgement{Verdict: Inconclusive, Reason: "the connection told no TLS version"}
	}
	if v < tls.VersionTLS12 {
		return failed(tls.VersionName(uint16(v)))
	}
	return Judgement{Verdict: Passed}
}
