package schemas

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParseLocation(t *testing.T) {
	good := map[string]Location{
		"body:/id":         {Pointer: "/id"},
		"body:/a~1b/~0":    {Pointer: "/a~1b/~0"},
		"header:X-Id":      {Header: "X-Id"},
		"header:Sig#t":     {Header: "Sig", Element: "t"},
		"body:/data/0/key": {Pointer: "/data/0/key"},
	}
	for text, want := range good {
		got, err := ParseLocation(text)
		if err != nil || got != want {
			t.Errorf("ParseLocation(%q) = %+v, %v; want %+v", text, got, err, want)
		}
		if got.String() != text {
			t.Errorf("ParseLocation(%q).String() = %q", text, got.String())
		}
	}
	bad := map[string]string{
		"":              "want body:/pointer",
		"id":            "want body:/pointer",
		"body:":         "begins with /",
		"body:id":       "begins with /",
		"body:/a~2":     "~ stands before 0 or 1",
		"header:":       "no header name",
		"header:X Y":    "no header name",
		"header:Sig#":   "no element name",
		"header:Sig#t=": "no element name",
	}
	for text, want := range bad {
		if _, err := ParseLocation(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseLocation(%q) fails with %v; want …%s…", text, err, want)
		}
	}
	if got := (Location{}).String(); got != "" {
		t.Errorf("the zero location is spelled %q", got)
	}
}

func TestParseTemplate(t *testing.T) {
	good := map[string][]Part{
		"":                      nil,
		"plain":                 {{Literal: "plain"}},
		"{timestamp}.{body}":    {{Var: "timestamp"}, {Literal: "."}, {Var: "body"}},
		"{v1}":                  {{Var: "v1"}},
		`{{"c":"{challenge}"}}`: {{Literal: `{"c":"`}, {Var: "challenge"}, {Literal: `"}`}},
		"{a}{b}":                {{Var: "a"}, {Var: "b"}},
	}
	for text, want := range good {
		got, err := ParseTemplate(text)
		if err != nil || !reflect.DeepEqual(got.Parts, want) || got.Text != text {
			t.Errorf("ParseTemplate(%q) = %+v, %v; want %+v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{"{body": "not closed", "{}": "no variable name", "{Body}": "no variable name", "a}": "write }}"} {
		if _, err := ParseTemplate(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseTemplate(%q) fails with %v; want …%s…", text, err, want)
		}
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"300s": 5 * time.Minute, "1d": 24 * time.Hour, "1h30m": 90 * time.Minute, "0s": 0} {
		if got, err := parseDuration(text); err != nil || got.Duration != want {
			t.Errorf("parseDuration(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "5", "-5s", "-1d", "1.5d", "d", "99999d9", "soon"} {
		if got, err := parseDuration(text); err == nil || !strings.Contains(err.Error(), "malformed duration") {
			t.Errorf("parseDuration(%q) = %v, %v; want it refused", text, got, err)
		}
	}
}
