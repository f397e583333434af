//go:build !openapi

package schemas

// checkOpenAPI has nothing to say in a build without the OpenAPI library.
func (p *Provider) checkOpenAPI() Problems { return nil }
