package extension

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"
)

// sends is a script of so many deliveries by two virtual users.
func sends(options string, n int, thresholds string) string {
	return fmt.Sprintf(`
import http from 'k6/http';
import hookstone from 'k6/x/hookstone';
const feed = hookstone.deliveries('usmewe', { deadline: '1m', %s});
export const options = {
  scenarios: { all: { executor: 'per-vu-iterations', vus: 6, iterations: %d, maxDuration: '1m' } },
  thresholds: {%s},
};
export default function () {
  const d = feed.next();
  feed.judge(d, http.request(d.method, d.url, d.body, d.params));
}
`, options, n, thresholds)
}

// TestExample runs the example: a right receiver passes, and one with a defect
// does not.
func TestExample(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile(filepath.Join("..", "example.js"))
	if err != nil {
		t.Fatal(err)
	}
	// What a machine that is busy with other tests could fail is not asked for.
	script := regexp.MustCompile(`(?m)^ *('hookstone_latency|dropped_iterations).*\n`).ReplaceAllString(string(example), "")
	// Two seconds hold a forgery for certain where there are more of them.
	more := strings.Replace(script, "forged: '2%'", "forged: '20%'", 1)
	if len(script) == len(example) || more == script {
		t.Fatal("the example is another than this test knows: the thresholds that a busy machine fails, or its forgeries")
	}
	for _, c := range []struct {
		defect string
		exit   int
		failed string // part of a threshold that does
	}{
		{"", 0, ""},
		{"accepts-everything", 99, "hookstone_outcomes{class:forged,outcome:accepted}"},
	} {
		t.Run("defect "+c.defect, func(t *testing.T) {
			t.Parallel()
			var defects []string
			if c.defect != "" {
				defects = []string{c.defect}
			}
			target, came := reference(t, "usmewe", defects...)
			exit, out := run(t, more, aimed(target, "RATE", "200", "DURATION", "2s"))
			if exit != c.exit || c.failed != "" && !strings.Contains(out, c.failed) {
				t.Fatalf("exit %d; want %d, and told of %q:\n%s", exit, c.exit, c.failed, out)
			}
			refused := 0
			all := came.taken()
			for _, a := range all {
				if a.status/100 == 4 {
					refused++
				}
			}
			if len(all) < 20 || (refused > 0) != (c.defect == "") {
				t.Errorf("%d deliveries came, %d of them were refused", len(all), refused)
			}
		})
	}
}

// TestExpectedRefusals: a refusal that should be is no failed request of k6's.
func TestExpectedRefusals(t *testing.T) {
	t.Parallel()
	const provider = "sharmo-timestamped" // whose deliveries grow stale
	target, came := reference(t, provider)
	script := sends(`mix: { forged: '40%', stale: '20%', duplicates: '10%', redeliveries: '10%', reorder: '10%' }`, 30, `
    http_req_failed: ['rate==0'], hookstone_unexpected: ['rate==0'],
    'hookstone_outcomes{class:genuine,outcome:accepted}': ['count>0'],
    'hookstone_outcomes{class:duplicate,outcome:accepted}': ['count>0'],
    'hookstone_outcomes{class:redelivery,outcome:accepted}': ['count>0'],
    'hookstone_outcomes{class:stale,outcome:refused}': ['count>0'],
    'hookstone_outcomes{class:forged,outcome:refused,fault:secret.another}': ['count>0'],
    'hookstone_latency{class:forged,outcome:refused}': ['max>0'],
    'http_reqs{class:forged}': ['count>0']`)
	exit, out := run(t, strings.ReplaceAll(script, "usmewe", provider), aimed(target))
	if exit != 0 {
		t.Fatalf("exit %d:\n%s", exit, out)
	}
	if n := len(came.taken()); n != 180 {
		t.Errorf("%d deliveries came; want 180", n)
	}
}

// TestBodiesArriveAsTheyAre: the reference receiver verifies the raw bytes with
// code of its own, bodies beyond ASCII among them.
func TestBodiesArriveAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, provider := range []string{"usmewe", "sharmo-body", "sharmo-timestamped", "handcash"} {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			target, came := reference(t, provider)
			// All are drawn before the first is sent: none may change meanwhile.
			exit, out := run(t, `
import http from 'k6/http';
import { deliveries } from 'k6/x/hookstone';
const feed = deliveries('`+provider+`', { deadline: '1m', mix: { forged: '50%' }, forgeries: ['body.unicode'] });
export default function () {
  const drawn = Array.from({ length: 40 }, () => feed.next());
  http.batch(drawn).forEach((response, i) => feed.judge(drawn[i], response));
}`, aimed(target))
			if exit != 0 {
				t.Fatalf("exit %d:\n%s", exit, out)
			}
			beyond, all := 0, came.taken()
			for _, a := range all {
				if a.status/100 != 2 {
					t.Errorf("a rightly signed body was refused with %d: %s", a.status, a.body)
				}
				if len(a.body) > utf8.RuneCount(a.body) {
					beyond++
				}
			}
			if beyond == 0 || len(all) != 40 {
				t.Errorf("%d bodies came, and %d held anything beyond ASCII", len(all), beyond)
			}
		})
	}
}

// TestOverTLS: k6 speaks HTTP/2 where the receiver does, with headers of lower
// case; what is signed is the same.
func TestOverTLS(t *testing.T) {
	t.Parallel()
	for proto, debug := range map[string]string{"HTTP/2.0": "", "HTTP/1.1": "http2client=0"} {
		_, came := reference(t, "usmewe")
		others := atomic.Int64{}
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Proto != proto {
				others.Add(1)
			}
			came.ServeHTTP(w, r)
		}))
		s.EnableHTTP2 = true
		s.StartTLS()
		t.Cleanup(s.Close)
		dir := t.TempDir()
		script := sends(`mix: { forged: '30%' }`, 5, `hookstone_unexpected: ['rate==0'], 'hookstone_outcomes{outcome:accepted}': ['count>0']`)
		if err := os.WriteFile(filepath.Join(dir, "script.js"), []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
		environment := aimed(s.URL+"/webhooks", "GODEBUG", debug)
		exit, out := k6(t, dir, environment, "run", "--quiet", "--insecure-skip-tls-verify", "script.js")
		if n := len(came.taken()); exit != 0 || n != 30 || others.Load() > 0 {
			t.Errorf("%s: exit %d, %d deliveries, %d of them over another protocol:\n%s", proto, exit, n, others.Load(), out)
		}
	}
}

// TestOutcomes: what is judged, of answers that a receiver should not give.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	var strayed, cookies atomic.Int64
	target, _ := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" {
			cookies.Add(1)
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "kept", Path: "/"})
		switch strings.TrimPrefix(r.URL.Path, "/webhooks/") {
		case "limited":
			w.WriteHeader(http.StatusTooManyRequests)
		case "failed":
			w.WriteHeader(http.StatusInternalServerError)
		case "moved":
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		case "late":
			time.Sleep(100 * time.Millisecond)
		case "unanswered":
			panic(http.ErrAbortHandler)
		case "cut":
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "short")
		case "accepted":
		default:
			strayed.Add(1)
		}
	}))
	exit, out := run(t, `
import http from 'k6/http';
import { deliveries } from 'k6/x/hookstone';
const calm = deliveries('usmewe', { deadline: '1m' });
const hasty = deliveries('usmewe', { deadline: '10ms' });
export default async function () {
  for (const [path, outcome, expected] of [
    ['accepted', 'accepted', true], ['limited', 'limited', true], ['failed', 'failed', false], ['moved', 'failed', false],
    ['late', 'late', false], ['unanswered', 'unanswered', false], ['cut', 'unanswered', false],
  ]) {
    const feed = path === 'late' ? hasty : calm;
    const d = feed.next();
    d.params.timeout = '1m'; // however busy this machine is
    const j = feed.judge(d, http.request(d.method, d.url + '/' + path, d.body, d.params));
    console.log((j.outcome === outcome && j.expected === expected ? 'right ' : 'WRONG ') + path + ': ' + JSON.stringify(j));
  }
  // The other ways of sending take the same deliveries.
  const two = [calm.next(), calm.next()].map((d) => { d.url += '/accepted'; return d; });
  http.batch(two).forEach((r, i) => console.log('batch ' + calm.judge(two[i], r).outcome));
  const d = calm.next();
  const r = await http.asyncRequest(d.method, d.url + '/accepted', d.body, d.params);
  console.log('async ' + calm.judge(d, r).outcome);
}`, aimed(target))
	if exit != 0 || strings.Contains(out, "WRONG") || strings.Count(out, "right ") != 7 ||
		strings.Count(out, "batch accepted") != 2 || !strings.Contains(out, "async accepted") {
		t.Errorf("exit %d:\n%s", exit, out)
	}
	if strayed.Load() > 0 || cookies.Load() > 0 {
		t.Errorf("%d redirects were followed, and %d cookies sent", strayed.Load(), cookies.Load())
	}
}

// TestMistakes: what is wrong in a script is an exception that says so, and
// nothing is sent.
func TestMistakes(t *testing.T) {
	t.Parallel()
	target, came := serve(t, http.NotFoundHandler())
	call := func(arguments string) string { return "deliveries(" + arguments + ")" }
	for _, c := range []struct{ script, want string }{
		{call(``), "deliveries wants a provider's name first"},
		{call(`'acme'`), `unknown provider "acme": known are handcash, sharmo-body`},
		{call(`'usmewe', 7`), "the options are no object"},
		{call(`'usmewe', { sed: 1 }`), `there is no option "sed"`},
		{call(`'usmewe', { secret: '' }`), "no secret: give the option secret"},
		{call(`'usmewe', { secret: 7 }`), "option secret is no text"},
		{call(`'usmewe', { target: 'ftp://127.0.0.1' }`), "is no URL to send to"},
		{call(`'usmewe', { target: 'http://me:hidden@127.0.0.1/' }`), `target "http://127.0.0.1/" is no URL to send to: write it whole and without credentials`},
		{call(`'usmewe', { target: 'http://example.com/' }`), "say allowHost: 'example.com'"},
		{call(`'usmewe', { seed: 1.5 }`), `seed "1.5" is no whole number`},
		{call(`'usmewe', { seed: '1' }`), "is no whole number"},
		{call(`'usmewe', { runId: 'a b' }`), `runId "a b"`},
		{call(`'usmewe', { deadline: '5' }`), `deadline "5" is no time`},
		{call(`'usmewe', { mix: '5%' }`), "option mix is no object"},
		{call(`'usmewe', { mix: { forged: 0.05 } }`), "mix: forged: 0.05 is no share: write '5%'"},
		{call(`'usmewe', { mix: { forged: '105%' } }`), "is no share from 0% to 100%"},
		{call(`'usmewe', { mix: { fake: '5%' } }`), `mix has no "fake"`},
		{call(`'usmewe', { mix: { forged: '60%', stale: '60%' } }`), "more than 100%: 120%"},
		{call(`'usmewe', { events: { 'loan.stolen': 1 } }`), `has no event "loan.stolen"`},
		{call(`'usmewe', { events: { 'loan.created': -1 } }`), "is no weight"},
		{call(`'usmewe', { forgeries: ['wire.chunked(16)'] }`), "acts on the wire"},
		{call(`'usmewe', { forgeries: 'nonsense' }`), `unknown fault "nonsense"`},
		{call(`'usmewe', { headers: { 'X-Staging': 1 } }`), "the value of X-Staging is no text"},
		{call(`'usmewe', { partition: { index: 2, count: 2 } }`), "partition is none"},
		{call(`'usmewe', { contracts: 'nowhere' }`), `contracts "nowhere"`},
		{`deliveries('usmewe').judge({}, {})`, "judge wants a delivery that next gave"},
		{`deliveries('usmewe').next()`, "deliveries are made in a virtual user's own function"},
		{`feed = deliveries('usmewe'); setup = () => { feed.next() }`, "deliveries are made in a virtual user's own function"},
		{`body = () => deliveries('usmewe')`, "deliveries is called while the script is read"},
	} {
		t.Run(c.script, func(t *testing.T) {
			t.Parallel()
			exit, out := run(t, `
import { deliveries } from 'k6/x/hookstone';
let feed, body = () => {};
let setup = () => {};
`+c.script+`;
const given = setup;
export { given as setup };
export default function () { body(); }
`, aimed(target))
			if !strings.Contains(strings.ReplaceAll(out, `\"`, `"`), c.want) || strings.Contains(out, "panic") || strings.Contains(out, "me:hidden") || strings.Contains(out, secret) {
				t.Errorf("exit %d; want %q:\n%s", exit, c.want, out)
			}
			// An exception in an iteration is k6's to count, and ends nothing.
			if exit != 107 && !strings.HasPrefix(c.script, "body") {
				t.Errorf("exit %d; want 107, a script's exception", exit)
			}
		})
	}
	t.Cleanup(func() {
		if n := len(came.taken()); n > 0 {
			t.Errorf("%d deliveries were sent all the same", n)
		}
	})
}

// TestLookedOver: archive and inspect read a script without its environment, as
// the k6 operator does before a test.
func TestLookedOver(t *testing.T) {
	t.Parallel()
	environment := aimed("http://127.0.0.1:9/webhooks")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "script.js"), []byte(sends(``, 1, `hookstone_unexpected: ['rate==0']`)), 0o600); err != nil {
		t.Fatal(err)
	}
	if exit, out := k6(t, dir, environment, "archive", "script.js", "-O", "script.tar"); exit != 0 {
		t.Fatalf("exit %d:\n%s", exit, out)
	}
	exit, out := k6(t, dir, environment, "inspect", "--execution-requirements", "script.tar")
	if exit != 0 || !strings.Contains(out, "hookstone_unexpected") {
		t.Fatalf("exit %d:\n%s", exit, out)
	}
	packed, err := os.ReadFile(filepath.Join(dir, "script.tar"))
	if err != nil || strings.Contains(string(packed), secret) {
		t.Errorf("the archive holds the secret (%v)", err)
	}
}

// disjoint tells every id that two lists share.
func disjoint(t *testing.T, what string, lists ...[]string) {
	t.Helper()
	var all []string
	for i, list := range lists {
		if len(list) == 0 {
			t.Errorf("%s: number %d sent nothing", what, i)
		}
		for _, id := range list {
			if slices.Contains(all, id) {
				t.Errorf("%s: number %d sent %s, as one before it did", what, i, id)
			}
		}
		all = append(all, list...)
	}
}
