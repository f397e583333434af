package main

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"
)

func contractsExportCommand(c *console) *cobra.Command {
	var f contractFlags
	var format string
	var asYAML bool
	cmd := &cobra.Command{
		Use:   "export PROVIDER",
		Short: "Write a contract as one OpenAPI document",
		Long: `Write a contract to stdout as one OpenAPI 3.1 document that stands by itself:
every delivery under webhooks with its headers, body and answers, the provider's
management API under paths where it has one, and all schemas as components.`,
		Example: "  hookstone contracts export {provider} > openapi.json\n  hookstone contracts export {provider} --yaml",
		Args:    complaint(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			if format != "openapi" {
				return usagef("", "--format %q: known is openapi", format)
			}
			if asYAML && c.json {
				return usagef("keep one of the two", "--yaml and --json are both given")
			}
			return contractsExport(c, &f, args[0], asYAML)
		},
	}
	cmd.Flags().StringVar(&format, "format", "openapi", "`format`: openapi")
	cmd.Flags().BoolVar(&asYAML, "yaml", false, "write YAML instead of JSON")
	f.flags(cmd.Flags())
	return cmd
}

func contractsExport(c *console, f *contractFlags, name string, asYAML bool) error {
	_, p, err := f.provider(name)
	if err != nil {
		return err
	}
	doc, err := p.ExportOpenAPI()
	if errors.Is(err, fs.ErrNotExist) {
		return usage(err, "a contract is exported from the openapi.yaml beside its contract.yaml")
	}
	if err != nil {
		return usage(err, "see what is wrong with: hookstone contracts check")
	}
	if !asYAML {
		return c.machine(doc)
	}
	e := yaml.NewEncoder(c.stdout)
	e.SetIndent(2)
	if err := errors.Join(e.Encode(doc), e.Close()); err != nil {
		return environment(fmt.Errorf("write to stdout: %w", err), "")
	}
	return nil
}
