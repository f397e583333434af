package generate

import (
	_ "embed"
	"fmt"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/hookstone/hookstone/schemas"
)

//go:embed sources.yaml
var sourcesYAML []byte

// builtinSources are the sources that every journeys.yaml can name. They are
// written in its language.
var builtinSources = sync.OnceValues(func() ([]schemas.NamedValue, error) {
	var file schemas.Journeys
	if err := yaml.Unmarshal(sourcesYAML, &file); err != nil {
		return nil, fmt.Errorf("sources.yaml: %w", err)
	}
	return file.Sources, nil
})
