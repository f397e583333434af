package infer

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"go.yaml.in/yaml/v3"
)

// files spells the folder.
func (d *draft) files() (map[string][]byte, error) {
	out := map[string][]byte{}
	put := func(file, head string, v schemas.Value) error {
		var text bytes.Buffer
		text.WriteString(head)
		e := yaml.NewEncoder(&text)
		e.SetIndent(2)
		if err := e.Encode(v); err != nil {
			return err
		}
		out[file] = text.Bytes()
		return e.Close()
	}
	if err := put("contract.yaml", "# Drafted from captured requests. What is cited as a convention is a guess: check\n# it against the provider's document, and cite that.\n", d.contractFile()); err != nil {
		return nil, err
	}
	if err := put("openapi.yaml", "", d.openapi()); err != nil {
		return nil, err
	}
	if err := put("journeys.yaml", "# How events are made: values like those of the captured requests. Name what hangs\n# together, and put events that follow one another into one journey.\n", d.journeys()); err != nil {
		return nil, err
	}
	for _, e := range d.events {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(d.eventSchema(e)); err != nil {
			return nil, err
		}
		out["events/"+e.kind+".schema.json"] = text.Bytes()
	}
	return out, nil
}

// openapi is the content of openapi.yaml.
func (d *draft) openapi() schemas.Value {
	parameters, used := schemas.Value{Kind: schemas.MapValue}, schemas.List()
	add := func(name, description string) {
		key := noSlug.ReplaceAllString(strings.ToLower(name), "-")
		parameters.Set(key, object("name", name, "in", "header", "required", true, "description", description, "schema", object("type", "string")))
		used.Items = append(used.Items, object("$ref", "#/components/parameters/"+key))
	}
	for _, h := range d.contract.constants {
		add(h.Name, "The same on every delivery that was captured.")
	}
	for _, h := range d.contract.headers {
		words := "Carries " + strings.Join(h.value, h.separator) + "."
		if len(h.digests) > 0 {
			words = "The signature: " + d.describe() + "."
		}
		add(h.name, words)
	}
	webhooks := schemas.Value{Kind: schemas.MapValue}
	for _, e := range d.events {
		webhooks.Set(e.kind, object(strings.ToLower(d.captures[0].Method), object(
			"operationId", e.kind,
			"summary", "Seen in "+e.captures[0].File+".",
			"parameters", used,
			"requestBody", object("required", true, "content", object(d.mediaType(), object("schema", object("$ref", "events/"+e.kind+".schema.json")))),
			"responses", object("200", object("$ref", "#/components/responses/Acknowledged")),
		)))
	}
	return object(
		"openapi", "3.1.0",
		"info", object("title", d.name+" webhooks", "version", "1", "description", "Drafted from captured requests."),
		"webhooks", webhooks,
		"components", object("parameters", parameters, "responses", object("Acknowledged", object("description", "The endpoint took the delivery."))),
	)
}
