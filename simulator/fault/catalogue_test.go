package fault

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range Catalogue() {
		f, err := Parse(e.Example)
		if err != nil || f.Name != e.Example || f.Summary == "" || f.Apply == nil {
			t.Errorf("Parse(%q) = %q, %v", e.Example, f.Name, err)
		}
		if seen[e.Name] || !strings.HasPrefix(e.Example, e.Name) {
			t.Errorf("%q is listed twice, or its example %q is another's", e.Name, e.Example)
		}
		seen[e.Name] = true
	}
	for _, name := range []string{"time.aged(-30s)", "time.aged(1h30m)", "body.unicode(/data/note)", "signature.repeated(genuine-forged)", "body.large(256KiB)", "header.media-type(none)", "body.spelled(key-order)"} {
		if f, err := Parse(name); err != nil || f.Name != name {
			t.Errorf("Parse(%q) = %q, %v", name, f.Name, err)
		}
	}
	for name, want := range map[string]string{
		"nothing": "unknown fault", "signature.truncated": "no number", "signature.truncated(x)": "signature.truncated(8)", "signature.truncated(8": "not closed",
		"signature.random(3)": "want signature.random", "time.two(both)": "neither", "body.spelled(Cobol)": "unknown style", "method": "needs an argument", "signature.truncated(-1)": "no number",
	} {
		if _, err := Parse(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q) = %v; want %q", name, err, want)
		}
	}
}

func TestNamesAreInOrderOfStages(t *testing.T) {
	given := []Fault{Chunked(0), Appended(), RandomDigest(), UnknownMembers(), Truncated(8)}
	want := []string{"body.unknown-members", "signature.random", "signature.truncated(8)", "tampered.appended", "wire.chunked(0)"}
	if got := Names(given); !slices.Equal(got, want) {
		t.Errorf("Names = %v; want %v", got, want)
	}
}

func TestApplyNamesTheFault(t *testing.T) {
	own := errors.New("own")
	f := Fault{Name: "x", Stage: OnWire, Apply: func(*Draft) error { return own }}
	if err := Apply(&Draft{}, OnWire, []Fault{f}); !errors.Is(err, own) || err.Error() != "fault x: own" || IsNotApplicable(err) {
		t.Errorf("Apply = %v", err)
	}
	if err := Apply(&Draft{}, InSigner, []Fault{f}); err != nil {
		t.Errorf("Apply of another stage = %v", err)
	}
	f.Apply = func(*Draft) error { return notApplicable("no %s", "prefix") }
	if err := Apply(&Draft{}, OnWire, []Fault{f}); !IsNotApplicable(err) || !strings.Contains(err.Error(), "no prefix") {
		t.Errorf("Apply = %v", err)
	}
}

// TestRandomLike keeps a digest's shape and never returns the digest.
func TestRandomLike(t *testing.T) {
	for right, alphabet := range map[string]string{
		strings.Repeat("0", 64): "0123456789abcdef", strings.Repeat("AF", 20): "0123456789ABCDEF", "rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=": "",
		"a": "0123456789abcdef", "": "",
	} {
		for _, seed := range []string{"", "evt_1", "evt_2"} {
			got := randomLike(right, seed)
			if len(got) != len(right) || got == right && right != "" || alphabet != "" && strings.Trim(got, alphabet) != "" || strings.HasSuffix(right, "=") != strings.HasSuffix(got, "=") {
				t.Errorf("randomLike(%q, %q) = %q", right, seed, got)
			}
			if again := randomLike(right, seed); again != got {
				t.Errorf("randomLike(%q, %q) = %q, then %q", right, seed, got, again)
			}
		}
	}
	if a, b := randomLike(strings.Repeat("0", 64), "x"), randomLike(strings.Repeat("0", 64), "y"); a == b {
		t.Errorf("two seeds give %s", a)
	}
}
