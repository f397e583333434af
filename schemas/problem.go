package schemas

import (
	"cmp"
	"slices"
	"strings"
)

// Problem is one fault of a contract folder.
type Problem struct {
	File    string `json:"file"`    // path within the folder that was loaded
	Pointer string `json:"pointer"` // JSON pointer into the file; "" is the whole of it
	Reason  string `json:"reason"`
}

func (p Problem) String() string {
	if p.Pointer == "" {
		return p.File + ": " + p.Reason
	}
	return p.File + ": " + p.Pointer + ": " + p.Reason
}

// Problems are all faults of a folder, ordered by file, pointer and reason. As
// an error it has a line for each.
type Problems []Problem

func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// add notes a fault of a file.
func (ps *Problems) add(file, pointer, reason string) {
	*ps = append(*ps, Problem{File: file, Pointer: pointer, Reason: reason})
}

// sorted returns the problems in order, each once.
func (ps Problems) sorted() Problems {
	slices.SortFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Reason, b.Reason))
	})
	return slices.Compact(ps)
}

// err is nil where there are no problems.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps.sorted()
}
