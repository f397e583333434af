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
