package explain

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
)

// everyProvider are the built-in contracts and the shapes of other schemes.
func everyProvider(t testing.TB) []*schemas.Provider {
	return append(slices.Clone(builtin(t).Providers()), shapes(t)...)
}

func siblings(t testing.TB, p *schemas.Provider) []*schemas.Contract {
	var out []*schemas.Contract
	for _, s := range builtin(t).Siblings(p) {
		out = append(out, s.Contract)
	}
	return out
}

func TestGenuineDeliveriesVerify(t *testing.T) {
	for _, p := range everyProvider(t) {
		for n := range 20 {
			d, err := senderOf(t, p, secretFor(p.Contract)).Prepare(simulator.Delivery{Event: event(t, p, n)})
			if err != nil {
				t.Fatal(err)
			}
			e := ask(t, p, captured(d), secretFor(p.Contract))
			if !e.Verifies || len(e.Changes) > 0 {
				t.Errorf("%s: %s: %s %v", p.Name(), d.Event.Type, e.Summary, e.Changes)
			}
			if p.Journeys != nil && !e.Body.Valid {
				t.Errorf("%s: %s: the body is found invalid: %+v", p.Name(), d.Event.Type, e.Body)
			}
		}
	}
}

// TestEveryMistakeIsNamed applies every mistake to random genuine deliveries
// of every contract, in the signer, and wants it named.
func TestEveryMistakeIsNamed(t *testing.T) {
	const deliveries = 2
	total, distinct := 0, map[string]int{}
	for _, p := range everyProvider(t) {
		for i, v := range Variants(p.Contract, siblings(t, p)) {
			secret := secretFor(p.Contract)
			if v.ID == "secret.hex" && p.Contract.Signing.Key.Decode != "base64" {
				secret = []byte("00ff10203040506070ab")
			}
			if v.ID == "signature.missing" {
				continue // has a test of its own
			}
			for n := range deliveries {
				if (i*deliveries+n)%sample != 0 {
					continue
				}
				faults := []fault.Fault{v.Fault}
				if n%2 == 0 {
					faults = append(faults, awkward())
				}
				d, err := senderOf(t, p, secret).Prepare(simulator.Delivery{Event: event(t, p, i*deliveries+n), Faults: faults})
				if fault.IsNotApplicable(err) {
					continue
				}
				if err != nil {
					t.Fatalf("%s: %s: %v", p.Name(), v.ID, err)
				}
				e := ask(t, p, captured(d), secret)
				if e.Verifies || !named(e, v.ID) {
					t.Errorf("%s: %s (%s) is explained by %v, alike %v: %s", p.Name(), v.ID, d.Event.Type, e.Changes, e.Alike, e.Summary)
				}
				if signed, _ := e.Bases(); d.Scheme != nil && len(e.Changes) == 1 && !strings.HasPrefix(v.ID, "contract.") && !bytes.Equal(signed, d.Signed.Base) {
					t.Errorf("%s: %s: the base string is told as %q; want %q", p.Name(), v.ID, signed, d.Signed.Base)
				}
				total++
				distinct[v.ID]++
			}
		}
	}
	t.Logf("%d deliveries with %d mistakes of %d", total, len(distinct), len(mistakes()))
	if sample > 1 {
		return
	}
	for _, m := range mistakes() {
		if m.fault != nil && distinct[m.id] == 0 && !slices.Contains(unsendable, m.id) {
			t.Errorf("%s was applied to no delivery", m.id)
		}
	}
}

// unsendable mistakes undo what no genuine body or secret has; they are shown
// by TestAlteredCaptures and TestConfiguredSecrets.
var unsendable = []string{
	"body.javascript", "body.compact", "body.without-newline", "body.trimmed", "body.crlf", "body.lf", "body.from-json-text", "body.form-field",
	"body.from-base64", "body.gunzipped", "body.without-bom", "body.from-mojibake", "body.from-utf-16",
	"secret.trimmed", "secret.unquoted",
}

// TestPairsAreNamed applies two mistakes at once.
func TestPairsAreNamed(t *testing.T) {
	const pairs = 60 / sample
	random := rand.New(rand.NewPCG(1, 2))
	providers := everyProvider(t)
	tried := 0
	for round := 0; tried < pairs && round < pairs*20; round++ {
		p := providers[random.IntN(len(providers))]
		secret := secretFor(p.Contract)
		all := Variants(p.Contract, siblings(t, p))
		a, b := all[random.IntN(len(all))], all[random.IntN(len(all))]
		if kind(a.ID) == kind(b.ID) || kind(a.ID)+kind(b.ID) == "contenttimestamp" || kind(a.ID)+kind(b.ID) == "timestampcontent" ||
			slices.ContainsFunc([]string{a.ID, b.ID}, func(id string) bool {
				return strings.HasSuffix(id, "-cut") || id == "signature.missing" || kind(id) == "contract"
			}) {
			continue // one takes the other's place in the signer
		}
		if kind(a.ID)+kind(b.ID) == "algorithmsecret" || kind(a.ID)+kind(b.ID) == "secretalgorithm" {
			if strings.Contains(a.ID+b.ID, "algorithm.sha") || strings.Contains(a.ID+b.ID, "algorithm.md5") {
				continue // without a key there is no wrong key
			}
		}
		d, err := senderOf(t, p, secret).Prepare(simulator.Delivery{Event: event(t, p, round), Faults: []fault.Fault{a.Fault, b.Fault, awkward()}})
		if fault.IsNotApplicable(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		tried++
		e := ask(t, p, captured(d), secret)
		// A body that is not signed leaves its mistakes without a trace.
		if len(e.Changes) == 1 && (named(e, a.ID) || named(e, b.ID)) && !bytes.Contains(d.Signed.Base, []byte("hookstone_note")) {
			continue
		}
		if !named(e, a.ID, b.ID) {
			t.Errorf("%s: %s and %s are explained by %v, alike %v: %s", p.Name(), a.ID, b.ID, e.Changes, e.Alike, e.Summary)
		}
	}
	if tried < pairs {
		t.Errorf("only %d pairs were applicable", tried)
	}
	t.Logf("%d pairs", tried)
}

// kind is a mistake's part of the recipe, by its id.
func kind(id string) string {
	k, _, _ := strings.Cut(id, ".")
	return k
}

// TestAlteredCaptures leaves the signature genuine and alters the captured
// body, as gateways, editors and logs do.
func TestAlteredCaptures(t *testing.T) {
	total := 0
	for id, alter := range alterations() {
		for _, p := range builtin(t).Providers() {
			secret := secretFor(p.Contract)
			d, err := senderOf(t, p, secret).Prepare(simulator.Delivery{Event: event(t, p, 3), Faults: []fault.Fault{awkward()}})
			if err != nil {
				t.Fatal(err)
			}
			c := captured(d)
			c.Body = alter(c.Body)
			e := ask(t, p, c, secret)
			if p.Contract.Signing.Body == "json-stringify" && e.Verifies {
				continue // it signs the value and not its spelling
			}
			total++
			if !named(e, id) {
				t.Errorf("%s: a body to be put right by %s is explained by %v, alike %v: %s", p.Name(), id, e.Changes, e.Alike, e.Summary)
			}
			if !e.Body.Valid && id != "body.from-base64" && id != "body.from-json-text" && id != "body.gunzipped" && id != "body.from-mojibake" && id != "body.mojibake" {
				t.Errorf("%s: %s: the body is not found valid: %+v", p.Name(), id, e.Body)
			}
		}
	}
	t.Logf("%d captures", total)
}

// TestConfiguredSecrets gives the wrong text for the secret and leaves the
// request genuine.
func TestConfiguredSecrets(t *testing.T) {
	for _, p := range builtin(t).Providers() {
		const right = "whsec_9fJ2kQ7mZx4VbT1cR8sLw3Hn6Yp0Dg5A"
		for given, id := range map[string]string{
			right + "\n": "secret.trimmed", " " + right: "secret.trimmed", `"` + right + `"`: "secret.unquoted", "'" + right + "'": "secret.unquoted",
			strings.TrimPrefix(right, "whsec_"): "secret.prefixed",
		} {
			d, err := senderOf(t, p, []byte(right)).Prepare(simulator.Delivery{Event: event(t, p, 5)})
			if err != nil {
				t.Fatal(err)
			}
			if e := ask(t, p, captured(d), []byte(given)); !named(e, id) {
				t.Errorf("%s: the secret given as %q is explained by %v: %s", p.Name(), given, e.Changes, e.Summary)
			}
		}
	}
}

// TestAnotherSecretIsNotExplained: nothing known may explain what is not known.
func TestAnotherSecretIsNotExplained(t *testing.T) {
	for i, p := range everyProvider(t) {
		if i%sample != 0 {
			continue
		}
		for n, f := range []fault.Fault{fault.AnotherSecret(), fault.TamperedValue(""), fault.RandomDigest(), fault.Unsigned()} {
			d, err := senderOf(t, p, secretFor(p.Contract)).Prepare(simulator.Delivery{Event: event(t, p, n), Faults: []fault.Fault{f}})
			if fault.IsNotApplicable(err) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if e := ask(t, p, captured(d), secretFor(p.Contract)); e.Verifies || e.SignatureRight || len(e.Changes) > 0 {
				t.Errorf("%s: %s is explained by %v: %s", p.Name(), f.Name, e.Changes, e.Summary)
			}
		}
	}
}
