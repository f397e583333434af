package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/schemas"
)

// ContractPage tells people what a provider's contract says: its deliveries,
// how they are signed step by step with a worked example, answers, retries,
// handshake and events, each with its source.
func ContractPage(p *schemas.Provider) (*Page, error) {
	c := p.Contract
	page := &Page{Title: c.Title, Lead: "The contract " + p.Name() + ", as Hookstone plays it."}
	page.add("Read from", documents(c))
	page.add("Deliveries", deliveries(c))
	signing, err := signing(p)
	if err != nil {
		return nil, err
	}
	page.add("Signing, step by step", signing...)
	page.add("Answers", answers(c))
	page.add("Retries", retries(c)...)
	if c.Handshake != nil {
		page.add("Handshake", handshake(c))
	}
	page.add("Events", events(p))
	return page, nil
}

// EventPage tells people about one event: what it means, an example, and its
// schema as a table, each member with its source.
func EventPage(p *schemas.Provider, e *schemas.Event) (*Page, error) {
	page := &Page{Title: e.Type, Lead: e.Summary}
	about := []Block{{Text: "An event of " + p.Contract.Title + " (" + p.Name() + "). Source: " + sourceWords(p.Contract, e.Citation) + "."}}
	if !e.Documented {
		about = append(about, Block{Text: "The document does not show this event's data: the schema is inferred, and what rests on it is SHOULD."})
	}
	if e.Handshake {
		about = append(about, Block{Text: "It is the verification request of the handshake."})
	}
	page.add("About", about...)
	for i, example := range e.Examples {
		var b bytes.Buffer
		if err := json.Indent(&b, example, "", "  "); err != nil {
			return nil, fmt.Errorf("example of %s: %w", e.Type, err)
		}
		heading := "Example"
		if len(e.Examples) > 1 {
			heading = fmt.Sprintf("Example %d", i+1)
		}
		page.add(heading, Block{Code: b.String()})
	}
	page.add("Schema", members(p.Contract, e))
	return page, nil
}

func documents(c *schemas.Contract) Block {
	var list []string
	for _, name := range sorted(c.Documents) {
		d := c.Documents[name]
		text := d.Title
		if d.URL != "" {
			text += ", " + d.URL
		}
		list = append(list, text)
	}
	return Block{List: list}
}

// sourceAt is the source of the contract's clause at a pointer.
func sourceAt(c *schemas.Contract, pointer string) string {
	cite, ok := c.CitationFor(pointer)
	if !ok {
		return ""
	}
	return sourceWords(c, cite)
}

func sourceWords(c *schemas.Contract, cite schemas.Citation) string {
	s := conformance.SourceOf(c, cite)
	if cite.Convention != "" {
		return "ours: " + s.Section
	}
	text := s.Document + ", " + s.Section
	if cite.Note != "" {
		text += " (" + cite.Note + ")"
	}
	return text
}

func deliveries(c *schemas.Contract) Block {
	t := Table{Head: []string{"what", "value", "source"}}
	row := func(what, value, pointer string) {
		t.Rows = append(t.Rows, []string{what, value, sourceAt(c, pointer)})
	}
	row("request", c.Request.Method+", "+c.Request.MediaType, "/request/method")
	for i, h := range c.Request.Headers {
		row("header", h.Name+": "+h.Value.Text, fmt.Sprintf("/request/headers/%d", i))
	}
	for i, h := range c.Request.AttemptHeaders {
		row("header of a retry", h.Name+": "+h.Value.Text, fmt.Sprintf("/request/attempt_headers/%d", i))
	}
	row("HTTPS", c.Transport.HTTPS, "/transport/https")
	row("event type at", c.Identity.Type.String(), "/identity/type")
	var ids []string
	for _, at := range slices.Concat(c.Identity.ID, c.Identity.Scope) {
		ids = append(ids, at.String())
	}
	row("idempotency key at", strings.Join(ids, ", "), "/identity/id")
	row("an unknown type", strings.ReplaceAll(c.Identity.UnknownType, "-", " "), "/identity/unknown_type")
	if !c.Time.At.IsZero() {
		row("time at", c.Time.At.String()+", "+strings.ReplaceAll(c.Time.Form, "-", " "), "/time/at")
	}
	tolerance := "not stated: freshness does not apply"
	if d := c.Time.Tolerance.Duration; d > 0 {
		tolerance = short(d)
		if c.Time.ToleranceIs == "typical" {
			tolerance += ", typically"
		}
	}
	row("tolerance", tolerance, "/time/tolerance")
	if c.Time.OnRedelivery != "" {
		row("a redelivery's time is", c.Time.OnRedelivery, "/time/on_redelivery")
	}
	return Block{Table: &t}
}

func answers(c *schemas.Contract) Block {
	t := Table{Head: []string{"when", "status", "source"}}
	row := func(when, pointer string, a *schemas.Answer) {
		status := "not stated"
		if a != nil {
			status = strings.Trim(fmt.Sprint(a.Documented), "[]")
			switch {
			case a.Counts == "2xx":
				status += " (any 2xx counts)"
			case a.Counts == "documented" && len(a.Documented) > 0:
				status += " alone counts"
			}
		}
		t.Rows = append(t.Rows, []string{when, status, sourceAt(c, pointer)})
	}
	row("the event is taken", "/answers/acknowledge", &c.Answers.Acknowledge)
	row("the signature is bad", "/answers/bad_signature", c.Answers.BadSignature)
	if c.Time.Tolerance.Duration > 0 {
		row("the timestamp is stale", "/answers/stale", c.Answers.Stale)
	}
	row("the event cannot be processed", "/answers/failure", c.Answers.Failure)
	t.Rows = append(t.Rows, []string{"deadline of the answer", short(c.Deadlines.Acknowledge.Duration), sourceAt(c, "/deadlines/acknowledge")})
	if d := c.Deadlines.Recommended.Duration; d > 0 && d != c.Deadlines.Acknowledge.Duration {
		t.Rows = append(t.Rows, []string{"recommended", short(d), sourceAt(c, "/deadlines/recommended")})
	}
	return Block{Table: &t}
}

func retries(c *schemas.Contract) []Block {
	source := Block{Text: "Source: " + sourceAt(c, "/retries/delays") + "."}
	if len(c.Retries.Delays) == 0 {
		return []Block{{Text: "A failed delivery is not tried again."}, source}
	}
	t := Table{Head: []string{"attempt", "after", "since the first"}, Rows: [][]string{{"1", "", "0s"}}}
	since := time.Duration(0)
	for i, d := range c.Retries.Delays {
		if c.Retries.From == "first-attempt" {
			since = d.Duration
		} else {
			since += d.Duration
		}
		t.Rows = append(t.Rows, []string{fmt.Sprint(i + 2), short(d.Duration), short(since)})
	}
	on := strings.Join(c.Retries.On, ", ")
	return []Block{{Text: "Tried again after: " + on + ". Each delay counts from the " + strings.ReplaceAll(c.Retries.From, "-", " ") + "."}, {Table: &t}, source}
}

func handshake(c *schemas.Contract) Block {
	h := c.Handshake
	t := Table{Head: []string{"what", "value", "source"}}
	row := func(what, value, pointer string) {
		t.Rows = append(t.Rows, []string{what, value, sourceAt(c, pointer)})
	}
	row("request", h.Type+", "+strings.Join(h.Forms, " or "), "/handshake/forms")
	row("challenge at", h.Challenge.String(), "/handshake/challenge")
	row("unsigned it is", h.Unsigned, "/handshake/unsigned")
	row("status", strings.Trim(fmt.Sprint(h.Status), "[]"), "/handshake/status")
	for i, a := range h.Answers {
		value := a.MediaType + ", the challenge at " + a.Pointer
		if a.Pointer == "" {
			value = a.MediaType + ", " + a.Body.Text
		}
		row("answer", value, fmt.Sprintf("/handshake/answers/%d", i))
	}
	return Block{Table: &t}
}

func events(p *schemas.Provider) Block {
	t := Table{Head: []string{"event", "what happened", "source"}}
	for _, e := range p.Events {
		source := sourceWords(p.Contract, e.Citation)
		if !e.Documented {
			source += "; data inferred"
		}
		t.Rows = append(t.Rows, []string{e.Type, e.Summary, source})
	}
	return Block{Table: &t}
}

// short spells a duration without the parts that are nothing: 5m, not 5m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
