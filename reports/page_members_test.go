package reports

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/hookstone/hookstone/schemas"
)

// TestMembersFollowTheExample: a reader finds the schema's rows in the order
// of the example above them.
func TestMembersFollowTheExample(t *testing.T) {
	order := exampleOrder([]json.RawMessage{
		json.RawMessage(`{"id":"e","type":"t","data":{"b":[{"y":1,"x":{"d/e":[[]]}}],"a":2}}`),
		json.RawMessage(`{"late":true,"data":{"c":null,"a":1}}`),
	})
	want := []string{"/id", "/type", "/data", "/data/b", "/data/b/*", "/data/b/*/y", "/data/b/*/x", "/data/b/*/x/d~1e", "/data/b/*/nowhere", "/data/a", "/data/c", "/data/more", "/data/none", "/late", "/unseen", "/unseen/child"}
	got := slices.Clone(want)
	slices.Sort(got)
	slices.SortStableFunc(got, func(a, b string) int { return comparePlaces(order, a, b) })
	if !slices.Equal(got, want) {
		t.Errorf("the members are ordered\n%s; want\n%s", strings.Join(got, " "), strings.Join(want, " "))
	}
	for _, p := range contracts(t) {
		for _, e := range p.Events {
			rows := members(p.Contract, e).Table.Rows
			seen := map[string]bool{"": true}
			for _, row := range rows {
				parent := row[0][:strings.LastIndexByte(row[0], '/')]
				if parent = strings.TrimSuffix(parent, "/*"); !seen[parent] {
					t.Errorf("%s %s: %s stands before %s", p.Name(), e.Type, row[0], parent)
				}
				seen[row[0]] = true
			}
			if len(rows) != len(e.Members()) {
				t.Errorf("%s %s: %d rows for %d members", p.Name(), e.Type, len(rows), len(e.Members()))
			}
		}
	}
}

func TestTypeWords(t *testing.T) {
	for want, m := range map[string]schemas.Member{
		"any":                {},
		"string or null":     {Types: []string{"string", "null"}},
		"string (date-time)": {Types: []string{"string"}, Format: "date-time"},
		`"loan.created"`:     {Values: []string{`"loan.created"`}},
		`integer: 1, 2`:      {Types: []string{"integer"}, Values: []string{"1", "2"}},
		"1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more": {Values: strings.Fields("1 2 3 4 5 6 7 8 9 10 11 12")},
	} {
		if got := typeWords(&m); got != want {
			t.Errorf("typeWords(%+v) = %q; want %q", m, got, want)
		}
	}
}
