package schemas

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// Each spoils one thing of a sound folder and names where it must be found.
var spoilt = []struct {
	name             string
	file, old, new   string
	at, pointer, say string
}{
	{"unknown member", contractFile, "  unknown_type: acknowledge", "  unknwon_type: acknowledge", contractFile, "/identity", "additionalProperties 'unknwon_type' not allowed"},
	{"missing clause", contractFile, "platform: usmewe\n", "platform: usmewe\nsinging: {}\n", contractFile, "", "'singing' not allowed"},
	{"wrong value", contractFile, "method: POST", "method: GET", contractFile, "/request/method", `"GET" is not one of "POST"`},
	{"location", contractFile, "type: body:/type", "type: body/type", contractFile, "/identity/type", `malformed location "body/type"`},
	{"template", contractFile, `content: "{body}"`, `content: "{body"`, contractFile, "/signing/signatures/0/content", `malformed template "{body"`},
	{"duration", contractFile, "acknowledge: 5s", "acknowledge: soon", contractFile, "/deadlines/acknowledge", `malformed duration "soon"`},
	{"unknown variable", contractFile, `content: "{body}"`, `content: "{bodi}.{body}"`, contractFile, "/signing/signatures/0/content", `unknown variable {bodi} in "{bodi}.{body}": known here are {body}`},
	{"undefined signature", contractFile, `value: ["sha256={v1}"]`, `value: ["sha256={v2}"]`, contractFile, "/signing/headers/0/value/0", "unknown variable {v2}"},
	{"signature not sent", contractFile, `value: ["sha256={v1}"]`, `value: ["sha256={v2}"]`, contractFile, "/signing/signatures/0/name", `no header carries signature "v1"`},
	{"alternative", contractFile, `alternatives: [["{v1}"]]`, `alternatives: [["{v3}"]]`, contractFile, "/signing/headers/0/alternatives/0/0", "unknown variable {v3}"},
	{"plain with two values", contractFile, `value: ["sha256={v1}"]`, `value: ["sha256={v1}", x]`, contractFile, "/signing/headers/0/value", "a plain header has one value, not 2"},
	{"list without separator", contractFile, `value: ["sha256={v1}"]`, `grammar: list
      value: ["sha256={v1}"]`, contractFile, "/signing/headers/0", "grammar list needs a separator"},
	{"element without name", contractFile, `value: ["sha256={v1}"]`, `grammar: elements
      separator: ","
      value: ["{v1}"]`, contractFile, "/signing/headers/0/value/0", `an element is written name=value, not "{v1}"`},
	{"signed time without a time", contractFile, "  at: body:/timestamp\n", "", contractFile, "/time/signed", "there is no time to sign"},
	{"header time not sent", contractFile, "at: body:/timestamp", "at: header:X-Time", contractFile, "/time/at", "no such header among signing.headers"},
	{"signed header time", contractFile, "at: body:/timestamp", "at: header:X-Time", contractFile, "/time/signed", "true, but {timestamp} in the signed content says false"},
	{"unsigned body time", contractFile, "  signed: true", "  signed: false", contractFile, "/time/signed", "a time in the body is signed with it"},
	{"form missing", contractFile, "  form: rfc3339\n", "", contractFile, "/time", "at needs a form"},
	{"tolerance without time", contractFile, "  at: body:/timestamp\n  form: rfc3339\n  signed: true\n  on_redelivery: kept\n  tolerance: null", "  at: null\n  signed: false\n  on_redelivery: kept\n  tolerance: 5m", contractFile, "/time/tolerance", "a tolerance needs a time"},
	{"type in a header not sent", contractFile, "type: body:/type", "type: header:X-Type", contractFile, "/identity/type", "no such header"},
	{"not covered", contractFile, "covers: [body, timestamp, id, type]", "covers: [timestamp]", contractFile, "/signing/covers", "body is signed"},
	{"constant with a variable", contractFile, "  headers: []", "  headers: [{name: X-A, value: \"{id}\"}]", contractFile, "/request/headers/0/value", "unknown variable {id} in \"{id}\": known here are none"},
	{"header twice", contractFile, "  headers: []", "  headers: [{name: x-usmewe-signature, value: a}]", contractFile, "/signing/headers/0/name", "defined twice"},
	{"handshake of no event", contractFile, "handshake: null", "handshake: {type: hello, challenge: \"body:/c\", answers: [{media_type: text/plain, body: \"{challenge}\"}]}", contractFile, "/handshake/type", `"hello" is not listed under events`},
	{"handshake without an answer", contractFile, "handshake: null", "handshake: {type: loan.created, challenge: \"body:/c\", answers: [{media_type: text/plain}]}", contractFile, "/handshake/answers/0", "needs pointer or body"},
	{"uncited leaf", contractFile, "  /deadlines: {document: guide, section: Best Practices}\n", "", contractFile, "/deadlines/acknowledge", "no citation covers it"},
	{"unknown document", contractFile, "/deadlines: {document: guide", "/deadlines: {document: giude", contractFile, "/citations/~1deadlines/document", `unknown document "giude"`},
	{"citation of nothing", contractFile, "  /deadlines: {", "  /deadline: {convention: x}\n  /deadlines: {", contractFile, "/citations/~1deadline", "cites a place that the contract does not have"},
	{"citation of two", contractFile, "/deadlines: {document: guide", "/deadlines: {convention: ours, document: guide", contractFile, "/citations/~1deadlines", "one of the two is the source"},
	{"citation of none", contractFile, "/deadlines: {document: guide, section: Best Practices}", "/deadlines: {note: see there}", contractFile, "/citations/~1deadlines", "needs document and section, or convention"},
	{"event twice", contractFile, "  loan.funded: {", "  loan.created: {summary: again, documented: true}\n  loan.funded: {", contractFile, "/events/loan.created", "defined twice"},
	{"event without schema", contractFile, "  loan.funded: {", "  loan.sold: {summary: Sold., documented: true}\n  loan.funded: {", contractFile, "/events/loan.sold", "there is no events/loan.sold.schema.json"},
	{"schema without event", contractFile, "  loan.funded: {summary: A loan was funded and paid out to the borrower., documented: true}\n", "", "events/loan.funded.schema.json", "", "the contract lists no event of this name"},
	{"not YAML", contractFile, "format: 1", "format: [", contractFile, "", "not YAML"},
	{"alias", contractFile, "platform: usmewe", "platform: &a usmewe\nx: *a", contractFile, "/x", "aliases"},
	{"two documents", contractFile, "format: 1", "format: 1\n---\nformat: 1", contractFile, "", "more than one YAML document"},

	{"unknown keyword", "defs.schema.json", `"pattern": "^loan_`, `"patern": "^loan_`, "defs.schema.json", "/$defs/loanId", "'patern' not allowed"},
	{"unknown provenance", "events/loan.created.schema.json", `"status": "documented"`, `"status": "guessed"`, "events/loan.created.schema.json", "/properties/type/x-provenance/status", `"guessed" is not one of`},
	{"provenance without section", "events/loan.created.schema.json", `{"status": "documented", "section": "Event Structure"}`, `{"status": "documented"}`, "events/loan.created.schema.json", "/properties/type/x-provenance", "missing properties: 'section'"},
	{"no provenance", "defs.schema.json", `,
      "x-provenance": {"status": "documented", "section": "Event Structure"}`, "", "events/loan.created.schema.json", "/properties/id", "no x-provenance"},
	{"inferred and required", "events/loan.created.schema.json", `{"status": "documented", "section": "Event Structure"}`, `{"status": "inferred"}`, "events/loan.created.schema.json", "/properties/type", "inferred and required"},
	{"address", "defs.schema.json", idBase + "usmewe/defs", idBase + "usmewe/def", "defs.schema.json", "/$id", "where the folder's layout puts it"},
	{"reference to nowhere", "events/loan.created.schema.json", "$defs/loanId", "$defs/lonaId", "events/loan.created.schema.json", "", "lonaId"},
	{"reference to the network", "events/loan.created.schema.json", "../defs.schema.json#/$defs/loanId", "http://127.0.0.1:1/x.json", "events/loan.created.schema.json", "", "http://127.0.0.1:1/x.json lies outside the folder"},
	{"reference to the disk", "events/loan.created.schema.json", "../defs.schema.json#/$defs/loanId", "file:///etc/passwd", "events/loan.created.schema.json", "", "file:///etc/passwd lies outside the folder"},
	{"harmful number", "events/loan.created.schema.json", `"minimum": 1`, `"minimum": 1e1000001`, "events/loan.created.schema.json", "", "exponent beyond"},
	{"invalid example", "events/loan.created.schema.json", `"amount": "120.00"`, `"amount": "120.0"`, "events/loan.created.schema.json", "/examples/0/data/amount", `"120.0" does not match`},
	{"no example", "events/loan.created.schema.json", `"examples": [`, `"x": [`, "events/loan.created.schema.json", "", "'x' not allowed"},
	{"not JSON", "events/loan.created.schema.json", `"examples": [`, `"examples": `, "events/loan.created.schema.json", "", "not"},
}

func TestLoadRefusesSpoiltFolders(t *testing.T) {
	for _, c := range spoilt {
		t.Run(c.name, func(t *testing.T) {
			f := copyOf(t, "usmewe")
			f.edit(t, c.file, c.old, c.new)
			_, err := Load(f.fs())
			var ps Problems
			if !errors.As(err, &ps) {
				t.Fatalf("Load fails with %v; want Problems", err)
			}
			wantProblem(t, ps, c.at, c.pointer, c.say)
		})
	}
}

func TestLoadTellsEveryFaultInOrder(t *testing.T) {
	f := fstest.MapFS{}
	for _, name := range []string{"b", "a"} {
		one := copyOf(t, "usmewe")
		one.edit(t, contractFile, `content: "{body}"`, `content: "{bodi}{body}"`)
		one.edit(t, contractFile, "  /deadlines: {document: guide, section: Best Practices}\n", "")
		one.edit(t, "events/vault.deposit.schema.json", `"2500.00"`, `2500`)
		for path, file := range one {
			f[name+"/"+path] = file
		}
	}
	_, err := Load(f)
	var ps Problems
	if !errors.As(err, &ps) {
		t.Fatalf("Load fails with %v; want Problems", err)
	}
	var got []string
	for _, p := range ps {
		got = append(got, p.File+" "+p.Pointer)
	}
	want := []string{
		"a/contract.yaml /deadlines/acknowledge",
		"a/contract.yaml /signing/signatures/0/content",
		"a/events/vault.deposit.schema.json /examples/0/data/usdcAmount",
		"b/contract.yaml /deadlines/acknowledge",
		"b/contract.yaml /provider",
		"b/contract.yaml /signing/signatures/0/content",
		"b/events/vault.deposit.schema.json /examples/0/data/usdcAmount",
	}
	if !slices.Equal(got, want) {
		t.Errorf("problems:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !strings.Contains(err.Error(), "both a/contract.yaml and b/contract.yaml define provider") || strings.Count(err.Error(), "\n") != len(want)-1 {
		t.Errorf("the error does not name both, a line each:\n%v", err)
	}
}

func TestCheckMissesWhatLoadDoesWithout(t *testing.T) {
	f := copyOf(t, "usmewe")
	delete(f, journeysFile)
	delete(f, openapiFile)
	if _, err := Load(f.fs()); err != nil {
		t.Errorf("Load needs neither journeys nor OpenAPI: %v", err)
	}
	ps := Check(f.fs())
	wantProblem(t, ps, journeysFile, "", "missing")
	wantProblem(t, ps, openapiFile, "", "missing")
	if len(ps) != 2 {
		t.Errorf("Check tells %v", ps)
	}
}

func TestCheckReadsJourneysClosely(t *testing.T) {
	f := copyOf(t, "usmewe")
	f.edit(t, journeysFile, "format: 1", "format: 1\nunknown: x")
	wantProblem(t, Check(f.fs()), journeysFile, "", "'unknown' not allowed")
}

func FuzzContract(f *testing.F) {
	text, err := embedded.ReadFile("usmewe/" + contractFile)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	for _, c := range spoilt {
		if c.file == contractFile {
			f.Add([]byte(strings.Replace(string(text), c.old, c.new, 1)))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := Load(fstest.MapFS{contractFile: {Data: text}})
		if err == nil && len(l.Providers()) == 1 && len(l.Providers()[0].Events) > 0 {
			t.Error("a contract without its event schemas is taken")
		}
		// What the program trusts is read with less care, and must not panic either.
		load(fstest.MapFS{contractFile: {Data: text}}, trusted)
	})
}
