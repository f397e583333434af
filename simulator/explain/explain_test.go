package explain

import (
	"strings"
	"testing"
	"time"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/wire"
)

// TestRecognise leaves the provider out: genuine deliveries of every contract,
// and forged ones, are held against their own.
func TestRecognise(t *testing.T) {
	for _, p := range builtin(t).Providers() {
		for _, faults := range [][]fault.Fault{nil, {fault.RandomDigest()}} {
			for n := range p.Events {
				if faults != nil && n%(5*sample) != 0 {
					continue // a search in vain takes long
				}
				d, err := senderOf(t, p, secretFor(p.Contract)).Prepare(simulator.Delivery{Event: event(t, p, n), Faults: faults})
				if err != nil {
					t.Fatal(err)
				}
				e := guess(t, p, captured(d))
				if !e.Guessed || e.Provider != p.Name() || len(e.Looks) == 0 || len(e.Looks[0].Reasons) < 3 {
					t.Errorf("%s: %s is taken for %s: %+v", p.Name(), d.Event.Type, e.Provider, e.Looks)
				}
				if e.Verifies != (faults == nil) {
					t.Errorf("%s: %s: %s", p.Name(), d.Event.Type, e.Summary)
				}
			}
		}
	}
	_, err := Explain(Question{Capture: Capture{Fields: []wire.Field{{Name: "X-Other", Value: "1"}}, Body: []byte(`{"type":"x"}`)}, Secret: []byte("secret"), Library: builtin(t)})
	if err == nil || !strings.Contains(err.Error(), "name the provider") {
		t.Errorf("a request of nobody: %v", err)
	}
}

func TestTimestampAgainstNow(t *testing.T) {
	p := provider(t, "sharmo-timestamped")
	secret := secretFor(p.Contract)
	d, err := senderOf(t, p, secret).Prepare(simulator.Delivery{Event: event(t, p, 1)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		now      time.Time
		verifies bool
		want     string
	}{
		{clock.Add(300 * time.Second), true, "verifies"},
		{clock.Add(301 * time.Second), false, "it is 5m1s old, and 5m0s are allowed"},
		{clock.Add(-time.Hour), false, "it is 1h0m0s ahead"},
	} {
		e, err := Explain(Question{Capture: captured(d), Secret: secret, Provider: p, Now: c.now})
		if err != nil || e.Verifies != c.verifies || !e.SignatureRight || !strings.Contains(e.Summary, c.want) {
			t.Errorf("now %s: %v %+v", c.now, err, e)
		}
	}
	// Milliseconds, rightly signed as they stand.
	d, err = senderOf(t, p, secret).Prepare(simulator.Delivery{Event: event(t, p, 1), Faults: []fault.Fault{fault.TimestampSpelled("milliseconds")}})
	if err != nil {
		t.Fatal(err)
	}
	if e := ask(t, p, captured(d), secret); e.Verifies || !e.SignatureRight || !strings.Contains(e.Summary, "not in the contract's unit, unix seconds") {
		t.Errorf("milliseconds: %s", e.Summary)
	}
}

func TestBodyAgainstItsSchema(t *testing.T) {
	p := provider(t, "usmewe")
	secret := secretFor(p.Contract)
	for pointer, want := range map[string]string{"/data": "/data", "/id": "/id"} {
		d, err := senderOf(t, p, secret).Prepare(simulator.Delivery{Event: event(t, p, 1), Faults: []fault.Fault{fault.Mistype(pointer)}})
		if err != nil {
			t.Fatal(err)
		}
		e := ask(t, p, captured(d), secret)
		if !e.Verifies || e.Body.Valid || !e.Body.Known || len(e.Body.Failures) == 0 || e.Body.Failures[0].Pointer != want {
			t.Errorf("%s: %+v", pointer, e.Body)
		}
	}
	d, err := senderOf(t, p, secret).Prepare(simulator.Delivery{Event: event(t, p, 1), Faults: []fault.Fault{fault.UnknownType("loan.eaten")}})
	if err != nil {
		t.Fatal(err)
	}
	if e := ask(t, p, captured(d), secret); e.Body.Known || e.Body.Event != "loan.eaten" || e.Body.Problem == "" {
		t.Errorf("unknown type: %+v", e.Body)
	}
}

func TestWhereTheBasesDiffer(t *testing.T) {
	p := provider(t, "sharmo-body")
	secret := secretFor(p.Contract)
	d, err := senderOf(t, p, secret).Prepare(simulator.Delivery{Event: event(t, p, 0), Faults: []fault.Fault{mustParse(t, "signature.over(Python)")}})
	if err != nil {
		t.Fatal(err)
	}
	e := ask(t, p, captured(d), secret)
	signed, wanted := e.Bases()
	// {"id": … against {"id":…: the space behind the colon.
	if e.FirstDifference != 6 || ByteWords(signed, 6) != "0x20 ' '" || ByteWords(wanted, 6) != `0x22 '"'` {
		t.Errorf("first difference at %d: %s against %s", e.FirstDifference, ByteWords(signed, e.FirstDifference), ByteWords(wanted, e.FirstDifference))
	}
	for a, b := range map[string]int{"ab|ab": -1, "ab|ac": 1, "ab|abc": 2, "|x": 0} {
		one, other, _ := strings.Cut(a, "|")
		if got := firstDifference([]byte(one), []byte(other)); got != b {
			t.Errorf("firstDifference(%q) = %d; want %d", a, got, b)
		}
	}
}

// TestPartsOfTheDigest are no recipe's mistakes, and told all the same.
func TestPartsOfTheDigest(t *testing.T) {
	for _, p := range builtin(t).Providers() {
		for _, name := range []string{"signature.truncated(32)", "signature.extended", "signature.trailing-garbage"} {
			d, err := senderOf(t, p, secretFor(p.Contract)).Prepare(simulator.Delivery{Event: event(t, p, 0), Faults: []fault.Fault{mustParse(t, name)}})
			if err != nil {
				t.Fatal(err)
			}
			if e := ask(t, p, captured(d), secretFor(p.Contract)); e.Verifies || !strings.Contains(e.Summary, "a part of the right digest, or more than it") {
				t.Errorf("%s: %s: %s %v", p.Name(), name, e.Summary, e.Changes)
			}
		}
	}
}

func TestUnsignedHandshake(t *testing.T) {
	p := provider(t, "sharmo-body")
	c := Capture{Form: "test", Method: "POST", Body: []byte(`{"type":"webhook.verification","data":{"challenge":"abc"}}`)}
	if e := ask(t, p, c, secretFor(p.Contract)); e.Verifies || !strings.Contains(e.Summary, "may come unsigned") || !e.Body.Valid {
		t.Errorf("%s %+v", e.Summary, e.Body)
	}
}

func TestComputedDigests(t *testing.T) {
	p := provider(t, "usmewe")
	secret := secretFor(p.Contract)
	d, err := senderOf(t, p, secret).Prepare(simulator.Delivery{Event: event(t, p, 1)})
	if err != nil {
		t.Fatal(err)
	}
	q := Question{Capture: captured(d), Secret: secret, Provider: p, Computed: d.Signed.Digest["v1"]}
	if e, err := Explain(q); err != nil || !e.SignatureRight || !strings.Contains(e.Summary, "is the right one") {
		t.Errorf("the right digest: %v %+v", err, e)
	}
	q.Computed = strings.Repeat("ab", 32)
	if e, err := Explain(q); err != nil || e.SignatureRight || !strings.Contains(e.Summary, "No known mistake") {
		t.Errorf("a random digest: %v %+v", err, e)
	}
	q.Computed = "abc"
	if _, err := Explain(q); err == nil || strings.Contains(err.Error(), "abc") {
		t.Errorf("no digest: %v", err)
	}
	q.Secret = nil
	if _, err := Explain(q); err == nil {
		t.Error("no secret is no error")
	}
}

// TestLargeBodiesKeepToTheBudget: a search over megabytes ends, and says what
// it left out.
func TestLargeBodiesKeepToTheBudget(t *testing.T) {
	if testing.Short() || sample > 1 {
		t.Skip("takes seconds")
	}
	p := provider(t, "usmewe")
	d, err := senderOf(t, p, secretFor(p.Contract)).Prepare(simulator.Delivery{Event: event(t, p, 1), Faults: []fault.Fault{fault.Large(1024), fault.AnotherSecret()}})
	if err != nil {
		t.Fatal(err)
	}
	if e := ask(t, p, captured(d), secretFor(p.Contract)); !e.Spent || e.Tried < 200 {
		t.Errorf("tried %d, spent %v", e.Tried, e.Spent)
	}
}

func mustParse(t testing.TB, name string) fault.Fault {
	t.Helper()
	f, err := fault.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
