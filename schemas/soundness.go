package schemas

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// checker gathers what is wrong with a contract beyond its meta-schema: parts
// that do not fit each other.
type checker struct {
	c    *Contract
	file string
	ps   Problems
}

func checkContract(file string, c *Contract) Problems {
	k := &checker{c: c, file: file}
	k.request()
	k.headers()
	k.contents()
	k.times()
	k.identity()
	k.handshake()
	return k.ps
}

func (k *checker) fault(pointer, format string, args ...any) {
	k.ps.add(k.file, pointer, fmt.Sprintf(format, args...))
}

// variables refuses what a template at pointer cannot know.
func (k *checker) variables(pointer string, t Template, known ...string) {
	for _, name := range t.Vars() {
		if !slices.Contains(known, name) {
			k.fault(pointer, "unknown variable {%s} in %q: known here are %s", name, t.Text, listOf(known))
		}
	}
}

func listOf(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	spelled := make([]string, len(names))
	for i, n := range names {
		spelled[i] = "{" + n + "}"
	}
	return strings.Join(spelled, " ")
}

func (k *checker) request() {
	for i, h := range k.c.Request.Headers {
		k.variables("/request/headers/"+strconv.Itoa(i)+"/value", h.Value)
	}
	for i, h := range k.c.Request.AttemptHeaders {
		k.variables("/request/attempt_headers/"+strconv.Itoa(i)+"/value", h.Value, "attempt", "retry", "reason")
	}
}

// headers checks the signing headers: names once, known variables, every
// signature sent, grammar and separator in step.
func (k *checker) headers() {
	known := []string{"timestamp", "id", "type"}
	for i, s := range k.c.Signing.Signatures {
		at := "/signing/signatures/" + strconv.Itoa(i)
		if slices.Contains(known, s.Name) || s.Name == "body" {
			k.fault(at+"/name", "signature %q is defined twice or is a variable's name", s.Name)
			continue
		}
		known = append(known, s.Name)
	}
	names, sent := map[string]bool{}, map[string]bool{}
	for _, h := range k.c.Request.Headers {
		names[strings.ToLower(h.Name)] = true
	}
	for i, h := range k.c.Signing.Headers {
		at := "/signing/headers/" + strconv.Itoa(i)
		if names[strings.ToLower(h.Name)] {
			k.fault(at+"/name", "header %q is defined twice", h.Name)
		}
		names[strings.ToLower(h.Name)] = true
		for v, t := range h.Value {
			k.variables(at+"/value/"+strconv.Itoa(v), t, known...)
			for _, name := range t.Vars() {
				sent[name] = true
			}
		}
		for a, values := range h.Alternatives {
			for v, t := range values {
				k.variables(fmt.Sprintf("%s/alternatives/%d/%d", at, a, v), t, known...)
			}
		}
		k.grammar(at, h)
	}
	for i, s := range k.c.Signing.Signatures {
		if !sent[s.Name] {
			k.fault("/signing/signatures/"+strconv.Itoa(i)+"/name", "no header carries signature %q", s.Name)
		}
	}
}

func (k *checker) grammar(at string, h SigningHeader) {
	switch h.Grammar {
	case "", "plain":
		if len(h.Value) != 1 {
			k.fault(at+"/value", "a plain header has one value, not %d: use grammar elements or list", len(h.Value))
		}
		if h.Rotation != "" {
			k.fault(at+"/rotation", "a plain header cannot repeat a value")
		}
	default:
		if h.Separator == "" {
			k.fault(at, "grammar %s needs a separator", h.Grammar)
		}
	}
	if h.Grammar == "elements" {
		for i, t := range h.Value {
			if len(t.Parts) == 0 || !strings.Contains(t.Parts[0].Literal, "=") {
				k.fault(at+"/value/"+strconv.Itoa(i), "an element is written name=value, not %q", t.Text)
			}
		}
	}
}

// contents checks what is signed against what is said to be covered.
func (k *checker) contents() {
	covers := k.c.Signing.Covers
	used := map[string]bool{}
	for i, s := range k.c.Signing.Signatures {
		at := "/signing/signatures/" + strconv.Itoa(i) + "/content"
		k.variables(at, s.Content, "body", "timestamp", "id", "type")
		for _, name := range s.Content.Vars() {
			used[name] = true
			if !slices.Contains(covers, name) && slices.Contains([]string{"body", "timestamp", "id", "type"}, name) {
				k.fault("/signing/covers", "%s is signed (%q) and not listed", name, s.Content.Text)
			}
		}
	}
	inBody := map[string]bool{
		"timestamp": k.c.Time.At.Pointer != "",
		"type":      k.c.Identity.Type.Pointer != "",
		"id":        len(k.c.Identity.ID) > 0 && k.c.Identity.ID[0].Pointer != "",
	}
	for i, name := range covers {
		if !used[name] && !(used["body"] && inBody[name]) {
			k.fault("/signing/covers/"+strconv.Itoa(i), "%s is in no signature's content", name)
		}
	}
}

func (k *checker) times() {
	t := k.c.Time
	content, sent := false, false
	for _, s := range k.c.Signing.Signatures {
		content = content || s.Content.Uses("timestamp")
	}
	for _, h := range k.c.Signing.Headers {
		for _, v := range h.Value {
			sent = sent || v.Uses("timestamp")
		}
	}
	if t.At.IsZero() {
		switch {
		case content || sent:
			k.fault("/time", "{timestamp} is signed or sent: say where it travels (at) and its form")
		case t.Tolerance.Duration > 0:
			k.fault("/time/tolerance", "a tolerance needs a time: say where it travels (at)")
		case t.Signed:
			k.fault("/time/signed", "there is no time to sign")
		}
		return
	}
	if t.Form == "" {
		k.fault("/time", "at needs a form (unix-seconds, unix-milliseconds or rfc3339)")
	}
	if t.At.Header != "" {
		k.travels("/time/at", t.At, "timestamp")
		if t.Signed != content {
			k.fault("/time/signed", "%t, but {timestamp} in the signed content says %t", t.Signed, content)
		}
	} else if !t.Signed {
		k.fault("/time/signed", "a time in the body is signed with it")
	}
}

// travels wants the header of a location among those sent, with the variable.
func (k *checker) travels(pointer string, l Location, variable string) {
	for _, h := range k.c.Signing.Headers {
		if !strings.EqualFold(h.Name, l.Header) {
			continue
		}
		for _, t := range h.Value {
			if t.Uses(variable) && (l.Element == "" || strings.HasPrefix(t.Text, l.Element+"=")) {
				return
			}
		}
		k.fault(pointer, "%s: header %s carries no {%s} there", l, h.Name, variable)
		return
	}
	k.fault(pointer, "%s: no such header among signing.headers", l)
}

func (k *checker) identity() {
	id := k.c.Identity
	if id.Type.Header != "" {
		k.travels("/identity/type", id.Type, "type")
	}
	for i, l := range id.ID {
		if l.Header != "" {
			k.travels("/identity/id/"+strconv.Itoa(i), l, "id")
		}
	}
	for _, h := range k.c.Signing.Headers {
		for _, t := range h.Value {
			if t.Uses("id") && len(id.ID) == 0 {
				k.fault("/identity/id", "header %s carries {id}, but nothing says what it is", h.Name)
			}
		}
	}
}

func (k *checker) handshake() {
	h := k.c.Handshake
	if h == nil {
		return
	}
	if !slices.ContainsFunc(k.c.Events, func(e EventClause) bool { return e.Type == h.Type }) {
		k.fault("/handshake/type", "%q is not listed under events", h.Type)
	}
	if slices.Contains(h.Forms, "unsigned") && h.Unsigned == "refused" {
		k.fault("/handshake/unsigned", "refused, but the sender sends the unsigned form")
	}
	for i, a := range h.Answers {
		at := "/handshake/answers/" + strconv.Itoa(i)
		if (a.Pointer == "") == (a.Body.Text == "") {
			k.fault(at, "needs pointer or body, one of the two")
		}
		if a.Pointer != "" && checkPointer(a.Pointer) != nil {
			k.fault(at+"/pointer", "%q is no JSON pointer", a.Pointer)
		}
		k.variables(at+"/body", a.Body, "challenge")
		if a.Body.Text != "" && !a.Body.Uses("challenge") {
			k.fault(at+"/body", "does not hold {challenge}")
		}
	}
}
