package generate

import (
	"regexp"
	"strings"
	"testing"
)

func TestValues(t *testing.T) {
	for _, c := range []struct{ values, data, want string }{
		{"", `[1, -2.50, 1e3, 1e21, 1e-7, 0.000001, -0, true, null, "x"]`, `^\[1,-2\.5,1000,1e\+21,1e-7,0\.000001,0,true,null,"x"\]$`},
		{"", `{a: "tab\tquote\"\\\u2028\u0001/é", "k\"": 1}`, "^{\"a\":\"tab\\\\tquote\\\\\"\\\\\\\\\u2028\\\\u0001/é\",\"k\\\\\"\":1}$"},
		{"", `"{{braces}} {type}"`, `^"\{braces\} e"$`},
		{`n: {$integer: 3..3}, s: "n={n}"`, `["{n}", "{s}", "<{s}>"]`, `^\[3,"n=3","<n=3>"\]$`},
		{`d: {$decimal: 1.50..1.50, as: string}, f: {$decimal: 1.50..1.50}`, `["{d}", "{f}", "{d}/{f}"]`, `^\["1\.50",1\.5,"1\.50/1\.5"\]$`},
		{`d: {$decimal: 1.00..9.00, step: 0.5, as: string}`, `"{d}"`, `^"[1-9]\.[05]0"$`},
		{`i: {$integer: 10..20, step: 5}`, `"{i}"`, `^(10|15|20)$`},
		{`b: {$boolean: 1.0}, z: {$boolean: 0.0}`, `["{b}", "{z}", "is {b}"]`, `^\[true,false,"is true"\]$`},
		{`w: {$choice: {yes: 1}}, x: {$choice: [7, 7.5]}`, `["{w}", "{x}"]`, `^\["yes",7(\.5)?\]$`},
		{`n: {$integer: 1..9}, x: {$choice: ["a{n}", b]}`, `"{x}"`, `^"(a[1-9]|b)"$`},
		{"", `{$choice: [{a: 1}, [2], x, null]}`, `^({"a":1}|\[2\]|"x"|null)$`},
		{"", `{$list: {$integer: 1..9}, count: 0..3}`, `^\[([1-9](,[1-9]){0,2})?\]$`},
		{"", `{$list: {v: {$pattern: "[ab]{2,3}"}}, count: 2}`, `^\[{"v":"[ab]{2,3}"},{"v":"[ab]{2,3}"}\]$`},
		{"", `{a: {$maybe: 1, chance: 0.5}, b: {$maybe: 2}, c: {$maybe: 3, chance: 0}}`, `^{("a":1)?,?("b":2)?}$`},
		{"", `{a: {$maybe: 1, chance: 0}, b: 2, c: {$maybe: 3, chance: 1}}`, `^{"b":2,"c":3}$`},
		{"n: {$integer: 4..4}", `{$shape: pair, with: {x: "{n}", y: {z: "{n}"}}}`, `^{"a":4,"b":{"z":4}}$`},
		{"x: {$integer: 4..4}, y: null", `{$shape: pair}`, `^{"a":4,"b":null}$`},
		{"", `{$let: {n: {$integer: 5..5}}, in: {m: "{n}"}}`, `^{"m":5}$`},
		{`s: {$let: {n: {$integer: 5..5}}, in: "no. {n}"}`, `"{s}"`, `^"no\. 5"$`},
		{"", `{$source: street_address}`, `^"\d+ [A-Z][A-Za-z ]+, [A-Z][A-Za-z ]+, [A-Z]{2} \d{5}"$`},
		{"p: {$source: person_name}", `"{p}"`, `^"[A-Z][a-z]+ [A-Z][a-z]+"$`},
		{"", `{$source: tx_hash}`, `^"0x[0-9a-f]{64}"$`},
	} {
		want := regexp.MustCompile(c.want)
		body := bodiesOf(t, c.values, c.data)
		for number := range uint64(50) {
			if got := body(number); !want.MatchString(got) {
				t.Errorf("values {%s} data %s = %s; want %s", c.values, c.data, got, c.want)
				break
			}
		}
	}
}

func TestOptionalMembersHaveSoundCommas(t *testing.T) {
	seen := map[string]bool{}
	body := bodiesOf(t, "", `{a: {$maybe: 1}, b: {$maybe: [2]}, c: {$maybe: {}}}`)
	for number := range uint64(200) {
		seen[body(number)] = true
	}
	for _, want := range strings.Fields(`{} {"a":1} {"b":[2]} {"c":{}} {"a":1,"b":[2]} {"a":1,"c":{}} {"b":[2],"c":{}} {"a":1,"b":[2],"c":{}}`) {
		if !seen[want] {
			t.Errorf("%s was never made", want)
		}
		delete(seen, want)
	}
	if len(seen) > 0 {
		t.Errorf("made %v", seen)
	}
}

func TestCompute(t *testing.T) {
	for _, c := range []struct{ values, expression, want string }{
		{"", `1 + 2 * 3`, "7"},
		{"", `(1 + 2) * 3 - -4`, "13"},
		{"", `10 - 3 - 2`, "5"},
		{"", `12 / 4 / 3, scale: 0`, "1"},
		{"", `min(3, 2) + max(3, 2 * 5), scale: 0`, "12"},
		{"", `50.00 × 1.027, scale: 2`, "51.35"},
		{"", `1000 ÷ 1.025, scale: 2`, "975.61"},
		{"", `0.125 + 0, scale: 2`, "0.12"},
		{"", `0.125 + 0, scale: 2, round: half-up`, "0.13"},
		{"", `0.375 + 0, scale: 2`, "0.38"},
		{"", `0.129 + 0, scale: 2, round: down`, "0.12"},
		{"", `0 - 0.125, scale: 2, round: half-up`, "-0.13"},
		{"", `0 - 0.125, scale: 2`, "-0.12"},
		{"", `1 / 3, scale: 6`, "0.333333"},
		{"", `2 / -3, scale: 3`, "-0.667"},
		{"", `1 / 8 + 1 / 8, scale: 2`, "0.25"},
		{"", `1 / 7 * 7, scale: 9`, "1"},
		// Beyond 64 bits on the way:
		{"", `123456789.123456 * 987654321.123456 / 987654321.123456, scale: 6`, "123456789.123456"},
		{"", `1 / 999999999999 * 999999999999 / 999999999999 * 999999999999, scale: 3`, "1"},
		{"a: {$integer: 5..5}, b: {$decimal: 0.50..0.50}", `a * b, scale: 2`, "2.5"},
		{"a: {$integer: 5..5}", `a, scale: 2, as: string`, `"5.00"`},
	} {
		data := "{$compute: '" + strings.Replace(c.expression, ",", "',", 1) + "}"
		if !strings.Contains(c.expression, ",") {
			data = "{$compute: '" + c.expression + "'}"
		}
		if strings.HasPrefix(c.expression, "min") {
			data = `{$compute: "min(3, 2) + max(3, 2 * 5)", scale: 0}`
		}
		if got := bodiesOf(t, c.values, data)(1); got != c.want {
			t.Errorf("%s = %s; want %s", data, got, c.want)
		}
	}
}

func TestTimes(t *testing.T) {
	for expression, want := range map[string]string{
		"at":                                   `"2026-03-14T15:09:26Z"`,
		"at + 1s - 2s":                         `"2026-03-14T15:09:25Z"`,
		"at + 14d":                             `"2026-03-28T15:09:26Z"`,
		"at + three*1d":                        `"2026-03-17T15:09:26Z"`,
		"start - 1h30m":                        `"2026-03-14T13:39:26Z"`,
		"later - 1d":                           `"2026-03-14T15:09:26Z"`,
		"at + 716d":                            `"2028-02-28T15:09:26Z"`,
		"at + 717d":                            `"2028-02-29T15:09:26Z"`,
		"at, as: date":                         `"2026-03-14"`,
		"at, as: rfc3339":                      `"2026-03-14T15:09:26Z"`,
		"at, as: rfc3339-milliseconds":         `"2026-03-14T15:09:26.535Z"`,
		"at + 470ms, as: rfc3339-milliseconds": `"2026-03-14T15:09:27.005Z"`,
		"at, as: unix-seconds":                 `1773500966`,
		"at, as: unix-milliseconds":            `1773500966535`,
	} {
		got := bodiesOf(t, "three: {$choice: [3]}, later: {$time: start + 1d}", "{$time: "+expression+"}")(1)
		if got != want {
			t.Errorf("$time: %s = %s; want %s", expression, got, want)
		}
	}
}
