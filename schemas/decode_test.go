package schemas

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestDecodeJSON(t *testing.T) {
	got, err := DecodeJSON([]byte(` {"a":[1e400, 0.10, "x", null]} `))
	want := map[string]any{"a": []any{json.Number("1e400"), json.Number("0.10"), "x", nil}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("DecodeJSON = %v, %v; want %v", got, err, want)
	}
	bad := map[string]string{
		"":                        "ends early",
		"{":                       "ends early",
		"{} {}":                   "something follows",
		"nul":                     "",
		"\"\xff\"":                "UTF-8",
		`{"a":[0,1e1000001]}`:     "/a/1: number 1e1000001: exponent beyond",
		"1E-401":                  "exponent beyond",
		"1e99999999999999999999":  "exponent beyond",
		strings.Repeat("9", 1001): "1001 characters",
		strings.Repeat("[", 600):  "nested deeper",
		`{"a":` + strings.Repeat("[", 512) + strings.Repeat("]", 512) + "}": "nested deeper",
	}
	for text, want := range bad {
		if v, err := DecodeJSON([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("DecodeJSON(%.40q) = %v, %v; want …%s…", text, v, err, want)
		}
	}
}

func FuzzDecodeJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3]}`, `"\ud800"`, "1e1000001", "[[[[", `{"a":"b\"c"}`} {
		f.Add([]byte(seed))
	}
	p := builtinProvider(f, "usmewe")
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := DecodeJSON(text)
		if err == nil && !json.Valid(text) {
			t.Errorf("DecodeJSON takes %q for JSON: %v", text, v)
		}
		if err := p.Events[0].Validate(text); err == nil && v == nil {
			t.Errorf("%q is valid as an event", text)
		}
	})
}

func builtinProvider(t testing.TB, name string) *Provider {
	t.Helper()
	l, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.Provider(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
