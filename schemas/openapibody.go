package schemas

import (
	"fmt"
	"net/url"
)

// ValidateAt validates a JSON text against the schema at a JSON pointer into
// the provider's openapi.yaml. It is for the bodies that no event schema
// describes: the management API's, and the answer to a handshake.
func (p *Provider) ValidateAt(pointer string, body []byte) error {
	if err := checkPointer(pointer); err != nil {
		return fmt.Errorf("%s: %w", p.path(openapiFile), err)
	}
	escaped := (&url.URL{Fragment: pointer}).EscapedFragment()
	schema, err := p.set.Compile(openapiFile + "#" + escaped)
	if err != nil {
		return fmt.Errorf("%s: %w", p.path(openapiFile), err)
	}
	return validate("body for "+pointer, schema, body)
}
