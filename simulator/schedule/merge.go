package schedule

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Part is a partition's summary, under the name that messages give it.
type Part struct {
	Name    string
	Summary *Summary
}

// Merge makes one summary of those of a run's partitions: counts add up,
// distributions are merged exactly, stretches of time are aligned by the clock,
// and the verdict, with the scenario's conditions, is passed anew. In whichever
// order the parts are given, the result is the same.
//
// It refuses summaries that are not of one run (contract, run id, seed, start
// or scenario differ), of one partition twice, and sets from which a partition
// is missing: unless incomplete is allowed, when the verdict is partial at best.
func Merge(parts []Part, incomplete bool) (*Summary, error) {
	if len(parts) == 0 {
		return nil, errors.New("no summary to merge")
	}
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(a, b Part) int {
		return a.Summary.Run.Partition.Index - b.Summary.Run.Partition.Index
	})
	missing, err := oneRun(parts, incomplete)
	if err != nil {
		return nil, err
	}
	first := parts[0].Summary
	m := &merger{parts: parts, out: &Summary{
		Run: first.Run, Scenario: first.Scenario, Target: first.Target,
		Retries:    RetrySummary{Enabled: first.Retries.Enabled, Clock: first.Retries.Clock, GiveUps: []GiveUp{}},
		Validation: Validation{Every: first.Validation.Every}, Thresholds: []ThresholdResult{}, Reasons: []string{}, Notes: []string{},
		Statuses: map[int]uint64{}, Errors: map[string]uint64{}, Unexpected: []Odd{},
	}}
	m.out.Run.Partition, m.out.Run.Merged, m.out.Run.Missing = Partition{}, len(parts), missing
	if err := m.distributions(); err != nil {
		return nil, err
	}
	m.times()
	m.sums()
	m.effects()
	m.notes()
	if err := m.out.judge(); err != nil {
		return nil, err
	}
	return m.out, nil
}

// oneRun tells whether the parts, in order of partition, make up one run, and
// which partitions are missing.
func oneRun(parts []Part, incomplete bool) (missing []Partition, err error) {
	a := parts[0]
	scenario, err := json.Marshal(a.Summary.Scenario)
	if err != nil {
		return nil, err
	}
	for _, b := range parts {
		x, y := a.Summary.Run, b.Summary.Run
		other, err := json.Marshal(b.Summary.Scenario)
		differ := func(what string, one, two any) error {
			return fmt.Errorf("they are not of one run: %s has %s %v, %s has %v", a.Name, what, one, b.Name, two)
		}
		switch {
		case err != nil:
			return nil, err
		case y.Merged > 0:
			return nil, fmt.Errorf("%s is merged already, of %d partitions: name theirs", b.Name, y.Merged)
		case x.Provider != y.Provider:
			return nil, differ("contract", quoted(x.Provider), quoted(y.Provider))
		case x.Digest != y.Digest:
			return nil, differ("contract digest", x.Digest, y.Digest)
		case x.ID != y.ID:
			return nil, differ("run id", quoted(x.ID), quoted(y.ID))
		case x.Seed != y.Seed:
			return nil, differ("seed", x.Seed, y.Seed)
		case !x.Start.Equal(y.Start) || x.Pinned != y.Pinned:
			return nil, differ("start", x.Start, y.Start)
		case x.Partition.stride() != y.Partition.stride():
			return nil, differ("partition", x.Partition, y.Partition)
		case !bytes.Equal(scenario, other):
			return nil, fmt.Errorf("they are not of one run: %s and %s have scenarios that differ", a.Name, b.Name)
		}
	}
	next := 0
	for i, p := range parts {
		if i > 0 && p.Summary.Run.Partition.Index == parts[i-1].Summary.Run.Partition.Index {
			if p.Summary.Run.Partition.Whole() {
				return nil, fmt.Errorf("both %s and %s are of a whole run, not of partitions of one", parts[i-1].Name, p.Name)
			}
			return nil, fmt.Errorf("both %s and %s are of partition %s", parts[i-1].Name, p.Name, p.Summary.Run.Partition)
		}
		for ; next < p.Summary.Run.Partition.Index; next++ {
			missing = append(missing, Partition{next, int(p.Summary.Run.Partition.stride())})
		}
		next++
	}
	for count := int(a.Summary.Run.Partition.stride()); next < count; next++ {
		missing = append(missing, Partition{next, count})
	}
	if len(missing) > 0 && !incomplete {
		var given []string
		for _, p := range parts {
			given = append(given, fmt.Sprintf("%s (%s)", p.Name, p.Summary.Run.Partition))
		}
		return nil, fmt.Errorf("%s; given %s", missingWords(missing), listed(given))
	}
	return missing, nil
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }

// missingWords names the first of the partitions that are missing.
func missingWords(missing []Partition) string {
	words := make([]string, len(missing))
	for i, p := range missing {
		words[i] = p.String()
	}
	return many(uint64(len(missing)), "partition ", "partitions ") + listed(words) + many(uint64(len(missing)), " is", " are") + " missing"
}

// listed names the first few.
func listed(words []string) string {
	const few = 8
	if n := len(words); n > few {
		return strings.Join(words[:few], ", ") + fmt.Sprintf(" and %d more", n-few)
	}
	return strings.Join(words, ", ")
}

// merger is a summary in the making.
type merger struct {
	parts []Part
	out   *Summary
}

// notes keeps the parts' notes: once where all have it, with its partition
// otherwise. Those that the parts' own silences and partitions gave are replaced.
func (m *merger) notes() {
	out := m.out
	var notes []string
	owners := map[string][]Partition{}
	targets := []string{out.Target}
	for _, p := range m.parts {
		s := p.Summary
		if !slices.Contains(targets, s.Target) {
			targets = append(targets, s.Target)
		}
		own := []string{unjudged}
		for _, silence := range s.Silences {
			own = append(own, silence.note())
		}
		for _, note := range s.Notes {
			if slices.Contains(own, note) {
				continue
			}
			if owners[note] == nil {
				notes = append(notes, note)
			}
			owners[note] = append(owners[note], s.Run.Partition)
		}
	}
	for _, note := range notes {
		if len(owners[note]) == len(m.parts) {
			out.Notes = append(out.Notes, note)
			continue
		}
		for _, p := range owners[note] {
			out.Notes = append(out.Notes, fmt.Sprintf("partition %s: %s", p, note))
		}
	}
	for _, silence := range out.Silences {
		out.Notes = append(out.Notes, silence.note())
	}
	if len(targets) > 1 {
		out.Notes = append(out.Notes, "the partitions name the target differently: "+listed(targets))
	}
}
