package extension

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"go.k6.io/k6/v2/js/common"

	"github.com/hookstone/hookstone/simulator/schedule"
	"github.com/hookstone/hookstone/simulator/wire"
)

// mix reads what is sent beside genuine deliveries.
func (r reader) mix(o *options) error {
	shares, err := r.mapping("mix", "{ duplicates: '5%', forged: '2%' }")
	if err != nil {
		return err
	}
	kinds := map[string]*schedule.Percent{
		"duplicates": &o.mix.Duplicates, "redeliveries": &o.mix.Redeliveries, "stale": &o.mix.Stale, "forged": &o.mix.Forged, "reorder": &o.mix.Reorder,
	}
	for _, key := range shares.Keys() {
		share := kinds[key]
		if share == nil {
			return fmt.Errorf("mix has no %q: it has duplicates, redeliveries, stale, forged and reorder", key)
		}
		text, ok := shares.Get(key).Export().(string)
		if !ok || !strings.HasSuffix(text, "%") {
			// A bare 0.05 could be read as five percent, or as a twentieth of one.
			return fmt.Errorf("mix: %s: %s is no share: write '5%%'", key, shares.Get(key))
		}
		if err := share.UnmarshalText([]byte(text)); err != nil {
			return fmt.Errorf("mix: %s: %w", key, err)
		}
	}
	if sum := o.mix.Duplicates + o.mix.Redeliveries + o.mix.Stale + o.mix.Forged; sum > 100 {
		return fmt.Errorf("mix: duplicates, redeliveries, stale and forged make more than 100%%: %g%%", float64(sum))
	}
	return nil
}

// selection reads which events are sent, and which forgeries are made.
func (r reader) selection(o *options) (err error) {
	weights, err := r.mapping("events", "{ 'order.paid': 2, 'order.refunded': 1 }")
	if err != nil {
		return err
	}
	for _, key := range weights.Keys() {
		weight := weights.Get(key).ToFloat()
		if _, known := o.provider.Event(key); !known {
			return fmt.Errorf("events: contract %q has no event %q", o.provider.Name(), key)
		}
		if !(weight >= 0) || math.IsInf(weight, 0) {
			return fmt.Errorf("events: %s: %s is no weight: write a number from 0", key, weights.Get(key))
		}
		if o.events == nil {
			o.events = map[string]float64{}
		}
		o.events[key] = weight
	}
	o.forgeries, err = r.texts("forgeries")
	return err
}

// headers reads header lines for a gateway in front of the receiver.
func (r reader) headers(o *options) error {
	given, err := r.mapping("headers", "{ 'X-Staging': 'yes' }")
	if err != nil {
		return err
	}
	for _, name := range given.Keys() {
		value, ok := given.Get(name).Export().(string)
		if !ok {
			return fmt.Errorf("headers: the value of %s is no text", name)
		}
		o.headers = append(o.headers, wire.Field{Name: name, Value: value})
	}
	// k6's client writes them in order of name, too.
	slices.SortFunc(o.headers, func(a, b wire.Field) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// partition reads which of several processes this one is, where k6 does not
// know of the others.
func (r reader) partition(o *options) error {
	given, err := r.mapping("partition", "{ index: 0, count: 4 }")
	if err != nil || len(given.Keys()) == 0 {
		return err
	}
	number := func(name string) (int, bool) {
		v := given.Get(name)
		if common.IsNullish(v) {
			return 0, false
		}
		n, whole := v.Export().(int64)
		return int(n), whole && n >= 0
	}
	index, ok := number("index")
	count, ok2 := number("count")
	if !ok || !ok2 || len(given.Keys()) != 2 || index >= count || count > vuPlaces {
		return fmt.Errorf("partition is none: write { index: 0, count: 4 } for the first of four; there are at most %d", vuPlaces)
	}
	o.partition = schedule.Partition{Index: index, Count: count}
	return nil
}
