package explain

import (
	"slices"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
)

// content makes a mistake of a function on the signed content's parts.
func content(id string, rank int, label string, alter func([]schemas.Part) ([]schemas.Part, bool)) mistake {
	return mistake{id: "content." + id, label: label, fix: contentFix, family: ofContent, rank: rank,
		apply: func(_ *scene, r recipe) []recipe {
			out, ok := alter(r.parts)
			if !ok || slices.Equal(out, r.parts) {
				return nil
			}
			r.parts = out
			return []recipe{r}
		},
		fault: func(c *schemas.Contract) (fault.Fault, bool) {
			s, ok := mainSignature(c)
			if !ok {
				return fault.Fault{}, false
			}
			out, ok := alter(s.Content.Parts)
			if !ok || slices.Equal(out, s.Content.Parts) {
				return fault.Fault{}, false
			}
			return fault.Content(id, template(out)), true
		}}
}

// template spells parts as a contract would.
func template(parts []schemas.Part) schemas.Template {
	var text strings.Builder
	for _, p := range parts {
		if p.Var != "" {
			text.WriteString("{" + p.Var + "}")
		} else {
			text.WriteString(strings.NewReplacer("{", "{{", "}", "}}").Replace(p.Literal))
		}
	}
	return schemas.Template{Parts: parts, Text: text.String()}
}

// without drops a variable and the separator that follows it, or stands before.
func without(parts []schemas.Part, variable string) ([]schemas.Part, bool) {
	i := slices.IndexFunc(parts, func(p schemas.Part) bool { return p.Var == variable })
	if i < 0 {
		return nil, false
	}
	out := slices.Delete(slices.Clone(parts), i, i+1)
	switch {
	case i < len(out) && out[i].Var == "":
		out = slices.Delete(out, i, i+1)
	case i > 0 && out[i-1].Var == "":
		out = slices.Delete(out, i-1, i)
	}
	return out, true
}

// between tells a literal that parts two variables.
func between(parts []schemas.Part, i int) bool {
	return parts[i].Var == "" && i > 0 && i+1 < len(parts)
}

// separated puts another text between the parts.
func separated(by string) func([]schemas.Part) ([]schemas.Part, bool) {
	return func(parts []schemas.Part) ([]schemas.Part, bool) {
		var out []schemas.Part
		changed := false
		for i, p := range parts {
			if between(parts, i) {
				changed = true
				if by == "" {
					continue
				}
				p.Literal = by
			}
			out = append(out, p)
		}
		return out, changed
	}
}

var separators = []struct{ name, text, label string }{
	{"none", "", "nothing"}, {"colon", ":", "a colon"}, {"dot", ".", "a dot"}, {"line", "\n", "a line break"}, {"comma", ",", "a comma"},
	{"bar", "|", "a bar"}, {"dash", "-", "a dash"}, {"space", " ", "a space"}, {"underscore", "_", "an underscore"},
	{"semicolon", ";", "a semicolon"}, {"ampersand", "&", "an ampersand"}, {"slash", "/", "a slash"},
}

// contentMistakes sign other content than the contract says.
func contentMistakes() []mistake {
	out := []mistake{
		content("without-timestamp", likely, "signed without the timestamp", func(p []schemas.Part) ([]schemas.Part, bool) { return without(p, "timestamp") }),
		content("body-alone", likely, "signed over the body alone", func(p []schemas.Part) ([]schemas.Part, bool) {
			return []schemas.Part{{Var: "body"}}, len(p) > 1
		}),
		content("without-id", usual, "signed without the id", func(p []schemas.Part) ([]schemas.Part, bool) { return without(p, "id") }),
		content("without-type", rare, "signed without the event type", func(p []schemas.Part) ([]schemas.Part, bool) { return without(p, "type") }),
		content("without-body", rare, "signed without the body", func(p []schemas.Part) ([]schemas.Part, bool) {
			out, ok := without(p, "body")
			return out, ok && len(out) > 0
		}),
		content("reversed", usual, "signed with the parts in reverse order", func(p []schemas.Part) ([]schemas.Part, bool) {
			out := slices.Clone(p)
			slices.Reverse(out)
			return out, len(out) > 1
		}),
		content("t-prefix", rare, "signed with t= before the timestamp", func(p []schemas.Part) ([]schemas.Part, bool) {
			i := slices.IndexFunc(p, func(p schemas.Part) bool { return p.Var == "timestamp" })
			if i < 0 {
				return nil, false
			}
			return slices.Insert(slices.Clone(p), i, schemas.Part{Literal: "t="}), true
		}),
	}
	for _, s := range separators {
		out = append(out, content("separator-"+s.name, usual, "signed with "+s.label+" between the parts", separated(s.text)))
	}
	return append(out, withTimestamp())
}

// withTimestamp signs a time before the body although the contract signs none.
func withTimestamp() mistake {
	const label = "signed with a timestamp before the body"
	return mistake{id: "content.with-timestamp", label: label, fix: contentFix, family: ofContent, rank: usual,
		apply: func(s *scene, r recipe) []recipe {
			if r.uses("timestamp") {
				return nil
			}
			var out []recipe
			for _, stamp := range s.stamps {
				for _, spelled := range append([]string{stamp}, respelled(stamp)...) {
					for _, by := range []string{".", "", ":", "\n"} {
						c := r
						c.stamp = spelled
						c.parts = append([]schemas.Part{{Var: "timestamp"}, {Literal: by}}, r.parts...)
						out = append(out, c)
					}
				}
			}
			return out
		},
		fault: func(c *schemas.Contract) (fault.Fault, bool) {
			s, ok := mainSignature(c)
			if !ok || s.Content.Uses("timestamp") || c.Time.At.IsZero() {
				return fault.Fault{}, false
			}
			parts := append([]schemas.Part{{Var: "timestamp"}, {Literal: "."}}, s.Content.Parts...)
			f := fault.Content("with-timestamp", template(parts))
			sign := f.Apply
			f.Apply = func(d *fault.Draft) error {
				if at := d.Contract.Time.At; at.Pointer != "" {
					stamp := located(d.Contract, at, &Capture{Body: d.Material.Body})
					if stamp == "" {
						return &fault.NotApplicable{Reason: "the body carries no time"}
					}
					d.Material.Timestamp, d.Material.TimestampSet = stamp, true
				}
				return sign(d)
			}
			return f, true
		}}
}
