package conformance_test

import (
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/fixtures/receiver"
)

func TestScratchMatrix(t *testing.T) {
	provider := os.Getenv("PROVIDER")
	if provider == "" {
		t.Skip("scratch")
	}
	p, err := library(t).Provider(provider)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var lines []string
	killed := map[string]bool{}
	right, all := 0, 0
	slots := make(chan struct{}, 6)
	var wg sync.WaitGroup
	only := os.Getenv("DEFECT")
	for _, d := range receiver.Defects() {
		if only != "" && !strings.Contains(","+only+",", ","+d.Name+",") {
			continue
		}
		if reason := d.AppliesTo(p); reason != "" {
			lines = append(lines, "skip "+d.Name+": "+reason)
			continue
		}
		wg.Add(1)
		slots <- struct{}{}
		go func() {
			defer wg.Done()
			defer func() { <-slots }()
			s := against(t, provider, d.Name).observed()
			r := s.run(t)
			s.server.Close()
			mu.Lock()
			defer mu.Unlock()
			all++
			first := ""
			var ids []string
			for _, f := range r.Findings {
				ids = append(ids, f.ID)
			}
			if len(ids) > 0 {
				first = ids[0]
			}
			bad := failed(r, conformance.Failed, conformance.Errored)
			for _, c := range r.Results {
				if c.Verdict == conformance.Failed {
					killed[c.ID] = true
				}
			}
			mark := "ok  "
			if first != d.Finding {
				mark = "FIND"
			} else {
				right++
			}
			if len(bad) == 0 {
				mark = "MISS"
			}
			lines = append(lines, fmt.Sprintf("%s %-40s want %-32s got %s", mark, d.Name, d.Finding, strings.Join(ids, ", ")))
			if mark != "ok  " || only != "" {
				for i, b := range bad {
					if i > 7 && only == "" {
						lines[len(lines)-1] += fmt.Sprintf("\n        … %d", len(bad))
						break
					}
					if len(b) > 300 {
						b = b[:300]
					}
					lines[len(lines)-1] += "\n        " + b
				}
			}
		}()
	}
	wg.Wait()
	sort.Strings(lines)
	fmt.Println(strings.Join(lines, "\n"))
	fmt.Println("right", right, "of", all)
	for _, c := range conformance.Catalogue(library(t), p, nil) {
		if !killed[c.ID] && c.NotApplicable == "" {
			fmt.Println("not killed:", c.ID)
		}
	}
}
