package schemas

import "time"

// fillIn gives the clauses that a contract leaves out their defaults, each
// with a citation that says whose they are. A clause written as null or as an
// empty list is a statement of its own and stays.
func (c *Contract) fillIn() {
	if c.Platform == "" {
		c.Platform = c.Provider
	}
	if c.Citations == nil {
		c.Citations = map[string]Citation{}
	}
	absent := func(pointer string, is bool, words string) bool {
		if !is {
			return false
		}
		if _, cited := c.CitationFor(pointer); !cited {
			c.Citations[pointer] = Citation{Convention: words}
		}
		return true
	}
	if absent("/transport/https", c.Transport.HTTPS == "", "the contract does not say whether HTTPS is asked for") {
		c.Transport.HTTPS = "unstated"
	}
	if absent("/request/method", c.Request.Method == "", "deliveries are POST requests unless a contract says otherwise") {
		c.Request.Method = "POST"
	}
	if absent("/request/media_type", c.Request.MediaType == "", "deliveries are JSON unless a contract says otherwise") {
		c.Request.MediaType = "application/json"
	}
	if absent("/identity/unknown_type", c.Identity.UnknownType == "", "an event type that a receiver does not know is acknowledged unless a contract says otherwise") {
		c.Identity.UnknownType = "acknowledge"
	}
	if absent("/time/on_redelivery", c.Time.OnRedelivery == "", "a redelivery is byte-identical unless a contract says otherwise") {
		c.Time.OnRedelivery = "kept"
	}
	if c.Time.ToleranceIs == "" {
		c.Time.ToleranceIs = "exact"
	}
	if absent("/signing/body", c.Signing.Body == "", "the raw body is signed unless a contract says otherwise") {
		c.Signing.Body = "raw"
	}
	if absent("/signing/key/decode", c.Signing.Key.Decode == "", "the key is the secret's UTF-8 bytes unless a contract says otherwise") {
		c.Signing.Key.Decode = "utf-8"
	}
	for i := range c.Signing.Headers {
		if c.Signing.Headers[i].Grammar == "" {
			c.Signing.Headers[i].Grammar = "plain"
		}
	}
	ack := &c.Answers.Acknowledge
	if absent("/answers/acknowledge", len(ack.Documented) == 0 && ack.Counts == "", "any 2xx acknowledges unless a contract says otherwise") {
		ack.Documented, ack.Counts = []int{200}, "2xx"
	}
	if ack.Counts == "" {
		ack.Counts = "2xx"
	}
	if absent("/deadlines/acknowledge", c.Deadlines.Acknowledge.Duration == 0, "10 s, and 5 s recommended, where a contract states no deadline") {
		c.Deadlines = Deadlines{Acknowledge: Duration{10 * time.Second}, Recommended: Duration{5 * time.Second}}
	}
	if absent("/retries/delays", c.Retries.Delays == nil, "5 min, 15 min, 30 min, 1 h and 2 h where a contract states no schedule") {
		for _, m := range []time.Duration{5, 15, 30, 60, 120} {
			c.Retries.Delays = append(c.Retries.Delays, Duration{m * time.Minute})
		}
	}
	if c.Retries.From == "" {
		c.Retries.From = "previous-attempt"
	}
	if c.Retries.On == nil {
		c.Retries.On = []string{"non-2xx", "timeout", "connection"}
	}
	if h := c.Handshake; h != nil {
		if h.TypeAt.IsZero() {
			h.TypeAt = c.Identity.Type
		}
		if len(h.Forms) == 0 {
			h.Forms = []string{"signed"}
		}
		if h.Unsigned == "" {
			h.Unsigned = "refused"
			if len(h.Forms) == 1 && h.Forms[0] == "unsigned" || len(h.Forms) > 1 {
				h.Unsigned = "accepted"
			}
		}
		if len(h.Status) == 0 {
			h.Status = []int{200}
		}
	}
}
