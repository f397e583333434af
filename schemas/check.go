package schemas

import (
	"encoding/json"
	"io/fs"
)

// Check tells every fault of a folder of contracts (as Load takes it), also
// those that Load does not look for: OpenAPI documents that are invalid or that
// disagree with the contract beside them. The result is nil for a sound folder.
func Check(fsys fs.FS) Problems {
	l, ps := load(fsys, proven)
	if len(ps) > 0 {
		return ps.sorted()
	}
	for _, p := range l.providers {
		ps = append(ps, p.checkOpenAPI()...)
	}
	if len(ps) == 0 {
		return nil
	}
	return ps.sorted()
}

// MarshalJSON spells the problems as a list, [] for none.
func (ps Problems) MarshalJSON() ([]byte, error) {
	return json.Marshal(append([]Problem{}, ps...))
}
