package reports

import (
	"io"
	"time"

	"github.com/hookstone/hookstone/conformance"
)

func HTML(w io.Writer, r *conformance.Result) error { panic("unbuilt") }

// when writes a time for people, in UTC.
func when(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}
