package schedule

import (
	"fmt"
	"hash"
	"strconv"
	"strings"
)

// Partition is a share of a run: the one with this Index, from 0, of Count.
// Processes that share seed, run id, start and scenario and have each another
// partition make up one run. The zero value is the whole of it, and so is the
// only one of one.
//
// A scenario's rates and counted deliveries are those of the whole run, and
// what is evenly spread is sent by the partitions in turn: the first takes the
// whole's deliveries 0, Count, 2·Count, …, the second 1, Count+1, … Phases
// begin at the same time in all of them. A journey is sent by one partition,
// with its duplicates, redeliveries and retries, and no two partitions send the
// same event id, genuine, stale or forged. Attempt ids are unique in the whole
// run as well. What is at full speed ("max") is so in each partition; outages
// are made by the first alone.
type Partition struct{ Index, Count int }

// maxPartitions bounds Count: so many processes, or virtual users.
const maxPartitions = 1 << 20

// ParsePartition reads "2/4": the second of four. It counts from one, as
// people do; Index counts from zero.
func ParsePartition(text string) (Partition, error) {
	first, second, ok := strings.Cut(text, "/")
	number, err := strconv.Atoi(first)
	count, err2 := strconv.Atoi(second)
	p := Partition{number - 1, count}
	if !ok || err != nil || err2 != nil || count < 1 {
		return Partition{}, fmt.Errorf("%q is no partition: write 2/4 for the second of four", text)
	}
	if err := p.check(); err != nil {
		return Partition{}, err
	}
	return p, nil
}

// Whole tells whether it is all of a run.
func (p Partition) Whole() bool { return p.Count <= 1 }

// String is the partition as ParsePartition reads it: {1, 4} is "2/4".
func (p Partition) String() string {
	return strconv.Itoa(p.Index+1) + "/" + strconv.FormatUint(p.stride(), 10)
}

// MarshalText spells it.
func (p Partition) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads it.
func (p *Partition) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePartition(string(text))
	return err
}

func (p Partition) check() error {
	if p.Count < 0 || p.Count > maxPartitions || p.Index < 0 || p.Index > 0 && p.Index >= p.Count {
		return fmt.Errorf("partition %s is none: there are those from 1/%d to %[2]d/%[2]d, and at most %d", p, max(p.Count, 1), maxPartitions)
	}
	return nil
}

// stride is how far the partition's numbers lie apart.
func (p Partition) stride() uint64 { return uint64(max(p.Count, 1)) }

// global is the run's number of what the partition counts as n.
func (p Partition) global(n uint64) uint64 { return n*p.stride() + uint64(p.Index) }

// local is the partition's own count of a number of the run.
func (p Partition) local(n uint64) uint64 { return n / p.stride() }

// salt makes a partition's draws its own; the whole draws as it ever did.
func (p Partition) salt(h hash.Hash) {
	if !p.Whole() {
		fmt.Fprintf(h, "\x00partition %d of %d", p.Index, p.Count)
	}
}

// Share is the partition's part of a number of the run: the parts of all
// partitions sum to it, and differ by one at most.
func (p Partition) Share(n uint64) uint64 {
	count, index := p.stride(), uint64(p.Index)
	if n <= index {
		return 0
	}
	return (n-index-1)/count + 1
}
