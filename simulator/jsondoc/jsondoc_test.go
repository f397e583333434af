package jsondoc

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func mustParse(t testing.TB, text string) Value {
	t.Helper()
	v, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return v
}

func TestCompact(t *testing.T) {
	for in, want := range map[string]string{
		`1.0`:                           `1`,
		`1e2`:                           `100`,
		`-0`:                            `0`,
		`1e21`:                          `1e+21`,
		`123456789012345678901`:         `123456789012345680000`,
		`0.000001`:                      `0.000001`,
		`0.0000001`:                     `1e-7`,
		`1e400`:                         `null`,
		`9007199254740993`:              `9007199254740992`,
		`{"b":1,"10":2,"a":3,"9":4}`:    `{"9":4,"10":2,"b":1,"a":3}`,
		`{"01":1,"4294967295":2,"0":3}`: `{"0":3,"01":1,"4294967295":2}`,
		`{"a":1,"b":2,"a":3}`:           `{"a":3,"b":2}`,
		`"\u00e9\/\u2028\u001f\ud800x"`: "\"é/\u2028\\u001f\\ud800x\"",
		`"\ud83d\ude00\uDE00\uD83D"`:    `"😀\ude00\ud83d"`,
		" [ 1 , { } , [ ] ] ":           `[1,{},[]]`,
		`"\u007f\b\f"`:                  "\"\x7f\\b\\f\"",
	} {
		if got := string(mustParse(t, in).Compact()); got != want {
			t.Errorf("Compact(%s) = %s; want %s", in, got, want)
		}
	}
}

func TestStyles(t *testing.T) {
	v := mustParse(t, `{"b":"a/é😀<","a":[1.0,true,null],"b2":"\u2028"}`)
	for _, c := range []struct {
		style Style
		want  string
	}{
		{Python, `{"b": "a/\u00e9\ud83d\ude00<", "a": [1.0, true, null], "b2": "\u2028"}`},
		{PHP, `{"b":"a\/\u00e9\ud83d\ude00<","a":[1,true,null],"b2":"\u2028"}`},
		{Go, `{"a":[1,true,null],"b":"a/é😀\u003c","b2":"\u2028"}`},
		{Ruby, "{\"b\":\"a/é😀<\",\"a\":[1.0,true,null],\"b2\":\"\u2028\"}"},
		{ReversedKeys, "{\"b2\":\"\u2028\",\"a\":[1.0,true,null],\"b\":\"a/é😀<\"}"},
		{TrailingLine, "{\"b\":\"a/é😀<\",\"a\":[1.0,true,null],\"b2\":\"\u2028\"}\n"},
		{EscapedSolidus, "{\"b\":\"a\\/é😀<\",\"a\":[1.0,true,null],\"b2\":\"\u2028\"}"},
		{EscapedUnicode, `{"b":"\u0061\u002f\u00e9\ud83d\ude00\u003c","a":[1.0,true,null],"b2":"\u2028"}`},
		{PrettyPrinted, "{\n  \"b\": \"a/é😀<\",\n  \"a\": [\n    1.0,\n    true,\n    null\n  ],\n  \"b2\": \"\u2028\"\n}"},
		{Style{UpperHex: true, EscapeNonASCII: true, LongControls: true}, `{"b":"a/\u00E9\uD83D\uDE00<","a":[1.0,true,null],"b2":"\u2028"}`},
	} {
		got := v.Spell(c.style)
		if string(got) != c.want {
			t.Errorf("Spell(%s) = %s; want %s", c.style.Name, got, c.want)
		}
		if !c.style.SortKeys && !c.style.ReverseKeys && !bytes.Equal(mustParse(t, string(got)).Compact(), v.Compact()) {
			t.Errorf("Spell(%s) reads back as %s", c.style.Name, mustParse(t, string(got)).Compact())
		}
	}
}

func TestNumbersOfOtherLanguages(t *testing.T) {
	for _, c := range []struct {
		numbers  Numbers
		in, want string
	}{
		{PHPNumbers, "1e25", "1.0e+25"}, {PHPNumbers, "0.00001", "1.0e-5"}, {PHPNumbers, "0.0001", "0.0001"},
		{PHPNumbers, "12345678901234567890", "1.2345678901234567e+19"}, {PHPNumbers, "10.0", "10"}, {PHPNumbers, "-0", "0"}, {PHPNumbers, "-0.0", "-0"},
		{RubyNumbers, "1e16", "1.0e+16"}, {RubyNumbers, "1e15", "1.0e+15"}, {RubyNumbers, "1e14", "100000000000000.0"}, {RubyNumbers, "1000000000000000.5", "1000000000000000.5"}, {RubyNumbers, "0.00001", "1.0e-05"},
		{RubyNumbers, "12345678901234567890", "12345678901234567890"},
		{GoNumbers, "1e-7", "1e-7"}, {GoNumbers, "-0", "-0"}, {GoNumbers, "1E21", "1e+21"}, {GoNumbers, "5.50", "5.5"},
		{KeepNumbers, "1.50", "1.50"},
	} {
		if got := c.numbers.spell(c.in); got != c.want {
			t.Errorf("spell(%d, %s) = %s; want %s", c.numbers, c.in, got, c.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range []string{"", " ", "nul", "01", "1.", "-", "1e", "+1", "[1,]", "{\"a\":1,}", "{a:1}", "\"\x01\"", "\"\xff\"", "\"\\x\"", "\"\\u12g4\"",
		"\"abc", "[1 2]", "{} {}", "\uFEFF{}", "{\"a\" 1}", "\"\\", strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1)} {
		var syntax *SyntaxError
		if v, err := Parse([]byte(in)); !errors.As(err, &syntax) {
			t.Errorf("Parse(%.20q) = %v, %v; want a syntax error", in, v, err)
		}
	}
	mustParse(t, strings.Repeat("[", MaxDepth)+strings.Repeat("]", MaxDepth))
}

func TestPointers(t *testing.T) {
	v := mustParse(t, `{"a":{"b/c":[10,{"~":"x"}]},"d":1,"d":2,"":3}`)
	for pointer, want := range map[string]string{"/a/b~1c/0": "10", "/a/b~1c/1/~0": `"x"`, "/d": "2", "/": "3", "": string(v.Compact())} {
		got, ok := v.Get(pointer)
		if !ok || string(got.Compact()) != want {
			t.Errorf("Get(%q) = %s, %v; want %s", pointer, got.Compact(), ok, want)
		}
	}
	for _, pointer := range []string{"/x", "/a/b~1c/2", "/a/b~1c/01", "/d/e", "a"} {
		if got, ok := v.Get(pointer); ok {
			t.Errorf("Get(%q) = %s; want none", pointer, got.Compact())
		}
	}
	before := string(v.Compact())
	w, err := v.With("/a/b~1c/1/~0", Literal("7"))
	if err != nil || string(w.Spell(Style{})) != `{"a":{"b/c":[10,{"~":7}]},"d":1,"d":2,"":3}` {
		t.Errorf("With = %s, %v", w.Spell(Style{}), err)
	}
	w, err = v.With("/a/new", Raw("<>"))
	if err != nil || string(w.Spell(Style{})) != `{"a":{"b/c":[10,{"~":"x"}],"new":<>},"d":1,"d":2,"":3}` {
		t.Errorf("With = %s, %v", w.Spell(Style{}), err)
	}
	if _, err := v.With("/x/y", Text("")); err == nil {
		t.Error("With(/x/y) found a parent that is not there")
	}
	w, err = v.Without("/d")
	if err != nil || string(w.Spell(Style{})) != `{"a":{"b/c":[10,{"~":"x"}]},"":3}` {
		t.Errorf("Without = %s, %v", w.Spell(Style{}), err)
	}
	w, err = v.Without("/a/b~1c/0")
	if err != nil || string(w.Spell(Style{})) != `{"a":{"b/c":[{"~":"x"}]},"d":1,"d":2,"":3}` {
		t.Errorf("Without = %s, %v", w.Spell(Style{}), err)
	}
	if _, err := v.Without("/x"); err == nil {
		t.Error("Without(/x) found a member that is not there")
	}
	if after := string(v.Compact()); after != before {
		t.Errorf("the receiver changed to %s", after)
	}
}

func TestReplaceKeepsTheSpelling(t *testing.T) {
	text := "{ \"a\" : [ 1.0, {\"\\u0062\":\"x\" } ],\n\"a2\":1,\"c\":1,\"c\" : 2 }"
	for pointer, want := range map[string]string{
		"/a/1/b": "{ \"a\" : [ 1.0, {\"\\u0062\":! } ],\n\"a2\":1,\"c\":1,\"c\" : 2 }",
		"/a/0":   "{ \"a\" : [ !, {\"\\u0062\":\"x\" } ],\n\"a2\":1,\"c\":1,\"c\" : 2 }",
		"/c":     "{ \"a\" : [ 1.0, {\"\\u0062\":\"x\" } ],\n\"a2\":1,\"c\":1,\"c\" : ! }",
		"/a":     "{ \"a\" : !,\n\"a2\":1,\"c\":1,\"c\" : 2 }",
		"":       "!",
	} {
		got, err := Replace([]byte(text), pointer, []byte("!"))
		if err != nil || string(got) != want {
			t.Errorf("Replace(%q) = %s, %v; want %s", pointer, got, err, want)
		}
	}
	for _, pointer := range []string{"/x", "/a/2", "/a/1/b/c"} {
		if got, err := Replace([]byte(text), pointer, []byte("!")); err == nil {
			t.Errorf("Replace(%q) = %s; want an error", pointer, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,"\ud800"]}`, `"é😀"`, `{"1":{},"0":[]}`, "\"\\u0000\""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := Parse(text)
		if err != nil {
			return
		}
		once := v.Compact()
		again, err := Parse(once)
		if err != nil {
			t.Fatalf("Compact(%q) = %q: %v", text, once, err)
		}
		if twice := again.Compact(); !bytes.Equal(once, twice) {
			t.Fatalf("Compact is no fixed point: %q, %q", once, twice)
		}
	})
}

func TestInsertKeepsTheSpelling(t *testing.T) {
	for _, c := range []struct {
		text, pointer string
		first         bool
		want          string
	}{
		{`{ "a" : 1.0 }`, "", false, `{ "a" : 1.0 ,"k/":!}`},
		{`{ "a" : 1.0 }`, "", true, `{"k/":!, "a" : 1.0 }`},
		{`{"a":{ }}`, "/a", false, `{"a":{ "k/":!}}`},
		{`{"a":{ }}`, "/a", true, `{"a":{"k/":! }}`},
	} {
		got, err := Insert([]byte(c.text), c.pointer, "k/", []byte("!"), c.first)
		if err != nil || string(got) != c.want {
			t.Errorf("Insert(%s, %q, %v) = %s, %v; want %s", c.text, c.pointer, c.first, got, err, c.want)
		}
	}
	for _, pointer := range []string{"/a", "/x"} {
		if got, err := Insert([]byte(`{"a":[]}`), pointer, "k", []byte("1"), false); err == nil {
			t.Errorf("Insert at %q = %s; want an error", pointer, got)
		}
	}
}
