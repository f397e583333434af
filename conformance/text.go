package conformance

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/jsondoc"
)

// bodyText is a body as text, for looking at what an answer says.
func bodyText(m *simulator.Message) string {
	if m == nil {
		return ""
	}
	raw, err := base64.StdEncoding.DecodeString(m.Body.Base64)
	if err != nil {
		return ""
	}
	return strings.ToValidUTF8(string(raw), "\uFFFD")
}

// clip shortens text to at most n bytes, at a rune's edge.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// challengeOf is the text that a verification request asks with: the longest
// string of its body.
func challengeOf(a *simulator.Attempt) string {
	doc, err := jsondoc.Parse([]byte(bodyText(&a.Request)))
	if err != nil {
		return ""
	}
	longest := ""
	var walk func(v jsondoc.Value)
	walk = func(v jsondoc.Value) {
		if v.Kind == jsondoc.String && len(v.Text) > len(longest) {
			longest = v.Text
		}
		for _, i := range v.Items {
			walk(i)
		}
		for _, m := range v.Members {
			walk(m.Value)
		}
	}
	walk(doc)
	return longest
}

func containsText(text, part string) bool { return strings.Contains(text, part) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
