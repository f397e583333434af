// Package observe asks a receiver's own world what effect an event had, and
// makes the receiver fail on purpose: the two inputs that let a run judge more
// than HTTP answers.
//
// It is not part of the promised API: see CONTRIBUTING.md.
package observe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
)

// answerLimit bounds what an observer may answer.
const answerLimit = 64 << 10

// HTTP asks a URL in which {id} and {event} are replaced, percent-encoded. A
// GET answers 200 with {"count": N}; the schema is observer.schema.json.
type HTTP struct {
	URL    string
	Client *http.Client // nil: one with a timeout of 5 s
}

// Count asks for one event's effects.
func (o *HTTP) Count(ctx context.Context, id, event string) (int, error) {
	address := strings.NewReplacer("{id}", url.QueryEscape(id), "{event}", url.QueryEscape(event)).Replace(o.URL)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, fmt.Errorf("observer %q: %w", o.URL, err)
	}
	req.Header.Set("Accept", "application/json")
	body, err := do(o.Client, req)
	if err != nil {
		return 0, fmt.Errorf("observer %q: %w", o.URL, err)
	}
	n, err := decodeCount(body, id)
	if err != nil {
		return 0, fmt.Errorf("observer %q: %w", o.URL, err)
	}
	return n, nil
}

// Hook makes a receiver fail: POST {"fail_next": N}, answered 2xx.
type Hook struct {
	URL    string
	Client *http.Client // nil: one with a timeout of 5 s
}

// FailNext asks the receiver to fail its next n deliveries.
func (h *Hook) FailNext(ctx context.Context, n int) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, strings.NewReader(fmt.Sprintf(`{"fail_next":%d}`, n)))
	if err != nil {
		return fmt.Errorf("fault hook %q: %w", h.URL, err)
	}
	req.Header.Set("Content-Type", "application/json")
	if _, err := do(h.Client, req); err != nil {
		return fmt.Errorf("fault hook %q: %w", h.URL, err)
	}
	return nil
}

// plain follows no redirect: what answers elsewhere is not what was named.
var plain = &http.Client{
	Timeout:       5 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func do(c *http.Client, req *http.Request) ([]byte, error) {
	if c == nil {
		c = plain
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit+1))
	if err != nil {
		return nil, err
	}
	if len(body) > answerLimit {
		return nil, fmt.Errorf("the answer is longer than %d bytes", answerLimit)
	}
	if resp.StatusCode/100 != 2 {
		return nil, fmt.Errorf("answered %s", resp.Status)
	}
	return body, nil
}

// errOtherQuestion tells that an answer is another question's.
var errOtherQuestion = errors.New("the answer is another question's")

// decodeCount reads {"count": N}. An "id", where there is one, must be the
// question's; an "error" is the observer's own word that it cannot tell. Other
// members are ignored.
func decodeCount(body []byte, id string) (int, error) {
	v, err := schemas.DecodeJSON(body)
	if err != nil {
		return 0, fmt.Errorf("the answer is no JSON: %w", err)
	}
	object, _ := v.(map[string]any)
	if other, ok := object["id"].(string); ok && other != id {
		return 0, fmt.Errorf("%w: it is about %q, and %q was asked for", errOtherQuestion, other, id)
	}
	if trouble, ok := object["error"].(string); ok {
		return 0, fmt.Errorf("it says: %s", shorten([]byte(trouble)))
	}
	number, ok := object["count"].(json.Number)
	if !ok {
		return 0, fmt.Errorf("the answer holds no number \"count\": %s", shorten(body))
	}
	n, err := number.Int64()
	if err != nil || n < 0 || n > 1<<31 {
		return 0, fmt.Errorf("the answer's count %s is no whole number from 0 on", number)
	}
	return int(n), nil
}

func shorten(body []byte) string {
	if len(body) > 120 {
		return fmt.Sprintf("%q…", body[:120])
	}
	return fmt.Sprintf("%q", body)
}
