package reports

import (
	"encoding/json"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hookstone/hookstone/conformance"
	"github.com/hookstone/hookstone/simulator"
)

// SARIF writes a SARIF 2.1.0 log: every case is a rule, every failure a result
// at a logical location (the endpoint), with the exchange that shows it. A
// MUST is an error, a SHOULD a warning, a MAY a note; a waiver is an accepted
// suppression.
func SARIF(w io.Writer, r *conformance.Result) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{sarifRunOf(r)},
	})
}

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	Automation struct {
		ID string `json:"id"`
	} `json:"automationDetails"`
	Invocations []sarifInvocation `json:"invocations"`
	ColumnKind  string            `json:"columnKind"`
	Results     []sarifResult     `json:"results"`
	Properties  map[string]any    `json:"properties"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	Rules   []sarifRule `json:"rules"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifRule struct {
	ID      string     `json:"id"`
	Short   sarifText  `json:"shortDescription"`
	Full    *sarifText `json:"fullDescription,omitempty"`
	Help    *sarifText `json:"help,omitempty"`
	Default struct {
		Level string `json:"level"`
	} `json:"defaultConfiguration"`
	Properties map[string]any `json:"properties"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	Start         string              `json:"startTimeUtc,omitempty"`
	End           string              `json:"endTimeUtc,omitempty"`
	Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level   string    `json:"level"`
	Message sarifText `json:"message"`
}

type sarifResult struct {
	RuleID       string             `json:"ruleId"`
	RuleIndex    int                `json:"ruleIndex"`
	Kind         string             `json:"kind"`
	Level        string             `json:"level"`
	Message      sarifText          `json:"message"`
	Locations    []sarifLocation    `json:"locations"`
	Fingerprints map[string]string  `json:"partialFingerprints"`
	Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	Request      *sarifMessage      `json:"webRequest,omitempty"`
	Response     *sarifMessage      `json:"webResponse,omitempty"`
	Properties   map[string]any     `json:"properties"`
}

type sarifLocation struct {
	Logical []sarifLogical `json:"logicalLocations"`
}

type sarifLogical struct {
	Name string `json:"name"`
	Full string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Status        string `json:"status"`
	Justification string `json:"justification"`
}

type sarifMessage struct {
	Protocol   string            `json:"protocol,omitempty"`
	Version    string            `json:"version,omitempty"`
	Target     string            `json:"target,omitempty"`
	Method     string            `json:"method,omitempty"`
	Status     int               `json:"statusCode,omitempty"`
	Headers    map[string]string `json:"headers"`
	Body       *sarifBody        `json:"body,omitempty"`
	Properties map[string]any    `json:"properties,omitempty"`
}

type sarifBody struct {
	Text   string `json:"text,omitempty"`
	Binary string `json:"binary,omitempty"`
}

func sarifRunOf(r *conformance.Result) sarifRun {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "hookstone", Version: visible(r.Tool.Version), Rules: []sarifRule{}}
	run.Automation.ID = strings.Join([]string{"hookstone", visible(r.Contract.Provider), string(r.Profile), visible(r.Run.ID)}, "/")
	in := sarifInvocation{Successful: r.Outcome != conformance.OutcomeError, Start: utc(r.Run.Started), End: utc(r.Run.Finished)}
	if r.Reason != "" {
		level := "warning"
		if !in.Successful {
			level = "error"
		}
		in.Notifications = []sarifNotification{{level, sarifText{sentence(visible(r.Reason))}}}
	}
	run.Invocations = []sarifInvocation{in}
	run.Properties = map[string]any{"outcome": r.Outcome, "contractDigest": r.Contract.Digest,
		"edition": r.Suite.Edition, "seed": r.Run.Seed}
	for i, c := range r.Results {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(c))
		if failing(c.Verdict) {
			run.Results = append(run.Results, sarifResultOf(r, i, c))
		}
	}
	return run
}

func sarifLevel(l conformance.Level) string {
	switch l {
	case conformance.Must:
		return "error"
	case conformance.Should:
		return "warning"
	}
	return "note"
}

func sarifRuleOf(c conformance.CaseResult) sarifRule {
	rule := sarifRule{ID: visible(c.ID), Short: sarifText{sentence(visible(c.Summary))}}
	if rule.Short.Text == "" {
		rule.Short.Text = rule.ID
	}
	if c.Purpose != "" {
		rule.Full = &sarifText{sentence(visible(c.Purpose))}
	}
	if s := cite(c.Citation); s != "" {
		rule.Help = &sarifText{"See " + s}
	}
	rule.Default.Level = sarifLevel(c.Level)
	tags := []string{visible(c.Family), string(c.Level)}
	rule.Properties = map[string]any{}
	if c.Impact != "" {
		tags = append(tags, string(c.Impact))
	}
	rule.Properties["tags"] = tags
	return rule
}

func sarifResultOf(r *conformance.Result, index int, c conformance.CaseResult) sarifResult {
	out := sarifResult{RuleID: visible(c.ID), RuleIndex: index, Kind: "fail", Level: sarifLevel(c.Level),
		Message: sarifText{sentence(visible(c.Summary) + ": " + gist(c))},
		Locations: []sarifLocation{{[]sarifLogical{{Name: visible(c.ID),
			Full: visible(r.Target.URL) + "#" + visible(c.ID), Kind: "resource"}}}},
		Fingerprints: map[string]string{"hookstoneCase/v1": visible(r.Contract.Provider) + "/" + visible(c.ID)},
		Properties:   map[string]any{"verdict": c.Verdict}}
	var causes []string
	for _, f := range r.Findings {
		for _, id := range f.Cases {
			if id == c.ID {
				causes = append(causes, visible(f.ID))
			}
		}
	}
	if len(causes) > 0 {
		out.Properties["findings"] = causes
	}
	if c.Reproduce != "" {
		out.Properties["reproduce"] = visible(c.Reproduce)
	}
	if c.Waived != nil {
		out.Suppressions = []sarifSuppression{{"external", "accepted", visible(c.Waived.Reason) + " (" + visible(c.Waived.Owner) + ", until " + visible(c.Waived.Expires) + ")"}}
	}
	if a := shown(c); a != nil {
		out.Request = sarifMessageOf(&a.Request)
		if a.Answer != nil {
			out.Response = sarifMessageOf(a.Answer)
		}
	}
	return out
}

// shown is the attempt that shows the first violation, nil where none does.
func shown(c conformance.CaseResult) *simulator.Attempt {
	for _, v := range c.Violations {
		for i := range c.Attempts {
			if v.Attempt != "" && c.Attempts[i].ID == v.Attempt {
				return &c.Attempts[i]
			}
		}
	}
	return nil
}

func sarifMessageOf(m *simulator.Message) *sarifMessage {
	out := &sarifMessage{Target: visible(m.URL), Method: visible(m.Method), Status: m.Status, Headers: map[string]string{}}
	if name, version, ok := strings.Cut(m.Proto, "/"); ok {
		out.Protocol, out.Version = visible(name), visible(version)
	}
	for _, h := range m.Headers {
		name, value := visible(simulator.HeaderBytes(h[0])), brief(simulator.HeaderBytes(h[1]), 2048)
		if had, ok := out.Headers[name]; ok {
			value = had + ", " + value
		}
		out.Headers[name] = value
	}
	body, whole := content(m.Body, bodyShown)
	switch {
	case len(body) == 0:
	case utf8.Valid(body):
		out.Body = &sarifBody{Text: visibleLines(string(body))}
	default:
		out.Body = &sarifBody{Binary: base64Of(body)}
	}
	if !whole {
		out.Properties = map[string]any{"bodyLength": m.Body.Length}
	}
	return out
}

func utc(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
