package conformance

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/simulator"
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

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
