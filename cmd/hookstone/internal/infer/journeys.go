package infer

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

// journeys is the content of journeys.yaml: a journey of one step for every
// event, whose values are like those that were seen.
func (d *draft) journeys() schemas.Value {
	events, journeys := schemas.Value{Kind: schemas.MapValue}, schemas.List()
	taken := map[string]int{}
	for _, e := range d.events {
		events.Set(e.kind, object("body", d.value(e.shape, "", "", e.kind)))
		name := strings.Trim(noSlug.ReplaceAllString(strings.ToLower(e.kind), "-"), "-")
		if name == "" {
			name = "event"
		}
		if taken[name]++; taken[name] > 1 {
			name = fmt.Sprintf("%s-%d", name, taken[name])
		}
		journeys.Items = append(journeys.Items, object("name", name, "steps", schemas.List(schemas.Text(e.kind))))
	}
	return object("format", 1, "id", object("$id", d.idPattern()), "events", events, "journeys", journeys)
}

var noSlug = regexp.MustCompile(`[^a-z0-9]+`)

// idPattern is the form of the ids that were seen.
func (d *draft) idPattern() string {
	if p := pattern(d.ids()); p != "" {
		if uuidForm.MatchString(d.ids()[0]) {
			return uuidPattern
		}
		return lengthen(p)
	}
	return "[0-9a-z]{20}"
}

// idBits is how much chance an id must hold for none to come twice.
const idBits = 70

var classes = regexp.MustCompile(`(\[[^\]]+\])\{([0-9]+)\}`)

// lengthen makes the last class of a pattern long enough for ids.
func lengthen(p string) string {
	sizes := map[string]float64{"[0-9]": 10, "[0-9a-f]": 16, "[0-9a-z]": 36, "[0-9A-Z]": 36, "[0-9A-Za-z]": 62}
	bits := 0.0
	found := classes.FindAllStringSubmatchIndex(p, -1)
	for _, at := range found {
		n, _ := strconv.Atoi(p[at[4]:at[5]])
		bits += float64(n) * math.Log2(sizes[p[at[2]:at[3]]])
	}
	if bits >= idBits || len(found) == 0 {
		return p
	}
	last := found[len(found)-1]
	n, _ := strconv.Atoi(p[last[4]:last[5]])
	n += int(math.Ceil((idBits - bits) / math.Log2(sizes[p[last[2]:last[3]]])))
	return p[:last[4]] + strconv.Itoa(n) + p[last[5]:]
}

const uuidPattern = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

// value says in the language of journeys how a value of the shape is made.
func (d *draft) value(s *shape, name, pointer, kind string) schemas.Value {
	c := d.contract
	if pointer != "" {
		switch {
		case pointer == c.identity.typeAt.Pointer:
			return schemas.Text("{type}")
		case slices.ContainsFunc(c.identity.id, func(l schemas.Location) bool { return l.Pointer == pointer }):
			return schemas.Text("{id}")
		case pointer == c.time.at.Pointer:
			return object("$time", "at", "as", timeAs(c.time.form, s.texts))
		}
	}
	switch s.main() {
	case schemas.TextValue:
		return textValue(s.texts)
	case schemas.NumberValue:
		return numberValue(name, s.numbers)
	case schemas.BoolValue:
		if len(s.bools) > 1 {
			return object("$boolean", schemas.Value{Kind: schemas.NumberValue, Text: "0.5"})
		}
		return schemas.Bool(s.bools[0] == "true")
	case schemas.ListValue:
		most := slices.Max(s.lengths)
		if most == 0 {
			return schemas.List()
		}
		return object("$list", d.value(s.items, name, pointer+"/*", kind), "count", fmt.Sprintf("%d..%d", slices.Min(s.lengths), min(most, 10)))
	case schemas.MapValue:
		v := schemas.Value{Kind: schemas.MapValue}
		for _, m := range s.members {
			if !m.makeable() {
				d.note("%s: member %q cannot be written in journeys.yaml; it is optional, and left out of what is made", m.file, m.name)
				continue
			}
			made := d.value(m.shape, m.name, pointer+"/"+schemas.EscapePointer(m.name), kind)
			if m.count < s.objects {
				chance := strconv.FormatFloat(math.Round(100*float64(m.count)/float64(s.objects))/100, 'f', -1, 64)
				made = object("$maybe", made, "chance", schemas.Value{Kind: schemas.NumberValue, Text: chance})
			}
			v.Set(m.name, made)
		}
		return v
	}
	return schemas.Value{}
}

var (
	decimalForm = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,11})\.[0-9]{1,8}$`)
	numberForm  = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,8})?$`)
	wholeForm   = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,14})$`)
	escapeNames = strings.NewReplacer("{", "{{", "}", "}}")
)

func textValue(seen []string) schemas.Value {
	switch format(seen) {
	case "date-time":
		return object("$time", "at - 1m..2h", "as", timeAs("rfc3339", seen))
	case "date":
		return object("$time", "at - 1d..30d", "as", "date")
	case "uuid":
		return object("$pattern", uuidPattern)
	case "":
		if v, ok := rangeOf(seen, decimalForm); ok {
			v.Set("as", schemas.Text("string"))
			return v
		}
		if p := pattern(seen); p != "" && !slices.ContainsFunc(seen, wholeForm.MatchString) {
			return object("$pattern", p)
		}
	}
	choice := schemas.List()
	for _, t := range seen {
		choice.Items = append(choice.Items, schemas.Text(escapeNames.Replace(t)))
	}
	return choose(choice)
}

// choose is one of the values; a single one is a constant.
func choose(choice schemas.Value) schemas.Value {
	if len(choice.Items) == 1 {
		return choice.Items[0]
	}
	return object("$choice", choice)
}

func numberValue(name string, seen []string) schemas.Value {
	if form := timeFormOf(seen); form != "" && timeName.MatchString(name) {
		return object("$time", "at - 1m..2h", "as", form)
	}
	for _, form := range []*regexp.Regexp{wholeForm, numberForm} {
		if v, ok := rangeOf(seen, form); ok {
			return v
		}
	}
	choice, spelled := schemas.List(), []string(nil)
	for _, n := range seen {
		f, err := strconv.ParseFloat(n, 64)
		if err != nil || math.Abs(f) >= 1e15 || f != 0 && math.Abs(f) < 1e-6 {
			f = 1 // JavaScript spells it in another way
		}
		f += 0 // -0 becomes 0
		spelled = unique(spelled, strconv.FormatFloat(f, 'f', -1, 64))
	}
	for _, n := range spelled {
		choice.Items = append(choice.Items, schemas.Value{Kind: schemas.NumberValue, Text: n})
	}
	return choose(choice)
}

var timeName = regexp.MustCompile(`(?i)(time|date|created|updated|expires|at)$`)

// rangeOf is a range from the least to the greatest of numbers of a form; not
// ok where some are of another. A single number is no range.
func rangeOf(seen []string, form *regexp.Regexp) (schemas.Value, bool) {
	if len(seen) < 2 || slices.ContainsFunc(seen, func(n string) bool { return !form.MatchString(n) }) {
		return schemas.Value{}, false
	}
	decimals := 0
	var low, high *big.Rat
	for _, n := range seen {
		r, _ := new(big.Rat).SetString(n)
		if low == nil || r.Cmp(low) < 0 {
			low = r
		}
		if high == nil || r.Cmp(high) > 0 {
			high = r
		}
		_, fraction, _ := strings.Cut(n, ".")
		decimals = max(decimals, len(fraction))
	}
	how := "$decimal"
	if form == wholeForm {
		how = "$integer"
	}
	return object(how, low.FloatString(decimals)+".."+high.FloatString(decimals)), low.Cmp(high) < 0
}

// timeAs is the generator's name for how a time is written.
func timeAs(form string, seen []string) string {
	if form == "rfc3339" && len(seen) > 0 && strings.Contains(seen[0], ".") {
		return "rfc3339-milliseconds"
	}
	return form
}
