package extension

import (
	"time"

	"go.k6.io/k6/v2/js/modules"
	"go.k6.io/k6/v2/metrics"

	"github.com/hookstone/hookstone/simulator/schedule"
)

// metricSet is what the module measures. All have the tags class and event,
// and fault where a delivery has one.
type metricSet struct {
	outcomes   *metrics.Metric // a counter, by the tag outcome as well
	unexpected *metrics.Metric // a rate of all deliveries judged
	latency    *metrics.Metric // a trend of those answered, by the tag outcome as well
}

func newMetrics(r *metrics.Registry) (*metricSet, error) {
	var s metricSet
	for _, m := range []struct {
		at   **metrics.Metric
		name string
		kind metrics.MetricType
		of   metrics.ValueType
	}{
		{&s.outcomes, "hookstone_outcomes", metrics.Counter, metrics.Default},
		{&s.unexpected, "hookstone_unexpected", metrics.Rate, metrics.Default},
		{&s.latency, "hookstone_latency", metrics.Trend, metrics.Time},
	} {
		made, err := r.NewMetric(m.name, m.kind, m.of)
		if err != nil {
			return nil, err
		}
		*m.at = made
	}
	return &s, nil
}

// add counts a delivery that was judged.
func (s *metricSet) add(vu modules.VU, g *given, j schedule.Judgement, a schedule.Answer, now time.Time) {
	state := vu.State()
	current := state.Tags.GetCurrentValues()
	tags := current.Tags.With("class", string(g.Class)).With("event", g.Event)
	if g.Fault != "" {
		tags = tags.With("fault", g.Fault)
	}
	unexpected := 0.0
	if j.Unexpected {
		unexpected = 1
	}
	outcome := tags.With("outcome", j.Outcome.String())
	sample := func(m *metrics.Metric, tags *metrics.TagSet, value float64) metrics.Sample {
		return metrics.Sample{TimeSeries: metrics.TimeSeries{Metric: m, Tags: tags}, Time: now, Value: value, Metadata: current.Metadata}
	}
	samples := metrics.Samples{sample(s.outcomes, outcome, 1), sample(s.unexpected, tags, unexpected)}
	if a.Status != 0 {
		samples = append(samples, sample(s.latency, outcome, metrics.D(a.Took)))
	}
	metrics.PushIfNotDone(vu.Context(), state.Samples, samples)
}
