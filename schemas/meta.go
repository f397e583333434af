package schemas

import (
	"errors"
	"io/fs"
	"sync"
)

// meta holds the schemas of our own formats.
var meta = sync.OnceValue(func() *schemaSet { return newSchemaSet(idBase, embedded) })

// conforms validates a decoded file against one of our own schemas.
func conforms(schemaFile, file string, doc any) Problems {
	var ps Problems
	if _, err := fs.Stat(embedded, schemaFile); err != nil {
		return nil // a format whose schema is still to come
	}
	schema, err := meta().Compile(schemaFile)
	if err != nil {
		ps.add(file, "", err.Error())
		return ps
	}
	err = validateValue(file, schema, doc)
	var invalid *Invalid
	if errors.As(err, &invalid) {
		for _, f := range invalid.Failures {
			ps.add(file, f.Pointer, f.Reason)
		}
	}
	return ps
}
