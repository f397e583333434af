package jsondoc

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// tool finds a program, or skips (fails where the environment wants all tools).
func tool(t *testing.T, name string) string {
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("HOOKSTONE_REQUIRE_TOOLS") == "1" {
		t.Fatalf("%s is not installed", name)
	}
	t.Skipf("%s is not installed", name)
	return ""
}

// respell has a program read base64 lines of JSON and print each as it
// serialises it, base64 again.
func respell(t *testing.T, program []string, docs [][]byte) [][]byte {
	t.Helper()
	var in bytes.Buffer
	for _, doc := range docs {
		fmt.Fprintln(&in, base64.StdEncoding.EncodeToString(doc))
	}
	cmd := exec.Command(program[0], program[1:]...)
	cmd.Stdin = &in
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(out))
	if len(lines) != len(docs) {
		t.Fatalf("%d answers to %d documents", len(lines), len(docs))
	}
	texts := make([][]byte, len(lines))
	for i, line := range lines {
		if texts[i], err = base64.StdEncoding.DecodeString(line); err != nil {
			t.Fatal(err)
		}
	}
	return texts
}

func compare(t *testing.T, style Style, docs, want [][]byte) {
	t.Helper()
	wrong := 0
	for i, doc := range docs {
		got := mustParse(t, string(doc)).Spell(style)
		if !bytes.Equal(got, want[i]) {
			if wrong++; wrong < 6 {
				t.Errorf("%s of %s\n got %s\nwant %s", style.Name, doc, got, want[i])
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d documents differ", wrong, len(docs))
	}
}

func TestNodeSpellsTheSame(t *testing.T) {
	node := tool(t, "node")
	docs := documents(4000, 1)
	compare(t, ECMAScript, docs, respell(t, []string{node, "-e", `
		for (const l of require('fs').readFileSync(0, 'latin1').split('\n')) if (l)
			console.log(Buffer.from(JSON.stringify(JSON.parse(Buffer.from(l, 'base64').toString('utf8')))).toString('base64'))`}, docs))
}

func TestPythonSpellsTheSame(t *testing.T) {
	python := tool(t, "python3")
	docs := documents(4000, 2)
	compare(t, Python, docs, respell(t, []string{python, "-c", `
import sys, json, base64
for l in sys.stdin:
    print(base64.b64encode(json.dumps(json.loads(base64.b64decode(l))).encode()).decode())`}, docs))
}

func TestGoSpellsTheSame(t *testing.T) {
	docs := documents(4000, 3)
	kept, want := docs[:0:0], docs[:0:0]
	for _, doc := range docs {
		var v any
		if err := json.Unmarshal(doc, &v); err != nil {
			continue // a number beyond float64
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		kept, want = append(kept, doc), append(want, text)
	}
	if len(kept) < 3000 {
		t.Fatalf("only %d documents were read", len(kept))
	}
	compare(t, Go, kept, want)
}

// documents are random JSON texts with every oddity of spelling.
func documents(n int, seed uint64) [][]byte {
	d := &drawer{Rand: rand.New(rand.NewPCG(seed, 7))}
	docs := make([][]byte, n)
	for i := range docs {
		d.out = nil
		d.value(0)
		docs[i] = d.out
	}
	return docs
}

type drawer struct {
	*rand.Rand
	out []byte
}

func (d *drawer) space() { d.out = append(d.out, []string{"", "", "", " ", "\n\t"}[d.IntN(5)]...) }

func (d *drawer) value(level int) {
	d.space()
	kinds := 8
	if level > 4 {
		kinds = 5
	}
	switch d.IntN(kinds) {
	case 0:
		d.out = append(d.out, []string{"null", "true", "false"}[d.IntN(3)]...)
	case 1, 2:
		d.number()
	case 3, 4:
		d.str()
	case 5:
		d.out = append(d.out, '[')
		for i := range d.IntN(5) {
			if i > 0 {
				d.out = append(d.out, ',')
			}
			d.value(level + 1)
		}
		d.out = append(d.out, ']')
	default:
		d.out = append(d.out, '{')
		for i := range d.IntN(7) {
			if i > 0 {
				d.out = append(d.out, ',')
			}
			d.space()
			switch d.IntN(4) {
			case 0:
				d.out = strconv.AppendQuote(d.out, strconv.Itoa(d.IntN(12)))
			case 1:
				d.out = append(d.out, []string{`"a"`, `"b"`, `"4294967294"`, `"4294967295"`, `"00"`, `"-1"`, `"1.5"`, `""`}[d.IntN(8)]...)
			default:
				d.str()
			}
			d.space()
			d.out = append(d.out, ':')
			d.value(level + 1)
		}
		d.out = append(d.out, '}')
	}
	d.space()
}

func (d *drawer) number() {
	switch d.IntN(6) {
	case 0:
		d.out = strconv.AppendInt(d.out, int64(d.Uint64()), 10)
	case 1:
		d.out = append(d.out, []string{"-0", "0", "1.0", "1e2", "1E-7", "1e21", "1e16", "1e-5", "123456789012345678901234567890", "1e400", "-1e400", "5e-324", "0.1e1", "100000000000000000000", "9007199254740993", "0e9", "1e-4", "-0.0"}[d.IntN(18)]...)
	case 2:
		x := math.Float64frombits(d.Uint64())
		if math.IsNaN(x) || math.IsInf(x, 0) {
			x = 1
		}
		d.out = strconv.AppendFloat(d.out, x, 'e', -1, 64)
	case 3:
		d.out = strconv.AppendFloat(d.out, (d.Float64()-0.5)*math.Pow(10, float64(d.IntN(44)-22)), 'f', -1, 64)
	default:
		d.out = strconv.AppendInt(d.out, int64(d.IntN(2000)-1000), 10)
	}
}

func (d *drawer) str() {
	d.out = append(d.out, '"')
	for range d.IntN(8) {
		switch d.IntN(8) {
		case 0:
			d.out = fmt.Appendf(d.out, `\u%04x`, d.IntN(0x10000))
		case 1:
			d.out = fmt.Appendf(d.out, `\u%04X`, 0xD800+d.IntN(0x800))
		case 2:
			d.out = append(d.out, []string{`\"`, `\\`, `\/`, `\b`, `\f`, `\n`, `\r`, `\t`}[d.IntN(8)]...)
		case 3:
			d.out = append(d.out, []string{"é", "😀", "\u2028", "\u2029", "\x7f", "/", "<", "中", "\uFEFF", "\uFFFD"}[d.IntN(10)]...)
		case 4:
			d.out = fmt.Appendf(d.out, `\u%04x`, d.IntN(0xA0))
		default:
			d.out = append(d.out, byte('a'+d.IntN(26)))
		}
	}
	d.out = append(d.out, '"')
}

var lone = regexp.MustCompile(`(?i)\\ud[89a-f]`)

// unread is what the programs below print of a text that they do not read.
const unread = "unread"

// read leaves out what a program does not read, and wants most to be read.
func read(t *testing.T, docs, texts [][]byte) (kept, want [][]byte) {
	t.Helper()
	for i, text := range texts {
		if string(text) != unread {
			kept, want = append(kept, docs[i]), append(want, text)
		}
	}
	if len(kept) < len(docs)/2 {
		t.Fatalf("only %d of %d documents were read", len(kept), len(docs))
	}
	return kept, want
}

func TestPHPSpellsTheSame(t *testing.T) {
	php := tool(t, "php")
	docs := documents(4000, 4)
	arrays := PHP
	arrays.Name, arrays.ListsFromKeys = "PHP, of arrays", true
	for associative, style := range map[string]Style{"false": PHP, "true": arrays} {
		kept, want := read(t, docs, respell(t, []string{php, "-r", `
foreach (file('php://stdin', FILE_IGNORE_NEW_LINES) as $l) {
    $value = json_decode(base64_decode($l), ` + associative + `);
    $text = json_last_error() ? false : json_encode($value);
    echo base64_encode($text === false ? 'unread' : $text), "\n";
}`}, docs))
		compare(t, style, kept, want)
	}
}

func TestRubySpellsTheSame(t *testing.T) {
	ruby := tool(t, "ruby")
	// Half a surrogate pair becomes what the gem's version makes of it.
	docs := slices.DeleteFunc(documents(5000, 5), func(doc []byte) bool {
		return lone.Match(doc)
	})
	kept, want := read(t, docs, respell(t, []string{ruby, "-rjson", "-e", `
STDIN.each_line do |l|
  text = begin
    JSON.generate(JSON.parse(l.unpack1('m').force_encoding('UTF-8')))
  rescue JSON::JSONError
    'unread'
  end
  puts [text].pack('m0')
end`}, docs))
	compare(t, Ruby, kept, want)
}
