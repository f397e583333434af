package explain

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/sign"
)

const (
	algorithmFix = "Encode and compute the digest as the document says."
	contentFix   = "Build the signed content as the document says, every part and separator of it."
	stampFix     = "Sign the timestamp as it is written in the delivery, in the same unit and spelling."
)

// algorithmMistakes make the digest in another way.
func algorithmMistakes() []mistake {
	var out []mistake
	add := func(name, label string, rank int, sendable bool) {
		m := mistake{id: "algorithm." + name, label: label, fix: algorithmFix, family: ofAlgorithm, rank: rank,
			apply: func(_ *scene, r recipe) []recipe {
				if r.how == name {
					return nil
				}
				r.how = name
				return []recipe{r}
			}}
		if sendable {
			m.fault = func(c *schemas.Contract) (fault.Fault, bool) {
				s, ok := mainSignature(c)
				return fault.Algorithm(name), ok && s.Algorithm != name
			}
		}
		out = append(out, m)
	}
	add("hmac-sha1", "signed with HMAC-SHA1", usual, true)
	add("hmac-sha512", "signed with HMAC-SHA512", usual, true)
	add("hmac-sha256", "signed with HMAC-SHA256", usual, true)
	add("hmac-sha384", "signed with HMAC-SHA384", rare, true)
	add("hmac-md5", "signed with HMAC-MD5", rare, true)
	add("sha256", "signed with SHA-256 without the secret", usual, true)
	add("sha256(secret+content)", "signed with SHA-256 of the secret and the content", usual, false)
	add("sha256(content+secret)", "signed with SHA-256 of the content and the secret", usual, false)
	add("hmac-sha256(content,secret)", "signed with the secret and the content swapped", usual, false)
	add("sha1", "signed with SHA-1 without the secret", rare, true)
	add("sha512", "signed with SHA-512 without the secret", rare, true)
	add("md5", "signed with MD5 without the secret", rare, true)
	add("sha1(secret+content)", "signed with SHA-1 of the secret and the content", rare, false)
	add("md5(secret+content)", "signed with MD5 of the secret and the content", rare, false)
	return out
}

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

// stamp makes a mistake of a function on the timestamp's text.
func stamp(id string, rank int, label string, alter func(string) []string) mistake {
	return mistake{id: "timestamp." + id, label: label, fix: stampFix, family: ofStamp, rank: rank,
		apply: func(_ *scene, r recipe) []recipe {
			if !r.uses("timestamp") {
				return nil
			}
			var out []recipe
			for _, text := range alter(r.stamp) {
				if text != r.stamp {
					c := r
					c.stamp = text
					out = append(out, c)
				}
			}
			return out
		},
		fault: func(c *schemas.Contract) (fault.Fault, bool) {
			s, ok := mainSignature(c)
			if !ok || !s.Content.Uses("timestamp") {
				return fault.Fault{}, false
			}
			name := "explain.timestamp." + id
			return fault.Fault{Name: name, Summary: "is " + label, Stage: fault.InSigner, Apply: func(d *fault.Draft) error {
				right := d.Material.Timestamp
				if !d.Material.TimestampSet {
					right = string(sign.AppendTime(nil, d.Contract.Time.Form, d.Material.At))
				}
				wrong := alter(right)
				if len(wrong) == 0 || wrong[0] == right {
					return &fault.NotApplicable{Reason: "the timestamp leaves it nothing to change"}
				}
				parts := slices.Clone(s.Content.Parts)
				for i := range parts {
					if parts[i].Var == "timestamp" {
						parts[i] = schemas.Part{Literal: wrong[0]}
					}
				}
				content := template(parts)
				d.Mistakes.Content = &content
				return nil
			}}, true
		}}
}

// whole reads a text of n digits.
func whole(text string, n int) (int64, bool) {
	if len(text) != n || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	v, err := strconv.ParseInt(text, 10, 64)
	return v, err == nil
}

// instant reads a time of any of the usual spellings.
func instant(text string) (time.Time, bool) {
	if n, ok := whole(text, 10); ok {
		return time.Unix(n, 0).UTC(), true
	}
	if n, ok := whole(text, 13); ok {
		return time.UnixMilli(n).UTC(), true
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC(), true
	}
	return time.Time{}, false
}

// respelled spells a time in the other usual ways.
func respelled(text string) []string {
	at, ok := instant(text)
	if !ok {
		return nil
	}
	all := []string{
		strconv.FormatInt(at.Unix(), 10), strconv.FormatInt(at.UnixMilli(), 10),
		at.Format("2006-01-02T15:04:05Z"), at.Format("2006-01-02T15:04:05.000Z"),
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == text })
}

// stampMistakes sign another spelling of the timestamp, or another timestamp.
func stampMistakes() []mistake {
	constant := func(s string) func(string) []string { return func(string) []string { return []string{s} } }
	return []mistake{
		stamp("milliseconds", likely, "signed with the timestamp in milliseconds", func(text string) []string {
			if _, ok := whole(text, 10); ok {
				return []string{text + "000"}
			}
			return nil
		}),
		stamp("seconds", likely, "signed with the timestamp in seconds", func(text string) []string {
			if _, ok := whole(text, 13); ok {
				return []string{text[:10]}
			}
			return nil
		}),
		stamp("empty", usual, "signed with an empty timestamp", constant("")),
		stamp("date", rare, "signed with the timestamp as a date", func(text string) []string {
			if _, err := time.Parse(time.RFC3339, text); err == nil {
				return nil
			}
			return slices.DeleteFunc(respelled(text), func(s string) bool { return !strings.Contains(s, "T") })
		}),
		stamp("unix", rare, "signed with the date as a Unix time", func(text string) []string {
			if _, err := time.Parse(time.RFC3339, text); err != nil {
				return nil
			}
			return slices.DeleteFunc(respelled(text), func(s string) bool { return strings.Contains(s, "T") })
		}),
		stamp("undefined", rare, "signed with the text undefined for the timestamp", constant("undefined")),
		stamp("none", rare, "signed with the text None for the timestamp", constant("None")),
		{id: "timestamp.other", label: "signed with another time of the request", fix: stampFix, family: ofStamp, rank: usual,
			apply: func(s *scene, r recipe) []recipe {
				if !r.uses("timestamp") {
					return nil
				}
				var out []recipe
				for _, text := range s.stamps {
					for _, spelled := range append([]string{text}, respelled(text)...) {
						if spelled != r.stamp && !slices.Contains(respelled(r.stamp), spelled) {
							c := r
							c.stamp = spelled
							out = append(out, c)
						}
					}
				}
				return out
			}},
		// The sender's clock told milliseconds and the header lost them.
		{id: "timestamp.milliseconds-cut", label: "signed with milliseconds that the delivery does not carry", fix: stampFix, family: ofStamp, rank: usual, alone: true,
			apply: func(_ *scene, r recipe) []recipe {
				if _, ok := whole(r.stamp, 10); !ok || !r.uses("timestamp") {
					return nil
				}
				var out []recipe
				for ms := 1; ms < 1000; ms++ {
					c := r
					c.stamp = r.stamp + strconv.Itoa(1000 + ms)[1:]
					out = append(out, c)
				}
				return out
			},
			fault: func(c *schemas.Contract) (fault.Fault, bool) {
				s, ok := mainSignature(c)
				if !ok || !s.Content.Uses("timestamp") || c.Time.Form != "unix-seconds" && c.Time.Form != "" {
					return fault.Fault{}, false
				}
				f := stamp("milliseconds-cut", usual, "signed with milliseconds that the delivery does not carry", func(text string) []string {
					return []string{text + "123"}
				})
				return f.fault(c)
			}},
	}
}
