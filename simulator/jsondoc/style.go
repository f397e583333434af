package jsondoc

// Style is a way to spell JSON. The zero Style is one line without space that
// keeps number literals, the order of members and repeated keys.
type Style struct {
	Name                 string
	Indent               string // "" : one line
	ItemSeparator        string // default ","
	KeySeparator         string // default ":"
	EscapeNonASCII       bool   // above U+007F as \\uXXXX, surrogate pairs for astral
	UpperHex             bool
	EscapeSolidus        bool // \/
	EscapeHTML           bool // < > &
	EscapeLineSeparators bool // U+2028 U+2029
	SortKeys             bool // by their bytes
	TrailingNewline      bool

	EscapeDelete     bool // U+007F too
	EscapeAll        bool // every character of every string but the keys
	LongControls     bool // no short form such as \\n, always four hex digits
	ReverseKeys      bool
	Unique           bool // of repeated keys keep the last value, at the first's place
	IndexKeysFirst   bool // keys that are array indices first and ascending
	ReplaceSurrogate bool // lone surrogates become U+FFFD
	ListsFromKeys    bool // objects without members, or with the keys 0, 1, 2 … in order, as arrays
	Numbers          Numbers
}

// Numbers says how numbers are spelled.
type Numbers byte

// The spellings of numbers: as they are written, or as a language prints what
// it parsed them to.
const (
	KeepNumbers Numbers = iota
	ECMAScriptNumbers
	PythonNumbers
	PHPNumbers
	GoNumbers
	RubyNumbers
)

// ECMAScript, Python (json.dumps defaults), PHP (json_encode defaults), Go
// (encoding/json), Ruby (to_json) are the spellings a receiver that
// re-serialises is likely to sign. PHP, Go and Ruby are as of 8.3, 1.22 and
// the json gem 2.7.
var (
	ECMAScript = Style{Name: "JavaScript", Unique: true, IndexKeysFirst: true, Numbers: ECMAScriptNumbers}
	Python     = Style{Name: "Python", ItemSeparator: ", ", KeySeparator: ": ", EscapeNonASCII: true, EscapeDelete: true, Unique: true, Numbers: PythonNumbers}
	PHP        = Style{Name: "PHP", EscapeNonASCII: true, EscapeSolidus: true, Unique: true, Numbers: PHPNumbers}
	Go         = Style{Name: "Go", EscapeHTML: true, EscapeLineSeparators: true, SortKeys: true, Unique: true, ReplaceSurrogate: true, Numbers: GoNumbers}
	Ruby       = Style{Name: "Ruby", Unique: true, Numbers: RubyNumbers}
)

// Spellings of the same value that a receiver which verifies the raw body
// takes and one that re-serialises does not.
var (
	Whitespace     = Style{Name: "whitespace", ItemSeparator: " ,\t", KeySeparator: " : "}
	PrettyPrinted  = Style{Name: "pretty-printed", Indent: "  ", KeySeparator: ": "}
	TrailingLine   = Style{Name: "trailing-newline", TrailingNewline: true}
	ReversedKeys   = Style{Name: "key-order", ReverseKeys: true}
	EscapedUnicode = Style{Name: "escaped-unicode", EscapeAll: true}
	EscapedSolidus = Style{Name: "escaped-solidus", EscapeSolidus: true}
)

// Languages are the re-serialisers, the commonest first.
func Languages() []Style { return []Style{ECMAScript, Python, PHP, Go, Ruby} }
