package reports

import (
	"encoding/base64"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/simulator"
)

var began = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

// hostile is what a receiver may answer to whoever reads the report.
var hostile = []string{
	`<script>document.title = "pwned"; window.pwned = 1</script>`,
	`</style><style>body { display: none }</style></script><script>window.pwned = 2</script>`,
	`<img src=x onerror="window.pwned = 3"><svg onload="window.pwned = 4">`,
	`<a href="javascript:window.pwned = 5">click</a> [click](javascript:alert(1)) ![x](http://203.0.113.9/x.png)`,
	"invoice\u202Egnp.exe\u2066 \u200Bzero\u00ADwidth \u061C",
	"bell\a esc \x1b[31mred\x1b[0m nul\x00 bad \xff\xfe \u2028 line",
	"]]> --> {{.}} ${1} `code` | cell | @everyone #1 </code></pre></details> https://203.0.113.9/",
	`"><iframe src="http://203.0.113.9/"></iframe><meta http-equiv="refresh" content="0;url=http://203.0.113.9/">`,
}

func bytesOf(s string) simulator.Bytes {
	return simulator.Bytes{Base64: base64.StdEncoding.EncodeToString([]byte(s)), Length: int64(len(s))}
}

// attempt is one exchange; status 0 is none, err then says why.
func attempt(id, caseID string, class simulator.Class, event string, status int, answer string) simulator.Attempt {
	body := fmt.Sprintf(`{"id":"evt_%s","type":%q,"created":"2026-03-14T09:26:53Z","data":{"amount":"1250.00","currency":"EUR","note":"Größe ✓"}}`, id, event)
	a := simulator.Attempt{
		ID: id, Case: caseID, Role: "probe", Class: class,
		Event:      simulator.EventRef{Type: event, ID: "evt_" + id},
		IntendedAt: began, SentAt: began.Add(time.Millisecond),
		Signing: simulator.Signing{Base: bytesOf("1773480413." + body), Timestamp: "1773480413", Key: "configured"},
		Request: simulator.Message{Method: "POST", URL: "http://127.0.0.1:8080/webhooks", Proto: "HTTP/1.1", Framing: "length",
			Headers: [][2]string{{"Host", "127.0.0.1:8080"}, {"Content-Type", "application/json"}, {"X-Acme-Timestamp", "1773480413"},
				{"X-Acme-Signature", "sha256=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd"}, {"Content-Length", fmt.Sprint(len(body))}},
			Body: bytesOf(body)},
		Phases:     simulator.Phases{Connect: 0.21, Write: 0.05, FirstByte: 4.2, Read: 0.08, Answer: 4.3, Total: 4.6},
		Connection: simulator.Link{Number: 3, Reused: false},
	}
	if status == 0 {
		a.Error = &simulator.Failure{Kind: "timeout", Op: "read", Message: answer}
		return a
	}
	a.Answer = &simulator.Message{Proto: "HTTP/1.1", Status: status, Headers: [][2]string{{"Content-Type", "text/html"}, {"Date", "Sat, 14 Mar 2026 09:26:53 GMT"}}, Body: bytesOf(answer)}
	return a
}

func base(outcome conformance.Outcome) *conformance.Result {
	skew := int64(-120)
	return &conformance.Result{
		Tool:     conformance.Tool{Name: "hookstone", Version: "0.4.0"},
		Run:      conformance.RunInfo{ID: "run-4f1c", Seed: 8141592653, Started: began, Finished: began.Add(12400 * time.Millisecond), ClockSkewMS: &skew},
		Contract: conformance.ContractInfo{Provider: "acme", Title: "Acme Payments webhooks", Digest: "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},
		Suite:    conformance.SuiteInfo{Edition: "2026.1", Version: "0.4.0", CasesDigest: "sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"},
		Target:   conformance.Target{URL: "http://127.0.0.1:8080/webhooks"},
		Profile:  conformance.Full,
		Outcome:  outcome,
		Latency:  conformance.Latency{P50: 4.3, P90: 9.8, P99: 41.2, Max: 77.5},
		Counts:   conformance.Counts{Attempts: 214, Genuine: 131, Forged: 83},
	}
}

// sums fills score and counts from the results.
func sums(r *conformance.Result) *conformance.Result {
	r.Counts.Verdicts = map[conformance.Verdict]int{}
	for _, c := range r.Results {
		r.Counts.Verdicts[c.Verdict]++
		s := map[conformance.Level]*conformance.LevelScore{conformance.Must: &r.Score.Must, conformance.Should: &r.Score.Should, conformance.May: &r.Score.May}[c.Level]
		switch {
		case failing(c.Verdict):
			s.Failed++
		case undecided(c.Verdict):
			s.Inconclusive++
		case c.Verdict == conformance.Passed:
			s.Passed++
		default:
			continue
		}
		s.Total++
	}
	for _, s := range []*conformance.LevelScore{&r.Score.Must, &r.Score.Should} {
		if s.Total > 0 {
			s.PercentMin = 100 * float64(s.Passed) / float64(s.Total)
			s.PercentMax = 100 * float64(s.Passed+s.Inconclusive) / float64(s.Total)
		}
	}
	return r
}

type row struct {
	id, summary, purpose string
	level                conformance.Level
	impact               conformance.Impact
	section              string
}

var catalogue = []row{
	{"acknowledge/event/invoice.paid", "invoice.paid in its context is acknowledged", "Every documented event must be taken; a receiver that refuses one loses data.", conformance.Must, conformance.DataLoss, "Events"},
	{"acknowledge/event/refund.created", "refund.created in its context is acknowledged", "", conformance.Must, conformance.DataLoss, "Events"},
	{"acknowledge/documented-status", "the document's own success status is answered", "", conformance.Should, conformance.Interoperability, "Responding"},
	{"acknowledge/deadline", "every genuine delivery is answered within the deadline", "The sender gives up at the deadline and sends again.", conformance.Must, conformance.DataLoss, "Timeouts"},
	{"acknowledge/unknown-field", "additional members are ignored", "", conformance.Should, conformance.Interoperability, "Versioning"},
	{"acknowledge/unicode", "emoji, RTL and combining marks are taken", "", conformance.Must, conformance.Interoperability, "Encoding"},
	{"acknowledge/expect-continue", "Expect: 100-continue is honoured", "", conformance.May, conformance.Interoperability, ""},
	{"raw-body/whitespace", "the same event with other white space, signed as sent, is acknowledged", "A receiver that parses and writes the body again before verifying refuses genuine deliveries.", conformance.Must, conformance.DataLoss, "Signatures"},
	{"raw-body/key-order", "the same event with other key order is acknowledged", "", conformance.Must, conformance.DataLoss, "Signatures"},
	{"raw-body/respelled-after-signing", "a body respelled after signing is rejected", "", conformance.Should, conformance.Security, "Signatures"},
	{"signature/missing/invoice.paid", "a delivery without a signature is rejected", "Whoever finds the address could otherwise forge events.", conformance.Must, conformance.Security, "Verifying signatures"},
	{"signature/wrong-secret/invoice.paid", "a delivery signed with another secret is rejected", "A receiver that only looks for the header takes every forgery.", conformance.Must, conformance.Security, "Verifying signatures"},
	{"signature/body-tampered", "a body changed after signing is rejected", "", conformance.Must, conformance.Security, "Verifying signatures"},
	{"signature/empty-key", "a delivery signed with the empty key is rejected", "", conformance.Must, conformance.Security, "Verifying signatures"},
	{"signature/rotation", "the retired secret is rejected", "", conformance.Should, conformance.Security, "Rotation"},
	{"freshness/stale", "a rightly signed delivery from yesterday is rejected", "An old delivery that was overheard could be played again.", conformance.Must, conformance.Security, "Replay"},
	{"freshness/future", "a delivery from the far future is rejected", "", conformance.Should, conformance.Security, "Replay"},
	{"handshake/challenge", "the challenge is answered", "", conformance.Must, conformance.Interoperability, "Endpoints"},
	{"idempotency/duplicate", "the same delivery twice has one effect", "Senders deliver at least once; a second effect is a second payment.", conformance.Must, conformance.DataLoss, "Retries"},
	{"idempotency/concurrent", "ten deliveries at once have one effect", "", conformance.Must, conformance.DataLoss, "Retries"},
	{"robustness/deep-nesting", "ten thousand open brackets leave the receiver alive", "", conformance.Should, conformance.Security, ""},
	{"load/steady", "fifty a second for ten seconds are acknowledged", "", conformance.May, conformance.DataLoss, ""},
}

func results(verdict func(i int, r row) conformance.CaseResult) []conformance.CaseResult {
	var out []conformance.CaseResult
	for i, r := range catalogue {
		c := verdict(i, r)
		c.ID, c.Summary, c.Purpose, c.Level, c.Impact = r.id, r.summary, r.purpose, r.level, r.impact
		c.Family, _, _ = strings.Cut(r.id, "/")
		c.Citation = conformance.Source{Document: "Acme API reference", Section: r.section}
		if r.section == "" {
			c.Citation = conformance.Source{Document: "convention", Section: "what senders of this kind do"}
		}
		c.Reproduce = "hookstone certify acme --target http://127.0.0.1:8080/webhooks --secret-env ACME_SECRET --seed 8141592653 --case '" + r.id + "'"
		if len(c.Attempts) == 0 && (c.Verdict == conformance.Passed || failing(c.Verdict)) {
			a := attempt(fmt.Sprintf("a%02d", i), r.id, simulator.Genuine, "invoice.paid", 200, `{"ok":true}`)
			a.Phases.Answer = 2 + 3*math.Abs(math.Sin(float64(i)))
			c.Attempts = []simulator.Attempt{a}
		}
		c.DurationMS = 12.5 + float64(i)
		out = append(out, c)
	}
	return out
}

func conformantSample() *conformance.Result {
	r := base(conformance.Conformant)
	r.Results = results(func(i int, w row) conformance.CaseResult {
		switch w.id {
		case "handshake/challenge":
			return conformance.CaseResult{Verdict: conformance.NotApplicable, Reason: "the contract has no handshake"}
		case "load/steady":
			return conformance.CaseResult{Verdict: conformance.NotRun, Reason: "load cases need --load"}
		}
		return conformance.CaseResult{Verdict: conformance.Passed}
	})
	return sums(r)
}

// nonconformantSample is a receiver with several defects whose answers attack
// the reader.
func nonconformantSample() *conformance.Result {
	r := base(conformance.Nonconformant)
	r.Notes = []string{"a body of 256 KiB was refused with 413; told, not judged"}
	r.Results = results(func(i int, w row) conformance.CaseResult {
		c := conformance.CaseResult{Verdict: conformance.Passed}
		fail := func(want, got string, attempts ...simulator.Attempt) conformance.CaseResult {
			v := conformance.Violation{Want: want, Got: got}
			if len(attempts) > 0 {
				v.Attempt = attempts[len(attempts)-1].ID
			}
			return conformance.CaseResult{Verdict: conformance.Failed, Violations: []conformance.Violation{v}, Attempts: attempts}
		}
		forged := func(answer string) []simulator.Attempt {
			control := attempt(fmt.Sprintf("a%02d-control", i), w.id, simulator.Genuine, "invoice.paid", 200, `{"ok":true}`)
			control.Role = "control"
			a := attempt(fmt.Sprintf("a%02d", i), w.id, simulator.Forged, "invoice.paid", 200, answer)
			a.LeakedSignature = w.id == "signature/empty-key"
			a.Faults, a.Signing.Key = []string{"signature/wrong-key"}, "another"
			return []simulator.Attempt{control, a}
		}
		switch w.id {
		case "signature/missing/invoice.paid":
			return fail("a complete 4xx within 5 s", "200 with "+hostile[0], forged(hostile[0]+"\n"+hostile[1])...)
		case "signature/wrong-secret/invoice.paid":
			return fail("a complete 4xx within 5 s", "200 with "+hostile[3], forged(hostile[2]+"\n"+hostile[3])...)
		case "signature/body-tampered":
			return fail("a complete 4xx within 5 s", "200 with "+hostile[4], forged(hostile[4]+"\n"+hostile[5])...)
		case "signature/empty-key":
			return fail("a complete 4xx within 5 s", "200 with "+hostile[6], forged(hostile[6]+"\n"+hostile[7])...)
		case "raw-body/whitespace":
			a := attempt("a07", w.id, simulator.Genuine, "invoice.paid", 400, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00\x86\xa6\x10\x36\x05\x00\x00\x00")
			a.Answer.Headers = append(a.Answer.Headers, [2]string{"X-" + hostile[2], simulator.HeaderText(hostile[4])}, [2]string{"X-City", simulator.HeaderText("Zürich \xfc")})
			return fail("2xx within 5 s", "400 Bad Request", a)
		case "raw-body/key-order":
			a := attempt("a08", w.id, simulator.Genuine, "invoice.paid", 400, strings.Repeat("signature mismatch; ", 400))
			a.Answer.Body.Truncated = true
			a.Answer.Body.Length = 1 << 20
			return fail("2xx within 5 s", "400 Bad Request", a)
		case "acknowledge/deadline":
			a := attempt("a03", w.id, simulator.Genuine, "refund.created", 0, "no answer within 5 s")
			a.Phases = simulator.Phases{Connect: 0.2, Write: 0.1, Total: 5000.3}
			c = fail("an answer within 5 s", "none after 5.0 s", a)
			c.Facts = map[string]any{"deadline_ms": 5000.0}
			return c
		case "idempotency/duplicate":
			c = fail("1 effect", "2 effects")
			c.Verdict = conformance.Flaky
			two := 2
			c.Effects = []conformance.Effect{{Label: "delivered twice", ID: "evt_18", Event: "invoice.paid", Want: 1, Count: &two},
				{ID: "evt_19", Event: "invoice.paid", Want: 1, Trouble: "the observer answered 500"}}
			c.Reason = "failed in 2 of 3 runs"
			return c
		case "acknowledge/documented-status":
			return fail("status 200", "status 204")
		case "freshness/future":
			c = fail("a complete 4xx", "200")
			c.Waived = &conformance.Waiver{Reason: "clock service is replaced in April", Owner: "payments", Expires: "2026-05-01"}
			return c
		case "acknowledge/expect-continue":
			return fail("100 Continue", "a pause of 1 s")
		case "idempotency/concurrent":
			return conformance.CaseResult{Verdict: conformance.Inconclusive, Reason: "the observer did not answer in time"}
		case "robustness/deep-nesting":
			return conformance.CaseResult{Verdict: conformance.Errored, Reason: "the harness could not build the body"}
		case "handshake/challenge":
			return conformance.CaseResult{Verdict: conformance.NotApplicable, Reason: "the contract has no handshake"}
		case "load/steady":
			return conformance.CaseResult{Verdict: conformance.NotRun, Reason: "load cases need --load"}
		}
		return c
	})
	r.Findings = []conformance.Finding{
		{ID: "signature-not-verified", Title: "Signatures are not verified", Confidence: "high",
			Cases:    []string{"signature/missing/invoice.paid", "signature/wrong-secret/invoice.paid", "signature/body-tampered", "signature/empty-key"},
			Evidence: "4 of 4 forgeries were acknowledged, one without any signature; the last answer began " + hostile[0],
			Fix:      "Compute HMAC-SHA256 over the timestamp, a full stop and the raw body with the endpoint's secret, compare it in constant time with the header, and answer 401 where they differ."},
		{ID: "raw-body-respelled", Title: "The body is parsed and written again before it is verified", Confidence: "medium",
			Cases:    []string{"raw-body/whitespace", "raw-body/key-order"},
			Evidence: "genuine deliveries with other white space or key order are refused, their compact twins are taken",
			Fix:      "Verify the bytes as they came: keep the raw body before any JSON middleware runs."},
		{ID: "slow-acknowledgement", Title: "Work is done before the acknowledgement", Confidence: "low",
			Cases: []string{"acknowledge/deadline"}, Evidence: "1 of 131 genuine deliveries took longer than 5 s",
			Fix: "Store the event, answer, and work on it afterwards."},
	}
	return sums(r)
}

func partialSample() *conformance.Result {
	r := base(conformance.Partial)
	r.Selection = conformance.Selection{Families: []string{"idempotency", "signature"}, Events: []string{"invoice.*"}}
	r.Reason = "2 MUST cases of the full profile could not be judged"
	r.Results = results(func(i int, w row) conformance.CaseResult {
		family, _, _ := strings.Cut(w.id, "/")
		switch {
		case family == "idempotency":
			return conformance.CaseResult{Verdict: conformance.Inconclusive, Reason: "the observer counts 0 for a genuine delivery"}
		case family == "signature":
			return conformance.CaseResult{Verdict: conformance.Passed}
		}
		return conformance.CaseResult{Verdict: conformance.NotRun, Reason: "outside the selection"}
	})
	return sums(r)
}

func errorSample() *conformance.Result {
	r := base(conformance.OutcomeError)
	r.Reason = "nothing listens at 127.0.0.1:8080: connection refused"
	r.Latency, r.Counts, r.Run.ClockSkewMS = conformance.Latency{}, conformance.Counts{}, nil
	r.Results = results(func(int, row) conformance.CaseResult {
		return conformance.CaseResult{Verdict: conformance.NotRun, Reason: "the target was not reached"}
	})
	return sums(r)
}

var samples = []struct {
	name string
	make func() *conformance.Result
}{
	{"conformant", conformantSample},
	{"nonconformant", nonconformantSample},
	{"partial", partialSample},
	{"error", errorSample},
}

// largeSample has n attempts over many cases, every third of them failing.
func largeSample(cases, n int) *conformance.Result {
	r := base(conformance.Nonconformant)
	for i := range cases {
		family := fmt.Sprintf("family-%d", i%12)
		c := conformance.CaseResult{ID: fmt.Sprintf("%s/case-%d", family, i), Family: family, Level: levels[i%3], Impact: conformance.Security,
			Summary: "a case of many", Verdict: conformance.Passed, Reproduce: "hookstone certify acme --case x", DurationMS: 5}
		for j := range n / cases {
			a := attempt(fmt.Sprintf("l%d-%d", i, j), c.ID, simulator.Genuine, "invoice.paid", 200, strings.Repeat(hostile[j%len(hostile)], 30))
			c.Attempts = append(c.Attempts, a)
		}
		if i%3 == 0 {
			c.Verdict = conformance.Failed
			for _, a := range c.Attempts {
				c.Violations = append(c.Violations, conformance.Violation{Want: "a complete 4xx", Got: "200 " + hostile[i%len(hostile)], Attempt: a.ID})
			}
		}
		r.Results = append(r.Results, c)
	}
	return sums(r)
}
