package reports

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"net/url"
	"strings"

	"github.com/hookstone/hookstone/simulator"
)

// attemptRow is an attempt on one line.
type attemptRow struct {
	Role, Class, Event, Answer, Tone, Time string
}

// attemptView is an attempt told whole.
type attemptView struct {
	attemptRow
	Open        bool
	Faults      string
	Leak        string
	Facts       []fact
	Phases      []phase
	Request     template.HTML
	RequestCut  string
	Base        template.HTML
	BaseCut     string
	Error       string
	Response    template.HTML
	ResponseCut string
}

type fact struct{ Name, Value string }

type phase struct {
	Name, Class, Value string
	X, W               string
}

func rowOf(a *simulator.Attempt) attemptRow {
	row := attemptRow{Role: a.Role, Class: string(a.Class), Event: clipped(a.Event.Type, 120)}
	switch {
	case a.Answer != nil:
		row.Answer = fmt.Sprint(a.Answer.Status)
		row.Tone = tone(a.Class, a.Answer.Status)
		row.Time = duration(a.Phases.Answer)
	case a.Error != nil:
		row.Answer, row.Tone, row.Time = clipped(a.Error.Kind, 60), "bad", duration(a.Phases.Total)
	default:
		row.Answer, row.Tone = "no answer", ""
	}
	return row
}

// tone says whether a status is what such an attempt hopes for; "" where that
// depends on the case.
func tone(class simulator.Class, status int) string {
	taken, refused := status/100 == 2, status/100 == 4
	switch class {
	case simulator.Genuine, simulator.Duplicate, simulator.Redelivery, simulator.Handshake:
		if taken {
			return "good"
		}
		return "bad"
	case simulator.Forged, simulator.Stale:
		if refused {
			return "good"
		}
		return "bad"
	}
	return ""
}

func attemptOf(a *simulator.Attempt, open bool) *attemptView {
	view := &attemptView{attemptRow: rowOf(a), Open: open, Faults: clipped(strings.Join(a.Faults, ", "), 200), Phases: phasesOf(a.Phases)}
	say := func(name, value string) {
		if value != "" {
			view.Facts = append(view.Facts, fact{name, clipped(value, 200)})
		}
	}
	say("Attempt", a.ID)
	say("Event", a.Event.ID)
	if !a.SentAt.IsZero() {
		say("Sent", a.SentAt.UTC().Format("15:04:05.000"))
	}
	say("Signed at", a.Signing.Timestamp)
	if ms := a.Signing.ClockOffsetMS; ms != 0 {
		say("Signing time", signed(float64(ms))+" from sending")
	}
	say("Key", a.Signing.Key)
	if n := a.Connection.Number; n > 0 {
		link := "new"
		if a.Connection.Reused {
			link = "reused"
		}
		if a.Connection.Closed {
			link += ", closed"
		}
		say("Connection", fmt.Sprintf("%d, %s", n, link))
	}
	view.Request, view.RequestCut = requestOf(&a.Request)
	view.Base, view.BaseCut = baseOf(a)
	switch {
	case a.LeakedSecret:
		view.Leak = "The answer held the secret; it is blotted out here."
	case a.LeakedSignature:
		view.Leak = "The answer held the signature that would have been right; it is blotted out here."
	}
	if a.Error != nil {
		view.Error = clipped(strings.Trim(a.Error.Kind+" during "+a.Error.Op+": "+a.Error.Message, ": "), 1024)
	}
	if a.Answer != nil {
		head := fmt.Sprintf("%s %d", a.Answer.Proto, a.Answer.Status)
		if len(a.Answer.Interim) > 0 {
			head = fmt.Sprintf("(interim %v) ", a.Answer.Interim) + head
		}
		view.Response, view.ResponseCut = messageOf(strings.TrimSpace(head), a.Answer)
	}
	return view
}

func requestOf(m *simulator.Message) (template.HTML, string) {
	target := m.URL
	if u, err := url.Parse(m.URL); err == nil && u.Host != "" {
		target = u.RequestURI()
	}
	return messageOf(strings.TrimSpace(m.Method+" "+clipped(target, 512)+" "+m.Proto), m)
}

func messageOf(head string, m *simulator.Message) (template.HTML, string) {
	const fields = 60 // lines of a head that are shown
	html := headers(head, m.Headers[:min(len(m.Headers), fields)])
	body, cut := block(m.Body)
	if body != "" {
		html += "\n\n" + body
	}
	if len(m.Trailers) > 0 {
		html += "\n\n" + headers("", m.Trailers[:min(len(m.Trailers), fields)])
	}
	if n := len(m.Headers) - fields; n > 0 {
		cut = strings.TrimSpace(cut + " " + plural(n, "header") + " not shown.")
	}
	return html, cut
}

// baseOf shows the signing base string; a request body that ends it is named
// and not repeated.
func baseOf(a *simulator.Attempt) (template.HTML, string) {
	const repeated = 256 // a body below this is cheaper to read than to look up
	base, err := base64.StdEncoding.DecodeString(a.Signing.Base.Base64)
	if err != nil || len(base) == 0 {
		return block(a.Signing.Base)
	}
	body, whole := content(a.Request.Body, len(base))
	if !whole || len(body) <= repeated || !strings.HasSuffix(string(base), string(body)) {
		return block(a.Signing.Base)
	}
	var b strings.Builder
	prefix := base[:len(base)-len(body)]
	if !legible(prefix) || len(prefix) > bodyShown {
		return block(a.Signing.Base)
	}
	escaped(&b, string(prefix), true)
	fmt.Fprintf(&b, `<span class="ref">(then the request's body as it stands above, %s)</span>`, size(int64(len(body))))
	return template.HTML(b.String()), ""
}

func phasesOf(p simulator.Phases) []phase {
	parts := []struct {
		name, class string
		ms          float64
	}{{"resolve", "a", p.Resolve}, {"connect", "a", p.Connect}, {"TLS", "b", p.TLS}, {"write", "c", p.Write}, {"wait", "d", p.FirstByte}, {"read", "e", p.Read}}
	sum := 0.0
	for _, part := range parts {
		sum += max(part.ms, 0)
	}
	// What no phase accounts for is waiting that nothing ended.
	if rest := p.Total - sum; rest > 1 && p.FirstByte == 0 {
		parts[4].ms, sum = rest, sum+rest
	}
	var out []phase
	at := 0.0
	for _, part := range parts {
		if part.ms <= 0 {
			continue
		}
		w := 100 * part.ms / sum
		out = append(out, phase{part.name, part.class, duration(part.ms), fmt.Sprintf("%.2f", at), fmt.Sprintf("%.2f", w)})
		at += w
	}
	return out
}

// duration writes milliseconds for people.
func duration(ms float64) string {
	switch {
	case ms <= 0:
		return ""
	case ms < 0.1:
		return fmt.Sprintf("%.0f µs", ms*1000)
	case ms < 10:
		return fmt.Sprintf("%.1f ms", ms)
	case ms < 1000:
		return fmt.Sprintf("%.0f ms", ms)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", ms/1000), ".0") + " s"
}

// signed writes milliseconds with their sign.
func signed(ms float64) string {
	if ms < 0 {
		return "−" + duration(-ms)
	}
	return "+" + duration(ms)
}

// size writes a number of bytes.
func size(n int64) string {
	switch {
	case n < 10_000:
		return plural(int(n), "byte")
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/1024)
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}
