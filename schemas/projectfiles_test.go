package schemas

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestReadWaivers(t *testing.T) {
	const one = "id: signature/missing/loan.created\n  reason: the gateway checks it\n  owner: payments\n  expires: 2026-12-31\n"
	want := []Waiver{{"signature/missing/loan.created", "the gateway checks it", "payments", "2026-12-31"}}
	for _, text := range []string{"- " + one, "waivers:\n- " + one, "# why\nwaivers:\n- " + strings.Replace(one, "2026-12-31", `"2026-12-31"`, 1)} {
		if got, err := ReadWaivers("w.yaml", []byte(text)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ReadWaivers(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	if got, err := ReadWaivers("w.yaml", []byte("[]")); err != nil || len(got) != 0 {
		t.Errorf("no waivers: %v, %v", got, err)
	}
	for text, problem := range map[string]string{
		"":                      "w.yaml: ",
		"- {":                   "w.yaml: not YAML",
		"waivers: {}":           "w.yaml: /waivers: ",
		"else: []":              "w.yaml: ",
		"- " + one + "  why: x": "w.yaml: /0/why: unknown key",
		"- " + strings.Replace(one, "loan.created", "*", 1):       `w.yaml: /0/id: "signature/missing/*"`,
		"- " + strings.Replace(one, "2026-12-31", "soon", 1):      `w.yaml: /0/expires: "soon"`,
		"- " + strings.Replace(one, "  owner: payments\n", "", 1): "w.yaml: /0: missing properties: 'owner'",
		"- " + one + "  owner: another":                           "w.yaml: /0/owner: defined twice",
	} {
		_, err := ReadWaivers("w.yaml", []byte(text))
		var ps Problems
		if !errors.As(err, &ps) || !strings.HasPrefix(err.Error(), problem) {
			t.Errorf("ReadWaivers(%q): %v; want %q", text, err, problem)
		}
	}
}

func TestReadSettings(t *testing.T) {
	got, err := ReadSettings("hookstone.yaml", []byte("provider: acme\nexec: node app.js\nevents: [a.b, c.d]\nformats: junit\nload: true\nrepeat: 3\nrate: 600/m\nconcurrency: 2\n"))
	want := map[string][]string{
		"provider": {"acme"}, "exec": {"node app.js"}, "events": {"a.b", "c.d"}, "formats": {"junit"},
		"load": {"true"}, "repeat": {"3"}, "rate": {"600/m"}, "concurrency": {"2"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("ReadSettings = %v, %v; want %v", got, err, want)
	}
	for text, problem := range map[string]string{
		"secret: whsec_x":    "hookstone.yaml: /secret: unknown key",
		"target: [a, b]":     "hookstone.yaml: /target: ",
		"repeat: 0":          "hookstone.yaml: /repeat: 0 must be",
		"profile: fuller":    `hookstone.yaml: /profile: "fuller" is not`,
		"events: [{a: b}]":   "hookstone.yaml: /events/0: ",
		"a: 1\nb: 2":         "hookstone.yaml: /a: unknown key\nhookstone.yaml: /b: unknown key",
		"- provider":         "hookstone.yaml: ",
		"exec: a\nexec: b\n": "hookstone.yaml: /exec: defined twice",
	} {
		_, err := ReadSettings("hookstone.yaml", []byte(text))
		var ps Problems
		if !errors.As(err, &ps) || !strings.HasPrefix(err.Error(), problem) {
			t.Errorf("ReadSettings(%q): %v; want %q", text, err, problem)
		}
	}
}
