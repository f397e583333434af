package reports

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/hookstone/hookstone/conformance"
)

// missing skips for want of a tool, or fails where tools are required.
func missing(t *testing.T, tool string) {
	t.Helper()
	if os.Getenv("HOOKSTONE_REQUIRE_TOOLS") == "1" {
		t.Fatalf("%s is missing and HOOKSTONE_REQUIRE_TOOLS=1", tool)
	}
	t.Skipf("%s is missing", tool)
}

// browser is a headless Chromium and what its page said and asked for.
type browser struct {
	ctx context.Context

	mu      sync.Mutex
	said    []string // console, exceptions, browser log
	fetched []string
}

func startBrowser(t *testing.T) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		missing(t, "chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(60*time.Second))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	b := &browser{}
	page, closePage := chromedp.NewContext(alloc)
	t.Cleanup(func() {
		if err := chromedp.Cancel(page); err != nil {
			t.Logf("closing chromium: %v", err)
		}
		closePage()
		stop()
	})
	// The first action starts the browser, whose life the context bounds: no
	// deadline here.
	if err := chromedp.Do(page); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(page, 4*time.Minute)
	t.Cleanup(cancel)
	b.ctx = ctx
	err := chromedp.Listen(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *cdpruntime.EventConsoleAPICalled:
			b.said = append(b.said, "console "+string(e.Type))
		case *cdpruntime.EventExceptionThrown:
			b.said = append(b.said, "exception "+e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			b.said = append(b.said, "log "+e.Entry.Text)
		case *network.EventRequestWillBeSent:
			b.fetched = append(b.fetched, e.Request.URL)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	command(t, b, network.Enable, network.EnableParams{})
	command(t, b, log.Enable, cdp.Empty{})
	b.theme(t, "light")
	return b
}

// theme chooses light or dark, and no smooth scrolling, so that a click finds
// its place.
func (b *browser) theme(t *testing.T, name string) {
	t.Helper()
	command(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

// open writes the result's page to disk and opens it from there.
func (b *browser) open(t *testing.T, r *conformance.Result, hash string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(htmlOf(t, r)), 0o600); err != nil {
		t.Fatal(err)
	}
	page := (&url.URL{Scheme: "file", Path: path}).String()
	b.run(t, chromedp.Navigate(page+hash))
	return page
}

func (b *browser) run(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// command sends a command of the DevTools protocol.
func command[P, R any](t *testing.T, b *browser, c cdp.Command[P, R], params P) {
	t.Helper()
	if _, err := chromedp.Call(b.ctx, c, params); err != nil {
		t.Fatal(err)
	}
}

// do runs a script for its effect.
func (b *browser) do(t *testing.T, script string) {
	t.Helper()
	b.run(t, chromedp.Evaluate[chromedp.Void](script))
}

// await returns when the expression is true in the page.
func (b *browser) await(t *testing.T, expression string) {
	t.Helper()
	if !ask[bool](t, b, `new Promise(done => {
		const end = performance.now() + 20000
		const look = () => { if (`+expression+`) done(true); else if (performance.now() > end) done(false); else setTimeout(look, 20) }
		look()
	})`) {
		t.Fatalf("never true: %s", expression)
	}
}

// ask evaluates an expression in the page.
func ask[T any](t *testing.T, b *browser, expression string) T {
	t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%v: %.200s", err, expression)
	}
	return v
}

// quiet fails if the page complained, or asked for anything but itself.
func (b *browser) quiet(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.said) > 0 {
		t.Errorf("the page said %q", b.said)
	}
	for _, u := range b.fetched {
		if !strings.HasPrefix(u, "file://") && !strings.HasPrefix(u, "data:") || !strings.Contains(u, "report.html") && strings.HasPrefix(u, "file://") {
			t.Errorf("the page asked for %s", u)
		}
	}
}

const shownCases = `document.querySelectorAll('.case:not([hidden])').length`

func TestBrowserFilters(t *testing.T) {
	b := startBrowser(t)
	page := b.open(t, nonconformantSample(), "")
	expect := func(what string, want int) {
		t.Helper()
		if got := ask[int](t, b, shownCases); got != want {
			t.Errorf("%s shows %d cases; want %d", what, got, want)
		}
	}
	hash := func(want string) {
		t.Helper()
		if got := ask[string](t, b, `location.hash`); got != want {
			t.Errorf("hash = %q; want %q", got, want)
		}
	}
	expect("the page", 22)
	b.run(t, chromedp.Click(chromedp.CSS(`.chip[data-value=failed]`)))
	expect("failed", 10)
	hash("#v=failed")
	b.run(t, chromedp.Click(chromedp.CSS(`.chip[data-value=must]`)))
	expect("failed MUST", 7)
	b.run(t, chromedp.SetValue(chromedp.CSS(`#family`), "raw-body"))
	ask[bool](t, b, `document.querySelector('#family').dispatchEvent(new Event('change'))`)
	expect("failed MUST of raw-body", 2)
	hash("#v=failed&l=must&f=raw-body")
	if got := ask[string](t, b, `document.querySelector('#shown').textContent`); got != "2 of 22 cases" {
		t.Errorf("the count says %q", got)
	}
	b.run(t, chromedp.Click(chromedp.CSS(`#clear`)))
	expect("cleared", 22)
	hash("")

	b.run(t, chromedp.SendKeys(chromedp.CSS(`#q`), "WHITE space"))
	b.await(t, shownCases+` === 1`)
	hash("#q=WHITE+space")
	b.run(t, chromedp.SendKeys(chromedp.CSS(`#q`), " zebra"))
	b.await(t, `!document.querySelector('.empty').hidden`)
	b.run(t, chromedp.Click(chromedp.CSS(`#clear`)))

	b.run(t, chromedp.Click(chromedp.CSS(`.cell[data-f=signature][data-l=must]`)))
	expect("a cell of the map", 4)
	hash("#l=must&f=signature")

	// A link to a case opens it, although the filter hid it.
	b.do(t, `location.hash = '#case-acknowledge%2Fdeadline'`)
	b.run(t)
	b.await(t, `document.querySelector('.case[data-id="acknowledge/deadline"]').open`)
	expect("a linked case", 22)
	if got := ask[string](t, b, `document.activeElement.parentElement.dataset.id`); got != "acknowledge/deadline" {
		t.Errorf("the focus is on %q", got)
	}

	// The hash keeps the filters.
	b.run(t, chromedp.Navigate("about:blank"), chromedp.Navigate(page+"#v=passed,flaky&l=must"))
	expect("a page opened with its filters", 5)
	if got := ask[string](t, b, `[...document.querySelectorAll('.chip[aria-pressed=true]')].map(c => c.dataset.value).join()`); got != "flaky,passed,must" {
		t.Errorf("pressed: %s", got)
	}

	// The keyboard alone reaches the search and a case.
	b.run(t, chromedp.KeyEvent("/"))
	if got := ask[string](t, b, `document.activeElement.id`); got != "q" {
		t.Errorf("/ puts the focus on %q", got)
	}
	b.do(t, `document.querySelector('.case:not([hidden]) summary').focus()`)
	b.run(t, chromedp.KeyEvent("\r"))
	if !ask[bool](t, b, `document.querySelector('.case:not([hidden])').open`) {
		t.Error("the enter key does not open a case")
	}
	b.run(t, chromedp.Click(chromedp.CSS(`.case[open] .copy`)))
	b.await(t, `/Copied|Selected/.test(document.querySelector('.case[open] .copy').textContent)`)
	b.quiet(t)
}

func TestBrowserKeepsHostileAnswersInert(t *testing.T) {
	b := startBrowser(t)
	r := nonconformantSample()
	r.Notes, r.Reason = hostile, strings.Join(hostile, " ")
	r.Target.URL, r.Contract.Title = "http://127.0.0.1/"+hostile[7], hostile[1]
	r.Results[0].Family, r.Results[0].ID = hostile[0], hostile[7]
	r.Findings[0].Fix = hostile[2]
	b.open(t, r, "")
	b.do(t, `document.querySelectorAll('details').forEach(d => { d.open = true })`)
	// Whatever could act on being pressed is pressed.
	b.do(t, `document.querySelectorAll('main a').forEach(a => a.click())`)
	for _, c := range []struct{ what, expression string }{
		{"scripts beside ours", `document.scripts.length - 1`},
		{"styles beside ours", `document.querySelectorAll('style').length - 1`},
		{"loading elements", `document.querySelectorAll('img, iframe, object, embed, video, audio, base, form, meta[http-equiv=refresh]').length`},
		{"handlers", `[...document.querySelectorAll('*')].filter(e => e.getAttributeNames().some(n => n.startsWith('on'))).length`},
		{"links elsewhere", `[...document.querySelectorAll('a')].filter(a => !a.getAttribute('href').startsWith('#')).length`},
		{"what a script would have done", `(window.pwned === undefined && !document.title.startsWith('pwned')) ? 0 : 1`},
		{"hidden bodies", `getComputedStyle(document.body).display === 'none' ? 1 : 0`},
		{"bidirectional controls", `[...document.documentElement.textContent].filter(c => /[\u202A-\u202E\u2066-\u2069\u200E\u200F\u061C]/.test(c)).length`},
		{"control characters", `[...document.documentElement.textContent].filter(c => /[\x00-\x08\x0B-\x1F\x7F-\x9F]/.test(c)).length`},
		{"lacks what it should show", `document.body.textContent.includes('<script>document.title') && document.body.textContent.includes('⟨U+202E⟩') ? 0 : 1`},
	} {
		if n := ask[int](t, b, c.expression); n != 0 {
			t.Errorf("%s: %d", c.what, n)
		}
	}
	b.quiet(t)
}

// Without script the page is whole: nothing that needs one is shown, and every
// detail opens by itself.
func TestBrowserWithoutScript(t *testing.T) {
	b := startBrowser(t)
	command(t, b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.open(t, nonconformantSample(), "#case-signature%2Fmissing%2Finvoice.paid")
	command(t, b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{}) // to ask; the page was loaded without
	if n := ask[int](t, b, `[...document.querySelectorAll('.js')].filter(e => e.checkVisibility()).length`); n != 0 {
		t.Errorf("%d controls that need a script are shown", n)
	}
	if n := ask[int](t, b, shownCases); n != 22 {
		t.Errorf("%d cases are shown; want 22", n)
	}
	if !ask[bool](t, b, `document.querySelector('.case[data-id="signature/missing/invoice.paid"]').open`) {
		t.Error("a link to a case does not open it")
	}
	b.do(t, `document.querySelector('.case[data-id="raw-body/whitespace"] > summary').click()`)
	if !ask[bool](t, b, `document.querySelector('.case[data-id="raw-body/whitespace"] pre').checkVisibility()`) {
		t.Error("a case does not open")
	}
	b.quiet(t)
}

// Neither theme nor width may hide anything or break a rule of accessibility.
func TestBrowserAccessibility(t *testing.T) {
	b := startBrowser(t)
	engine, err := os.ReadFile("testdata/axe/node_modules/axe-core/axe.min.js")
	if err != nil {
		missing(t, "axe-core (npm ci --prefix reports/testdata/axe)")
	}
	for _, c := range []struct {
		r     *conformance.Result
		theme string
		width int64
	}{
		{nonconformantSample(), "light", 1280}, {nonconformantSample(), "dark", 1280},
		{nonconformantSample(), "light", 390}, {nonconformantSample(), "dark", 390},
		{conformantSample(), "light", 1280}, {partialSample(), "dark", 390},
	} {
		b.theme(t, c.theme)
		b.run(t, chromedp.EmulateViewport(c.width, 900))
		b.open(t, c.r, "")
		b.do(t, `document.querySelectorAll('details').forEach(d => { d.open = true; d.style.contentVisibility = 'visible' })`)
		if n := ask[int](t, b, `document.documentElement.scrollWidth`); n > int(c.width) {
			t.Errorf("%s at %d is %d wide", c.r.Outcome, c.width, n)
		}
		b.do(t, string(engine))
		if got := serious(t, b); len(got) > 0 {
			t.Errorf("%s, %s at %d: %s", c.r.Outcome, c.theme, c.width, strings.Join(got, "\n"))
		}
	}
	// The engine must be able to object.
	b.do(t, `document.documentElement.removeAttribute('lang'); document.querySelector('#q').removeAttribute('aria-label'); document.querySelector('#q').placeholder = ''`)
	if got := serious(t, b); len(got) != 2 {
		t.Errorf("of two faults put in, %d are found: %q", len(got), got)
	}
	b.quiet(t)
}

// serious are the serious and critical violations of the page.
func serious(t *testing.T, b *browser) []string {
	t.Helper()
	return ask[[]string](t, b, `axe.run(document, {resultTypes: ['violations']}).then(r => r.violations
		.filter(v => v.impact === 'serious' || v.impact === 'critical')
		.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + n.failureSummary).join(' | ')))`)
}

func TestBrowserOpensALargeReport(t *testing.T) {
	b := startBrowser(t)
	b.open(t, largeSample(150, 3000), "#v=failed")
	if got, want := ask[int](t, b, shownCases), 50; got != want {
		t.Errorf("%d cases are shown; want %d", got, want)
	}
	b.quiet(t)
}
