package generate

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// told is an event as a receiver reads it.
type told struct {
	Event
	body, data map[string]any
}

func (e told) text(name string) string { s, _ := e.data[name].(string); return s }

func (e told) number(t *rapid.T, name string) float64 {
	t.Helper()
	switch v := e.data[name].(type) {
	case float64:
		return v
	case string:
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			t.Fatalf("%s: %s = %q is no number", e.Type, name, v)
		}
		return f
	}
	t.Fatalf("%s has no %s: %s", e.Type, name, e.Body)
	return 0
}

func (e told) time(t *rapid.T, name string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, e.text(name))
	if err != nil {
		t.Fatalf("%s: %s: %v", e.Type, name, err)
	}
	return when
}

// eachJourney checks what is true of every journey of a provider, and calls f
// with each of many.
func eachJourney(t *testing.T, provider string, f func(t *rapid.T, events []told)) {
	for _, p := range providers(t) {
		if p.Name() != provider {
			continue
		}
		g := newGenerator(t, p, Options{RunID: "journeys"})
		rapid.Check(t, func(t *rapid.T) {
			o := g.Options()
			o.Seed = rapid.Uint64().Draw(t, "seed")
			other := g.With(o)
			for number := range uint64(100 / slowdown) {
				var events []told
				for _, e := range other.Journey(Key{"journey", number}, testTime) {
					one := told{Event: e}
					if err := json.Unmarshal(e.Body, &one.body); err != nil {
						t.Fatal(err)
					}
					one.data, _ = one.body["data"].(map[string]any)
					events = append(events, one)
				}
				inOrder(t, events)
				f(t, events)
			}
		})
		return
	}
	t.Fatalf("there is no provider %s", provider)
}

func inOrder(t *rapid.T, events []told) {
	ids := map[string]bool{}
	for i, e := range events {
		if ids[e.ID] {
			t.Fatalf("id %s comes twice in a journey", e.ID)
		}
		ids[e.ID] = true
		if i > 0 && !e.At.After(events[i-1].At) {
			t.Fatalf("%s at %v does not come after %s at %v", e.Type, e.At, events[i-1].Type, events[i-1].At)
		}
		for name, value := range e.data { // what has happened lies just before the event that tells of it
			if text, ok := value.(string); ok && (strings.HasSuffix(name, "_at") || name == "timestamp" || name == "lockedAt") && name != "starts_at" && name != "ends_at" {
				when, err := time.Parse(time.RFC3339, text)
				if lag := e.At.Sub(when); err != nil || lag < 0 || lag > 70*time.Second {
					t.Fatalf("%s at %v: %s is %s", e.Type, e.At, name, text)
				}
			}
		}
	}
	if last := events[len(events)-1].At; !last.Equal(testTime) {
		t.Fatalf("the last event is at %v; want %v", last, testTime)
	}
}

// agrees wants a member to have the same value wherever it stands.
func agrees(t *rapid.T, events []told, names ...string) {
	t.Helper()
	for _, name := range names {
		first := ""
		for _, e := range events {
			value, ok := e.data[name]
			switch {
			case !ok:
			case first == "":
				first = value.(string)
			case value != first:
				t.Fatalf("%s: %s is %v, before it was %s", e.Type, name, value, first)
			}
		}
	}
}

func near(a, b, within float64) bool { return math.Abs(a-b) <= within }

func TestUsmeweCoheres(t *testing.T) {
	eachJourney(t, "usmewe", func(t *rapid.T, events []told) {
		agrees(t, events, "userId", "loanId", "vaultOwner")
		var amount, due, days, shares, change float64
		var dueDate time.Time
		for _, e := range events {
			switch e.Type {
			case "loan.created":
				amount, days = e.number(t, "amount"), e.number(t, "duration")
			case "loan.funded":
				dueDate = e.time(t, "dueDate")
				want := e.At.Truncate(time.Second).Add(time.Duration(days) * 24 * time.Hour)
				if e.number(t, "amount") != amount || e.number(t, "netAmount") >= amount || !dueDate.Equal(want) {
					t.Fatalf("loan of %v for %v days: %s", amount, days, e.Body)
				}
			case "loan.overdue":
				due = e.number(t, "amountDue")
				late := math.Floor(e.At.Sub(dueDate).Hours() / 24)
				if due <= amount || e.number(t, "daysOverdue") != late {
					t.Fatalf("loan of %v due at %v, told at %v: %s", amount, dueDate, e.At, e.Body)
				}
			case "loan.repaid":
				change = e.number(t, "trustScoreChange")
				paid := e.number(t, "amountPaid")
				late := e.At.After(dueDate)
				if paid <= amount || due > 0 && paid != due || late != (due > 0) || late != (change < 0) {
					t.Fatalf("loan of %v, %v due at %v, paid at %v: %s", amount, due, dueDate, e.At, e.Body)
				}
			case "trust_score.updated":
				if e.number(t, "newScore") != e.number(t, "previousScore")+e.number(t, "change") || change != 0 && e.number(t, "change") != change {
					t.Fatalf("change of %v: %s", change, e.Body)
				}
			case "vault.deposit":
				got := e.number(t, "tmUSDCReceived")
				if paid := e.number(t, "usdcAmount"); got >= paid || got < paid*0.9 {
					t.Fatalf("deposit: %s", e.Body)
				}
				shares += got
			case "vault.withdraw":
				redeemed := e.number(t, "tmUSDCRedeemed")
				if paid := e.number(t, "usdcReceived"); paid <= redeemed || redeemed > shares+0.001 {
					t.Fatalf("withdrawal with %v shares: %s", shares, e.Body)
				}
				shares -= redeemed
			}
		}
		if last := events[len(events)-1]; last.Type == "vault.withdraw" && !near(shares, 0, 0.001) {
			t.Fatalf("%v shares are left over", shares)
		}
	})
}

func sharmoCoheres(t *rapid.T, events []told) {
	agrees(t, events, "property_id", "token_id", "transaction_id", "user_id", "kyc_id", "offering_id", "from_address", "to_address", "buyer_address", "seller_address", "name", "address")
	var price, supply, amount, total, offered float64
	var closes string
	priced := func(e told, name string) {
		if p := e.number(t, name); price != 0 && p != price {
			t.Fatalf("price is %v: %s", price, e.Body)
		} else {
			price = p
		}
	}
	for _, e := range events {
		switch e.Type {
		case "property.created", "property.updated":
			price = 0 // valued anew
		case "property.tokenized":
			supply = e.number(t, "total_tokens")
			priced(e, "price_per_token")
		case "token.issued", "token.created":
			supply = e.number(t, "total_supply")
			priced(e, "price_per_token")
		case "token.price_updated", "token.price_changed":
			priced(e, "previous_price")
			if price = e.number(t, "new_price"); price == e.number(t, "previous_price") || price <= 0 {
				t.Fatalf("no change of price: %s", e.Body)
			}
		case "token.dividend_issued":
			if e.number(t, "token_count") != supply || !near(e.number(t, "amount_per_token")*supply, e.number(t, "total_amount"), 0.001) {
				t.Fatalf("%v tokens: %s", supply, e.Body)
			}
		case "token.transferred":
			if n := e.number(t, "amount"); n < 1 || supply > 0 && n > supply || amount > 0 && n != amount || e.text("from_address") == e.text("to_address") {
				t.Fatalf("%v tokens, %v to be traded: %s", supply, amount, e.Body)
			}
		case "transaction.created", "transaction.pending", "transaction.completed", "transaction.failed", "transaction.refunded":
			priced(e, "price_per_token")
			n, sum := e.number(t, "amount"), e.number(t, "total_amount")
			if amount > 0 && (n != amount || sum != total) || !near(n*price, sum, 0.001) {
				t.Fatalf("%v for %v: %s", amount, total, e.Body)
			}
			amount, total = n, sum
			if e.Type == "transaction.refunded" && e.number(t, "refund_amount") != total {
				t.Fatalf("%v was paid: %s", total, e.Body)
			}
		case "token.offering_started":
			offered, closes = e.number(t, "tokens_offered"), e.text("ends_at")
			priced(e, "price_per_token")
			if offered > supply || !e.time(t, "ends_at").After(e.time(t, "starts_at")) {
				t.Fatalf("%v tokens: %s", supply, e.Body)
			}
		case "token.offering_ended":
			sold := e.number(t, "tokens_sold")
			if e.number(t, "tokens_offered") != offered || sold > offered || e.text("ended_at") != closes || !near(sold*price, e.number(t, "total_raised"), 0.001) {
				t.Fatalf("%v offered until %s: %s", offered, closes, e.Body)
			}
		case "platform.maintenance_scheduled":
			if starts := e.time(t, "starts_at"); !starts.After(e.At) || !e.time(t, "ends_at").After(starts) {
				t.Fatalf("told at %v: %s", e.At, e.Body)
			}
		}
	}
}

func TestSharmoCoheres(t *testing.T) {
	eachJourney(t, "sharmo-timestamped", sharmoCoheres)
	eachJourney(t, "sharmo-body", sharmoCoheres)
}

func TestHandcashCoheres(t *testing.T) {
	eachJourney(t, "handcash", func(t *rapid.T, events []told) {
		origin, owner, name := "", "", ""
		moved := func(e told, itemOrigin, itemName, from, to string) {
			if origin != "" && (itemOrigin != origin || itemName != name) {
				t.Fatalf("%s: item %s %q; want %s %q", e.Type, itemOrigin, itemName, origin, name)
			}
			if owner != "" && from != owner || from == to {
				t.Fatalf("%s: from %s to %s, but the owner is %s", e.Type, from, to, owner)
			}
			origin, name, owner = itemOrigin, itemName, to
		}
		for _, e := range events {
			if order, ok := e.data["itemCreationOrder"].(map[string]any); ok {
				item := e.data["items"].([]any)[0].(map[string]any)
				ordered := order["items"].([]any)[0].(map[string]any)
				if item["name"] != ordered["name"] || item["externalId"] != ordered["externalId"] || item["color"] != ordered["color"] {
					t.Fatalf("made another item than ordered: %s", e.Body)
				}
				moved(e, item["origin"].(string), item["name"].(string), "", item["user"].(map[string]any)["alias"].(string))
				continue
			}
			transfer := e.data["itemTransfer"].(map[string]any)
			item := transfer["items"].([]any)[0].(map[string]any)
			moved(e, item["origin"].(string), item["name"].(string),
				item["from"].(map[string]any)["alias"].(string), item["to"].(map[string]any)["alias"].(string))
			payment, paid := transfer["payment"].(map[string]any)
			if paid != (e.Type == "item_listing_payment_completed") || paid && payment["amount"].(float64) <= 0 {
				t.Fatalf("%s: payment %v", e.Type, payment)
			}
			created, err := time.Parse(time.RFC3339, transfer["createdAt"].(string))
			if err != nil || !created.Before(e.At) {
				t.Fatalf("%s at %v: createdAt %v (%v)", e.Type, e.At, transfer["createdAt"], err)
			}
		}
	})
}

// A prefix is the beginning of one journey: short, in order, ending as asked.
func TestContextIsAShortPrefix(t *testing.T) {
	for _, p := range providers(t) {
		g := newGenerator(t, p, Options{RunID: "context"})
		for _, e := range p.Events {
			for number := range uint64(30) {
				events, err := g.Context(Key{"context", number}, e.Type, testTime)
				if err != nil {
					t.Fatal(err)
				}
				last := events[len(events)-1]
				if len(events) > 4 || last.Type != e.Type || !last.At.Equal(testTime) {
					t.Fatalf("%s: %s comes after %d events, at %v", p.Name(), last.Type, len(events)-1, last.At)
				}
				for _, before := range events[:len(events)-1] {
					if before.Type == e.Type || !before.At.Before(testTime) {
						t.Fatalf("%s: %s at %v before %s", p.Name(), before.Type, before.At, e.Type)
					}
				}
			}
		}
	}
}
