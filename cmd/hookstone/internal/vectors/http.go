package vectors

import (
	"fmt"
	"net/url"

	"github.com/hookstone/hookstone/simulator"
	"github.com/hookstone/hookstone/simulator/generate"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Request is one genuine delivery as it would stand on the wire.
type Request struct {
	Event string // its type
	Bytes []byte
}

// Requests are n deliveries of whole journeys, drawn as traffic would be, each
// signed at the options' time and addressed to target.
func (m *Maker) Requests(n int, target *url.URL) ([]Request, error) {
	sender := *m.sender
	sender.Client = wire.NewClient(target, nil, wire.Limits{})
	var out []Request
	for number := uint64(0); len(out) < n; number++ {
		for _, event := range sender.Generator.Journey(generate.Key{Case: "requests", Number: number}, m.now) {
			if len(out) == n {
				break
			}
			d := simulator.Delivery{Event: event}
			draft, err := sender.Prepare(d)
			if err != nil {
				return nil, fmt.Errorf("event %q: %w", event.Type, err)
			}
			text, err := sender.Render(d, draft, "http")
			if err != nil {
				return nil, err
			}
			out = append(out, Request{Event: event.Type, Bytes: text})
		}
	}
	return out, nil
}
