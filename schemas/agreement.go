package schemas

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// checkOpenAPI tells what is wrong with the provider's openapi.yaml.
func (p *Provider) checkOpenAPI() Problems {
	var ps Problems
	file := p.path(openapiFile)
	doc, err := p.OpenAPI()
	if err != nil {
		ps.add(file, "", strings.TrimPrefix(err.Error(), file+": "))
		return ps
	}
	for _, fault := range validateOpenAPI(doc) {
		ps.add(file, "", fault)
	}
	a := &agreement{p: p, file: file}
	a.webhooks(doc)
	return append(ps, a.ps...)
}

// agreement compares an OpenAPI document with its contract.
type agreement struct {
	p    *Provider
	file string
	ps   Problems
}

func (a *agreement) fault(pointer, format string, args ...any) {
	a.ps.add(a.file, pointer, fmt.Sprintf(format, args...))
}

func (a *agreement) webhooks(doc *openapi3.T) {
	for name := range doc.Webhooks {
		if _, ok := a.p.Event(name); !ok {
			a.fault("/webhooks/"+EscapePointer(name), "the contract lists no event of this name")
		}
	}
	for _, e := range a.p.Events {
		at := "/webhooks/" + EscapePointer(e.Type)
		item := doc.Webhooks[e.Type]
		if item == nil {
			a.fault(at, "missing: the contract lists the event")
			continue
		}
		operations := item.Operations()
		method := a.p.Contract.Request.Method
		for other := range operations {
			if other != method {
				a.fault(at+"/"+strings.ToLower(other), "the contract's method is %s", method)
			}
		}
		if op := operations[method]; op != nil {
			a.operation(at+"/"+strings.ToLower(method), e, item, op)
		} else {
			a.fault(at, "no %s: the contract's method", strings.ToLower(method))
		}
	}
}

func (a *agreement) operation(at string, e *Event, item *openapi3.PathItem, op *openapi3.Operation) {
	a.headers(at, e, slices.Concat(item.Parameters, op.Parameters))
	a.body(at, e, op)
	a.statuses(at, e, op)
}

// headers wants the contract's headers and no others; those of every delivery
// required, those of redeliveries and of a handshake that may be unsigned not.
func (a *agreement) headers(at string, e *Event, parameters openapi3.Parameters) {
	c := a.p.Contract
	signed := !e.Handshake || !slices.Contains(c.Handshake.Forms, "unsigned")
	required := map[string]bool{}
	for _, h := range c.Signing.Headers {
		required[http.CanonicalHeaderKey(h.Name)] = signed
	}
	for _, h := range c.Request.Headers {
		required[http.CanonicalHeaderKey(h.Name)] = true
	}
	for _, h := range c.Request.AttemptHeaders {
		required[http.CanonicalHeaderKey(h.Name)] = false
	}
	described := map[string]bool{}
	for _, ref := range parameters {
		if ref.Value == nil || ref.Value.In != openapi3.ParameterInHeader {
			continue
		}
		name := http.CanonicalHeaderKey(ref.Value.Name)
		described[name] = true
		must, known := required[name]
		switch {
		case !known:
			a.fault(at+"/parameters", "the contract sends no header %q", ref.Value.Name)
		case must != ref.Value.Required:
			a.fault(at+"/parameters", "header %q: required is %t, but the contract says %t", ref.Value.Name, ref.Value.Required, must)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(required)) {
		if !described[name] {
			a.fault(at+"/parameters", "header %q of the contract is not described", name)
		}
	}
}

// body wants the event's own schema file under the contract's media type.
func (a *agreement) body(at string, e *Event, op *openapi3.Operation) {
	at += "/requestBody"
	if op.RequestBody == nil || op.RequestBody.Value == nil {
		a.fault(at, "missing")
		return
	}
	if !op.RequestBody.Value.Required {
		a.fault(at+"/required", "a delivery has a body: want true")
	}
	content := op.RequestBody.Value.Content
	for name := range content {
		if name != a.p.Contract.Request.MediaType {
			a.fault(at+"/content/"+EscapePointer(name), "the contract's media type is %q", a.p.Contract.Request.MediaType)
		}
	}
	media := content[a.p.Contract.Request.MediaType]
	if media == nil {
		a.fault(at+"/content", "no %q: the contract's media type", a.p.Contract.Request.MediaType)
		return
	}
	if media.Schema == nil || media.Schema.Ref != e.file {
		a.fault(at+"/content/"+EscapePointer(a.p.Contract.Request.MediaType)+"/schema", "want $ref: %s", e.file)
		return
	}
	// The reference is followed by the validator that judges bodies, too.
	pointer := at + "/content/" + EscapePointer(a.p.Contract.Request.MediaType) + "/schema"
	for _, example := range e.Examples {
		if err := a.p.ValidateAt(pointer, example); err != nil {
			a.fault(pointer, "%v", err)
		}
	}
}

// statuses wants just the statuses that the contract documents.
func (a *agreement) statuses(at string, e *Event, op *openapi3.Operation) {
	at += "/responses"
	c := a.p.Contract
	documented := map[string]string{}
	note := func(answer *Answer, clause string) {
		if answer == nil {
			return
		}
		for _, s := range answer.Documented {
			documented[strconv.Itoa(s)] = cmp.Or(documented[strconv.Itoa(s)], clause)
		}
	}
	note(c.Answers.BadSignature, "/answers/bad_signature")
	if e.Handshake {
		note(&Answer{Documented: c.Handshake.Status}, "/handshake/status")
	} else {
		note(&c.Answers.Acknowledge, "/answers/acknowledge")
		note(c.Answers.Stale, "/answers/stale")
		note(c.Answers.Failure, "/answers/failure")
	}
	described := op.Responses.Map()
	for status := range described {
		if _, ok := documented[status]; !ok {
			a.fault(at+"/"+status, "the contract documents no such status")
		}
	}
	for _, status := range slices.Sorted(maps.Keys(documented)) {
		response := described[status]
		if response == nil {
			a.fault(at, "status %s of the contract (%s) is not described", status, documented[status])
			continue
		}
		if e.Handshake && documented[status] == "/handshake/status" {
			a.handshakeAnswer(at+"/"+status, response)
		}
	}
}

// handshakeAnswer wants the described answer to be what the contract asks for:
// a JSON body with the challenge where the contract says.
func (a *agreement) handshakeAnswer(at string, response *openapi3.ResponseRef) {
	for i, answer := range a.p.Contract.Handshake.Answers {
		if response.Value == nil || response.Value.Content[answer.MediaType] == nil {
			a.fault(at+"/content", "%q of the contract (/handshake/answers/%d) is not described", answer.MediaType, i)
			continue
		}
		if answer.Pointer == "" {
			continue
		}
		schema := response.Value.Content[answer.MediaType].Schema
		for _, token := range pointerTokens(answer.Pointer) {
			if schema == nil || schema.Value == nil || !slices.Contains(schema.Value.Required, token) {
				a.fault(at+"/content", "the schema does not require %s", answer.Pointer)
				return
			}
			schema = schema.Value.Properties[token]
		}
	}
}
