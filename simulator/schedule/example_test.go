package schedule_test

import (
	"bytes"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/schedule"
)

// An engine with a sender of its own takes deliveries from a feed, one feed for
// each of its virtual users, and has their answers judged.
func ExampleSource_Feed() {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK) // to everything: it checks no signature
	}))
	defer receiver.Close()
	target, err := url.Parse(receiver.URL)
	if err != nil {
		log.Fatal(err)
	}
	library, err := schemas.Builtin()
	if err != nil {
		log.Fatal(err)
	}
	source, err := schedule.NewSource(schedule.SourceConfig{
		Provider: library.Providers()[0], Target: target, Secret: []byte("whsec_c2VjcmV0"),
		Seed: 1, RunID: "example", Mix: schedule.Mix{Forged: 50},
	})
	if err != nil {
		log.Fatal(err)
	}
	feed, err := source.Feed(schedule.Partition{Index: 0, Count: 2}) // the first of two users
	if err != nil {
		log.Fatal(err)
	}
	wrong := false
	for range 20 {
		d, err := feed.Next(time.Now())
		if err != nil {
			log.Fatal(err)
		}
		r, err := http.NewRequest(d.Method, receiver.URL, bytes.NewReader(d.Body))
		if err != nil {
			log.Fatal(err)
		}
		for _, f := range d.Fields {
			if f.Name == "Host" {
				r.Host = f.Value
			} else {
				r.Header[f.Name] = append(r.Header[f.Name], f.Value)
			}
		}
		sent := time.Now()
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			log.Fatal(err)
		}
		answer.Body.Close()
		if j := d.Judge(schedule.Answer{Status: answer.StatusCode, Took: time.Since(sent)}); j.Unexpected && !wrong {
			wrong = true
			fmt.Printf("%s: %s, should be %s\n", d.Class, j.Outcome, d.Wanted())
		}
	}
	// Output:
	// forged: accepted, should be refused
}
