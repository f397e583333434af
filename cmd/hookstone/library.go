package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/spf13/pflag"
)

// contractFlags say which contracts are known beside the built-in ones.
type contractFlags struct {
	dir string
}

func (c *contractFlags) flags(f *pflag.FlagSet) {
	f.StringVar(&c.dir, "contracts", "", "`folder` with contracts of your own, added to the built-in ones")
}

// library reads the contracts.
func (c *contractFlags) library() (*schemas.Library, error) {
	library, err := schemas.Builtin()
	if err != nil {
		return nil, environment(fmt.Errorf("the built-in contracts: %w", err), "")
	}
	if c.dir == "" {
		return library, nil
	}
	fsys, err := folder("--contracts", c.dir)
	if err != nil {
		return nil, err
	}
	own, err := schemas.Load(fsys)
	if err != nil {
		return nil, usage(fmt.Errorf("--contracts %q:\n%w", c.dir, err), "see them with: hookstone contracts check "+c.dir)
	}
	if library, err = library.Merge(own); err != nil {
		return nil, usage(fmt.Errorf("--contracts %q: %w", c.dir, err), "")
	}
	return library, nil
}

// provider finds one by name.
func (c *contractFlags) provider(name string) (*schemas.Library, *schemas.Provider, error) {
	library, err := c.library()
	if err != nil {
		return nil, nil, err
	}
	p, err := library.Provider(name)
	if err != nil {
		return nil, nil, usage(err, "list them with: hookstone contracts list")
	}
	return library, p, nil
}

// reproduce spells the flag again.
func (c *contractFlags) reproduce() []string {
	if c.dir == "" {
		return nil
	}
	return []string{"--contracts", c.dir}
}

// folder opens a folder that the user named.
func folder(what, dir string) (fs.FS, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("", "%s: there is no folder %q", what, dir)
	case err != nil:
		return nil, usage(fmt.Errorf("%s: %w", what, err), "")
	case !info.IsDir():
		return nil, usagef("name the folder that holds contract.yaml, or folders of such", "%s: %q is not a folder", what, dir)
	}
	return os.DirFS(dir), nil
}

// eventOf finds an event type of a provider.
func eventOf(p *schemas.Provider, eventType string) (*schemas.Event, error) {
	if e, ok := p.Event(eventType); ok {
		return e, nil
	}
	known := make([]string, len(p.Events))
	for i, e := range p.Events {
		known[i] = e.Type
	}
	return nil, usagef("known are: "+strings.Join(known, ", "), "contract %q has no event %q", p.Name(), eventType)
}

// fillExample puts names that exist into a command's example.
func fillExample(text string) string {
	if !strings.Contains(text, "{provider}") {
		return text
	}
	provider, event := "PROVIDER", "EVENT"
	if library, err := schemas.Builtin(); err == nil && len(library.Providers()) > 0 {
		// The last in order of name; any would do.
		all := library.Providers()
		p := all[len(all)-1]
		provider = p.Name()
		for _, e := range p.Events {
			if !e.Handshake {
				event = e.Type
				break
			}
		}
	}
	return strings.NewReplacer("{provider}", provider, "{event}", event).Replace(text)
}
