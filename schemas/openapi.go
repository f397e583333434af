package schemas

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// OpenAPI reads and validates the provider's openapi.yaml, anew at each call
// (some milliseconds: keep the document). Its schemas come resolved, but
// bodies are judged by Event.Validate and ValidateAt: kin-openapi validates
// schemas behind external references by the rules of OpenAPI 3.0. The error is
// fs.ErrNotExist where the folder has no such file.
func (p *Provider) OpenAPI() (*openapi3.T, error) {
	if _, err := fs.Stat(p.fsys, openapiFile); err != nil {
		return nil, fmt.Errorf("%s: %w", p.path(openapiFile), fs.ErrNotExist)
	}
	base, err := url.Parse(p.set.base)
	if err != nil {
		return nil, err
	}
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = true
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, u *url.URL) ([]byte, error) {
		file, ok := strings.CutPrefix(u.String(), p.set.base)
		if !ok {
			return nil, fmt.Errorf("%s lies outside the folder", u)
		}
		return fs.ReadFile(p.fsys, file)
	}
	doc, err := loader.LoadFromURI(base.JoinPath(openapiFile))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.path(openapiFile), err)
	}
	return doc, nil
}

// validateOpenAPI tells every fault that kin-openapi finds in the document.
func validateOpenAPI(doc *openapi3.T) []string {
	err := doc.Validate(context.Background(), openapi3.EnableMultiError(), openapi3.DisableExamplesValidation(),
		openapi3.DisableSchemaPatternValidation())
	var faults []string
	var all openapi3.MultiError
	switch {
	case err == nil:
	case errors.As(err, &all):
		for _, one := range all {
			faults = append(faults, one.Error())
		}
	default:
		faults = append(faults, err.Error())
	}
	return faults
}
