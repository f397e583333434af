package schemas

import (
	"errors"
	"strings"
	"testing"
)

const attemptRecord = `{"id":"a1","case":"signature/missing/loan.created","role":"probe","class":"forged","event":{"type":"loan.created","id":"evt_1"},
"faults":["signature.absent"],"intended_at":"2026-01-02T03:04:05.6Z","sent_at":"2026-01-02T03:04:05.7Z",
"signing":{"base":{"base64":"e30=","length":2},"clock_offset_ms":-20},
"request":{"method":"POST","url":"http://127.0.0.1:3000/","headers":[["Host","127.0.0.1:3000"]],"body":{"base64":"e30=","length":2},"framing":"length"},
"answer":{"proto":"HTTP/1.1","status":401,"headers":[],"body":{"base64":"","length":0},"interim":[100]},
"phases":{"resolve_ms":0,"connect_ms":0.2,"tls_ms":0,"write_ms":0.1,"first_byte_ms":1,"read_ms":0,"answer_ms":1.1,"total_ms":1.5},
"connection":{"number":3,"reused":false,"closed":true}}`

const reportRecord = `{"tool":{"name":"hookstone","version":"dev"},
"run":{"id":"r1","seed":18446744073709551615,"started":"2026-01-02T03:04:05Z","finished":"2026-01-02T03:04:09Z","clock_skew_ms":null},
"contract":{"provider":"acme","title":"Acme","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000"},
"suite":{"edition":"2026.1","version":"1","cases_digest":"sha256:0"},"target":{"url":"http://127.0.0.1:3000/"},"profile":"basic","selection":{},
"outcome":"nonconformant",
"score":{"must":{"passed":0,"failed":1,"inconclusive":0,"not_run":0,"total":1,"percent_min":0,"percent_max":0},
"should":{"passed":0,"failed":0,"inconclusive":0,"not_run":1,"total":1,"percent_min":0,"percent_max":100},
"may":{"passed":0,"failed":0,"inconclusive":0,"not_run":0,"total":0,"percent_min":0,"percent_max":0}},
"results":[{"id":"signature/missing/loan.created","family":"signature","level":"must","impact":"security","verdict":"failed","summary":"s","citation":{"document":"Guide","section":"Signatures"},
"violations":[{"want":"a 4xx","got":"200","attempt":"a1"}],"attempts":[ATTEMPT],"reproduce":"hookstone certify acme","duration_ms":3.5,"waived":{"reason":"known","owner":"me","expires":"2026-02-01"}},
{"id":"retry/schedule","family":"retry","level":"should","impact":"data-loss","verdict":"not-run","reason":"outside the profile","summary":"s","citation":{"document":"convention","section":"c"},
"violations":[],"attempts":[],"duration_ms":0,"waived":null}],
"findings":[{"id":"accepts-unsigned","title":"t","confidence":"high","cases":["signature/missing/loan.created"],"evidence":"e","fix":"f"}],
"latency":{"p50":1,"p90":1,"p99":1,"max":1},"counts":{"attempts":1,"genuine":0,"forged":1,"verdicts":{"failed":1,"not-run":1}}}`

func TestValidateRecords(t *testing.T) {
	report := strings.Replace(reportRecord, "ATTEMPT", attemptRecord, 1)
	if err := ValidateAttempt([]byte(attemptRecord)); err != nil {
		t.Error(err)
	}
	if err := ValidateReport([]byte(report)); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		validate             func([]byte) error
		text, old, new, want string
	}{
		{ValidateAttempt, attemptRecord, `"class":"forged"`, `"class":"evil"`, `/class: "evil" is not one of`},
		{ValidateAttempt, attemptRecord, `"id":"a1",`, `"secret":"s",`, `'secret' not allowed`},
		{ValidateAttempt, attemptRecord, `"base64":"e30="`, `"base64":"e30"`, `/signing/base/base64: "e30" does not match`},
		{ValidateAttempt, attemptRecord, `["Host","127.0.0.1:3000"]`, `["Host"]`, "/request/headers/0"},
		{ValidateAttempt, attemptRecord, `"sent_at":"2026-01-02T`, `"sent_at":"2026-01-02 `, "/sent_at"},
		{ValidateReport, report, `"outcome":"nonconformant"`, `"outcome":"good"`, `/outcome: "good" is not one of`},
		{ValidateReport, report, `"reason":"outside the profile",`, "", "/results/1: missing properties: 'reason'"},
		{ValidateReport, report, `"violations":[]`, `"violations":null`, "/results/1/violations: null: want array"},
		{ValidateReport, report, `"class":"forged"`, `"class":"evil"`, `/results/0/attempts/0/class: "evil" is not one of`},
		{ValidateReport, report, `"failed":1,"not-run":1`, `"broken":1`, "/counts/verdicts"},
		{ValidateReport, report, `"percent_max":100`, `"percent_max":101`, "/score/should/percent_max: 101"},
		{ValidateReport, report, `"provider":"acme"`, `"provider":""`, "/contract/provider"},
		{ValidateReport, report, `"target":{`, `"targets":{`, "'target'"},
	} {
		if !strings.Contains(c.text, c.old) {
			t.Fatalf("the record does not hold %q", c.old)
		}
		err := c.validate([]byte(strings.Replace(c.text, c.old, c.new, 1)))
		var invalid *Invalid
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("with %s: %v; want …%s…", c.new, err, c.want)
		}
	}
}
