package infer

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

// signature is one digest that the captures carry.
type signature struct {
	name      string // as a variable
	algorithm string
	encode    string
}

// signingHeader is a header that carries signatures or the time.
type signingHeader struct {
	name      string
	grammar   string
	separator string
	value     []string // templates
	rotation  bool
	prefix    string   // before the digest of a plain header
	elements  []string // names, of grammar elements
	timeAt    string   // the element that carries the time
	timeForm  string
	digests   []int // which values are digests
}

// digest tells the encoding and the algorithm of what looks like a MAC by its
// alphabet and length; "" where it does not.
func digest(text string) (encode, algorithm string) {
	bySize := map[int]string{20: "hmac-sha1", 32: "hmac-sha256", 48: "hmac-sha384", 64: "hmac-sha512"}
	if hexForm.MatchString(text) && len(text)%2 == 0 {
		if a := bySize[len(text)/2]; a != "" {
			return "hex", a
		}
	}
	if raw, err := base64.StdEncoding.Strict().DecodeString(text); err == nil && len(text) > 0 {
		if a := bySize[len(raw)]; a != "" {
			return "base64", a
		}
	}
	return "", ""
}

var (
	hexForm     = regexp.MustCompile(`^[0-9a-f]+$`)
	prefixForm  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*[=:]`)
	listForm    = regexp.MustCompile(`^(v[0-9]+[a-z]?),(\S+)( v[0-9]+[a-z]?,\S+)*$`)
	elementForm = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_-]*)=(.+)$`)
	signingName = regexp.MustCompile(`(?i)sign|hmac|digest|hash|mac$`)
	randomName  = regexp.MustCompile(`(?i)(^|[-_])(id|uuid|guid|trace|nonce|attempt|retry|retries|count|date|time|timestamp)([-_]|$)`)
	idName      = regexp.MustCompile(`(?i)(^|[-_])(id|delivery|guid|uuid|idempotency-key)$`)
	typeName    = regexp.MustCompile(`(?i)(^|[-_])(event|topic|type|event-type|event-name|event-key)$`)
	variable    = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// transportHeaders say nothing of the provider: they are about the connection,
// the way there, or who may come in.
func isTransport(name string) bool {
	name = strings.ToLower(name)
	for _, prefix := range []string{"accept", "x-forwarded-", "cf-", "x-amzn-", "x-amz-cf-", "x-b3-", "x-vercel-", "fly-", "sec-", "ngrok-", "x-envoy-", "x-cloud-", "proxy-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return slices.Contains([]string{
		"host", "user-agent", "content-type", "content-length", "content-encoding", "connection", "keep-alive", "transfer-encoding", "te", "trailer",
		"date", "expect", "via", "forwarded", "x-real-ip", "cdn-loop", "traceparent", "tracestate", "baggage", "x-request-id", "x-correlation-id",
		"authorization", "cookie", "cache-control", "pragma", "priority", "upgrade", "sentry-trace", "from", "referer", "origin",
	}, name)
}

// signing reads the values of one header as something that carries a
// signature; nil where they carry none.
func signing(name string, values []string) (*signingHeader, []signature) {
	if h, s := plain(name, values); h != nil {
		return h, s
	}
	if h, s := list(name, values); h != nil {
		return h, s
	}
	for _, separator := range []string{", ", ",", "; ", ";", " ", "&"} {
		if h, s := elements(name, values, separator); h != nil {
			return h, s
		}
	}
	return nil, nil
}

// same is the one result of f for all values; not ok where they differ or are "".
func same(values []string, f func(string) string) (string, bool) {
	first := ""
	for i, v := range values {
		got := f(v)
		if got == "" || i > 0 && got != first {
			return "", false
		}
		first = got
	}
	return first, len(values) > 0
}

func digestForm(text string) string {
	encode, algorithm := digest(text)
	if encode == "" {
		return ""
	}
	return encode + " " + algorithm
}

func plain(name string, values []string) (*signingHeader, []signature) {
	prefix := ""
	form, ok := same(values, digestForm)
	if !ok {
		if prefix, ok = same(values, func(v string) string { return prefixForm.FindString(v) }); !ok {
			return nil, nil
		}
		if form, ok = same(values, func(v string) string { return digestForm(v[len(prefix):]) }); !ok {
			return nil, nil
		}
	}
	encode, algorithm, _ := strings.Cut(form, " ")
	s := signature{name: "mac", algorithm: algorithm, encode: encode}
	if word := strings.ToLower(strings.TrimRight(prefix, "=:")); variable.MatchString(word) {
		s.name = word
	}
	h := &signingHeader{name: name, value: []string{escapeNames.Replace(prefix) + "{" + s.name + "}"}, prefix: prefix, digests: []int{0}}
	return h, []signature{s}
}

func list(name string, values []string) (*signingHeader, []signature) {
	form, ok := same(values, func(v string) string {
		m := listForm.FindStringSubmatch(v)
		if m == nil {
			return ""
		}
		if f := digestForm(m[2]); f != "" {
			return m[1] + " " + f
		}
		return ""
	})
	if !ok {
		return nil, nil
	}
	words := strings.Fields(form)
	h := &signingHeader{name: name, grammar: "list", separator: " ", value: []string{words[0] + ",{" + words[0] + "}"}, rotation: true, digests: []int{0}}
	return h, []signature{{name: words[0], encode: words[1], algorithm: words[2]}}
}

// elements reads name=value pairs: at least one digest, perhaps a time, and
// constants.
func elements(name string, values []string, separator string) (*signingHeader, []signature) {
	h := &signingHeader{name: name, grammar: "elements", separator: separator}
	seen := map[string][]string{}
	for _, v := range values {
		parts := strings.Split(v, separator)
		if len(parts) < 2 {
			return nil, nil
		}
		for _, part := range parts {
			m := elementForm.FindStringSubmatch(part)
			if m == nil {
				return nil, nil
			}
			if !slices.Contains(h.elements, m[1]) {
				h.elements = append(h.elements, m[1])
			}
			seen[m[1]] = append(seen[m[1]], m[2])
		}
	}
	var signatures []signature
	for i, element := range h.elements {
		got := seen[element]
		form, isDigest := same(got, digestForm)
		switch {
		case isDigest:
			encode, algorithm, _ := strings.Cut(form, " ")
			s := signature{name: strings.ToLower(element), algorithm: algorithm, encode: encode}
			if !variable.MatchString(s.name) {
				s.name = "mac"
			}
			signatures = append(signatures, s)
			h.value = append(h.value, element+"={"+s.name+"}")
			h.digests = append(h.digests, i)
			h.rotation = true
		case timeFormOf(got) != "" && h.timeAt == "":
			h.timeAt, h.timeForm = element, timeFormOf(got)
			h.value = append(h.value, element+"={timestamp}")
		default:
			if _, constant := same(got, func(v string) string { return v }); !constant || !isPlain(got[0]) {
				return nil, nil
			}
			h.value = append(h.value, escapeNames.Replace(element+"="+got[0]))
		}
	}
	if len(signatures) == 0 {
		return nil, nil
	}
	return h, signatures
}

// isPlain tells a value that a contract can hold: printable ASCII.
func isPlain(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < 0x20 || r > 0x7e })
}

// headerLocation is a place in a header.
func headerLocation(name, element string) schemas.Location {
	return schemas.Location{Header: name, Element: element}
}
