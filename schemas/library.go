package schemas

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// The patterns find a new provider's folder by themselves.
//
//go:embed *.schema.json */*.yaml */*.schema.json */events/*.schema.json
var embedded embed.FS

// Library is a set of provider contracts, in order of name.
type Library struct {
	providers []*Provider
}

var builtin = sync.OnceValues(func() (*Library, error) {
	l, ps := load(embedded, trusted)
	return l, ps.err()
})

// Builtin returns the contracts that the program carries, read when first
// asked for. What Load proves of a user's folder, the tests prove of these.
func Builtin() (*Library, error) { return builtin() }

// Load reads the contracts of a folder: one folder for each provider, or a
// provider's own folder (with contract.yaml at its root). Everything but the
// OpenAPI documents is proven sound (see Check); the error is a Problems with
// every fault.
func Load(fsys fs.FS) (*Library, error) {
	l, ps := load(fsys, proven)
	if err := ps.err(); err != nil {
		return nil, err
	}
	return l, nil
}

// Merge returns a library with the providers of both. A name that both define
// is an error: neither hides the other.
func (l *Library) Merge(other *Library) (*Library, error) {
	all := slices.Concat(l.providers, other.providers)
	sortProviders(all)
	for i := 1; i < len(all); i++ {
		if all[i].Name() == all[i-1].Name() {
			return nil, fmt.Errorf("both contract folders define provider %q: rename one (provider: in %s)", all[i].Name(), all[i].path("contract.yaml"))
		}
	}
	return &Library{providers: all}, nil
}

// Providers are the library's providers, in order of name.
func (l *Library) Providers() []*Provider { return slices.Clone(l.providers) }

// Provider returns the provider of a name; the error lists the known names.
func (l *Library) Provider(name string) (*Provider, error) {
	known := make([]string, len(l.providers))
	for i, p := range l.providers {
		if p.Name() == name {
			return p, nil
		}
		known[i] = p.Name()
	}
	if len(known) == 0 {
		return nil, fmt.Errorf("unknown provider %q: the library is empty", name)
	}
	return nil, fmt.Errorf("unknown provider %q: known are %s", name, strings.Join(known, ", "))
}

// Siblings are the other contracts of the provider's platform.
func (l *Library) Siblings(p *Provider) []*Provider {
	var siblings []*Provider
	for _, other := range l.providers {
		if other.Contract.Platform == p.Contract.Platform && other.Name() != p.Name() {
			siblings = append(siblings, other)
		}
	}
	return siblings
}

func sortProviders(ps []*Provider) {
	slices.SortStableFunc(ps, func(a, b *Provider) int { return cmp.Compare(a.Name(), b.Name()) })
}
