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
	"github.com/hookstone/hookstone/simulator/sign"
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

// SigningSteps is the recipe of the signature, as a receiver would follow it.
func SigningSteps(c *schemas.Contract) []string {
	k := c.Signing.Key
	key := "Take the secret's bytes, whole, for the key."
	decode := k.Decode != "" && k.Decode != "utf-8"
	switch {
	case k.Strip != "" && decode:
		key = fmt.Sprintf("Take %q off the secret and decode the rest as %s: that is the key.", k.Strip, k.Decode)
	case decode:
		key = "Decode the secret as " + k.Decode + ": that is the key."
	case k.Strip != "":
		key = fmt.Sprintf("Take %q off the secret: the rest is the key.", k.Strip)
	}
	body := "Take the raw bytes of the request's body, before any parser touches them: they are {body}."
	if c.Signing.Body == "json-stringify" {
		body = "Parse the body, and spell it again as JSON.stringify does: that is {body}."
	}
	steps := []string{key, body}
	variables := map[string]bool{}
	for _, s := range c.Signing.Signatures {
		for _, v := range s.Content.Vars() {
			variables[v] = true
		}
	}
	if variables["timestamp"] {
		steps = append(steps, "Take {timestamp} as it is written at "+c.Time.At.String()+".")
	}
	if variables["id"] && len(c.Identity.ID) > 0 {
		steps = append(steps, "Take {id} as it is written at "+c.Identity.ID[0].String()+".")
	}
	if variables["type"] {
		steps = append(steps, "Take {type} as it is written at "+c.Identity.Type.String()+".")
	}
	for _, s := range c.Signing.Signatures {
		line := fmt.Sprintf("Compute %s over %s and write it as %s: that is {%s}.", s.Algorithm, s.Content.Text, s.Encode, s.Name)
		if s.Legacy {
			line += " It is kept for old receivers."
		}
		steps = append(steps, line)
	}
	for _, h := range c.Signing.Headers {
		var values []string
		for _, v := range h.Value {
			values = append(values, v.Text)
		}
		line := "Compare, in constant time, with the header " + h.Name + ": " + strings.Join(values, h.Separator)
		if !slices.ContainsFunc(c.Signing.Signatures, func(s schemas.Signature) bool { return strings.Contains(line, "{"+s.Name+"}") }) {
			line = "Expect the header " + h.Name + ": " + strings.Join(values, h.Separator)
		}
		for _, other := range h.Alternatives {
			var values []string
			for _, v := range other {
				values = append(values, v.Text)
			}
			line += " (the document can be read to send " + strings.Join(values, h.Separator) + " too)"
		}
		steps = append(steps, line)
	}
	if t := c.Time.Tolerance.Duration; t > 0 {
		steps = append(steps, fmt.Sprintf("Refuse what was signed more than %s ago.", short(t)))
	}
	return steps
}

// exampleTime is when the worked example is signed.
var exampleTime = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// exampleSecret is a secret of the contract's form that protects nothing.
func exampleSecret(k schemas.Key) string {
	switch k.Decode {
	case "base64":
		return k.Strip + "ZXhhbXBsZS1zZWNyZXQtb2Ytbm8td29ydGg="
	case "hex":
		return k.Strip + "6578616d706c652d736563726574"
	}
	return k.Strip + "example-secret-of-no-worth"
}

// signing tells the recipe and follows it once.
func signing(p *schemas.Provider) ([]Block, error) {
	c := p.Contract
	blocks := []Block{{Steps: SigningSteps(c)}, {Text: "Source: " + sourceAt(c, "/signing/signatures") + "."}}
	if s := sourceAt(c, "/signing/body"); s != sourceAt(c, "/signing/signatures") {
		blocks = append(blocks, Block{Text: "What is signed of the body: " + s + "."})
	}
	i := slices.IndexFunc(p.Events, func(e *schemas.Event) bool { return !e.Handshake && len(e.Examples) > 0 })
	if i < 0 {
		return blocks, nil
	}
	e := p.Events[i]
	scheme, err := sign.Compile(c)
	if err != nil {
		return nil, err
	}
	secret := exampleSecret(c.Signing.Key)
	m := sign.Material{Body: e.Examples[0], ID: "example-id", Type: e.Type, At: exampleTime}
	signed, err := scheme.Sign(m, sign.Mistakes{}, []byte(secret))
	if err != nil {
		return nil, fmt.Errorf("worked example of %s: %w", e.Type, err)
	}
	var headers strings.Builder
	for _, f := range signed.Fields {
		headers.WriteString(f.Name + ": " + f.Value + "\n")
	}
	blocks = append(blocks,
		Block{Text: "A worked example, with the event " + e.Type + " and the secret " + secret + ". The body, in one line:"},
		Block{Code: string(e.Examples[0])})
	if bytes.Equal(signed.Base, e.Examples[0]) {
		blocks = append(blocks, Block{Text: fmt.Sprintf("It is the signed content, %d bytes.", len(signed.Base))})
	} else {
		blocks = append(blocks, Block{Text: fmt.Sprintf("The signed content, %d bytes:", len(signed.Base))}, Block{Code: string(signed.Base)})
	}
	blocks = append(blocks, Block{Text: "The headers:"},
		Block{Code: strings.TrimSuffix(headers.String(), "\n")})
	if s := c.Signing.Signatures[0]; strings.HasPrefix(s.Algorithm, "hmac-sha") && s.Encode == "hex" && c.Signing.Key.Decode != "base64" && c.Signing.Key.Decode != "hex" {
		key := strings.TrimPrefix(secret, c.Signing.Key.Strip)
		blocks = append(blocks,
			Block{Text: "The same digest by OpenSSL, of the signed content in a file without a line break at its end:"},
			Block{Code: "openssl dgst -" + strings.TrimPrefix(s.Algorithm, "hmac-") + " -hmac '" + key + "' signed-content"})
	}
	return blocks, nil
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

func members(c *schemas.Contract, e *schemas.Event) Block {
	t := Table{Head: []string{"member", "type", "presence", "what it is", "source"}}
	for _, m := range e.Members() {
		types := strings.Join(m.Types, " or ")
		if types == "" {
			types = "any"
		}
		if m.Format != "" {
			types += " (" + m.Format + ")"
		}
		presence := "optional"
		if m.Required {
			presence = "required"
		}
		source := m.Provenance.Section
		if m.Provenance.Status == schemas.Inferred || m.WithinInferred {
			source = "inferred"
		} else if d, ok := c.Documents[m.Provenance.Document]; ok && len(c.Documents) > 1 && source != "" {
			source = d.Title + ", " + source
		}
		t.Rows = append(t.Rows, []string{m.Pointer, types, presence, m.Description, source})
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
