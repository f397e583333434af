package infer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

// guess is the source of every clause that the captures only hint at.
const guess = "inferred from captured requests; check it"

func convention(words string) schemas.Value { return object("convention", words) }

// contractFile is the content of contract.yaml. Clauses that no capture can
// show (answers, deadlines, retries) are left out: their defaults apply.
func (d *draft) contractFile() schemas.Value {
	c := &d.contract
	request := object("method", d.captures[0].Method, "media_type", d.mediaType())
	constants := schemas.List()
	for _, h := range c.constants {
		constants.Items = append(constants.Items, object("name", h.Name, "value", escapeNames.Replace(h.Value)))
	}
	request.Set("headers", constants)

	ids := schemas.List()
	for _, l := range c.identity.id {
		ids.Items = append(ids.Items, schemas.Text(l.String()))
	}
	events, citations := schemas.Value{Kind: schemas.MapValue}, schemas.Value{Kind: schemas.MapValue}
	for _, pointer := range []string{"/request", "/identity", "/time"} {
		citations.Set(pointer, convention(guess))
	}
	signing := guess
	if c.proven {
		signing = fmt.Sprintf("found by trying: with the right secret it makes the signatures of all %d captured requests", len(d.captures))
	}
	citations.Set("/signing", convention(signing))
	if len(c.signatures) > 1 && c.proven {
		citations.Set("/signing/signatures", convention(signing+" (the first; of the others "+guess+")"))
	}
	for _, e := range d.events {
		events.Set(e.kind, object("summary", "Seen in "+e.captures[0].File+".", "documented", true))
		citations.Set("/events/"+schemas.EscapePointer(e.kind), object("document", "captured", "section", e.captures[0].File))
	}
	var files []string
	for _, one := range d.captures {
		files = unique(files, one.File)
	}
	title := "Captured requests: " + strings.Join(files[:min(len(files), 5)], ", ")
	if len(files) > 5 {
		title += fmt.Sprintf(" and %d more", len(files)-5)
	}
	return object(
		"format", 1, "provider", d.name, "title", d.name+", as its requests show it", "platform", d.name,
		"documents", object("captured", object("title", title, "sha256", d.hash())),
		"request", request,
		"identity", object("type", c.identity.typeAt.String(), "id", ids),
		"time", d.timeClause(),
		"signing", d.signingClause(),
		"events", events,
		"citations", citations,
	)
}

// mediaType is the contract format's rule.
var mediaType = regexp.MustCompile(`^[a-z0-9.+-]+/[a-z0-9.+-]+$`)

func (d *draft) mediaType() string {
	value, _ := d.captures[0].header("Content-Type")
	media, _, _ := strings.Cut(strings.ToLower(value), ";")
	if media = strings.TrimSpace(media); !mediaType.MatchString(media) {
		return "application/json"
	}
	return media
}

func (d *draft) timeClause() schemas.Value {
	t := &d.contract.time
	if t.at.IsZero() {
		return object("at", schemas.Value{})
	}
	renewed := "kept"
	if t.at.Header != "" && t.signed {
		renewed = "renewed" // it is signed anew for every attempt
	}
	return object("at", t.at.String(), "form", t.form, "signed", t.signed, "on_redelivery", renewed, "tolerance", schemas.Value{})
}

func (d *draft) signingClause() schemas.Value {
	c := &d.contract
	signatures := schemas.List()
	strongest := ""
	for _, s := range c.signatures {
		strongest = max(strongest, s.algorithm)
	}
	for _, s := range c.signatures {
		v := object("name", s.name, "algorithm", s.algorithm, "encode", s.encode, "content", c.content)
		if s.algorithm == "hmac-sha1" && strongest != s.algorithm {
			v.Set("legacy", schemas.Bool(true))
		}
		signatures.Items = append(signatures.Items, v)
	}
	headers := schemas.List()
	for _, h := range c.headers {
		v := object("name", h.name)
		if h.grammar != "" {
			v.Set("grammar", schemas.Text(h.grammar))
			v.Set("separator", schemas.Text(h.separator))
		}
		v.Set("value", texts(h.value))
		if h.rotation {
			v.Set("rotation", schemas.Text("repeat"))
		}
		headers.Items = append(headers.Items, v)
	}
	key := object("decode", c.decode)
	if c.strip != "" {
		key = object("strip", c.strip, "decode", c.decode)
	}
	return object("covers", texts(d.covers()), "body", "raw", "key", key, "signatures", signatures, "headers", headers)
}

// covers is what a change of breaks the signature: what is signed itself, and
// what lies in the body.
func (d *draft) covers() []string {
	c := &d.contract
	inBody := map[string]bool{
		"timestamp": c.time.at.Pointer != "",
		"type":      c.identity.typeAt.Pointer != "",
		"id":        c.identity.id[0].Pointer != "",
	}
	return slices.DeleteFunc([]string{"body", "timestamp", "id", "type"}, func(name string) bool {
		return !strings.Contains(c.content, "{"+name+"}") && !inBody[name]
	})
}
