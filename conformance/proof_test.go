package conformance_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/fixtures/receiver"
	"github.com/hookstone/hookstone/schemas"
)

// The suite proves itself on the reference receiver: with every single defect
// that it can have, under every contract. The matrix of what failed is golden:
// testdata/matrix/PROVIDER.txt has a line for each defect with its first
// finding and the failed cases.
//
// HOOKSTONE_PROOF=1 runs all of it (make proof), the name of a provider its part;
// otherwise each defect runs
// under one contract, in the families that it concerns. -update rewrites the
// matrix and PROOF.md, which needs the whole.
var update = flag.Bool("update", false, "rewrite the golden matrix and PROOF.md")

// unsteady are defects whose failures depend on what meets what: their cases
// are not compared with the golden matrix, only what they must kill and the
// finding.
var unsteady = map[string]string{
	"shares-signature-between-requests": "fails where two deliveries meet",
	"drops-every-fifth":                 "fails whichever delivery comes fifth",
	"duplicate-race":                    "fails where two copies meet",
	"crashes-on-concurrent-duplicate":   "fails where two copies meet",
	"conflicts-on-concurrent-duplicate": "fails where two copies meet",
	"slow-under-load":                   "fails where more than a dozen are in work",
	"unavailable-under-load":            "fails where more than a dozen are in work",
	"skips-check-under-load":            "fails where more than a dozen are in work",
	"loses-events-under-load":           "fails where more than a dozen are in work",
	"drops-connections-under-load":      "fails where more than a dozen are in work",
	"serves-one-at-a-time":              "is as slow as the machine lets it be",
	"remembers-last-events-only":        "fails by what came between",
	"remembers-in-small-filter":         "fails by what came between",
	"drops-when-busy":                   "fails where two deliveries meet",
	"mixes-up-events":                   "fails where two deliveries meet",
	"locks-once":                        "fails where two deliveries meet",
	"forgets-after-seconds":             "fails by how long the rest takes",
	"loses-some-events":                 "loses by number, whichever comes",
	"loses-every-third-event":           "loses by number, whichever comes",
	"dies-on-missing-signature":         "ends the run at the first unsigned delivery",
}

// otherCause are defects whose seeded cause cannot be told from another one by
// what a sender sees; the value is the finding that is right as well.
var otherCause = map[string]string{}

// wide are defects whose cause shows only where every family ran: what was
// accepted has to be told from what had an effect.
var wide = map[string]bool{"accepts-everything": true, "acknowledges-forgeries": true, "acknowledges-stale": true, "acknowledges-garbage": true}

// narrow are defects that run in some families only, also in the whole proof:
// they slow every delivery down, and would take minutes in all of them.
var narrow = map[string][]string{
	"slower-than-recommended": {"acknowledge"},
}

// row is what one defect did under one contract.
type row struct {
	defect   string
	finding  string
	failed   []string
	findings []string
	families []string // that ran; nil: all
	took     time.Duration
	wrong    []string // what the defect must kill and did not, or a wrong finding
}

func TestProof(t *testing.T) {
	scope := os.Getenv("HOOKSTONE_PROOF") // "", a provider's name, or anything else for all
	whole := scope != ""
	if *update && !whole {
		t.Fatal("-update rewrites the whole matrix: set HOOKSTONE_PROOF=1")
	}
	providers, began := library(t).Providers(), time.Now()
	var proof []section
	for _, p := range providers {
		if slices.ContainsFunc(providers, func(o *schemas.Provider) bool { return o.Name() == scope }) && p.Name() != scope {
			continue
		}
		s := section{provider: p, rows: matrix(t, p, whole)}
		golden := filepath.Join("testdata", "matrix", p.Name()+".txt")
		if *update {
			write(t, golden, s.golden())
		} else {
			compare(t, golden, s.rows)
		}
		proof = append(proof, s)
	}
	if whole && len(proof) == len(providers) {
		text := proofText(t, proof, began)
		if *update {
			write(t, "PROOF.md", text)
		}
	}
	everyCaseKilled(t, providers)
}

// matrix runs the defects of one contract, a few at a time.
func matrix(t *testing.T, p *schemas.Provider, whole bool) []row {
	var mu sync.Mutex
	var rows []row
	var wg sync.WaitGroup
	slots := make(chan struct{}, 5)
	for _, d := range receiver.Defects() {
		if d.AppliesTo(p) != "" || !whole && (chosen(t, d) != p.Name() || len(d.Name)%raceFactor != 0) {
			continue
		}
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() { <-slots; wg.Done() }()
			r := seed(t, p, d, whole, time.Second)
			if len(r.wrong) > 0 {
				// A busy machine is no defect: once more, with more time.
				r = seed(t, p, d, whole, 3*time.Second)
			}
			mu.Lock()
			defer mu.Unlock()
			rows = append(rows, r)
			if whole {
				fmt.Fprintf(os.Stderr, "%s %s: %s, %d failed, %.1f s\n", p.Name(), r.defect, r.finding, len(r.failed), r.took.Seconds())
			}
			for _, w := range r.wrong {
				t.Errorf("%s: %s: %s", p.Name(), d.Name, w)
			}
		}()
	}
	wg.Wait()
	sort.Slice(rows, func(i, j int) bool { return rows[i].defect < rows[j].defect })
	return rows
}

// chosen is the contract that a defect runs under where not all are run.
func chosen(t *testing.T, d receiver.Defect) string {
	var names []string
	for _, p := range library(t).Providers() {
		if d.AppliesTo(p) == "" {
			names = append(names, p.Name())
		}
	}
	if len(names) == 0 {
		t.Fatalf("the defect %s applies under no contract", d.Name)
	}
	h := fnv.New32a()
	h.Write([]byte(d.Name))
	return names[int(h.Sum32()%uint32(len(names)))]
}

// seed runs the suite against a receiver with one defect.
func seed(t *testing.T, p *schemas.Provider, d receiver.Defect, whole bool, deadline time.Duration) row {
	s := within(t, deadline, p.Name(), d.Name).observed()
	defer s.server.Close()
	out := row{defect: d.Name}
	if !whole && !wide[d.Name] {
		out.families = []string{"acknowledge", "signature", "raw-body"}
		for _, k := range d.Kills {
			for _, f := range []string{"freshness", "handshake", "idempotency", "retry", "robustness", "load"} {
				if globMatches(strings.SplitN(k, "/", 2)[0], f) && !slices.Contains(out.families, f) {
					out.families = append(out.families, f)
				}
			}
		}
	}
	if only := narrow[d.Name]; only != nil {
		out.families = only
	}
	s.config.Selection.Families = out.families
	result := s.run(t)
	out.took = result.Run.Finished.Sub(result.Run.Started)
	for _, c := range result.Results {
		if c.Verdict == conformance.Failed {
			out.failed = append(out.failed, c.ID)
		}
		if c.Verdict == conformance.Errored {
			out.wrong = append(out.wrong, c.ID+" is an error: "+c.Reason)
		}
	}
	for _, f := range result.Findings {
		out.findings = append(out.findings, f.ID)
	}
	if len(out.findings) > 0 {
		out.finding = out.findings[0]
	}
	if len(out.failed) == 0 && (unseen[d.Name] == p.Name() || !slices.ContainsFunc(d.Kills, func(k string) bool { return shows(k, result.Results) })) {
		return out // nothing that a sender can do under this contract shows it
	}
	for _, k := range d.Kills {
		if !kills(k, result.Results) {
			out.wrong = append(out.wrong, "kills nothing of "+k)
		}
	}
	if want := d.Finding; out.finding != want && otherCause[d.Name] != out.finding {
		out.wrong = append(out.wrong, fmt.Sprintf("first finding %q of %v; want %q; failed: %s", out.finding, out.findings, want, strings.Join(out.failed, " ")))
	}
	return out
}

// unseen are defects that no case can show under one contract, although cases
// that they kill elsewhere apply there.
var unseen = map[string]string{
	"crashes-on-scalar": "handcash", // without a date of its own the body is stale before it is looked at
	"crashes-on-array":  "handcash", // likewise
	"crashes-on-null":   "handcash", // likewise
	"shows-stack-trace": "handcash", // malformed JSON cannot be signed there, and unsigned is refused unread
}

// shows tells whether a case of the glob applies in this run.
func shows(glob string, results []conformance.CaseResult) bool {
	return slices.ContainsFunc(results, func(c conformance.CaseResult) bool {
		return globMatches(glob, c.ID) && c.Verdict != conformance.NotApplicable
	})
}

// kills tells whether a case of the glob failed, or none of it applies.
func kills(glob string, results []conformance.CaseResult) bool {
	applies := false
	for _, c := range results {
		if !globMatches(glob, c.ID) || c.Verdict == conformance.NotApplicable {
			continue
		}
		applies = true
		if c.Verdict == conformance.Failed {
			return true
		}
	}
	return !applies
}

func globMatches(glob, text string) bool {
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(glob), `\*`, ".*") + "$").MatchString(text)
}

// section is one contract's part of the proof.
type section struct {
	provider *schemas.Provider
	rows     []row
}

func (s section) golden() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# What each defect makes fail under %s: defect, first finding, failed cases.\n", s.provider.Name())
	for _, r := range s.rows {
		fmt.Fprintf(&b, "%s\t%s\t%s\n", r.defect, r.finding, strings.Join(r.failed, " "))
	}
	return b.Bytes()
}

// compare holds rows against the golden matrix, in the families that ran.
func compare(t *testing.T, path string, rows []row) {
	golden := readMatrix(t, path)
	for _, r := range rows {
		want, ok := golden[r.defect]
		if !ok {
			t.Errorf("%s has no line for %s: run make proof with -update", path, r.defect)
			continue
		}
		if unsteady[r.defect] != "" || len(r.wrong) > 0 {
			continue
		}
		if r.families != nil {
			want = slices.DeleteFunc(slices.Clone(want), func(id string) bool {
				return !slices.Contains(r.families, strings.SplitN(id, "/", 2)[0]) || wholeRun[id]
			})
			r.failed = slices.DeleteFunc(r.failed, func(id string) bool { return wholeRun[id] })
		}
		if !slices.Equal(r.failed, want) {
			t.Errorf("%s: %s made fail\n  %s\nwhere the matrix says\n  %s", path, r.defect, strings.Join(r.failed, " "), strings.Join(want, " "))
		}
	}
}

// wholeRun are cases whose verdict depends on which others ran.
var wholeRun = map[string]bool{
	"acknowledge/documented-status": true, "acknowledge/deadline": true, "acknowledge/recommended-latency": true, "acknowledge/no-redirect": true,
	"signature/documented-status": true, "signature/no-leak": true, "idempotency/refused-has-no-effect": true, "robustness/no-stack-trace": true,
	"freshness/documented-status": true,
}

func readMatrix(t *testing.T, path string) map[string][]string {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string][]string{}
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		parts := strings.Split(scanner.Text(), "\t")
		if len(parts) == 3 {
			out[parts[0]] = strings.Fields(parts[2])
		}
	}
	return out
}

// spared are cases that no defect of the reference receiver can fail; each
// names the test that proves it. An entry that is killed all the same is an
// error.
var spared = map[string]string{
	"robustness/tls": "TestTLS: the reference receiver speaks no TLS",
}

// everyCaseKilled reads the golden matrices: each case of the catalogue is
// killed by at least one defect. Cases of a kind per event type count as one.
func everyCaseKilled(t *testing.T, providers []*schemas.Provider) {
	killed := map[string]bool{}
	all := map[string]bool{}
	for _, p := range providers {
		for _, failed := range readMatrix(t, filepath.Join("testdata", "matrix", p.Name()+".txt")) {
			for _, id := range failed {
				killed[perType(p, id)] = true
			}
		}
		for _, c := range conformance.Catalogue(library(t), p, nil) {
			if c.NotApplicable == "" {
				all[perType(p, c.ID)] = true
			}
		}
	}
	for id := range all {
		if killed[id] == (spared[id] != "") {
			t.Errorf("%s: killed %v; spared: %q", id, killed[id], spared[id])
		}
	}
	for id := range spared {
		if !all[id] {
			t.Errorf("%s is spared, and no case of that name applies", id)
		}
	}
}

func perType(p *schemas.Provider, id string) string {
	for _, e := range p.Events {
		if strings.HasSuffix(id, "/"+e.Type) {
			return strings.TrimSuffix(id, e.Type) + "{type}"
		}
	}
	return id
}

func write(t *testing.T, path string, text []byte) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// proofText is PROOF.md.
func proofText(t *testing.T, proof []section, began time.Time) []byte {
	var b bytes.Buffer
	b.WriteString("# What the suite catches\n\nMade by `make proof`: the reference receiver with each of its defects, one at a time, under every contract, profile full.\n\n")
	b.WriteString("| contract | defects | caught | first finding is the cause | failures of the right receiver |\n| --- | --- | --- | --- | --- |\n")
	for _, s := range proof {
		caught, named := 0, 0
		n := len(s.rows)
		for _, r := range s.rows {
			if len(r.failed) == 0 && len(r.wrong) == 0 {
				n-- // cannot be seen under this contract
				continue
			}
			if len(r.failed) > 0 {
				caught++
			}
			if !slices.ContainsFunc(r.wrong, func(w string) bool { return strings.HasPrefix(w, "first finding") }) {
				named++
			}
		}
		alarms := failed(within(t, 3*time.Second, s.provider.Name()).observed().run(t), conformance.Failed, conformance.Inconclusive, conformance.Errored, conformance.NotRun)
		for _, a := range alarms {
			t.Errorf("false alarm: %s", a)
		}
		fmt.Fprintf(&b, "| %s | %d | %d (%.1f %%) | %d (%.1f %%) | %d |\n", s.provider.Name(), n, caught, share(caught, n), named, share(named, n), len(alarms))
	}
	fmt.Fprintf(&b, "\nThe whole took %s on %d cores, five receivers at a time.\n", time.Since(began).Round(time.Second), runtime.NumCPU())
	b.WriteString("\nEvery case of the catalogue is killed by at least one defect, but for those that `spared` in proof_test.go lists with their own tests. What each defect makes fail stands in `testdata/matrix`.\n")
	return b.Bytes()
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return 100 * float64(n) / float64(of)
}
