// Package jsondoc holds a JSON text as an ordered tree and spells it again:
// as ECMAScript, Python, PHP and others would, or with deliberate oddities.
// Numbers keep their literal, objects their order and their repeated keys.
package jsondoc

// Kind of a Value.
type Kind byte

const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
	Verbatim // bytes that are written as they are (for deliberate malformation)
)

// Value is one JSON value. Text holds a string's characters (which may include
// lone surrogates as WTF-8), a number's literal, or Verbatim's bytes.
type Value struct {
	Kind    Kind
	Bool    bool
	Text    string
	Items   []Value  // of an Array
	Members []Member // of an Object, in order
}

// Member is one key and value of an object.
type Member struct {
	Key   string
	Value Value
}

// Parse reads one JSON text (RFC 8259), at most 512 levels deep.
func Parse(text []byte) (Value, error) { panic("unbuilt") }

// Compact spells the value as ECMAScript's JSON.stringify(JSON.parse(x)) does;
// for a value made of canonical literals the result is a fixed point of it.
func (v Value) Compact() []byte { panic("unbuilt") }

// Spell spells the value in a style.
func (v Value) Spell(s Style) []byte { panic("unbuilt") }

// Style is a way to spell JSON.
type Style struct {
	Name                 string
	Indent               string // "" : one line
	ItemSeparator        string // default ","
	KeySeparator         string // default ":"
	EscapeNonASCII       bool   // é, surrogate pairs for astral
	UpperHex             bool
	EscapeSolidus        bool // \/
	EscapeHTML           bool // < > & as < …
	EscapeLineSeparators bool // U+2028 U+2029
	SortKeys             bool
	TrailingNewline      bool
}

// ECMAScript, Python (json.dumps defaults), PHP (json_encode defaults), Go
// (encoding/json), Ruby (to_json) are the spellings a receiver that
// re-serialises is likely to sign.
var (
	ECMAScript = Style{Name: "JavaScript"}
	Python     = Style{Name: "Python", ItemSeparator: ", ", KeySeparator: ": ", EscapeNonASCII: true}
	PHP        = Style{Name: "PHP", EscapeNonASCII: true, EscapeSolidus: true}
	Go         = Style{Name: "Go", EscapeHTML: true, EscapeLineSeparators: true, SortKeys: true}
	Ruby       = Style{Name: "Ruby"}
)

// Get returns the value at an RFC 6901 pointer.
func (v Value) Get(pointer string) (Value, bool) { panic("unbuilt") }

// With returns a copy with the value at pointer replaced, or added as the last
// member of an existing object.
func (v Value) With(pointer string, value Value) (Value, error) { panic("unbuilt") }

// Without returns a copy that lacks the member at pointer.
func (v Value) Without(pointer string) (Value, error) { panic("unbuilt") }
