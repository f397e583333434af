package main

import (
	"fmt"
	"net/http"
	"os"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/journal"
)

// recorded writes what arrives at the webhook's path into a journal file, behind
// what that holds; with an empty name nothing is recorded. done ends the journal.
func recorded(c *console, p *schemas.Provider, secret []byte, name, path string, next http.Handler) (handler http.Handler, done func(), err error) {
	if name == "" {
		return next, func() {}, nil
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = atEnd(file)
	}
	if err != nil {
		return nil, nil, environment(fmt.Errorf("--record: %w", err), "name a file that can be written to: --record FILE")
	}
	w := journal.NewWriter(file, journal.Options{Sync: true})
	r := &journal.Recorder{Contract: p.Contract, Secret: secret, Writer: w}
	record, err := r.Handler(next)
	if err != nil {
		file.Close()
		return nil, nil, usage(err, "")
	}
	handler = http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == path {
			record.ServeHTTP(w, q)
			return
		}
		next.ServeHTTP(w, q)
	})
	return handler, func() {
		err := w.Close()
		stats := w.Stats()
		if err != nil {
			c.note("the recording ends early: %v", err)
		}
		c.note("%d %s in %s", stats.Written, plural(int(stats.Written), "delivery", "deliveries"), name)
		file.Close()
	}, nil
}

// atEnd goes behind the last whole record: one that was cut is overwritten.
func atEnd(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	end := info.Size()
	for b := make([]byte, 1); end > 0; end-- {
		if _, err := file.ReadAt(b, end-1); err != nil {
			return err
		}
		if b[0] == '\n' {
			break
		}
	}
	if err := file.Truncate(end); err != nil {
		return err
	}
	_, err = file.Seek(end, 0)
	return err
}
