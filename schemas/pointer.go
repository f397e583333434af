package schemas

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

var (
	pointerEscaper   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

// EscapePointer spells a member's name as a reference token of a JSON pointer
// (RFC 6901 section 3).
func EscapePointer(name string) string { return pointerEscaper.Replace(name) }

// checkPointer refuses what is no JSON pointer to a place below the root.
func checkPointer(p string) error {
	if !strings.HasPrefix(p, "/") {
		return errors.New("a JSON pointer begins with /")
	}
	for i := 0; i < len(p); i++ {
		if p[i] == '~' && (i+1 == len(p) || p[i+1] != '0' && p[i+1] != '1') {
			return fmt.Errorf("%q: ~ stands before 0 or 1 only", p)
		}
	}
	return nil
}

// pointerTokens are the unescaped reference tokens; none for "".
func pointerTokens(p string) []string {
	if p == "" {
		return nil
	}
	tokens := strings.Split(p[1:], "/")
	for i, t := range tokens {
		tokens[i] = pointerUnescaper.Replace(t)
	}
	return tokens
}

// lookup finds the value at a pointer in a decoded document.
func lookup(doc any, pointer string) (any, bool) {
	for _, token := range pointerTokens(pointer) {
		switch v := doc.(type) {
		case map[string]any:
			next, ok := v[token]
			if !ok {
				return nil, false
			}
			doc = next
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			doc = v[i]
		default:
			return nil, false
		}
	}
	return doc, true
}
