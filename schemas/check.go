package schemas

import (
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
)

// Check tells every fault of a folder of contracts (as Load takes it), also
// those that Load does not look for: a missing journeys.yaml, OpenAPI documents
// that are missing, invalid, or disagree with the contract beside them. The result is nil for a sound folder.
func Check(fsys fs.FS) Problems {
	l, ps := load(fsys, proven)
	if len(ps) > 0 {
		return ps.sorted()
	}
	for _, p := range l.providers {
		if p.Journeys == nil {
			ps.add(p.path(journeysFile), "", "missing: without it no event can be made")
		}
		file := p.path(openapiFile)
		switch _, err := p.set.Document(openapiFile); {
		case errors.Is(err, fs.ErrNotExist):
			ps.add(file, "", "missing")
		case err != nil:
			ps.add(file, "", strings.TrimPrefix(err.Error(), openapiFile+": "))
		default:
			ps = append(ps, p.checkOpenAPI()...)
		}
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
