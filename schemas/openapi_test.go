package schemas

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
)

func TestOpenAPIAgreesWithTheContract(t *testing.T) {
	l, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range l.Providers() {
		doc, err := p.OpenAPI()
		if err != nil {
			t.Error(err)
			continue
		}
		if !doc.IsOpenAPI31OrLater() || len(doc.Webhooks) != len(p.Events) {
			t.Errorf("%s: OpenAPI %s with %d webhooks; want 3.1 with %d", p.Name(), doc.OpenAPI, len(doc.Webhooks), len(p.Events))
		}
		for _, problem := range p.checkOpenAPI() {
			t.Error(problem)
		}
	}
}

func TestCheckTellsDisagreement(t *testing.T) {
	const hook = "/webhooks/loan.created"
	for _, c := range []struct{ name, old, new, pointer, say string }{
		{"invalid document", "openapi: 3.1.0", "openapi: 3.1.0\nopnapi: x", "", "opnapi"},
		{"no such version", "openapi: 3.1.0", "openapi: 3.0.3", "", "3.1"},
		{"webhook missing", "  loan.created:\n    post:\n      operationId: loan.created", "  loan.made:\n    post:\n      operationId: loan.made", hook, "missing"},
		{"webhook of no event", "  loan.created:\n    post:\n      operationId: loan.created", "  loan.made:\n    post:\n      operationId: loan.made", "/webhooks/loan.made", "no event of this name"},
		{"method", "  loan.created:\n    post:", "  loan.created:\n    put:", hook + "/put", "the contract's method is POST"},
		{"header name", "name: X-Usmewe-Signature", "name: X-Usmewe-Sig", hook + "/post/parameters", `"X-Usmewe-Signature" of the contract is not described`},
		{"header unknown", "name: X-Usmewe-Signature", "name: X-Usmewe-Sig", hook + "/post/parameters", `the contract sends no header "X-Usmewe-Sig"`},
		{"header optional", "      in: header\n      required: true", "      in: header\n      required: false", hook + "/post/parameters", "required is false"},
		{"body of another event", "events/loan.created.schema.json", "events/loan.funded.schema.json", hook + "/post/requestBody/content/application~1json/schema", "want $ref: events/loan.created.schema.json"},
		{"body optional", "      requestBody:\n        required: true", "      requestBody:\n        required: false", hook + "/post/requestBody/required", "want true"},
		{"media type", "          application/json:\n            schema: {$ref: events/loan.created", "          text/json:\n            schema: {$ref: events/loan.created", hook + "/post/requestBody/content/text~1json", `the contract's media type is "application/json"`},
		{"status missing", "        \"401\": {$ref: \"#/components/responses/BadSignature\"}\n", "", hook + "/post/responses", "status 401 of the contract (/answers/bad_signature) is not described"},
		{"status unknown", "\"401\": {$ref: \"#/components/responses/BadSignature\"}", "\"403\": {$ref: \"#/components/responses/BadSignature\"}", hook + "/post/responses/403", "the contract documents no such status"},
		{"reference to the disk", "events/loan.created.schema.json", "file:///etc/passwd", "", "lies outside the folder"},
		{"reference to nowhere", "#/components/responses/Failed", "#/components/responses/Fialed", "", "Fialed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := copyOf(t, "usmewe")
			f.edit(t, openapiFile, c.old, c.new)
			wantProblem(t, Check(f.fs()), openapiFile, c.pointer, c.say)
		})
	}
	f := copyOf(t, "usmewe")
	delete(f, openapiFile)
	wantProblem(t, Check(f.fs()), openapiFile, "", "missing")
	l, err := Load(f.fs())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Providers()[0].OpenAPI(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("OpenAPI without a file: %v", err)
	}
}

func TestValidateAt(t *testing.T) {
	p := builtinProvider(t, "usmewe")
	const register = "/paths/~1v1~1webhooks/post/requestBody/content/application~1json/schema"
	if err := p.ValidateAt(register, []byte(`{"url":"https://example.com/hooks","events":["loan.funded"],"secret":"s"}`)); err != nil {
		t.Error(err)
	}
	err := p.ValidateAt(register, []byte(`{"url":"example.com","events":["loan.fnuded"],"secret":""}`))
	for _, want := range []string{"/url: ", `/events/0: "loan.fnuded" is not one of`, "/secret: "} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ValidateAt = %v; want …%s…", err, want)
		}
	}
	if err := p.ValidateAt("/paths/~1nowhere", []byte(`{}`)); err == nil {
		t.Error("a pointer to nowhere validates")
	}
	for _, e := range p.Events {
		at := "/webhooks/" + e.Type + "/post/requestBody/content/application~1json/schema"
		if err := p.ValidateAt(at, []byte(`{"type":"x"}`)); err == nil || !strings.Contains(err.Error(), `/type: "x" is not "`+e.Type) {
			t.Errorf("%s through the OpenAPI document: %v", e.Type, err)
		}
	}
}
