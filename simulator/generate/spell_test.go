package generate

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hookstone/hookstone/simulator/jsondoc"
)

func TestTimesAgreeWithTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(-62167219200000, 253402300799999).Draw(t, "ms") // years 0 to 9999
		when := time.UnixMilli(ms).UTC()
		for form, layout := range map[timeForm]string{
			formRFC3339: "2006-01-02T15:04:05Z", formMillis: "2006-01-02T15:04:05.000Z", formDate: "2006-01-02",
		} {
			if got, want := string(appendTime(nil, ms, form)), when.Format(layout); got != want {
				t.Fatalf("appendTime(%d, %d) = %s; want %s", ms, form, got, want)
			}
		}
		if got := string(appendTime(nil, ms, formUnixSeconds)); got != string(appendNumber(nil, when.Unix(), 0)) {
			t.Fatalf("appendTime(%d) in seconds = %s; want %d", ms, got, when.Unix())
		}
	})
}

func TestNumbersAreFixedPoints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(-1<<53, 1<<53).Draw(t, "n")
		scale := rapid.IntRange(0, maxScale).Draw(t, "scale")
		got := string(appendNumber(nil, n, scale))
		v, err := jsondoc.Parse([]byte(got))
		if err != nil {
			t.Fatalf("appendNumber(%d, %d) = %s: %v", n, scale, got, err)
		}
		if again := string(v.Compact()); again != got {
			t.Fatalf("appendNumber(%d, %d) = %s, spelled again %s", n, scale, got, again)
		}
	})
	for _, c := range []struct {
		n     int64
		scale int
		want  string
	}{
		{5000, 2, "50"}, {5135, 2, "51.35"}, {-5, 1, "-0.5"}, {0, 3, "0"}, {1, 6, "0.000001"}, {1, 7, "1e-7"}, {-25, 9, "-2.5e-8"},
		{1 << 53, 0, "9007199254740992"}, {1234567890123456, 6, "1234567890.123456"}, {math.MaxInt64, 0, "9223372036854776000"},
	} {
		if got := string(appendNumber(nil, c.n, c.scale)); got != c.want {
			t.Errorf("appendNumber(%d, %d) = %s; want %s", c.n, c.scale, got, c.want)
		}
	}
}

func TestTextsAreFixedPoints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		got := `"` + string(appendEscaped(nil, text)) + `"`
		v, err := jsondoc.Parse([]byte(got))
		if err != nil || v.Text != text || string(v.Compact()) != got {
			t.Fatalf("appendEscaped(%q) = %s, read %q, spelled again %s (%v)", text, got, v.Text, v.Compact(), err)
		}
	})
}

func TestPatterns(t *testing.T) {
	var rng rand.PCG
	for text, chars := range map[string]string{
		"[0-9]{40}": "0123456789", "[a-c-]{40}": "abc-", `[\]x]{40}`: "]x", `\[\{{20}`: "[{", "[0-9a-f]{64}": "0123456789abcdef",
	} {
		p, err := parsePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		got, seen := "", map[rune]bool{}
		for range 50 {
			got = string(p.draw(nil, &rng))
			for _, c := range got {
				seen[c] = true
				if !strings.ContainsRune(chars, c) {
					t.Errorf("pattern %s drew %q", text, got)
				}
			}
		}
		if len(seen) != len(chars) {
			t.Errorf("pattern %s drew %d characters of %d", text, len(seen), len(chars))
		}
	}
	for text, want := range map[string]string{
		"": "empty", "a|b": "not part of the language", "a*": "not part", "[z-a]": "runs backwards", "[ab": "lacks its ]", "a{3": "lacks its }",
		"a{5,2}": "at most", "a{999}": "at most 256", "[]": "empty", "é": "cannot stand", `a\`: "at the end", `["]`: "cannot stand", `[ -~]`: "need an escape", "[^a]": "not part",
	} {
		if _, err := parsePattern(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parsePattern(%q): error %v; want %q", text, err, want)
		}
	}
	p, _ := parsePattern("evt_[0-9a-zA-Z]{16}")
	if bits := p.bits(); math.Abs(bits-95.27) > 0.01 {
		t.Errorf("bits of evt_[0-9a-zA-Z]{16} = %v; want 95.27", bits)
	}
}
