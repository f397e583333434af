package schemas

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

// Invalid tells every way in which a body is not what its schema describes.
type Invalid struct {
	Of       string // the event type or file that was asked for
	Failures []Failure
}

// Failure is one leaf of a validation.
type Failure struct {
	Pointer string // into the body; "" is the whole of it
	Reason  string // quotes the value
}

func (f Failure) String() string {
	if f.Pointer == "" {
		return "the body: " + f.Reason
	}
	return f.Pointer + ": " + f.Reason
}

func (e *Invalid) Error() string {
	texts := make([]string, len(e.Failures))
	for i, f := range e.Failures {
		texts[i] = f.String()
	}
	return "invalid " + e.Of + ": " + strings.Join(texts, "; ")
}

// validate decodes and validates a body.
func validate(of string, schema *jsonschema.Schema, body []byte) error {
	doc, err := DecodeJSON(body)
	if err != nil {
		return &Invalid{Of: of, Failures: []Failure{{Reason: err.Error()}}}
	}
	return validateValue(of, schema, doc)
}

func validateValue(of string, schema *jsonschema.Schema, doc any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &Invalid{Of: of, Failures: []Failure{{Reason: fmt.Sprintf("cannot be validated: %v", r)}}}
		}
	}()
	err = schema.Validate(doc)
	var ve *jsonschema.ValidationError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ve):
		return &Invalid{Of: of, Failures: leaves(ve, doc)}
	}
	return &Invalid{Of: of, Failures: []Failure{{Reason: err.Error()}}}
}

func leaves(ve *jsonschema.ValidationError, doc any) []Failure {
	var failures []Failure
	var walk func(*jsonschema.ValidationError)
	walk = func(ve *jsonschema.ValidationError) {
		if len(ve.Causes) == 0 {
			failures = append(failures, Failure{Pointer: ve.InstanceLocation, Reason: reasonOf(ve, doc)})
			return
		}
		for _, cause := range ve.Causes {
			walk(cause)
		}
	}
	walk(ve)
	slices.SortFunc(failures, func(a, b Failure) int {
		return cmp.Or(cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Reason, b.Reason))
	})
	return slices.Compact(failures)
}

// reasonOf puts the value that failed before the validator's words.
func reasonOf(ve *jsonschema.ValidationError, doc any) string {
	value, _ := lookup(doc, ve.InstanceLocation)
	quoted := quote(value)
	switch ve.KeywordLocation[strings.LastIndexByte(ve.KeywordLocation, '/')+1:] {
	case "enum":
		return quoted + " is not " + strings.TrimPrefix(ve.Message, "value must be ")
	case "const":
		return quoted + " is not " + strings.TrimPrefix(ve.Message, "value must be ")
	case "type":
		return quoted + ": " + strings.Replace(ve.Message, "expected ", "want ", 1)
	case "required", "additionalProperties", "unevaluatedProperties", "dependentRequired":
		return ve.Message
	case "not", "oneOf", "anyOf":
		return quoted + ": " + ve.Message
	case "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf":
		return quoted + " " + ve.Message
	case "format":
		_, format, _ := strings.Cut(ve.Message, "valid ")
		for _, own := range ownFormats {
			if text, ok := value.(string); ok && format == "'"+own.name+"'" {
				return own.check(text).Error()
			}
		}
		return quoted + " is no " + format
	}
	return ve.Message
}

// quote spells a value for a message, short.
func quote(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%v", v)
	}
	const most = 80
	if len(text) <= most {
		return string(text)
	}
	text = text[:most]
	for !utf8.Valid(text) {
		text = text[:len(text)-1]
	}
	return string(text) + "…"
}
