package reports

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hookstone/hookstone/simulator"
)

func TestVisible(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain Größe 長 ✓ 🎉", "plain Größe 長 ✓ 🎉"},
		{"a\u202Eb", "a⟨U+202E⟩b"},
		{"\u2066\u2069", "⟨U+2066 U+2069⟩"},
		{"\x1b[31m", "⟨U+001B⟩[31m"},
		{"a\nb\t", "a⟨U+000A⟩b⟨U+0009⟩"},
		{"\xff\xfeok", "⟨0xFF 0xFE⟩ok"},
		{"\uFFFD", "\uFFFD"},
		{"zero\u200Bwidth\u00AD\uFEFF", "zero⟨U+200B⟩width⟨U+00AD U+FEFF⟩"},
		{"\u2028\u0085", "⟨U+2028 U+0085⟩"},
		{"\U000E0041", "⟨U+E0041⟩"},
		{"\u3164", "⟨U+3164⟩"},
		{"", ""},
	} {
		if got := visible(c.in); got != c.want {
			t.Errorf("visible(%q) = %q; want %q", c.in, got, c.want)
		}
	}
	if got, want := visibleLines("a\n\tb\r\n"), "a\n\tb⟨U+000D⟩\n"; got != want {
		t.Errorf("visibleLines = %q; want %q", got, want)
	}
}

func TestInline(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`<b onclick="x">&amp;`, `&lt;b onclick="x"&gt;&amp;amp;`},
		{"é<", "<bdi>é&lt;</bdi>"},
		{"a\u202E", `<bdi>a<span class="u">⟨U+202E⟩</span></bdi>`},
	} {
		if got := string(inline(c.in)); got != c.want {
			t.Errorf("inline(%q) = %q; want %q", c.in, got, c.want)
		}
	}
}

// Whatever comes in, what goes out has no unseen character and no markup but ours.
func FuzzInline(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out := string(inline(s))
		for _, ours := range []string{"<bdi>", "</bdi>", `<span class="u">`, "</span>"} {
			out = strings.ReplaceAll(out, ours, "")
		}
		if strings.ContainsAny(out, "<>") || strings.ContainsFunc(out, unseen) || !utf8.ValidString(out) {
			t.Errorf("inline(%q) leaves %q", s, out)
		}
	})
}

func TestBlock(t *testing.T) {
	long := strings.Repeat("é", 3000)
	cut := bytesOf(strings.Repeat("x", 100))
	cut.Truncated, cut.Length = true, 5<<20
	for _, c := range []struct {
		name string
		in   simulator.Bytes
		text string // contained
		tail string
	}{
		{"text", bytesOf("{\"a\": 1}"), `{"a": 1}`, ""},
		{"line feed", bytesOf("a\n"), `(ends with a line feed)`, ""},
		{"CR LF", bytesOf("a\r\nb"), `(lines end with CR LF)`, ""},
		{"binary", bytesOf("\x1f\x8b\x08\x00\x00\x00\x00\x00A"), "0000  1f 8b 08 00 00 00 00 00 41", ""},
		{"long", bytesOf(long), "éé", "The first 2048 bytes of 6000 bytes."},
		{"cut before us", cut, "xxx", "The first 100 bytes of 5.0 MiB."},
		{"long binary", bytesOf(strings.Repeat("\x00", 4000)), "01f0  00", "The first 512 bytes of 4000 bytes."},
		{"empty", bytesOf(""), "", ""},
		{"not base64", simulator.Bytes{Base64: "%", Length: 3}, "", "The bytes are not in the report; there were 3 bytes."},
	} {
		got, tail := block(c.in)
		if !strings.Contains(string(got), c.text) || tail != c.tail {
			t.Errorf("block(%s) = %.80q, %q; want %q, %q", c.name, got, tail, c.text, c.tail)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		in   string
		w, n int
		want []string
	}{
		{"one two three", 8, 3, []string{"one two", "three"}},
		{"one two three four", 8, 2, []string{"one two", "three f…"}},
		{"abcdefghij", 4, 9, []string{"abcd", "efgh", "ij"}},
		{"長い題名", 4, 9, []string{"長い", "題名"}},
		{"", 4, 9, nil},
	} {
		if got := wrap(c.in, c.w, c.n); !slices.Equal(got, c.want) {
			t.Errorf("wrap(%q, %d, %d) = %q; want %q", c.in, c.w, c.n, got, c.want)
		}
	}
}

func TestPercentIsNeverRoundedUp(t *testing.T) {
	r := conformantSample().Score.Must
	r.PercentMin, r.PercentMax = 99.96, 100
	if got, want := percent(r), "99.9 – 100 %"; got != want {
		t.Errorf("percent = %q; want %q", got, want)
	}
}
