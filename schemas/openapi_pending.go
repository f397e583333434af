//go:build !openapi

package schemas

// checkOpenAPI compares nothing in a build without the tag openapi: the OpenAPI
// library is not among the module's requirements yet.
func (p *Provider) checkOpenAPI() Problems { return nil }
