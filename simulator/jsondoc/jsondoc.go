// Package jsondoc holds a JSON text as an ordered tree and spells it again:
// as ECMAScript, Python, PHP and others would, or with deliberate oddities.
// Numbers keep their literal, objects their order and their repeated keys.
//
// It is not part of the promised API: see CONTRIBUTING.md.
package jsondoc

// Kind of a Value.
type Kind byte

// The kinds of a Value. The zero Value is null.
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

// Text makes a string value.
func Text(s string) Value { return Value{Kind: String, Text: s} }

// Literal makes a number of its literal, which is spelled as it is.
func Literal(number string) Value { return Value{Kind: Number, Text: number} }

// Raw makes a value whose bytes are written as they are in every style, sound
// JSON or not.
func Raw(text string) Value { return Value{Kind: Verbatim, Text: text} }

// Compact spells the value as ECMAScript's JSON.stringify(JSON.parse(x)) does;
// for a value made of canonical literals the result is a fixed point of it.
// A Verbatim part is written as it is.
func (v Value) Compact() []byte { return v.Spell(ECMAScript) }
