package generate

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// eachBody calls f with n bodies of every event of every provider, whole and
// with documented members only.
func eachBody(t *testing.T, n int, f func(p *schemas.Provider, e *schemas.Event, documentedOnly bool, made Event)) {
	t.Helper()
	for _, p := range providers(t) {
		whole := newGenerator(t, p, Options{Seed: 7, RunID: "every body"})
		for _, documentedOnly := range []bool{false, true} {
			o := whole.Options()
			o.DocumentedOnly = documentedOnly
			g := whole.With(o)
			for _, e := range p.Events {
				for i := range n {
					made, err := g.Event(Key{e.Type, uint64(i)}, e.Type, testTime)
					if err != nil {
						t.Fatal(err)
					}
					f(p, e, documentedOnly, made)
				}
			}
		}
	}
}

// bodies is how many bodies of every event a test makes: by default what takes
// a second or two, or as many as HOOKSTONE_BODIES says.
func bodies(t *testing.T, n int) int {
	t.Helper()
	if text := os.Getenv("HOOKSTONE_BODIES"); text != "" {
		wanted, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("HOOKSTONE_BODIES: %v", err)
		}
		return wanted
	}
	return max(n/slowdown, 1)
}

func TestEveryBodyIsValid(t *testing.T) {
	eachBody(t, bodies(t, 60), func(p *schemas.Provider, e *schemas.Event, documentedOnly bool, made Event) {
		if err := e.Validate(made.Body); err != nil {
			t.Fatalf("%s %s (documented only: %v): %v\n%s", p.Name(), e.Type, documentedOnly, err, made.Body)
		}
	})
}

func TestEveryBodyIsAFixedPoint(t *testing.T) {
	eachBody(t, bodies(t, 200), func(p *schemas.Provider, e *schemas.Event, _ bool, made Event) {
		v, err := jsondoc.Parse(made.Body)
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", p.Name(), e.Type, err, made.Body)
		}
		if again := v.Compact(); !bytes.Equal(again, made.Body) {
			t.Fatalf("%s %s: made %s\nspelled again %s", p.Name(), e.Type, made.Body, again)
		}
	})
}

// One Node process reads a body a line and says on how many lines
// JSON.stringify(JSON.parse(line)) was another text.
const nodeFixedPoint = `
const lines = require('fs').readFileSync(0, 'utf8').split('\n');
lines.pop();
let other = 0;
for (const line of lines) {
  if (JSON.stringify(JSON.parse(line)) !== line && other++ === 0) console.error(line);
}
console.log(lines.length + ' ' + other);
`

func TestEveryBodyIsAFixedPointOfNode(t *testing.T) {
	node := needTool(t, "node")
	var input bytes.Buffer
	lines := 0
	w := bufio.NewWriter(&input)
	eachBody(t, bodies(t, 100), func(_ *schemas.Provider, _ *schemas.Event, _ bool, made Event) {
		w.Write(made.Body)
		w.WriteByte('\n')
		lines++
	})
	w.Flush()
	cmd := exec.Command(node, "-e", nodeFixedPoint)
	cmd.Stdin = &input
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, stderr.String())
	}
	if got, want := strings.TrimSpace(string(out)), fmt.Sprintf("%d 0", lines); got != want {
		t.Errorf("node read and respelled %q (lines, other texts); want %q; the first:\n%s", got, want, stderr.String())
	}
}

func needTool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("HOOKSTONE_REQUIRE_TOOLS") == "1" {
			t.Fatalf("%s is not installed", name)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}

func TestDocumentedOnlyLeavesOutTheRest(t *testing.T) {
	eachBody(t, 30, func(p *schemas.Provider, e *schemas.Event, documentedOnly bool, made Event) {
		if !documentedOnly {
			return
		}
		doc, err := jsondoc.Parse(made.Body)
		if err != nil {
			t.Fatal(err)
		}
		for _, pointer := range e.Undocumented() {
			if n := count(doc, strings.Split(pointer, "/")[1:]); n > 0 {
				t.Fatalf("%s %s has %s\n%s", p.Name(), e.Type, pointer, made.Body)
			}
		}
	})
}

// count is how often a pointer with * for items occurs.
func count(v jsondoc.Value, tokens []string) (n int) {
	if len(tokens) == 0 {
		return 1
	}
	for _, item := range v.Items {
		if tokens[0] == "*" {
			n += count(item, tokens[1:])
		}
	}
	for _, m := range v.Members {
		if jsondoc.Escape(m.Key) == tokens[0] {
			n += count(m.Value, tokens[1:])
		}
	}
	return n
}

// What the contract's identity says of the body is what the event says.
func TestIdentityIsThatOfTheBody(t *testing.T) {
	eachBody(t, 20, func(p *schemas.Provider, e *schemas.Event, _ bool, made Event) {
		doc, err := jsondoc.Parse(made.Body)
		if err != nil {
			t.Fatal(err)
		}
		identity := p.Contract.Identity
		if v, ok := doc.Get(identity.Type.Pointer); !ok || v.Text != e.Type || made.Type != e.Type {
			t.Fatalf("%s: type %q, event %q\n%s", e.Type, v.Text, made.Type, made.Body)
		}
		id := ""
		for _, l := range identity.ID {
			if v, ok := doc.Get(l.Pointer); ok {
				id = v.Text
				break
			}
		}
		if made.ID != id || id == "" && !e.Handshake {
			t.Fatalf("%s %s: ID %q, in the body %q\n%s", p.Name(), e.Type, made.ID, id, made.Body)
		}
		var scope []string
		for _, l := range identity.Scope {
			if v, ok := doc.Get(l.Pointer); ok {
				scope = append(scope, v.Text)
			}
		}
		if !slices.Equal(made.Scope, scope) {
			t.Fatalf("%s %s: scope %q, in the body %q", p.Name(), e.Type, made.Scope, scope)
		}
	})
}

// The event's own time is the moment given.
func TestTimeIsTheMomentGiven(t *testing.T) {
	eachBody(t, 20, func(p *schemas.Provider, e *schemas.Event, _ bool, made Event) {
		doc, _ := jsondoc.Parse(made.Body)
		v, ok := doc.Get(p.Contract.Time.At.Pointer)
		if p.Contract.Time.At.Pointer == "" || !ok {
			return
		}
		got, err := time.Parse(time.RFC3339, v.Text)
		if err != nil || !got.Equal(testTime) && !got.Equal(testTime.Truncate(time.Second)) || !made.At.Equal(testTime) {
			t.Fatalf("%s %s at %s: %v, dated %s", p.Name(), e.Type, testTime, made.At, v.Text)
		}
	})
}

func TestSameOptionsSameBytes(t *testing.T) {
	for _, p := range providers(t) {
		g, second := newGenerator(t, p, Options{}), newGenerator(t, p, Options{})
		rapid.Check(t, func(t *rapid.T) {
			o := Options{Seed: rapid.Uint64().Draw(t, "seed"), RunID: rapid.String().Draw(t, "run"), DocumentedOnly: rapid.Bool().Draw(t, "documented only")}
			k := Key{rapid.String().Draw(t, "case"), rapid.Uint64().Draw(t, "number")}
			at := time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "ms"))
			again := second.With(o)
			same(t, g.With(o).Journey(k, at), again.Journey(k, at))
			for range 3 {
				e := rapid.SampledFrom(p.Events).Draw(t, "event")
				context, err := again.Context(k, e.Type, at)
				if err != nil {
					t.Fatal(err)
				}
				event, err := g.With(o).Event(k, e.Type, at)
				if err != nil {
					t.Fatal(err)
				}
				same(t, []Event{event}, context[len(context)-1:])
			}
			other := o
			other.Seed++
			if bytes.Equal(g.With(other).Journey(k, at)[0].Body, g.With(o).Journey(k, at)[0].Body) {
				t.Fatal("another seed makes the same body")
			}
			other = o
			other.RunID += "x"
			if bytes.Equal(g.With(other).Journey(k, at)[0].Body, g.With(o).Journey(k, at)[0].Body) {
				t.Fatal("another run makes the same body")
			}
		})
	}
}

func same(t *rapid.T, a, b []Event) {
	t.Helper()
	if len(a) != len(b) {
		t.Fatalf("%d events and %d", len(a), len(b))
	}
	for i := range a {
		if a[i].Type != b[i].Type || a[i].ID != b[i].ID || !slices.Equal(a[i].Scope, b[i].Scope) || !a[i].At.Equal(b[i].At) || !bytes.Equal(a[i].Body, b[i].Body) {
			t.Fatalf("event %d is %v %s\nand %v %s", i, a[i].At, a[i].Body, b[i].At, b[i].Body)
		}
	}
}

func TestIDsNeverComeTwice(t *testing.T) {
	const cases, numbers = 10, 100_000 / slowdown
	all := providers(t)
	p := all[len(all)-1]
	g := newGenerator(t, p, Options{Seed: 1, RunID: "ids"})
	ids := make([]string, 0, cases*numbers)
	var body []byte
	for c := range cases {
		s := g.Stream(fmt.Sprintf("case/%d", c))
		for n := range uint64(numbers) {
			body = s.AppendEvent(body[:0], n, int(n)%len(g.Types()), testTime)
			ids = append(ids, string(s.ID()))
		}
	}
	slices.Sort(ids)
	for i := range ids[1:] {
		if ids[i] == ids[i+1] || ids[i] == "" {
			t.Fatalf("id %q came twice", ids[i])
		}
	}
}
