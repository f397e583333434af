package jsondoc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// tokens splits an RFC 6901 pointer; "" is the whole document.
func tokens(pointer string) ([]string, error) {
	if pointer == "" {
		return nil, nil
	}
	if pointer[0] != '/' {
		return nil, fmt.Errorf("pointer %q does not begin with a slash", pointer)
	}
	parts := strings.Split(pointer[1:], "/")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(p, "~1", "/"), "~0", "~")
	}
	return parts, nil
}

// Escape spells a key as a token of an RFC 6901 pointer.
func Escape(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

// index is the place of a token among an array's items or an object's
// members (the last of repeated keys, as most parsers read them), or -1.
func (v Value) index(token string) int {
	switch v.Kind {
	case Array:
		if n, err := strconv.Atoi(token); err == nil && n >= 0 && n < len(v.Items) && strconv.Itoa(n) == token {
			return n
		}
	case Object:
		for i := len(v.Members) - 1; i >= 0; i-- {
			if v.Members[i].Key == token {
				return i
			}
		}
	}
	return -1
}

// Get returns the value at an RFC 6901 pointer; of repeated keys, the last.
func (v Value) Get(pointer string) (Value, bool) {
	path, err := tokens(pointer)
	if err != nil {
		return Value{}, false
	}
	for _, token := range path {
		i := v.index(token)
		if i < 0 {
			return Value{}, false
		}
		if v.Kind == Array {
			v = v.Items[i]
		} else {
			v = v.Members[i].Value
		}
	}
	return v, true
}

// With returns a copy with the value at pointer replaced, or added as the last
// member of an existing object ("-" adds to an array). The receiver is left
// as it was. It fails where the parent does not exist.
func (v Value) With(pointer string, value Value) (Value, error) {
	path, err := tokens(pointer)
	if err != nil {
		return Value{}, err
	}
	return v.with(path, pointer, value)
}

func (v Value) with(path []string, pointer string, value Value) (Value, error) {
	if len(path) == 0 {
		return value, nil
	}
	i := v.index(path[0])
	if i < 0 {
		switch {
		case len(path) == 1 && v.Kind == Object:
			v.Members = append(slices.Clip(v.Members), Member{Key: path[0], Value: value})
			return v, nil
		case len(path) == 1 && v.Kind == Array && path[0] == "-":
			v.Items = append(slices.Clip(v.Items), value)
			return v, nil
		}
		return Value{}, fmt.Errorf("no value at %q: %q is not there", pointer, path[0])
	}
	var err error
	if v.Kind == Array {
		v.Items = slices.Clone(v.Items)
		v.Items[i], err = v.Items[i].with(path[1:], pointer, value)
	} else {
		v.Members = slices.Clone(v.Members)
		v.Members[i].Value, err = v.Members[i].Value.with(path[1:], pointer, value)
	}
	return v, err
}

// Without returns a copy that lacks the member or item at pointer; of a
// repeated key, all. It fails where there is none, and on the whole document.
func (v Value) Without(pointer string) (Value, error) {
	path, err := tokens(pointer)
	if err != nil {
		return Value{}, err
	}
	if len(path) == 0 {
		return Value{}, fmt.Errorf("the whole document cannot be left out")
	}
	return v.without(path, pointer)
}

func (v Value) without(path []string, pointer string) (Value, error) {
	i := v.index(path[0])
	if i < 0 {
		return Value{}, fmt.Errorf("no value at %q: %q is not there", pointer, path[0])
	}
	last := len(path) == 1
	var err error
	switch {
	case v.Kind == Array && last:
		v.Items = slices.Delete(slices.Clone(v.Items), i, i+1)
	case v.Kind == Array:
		v.Items = slices.Clone(v.Items)
		v.Items[i], err = v.Items[i].without(path[1:], pointer)
	case last:
		v.Members = slices.DeleteFunc(slices.Clone(v.Members), func(m Member) bool { return m.Key == path[0] })
	default:
		v.Members = slices.Clone(v.Members)
		v.Members[i].Value, err = v.Members[i].Value.without(path[1:], pointer)
	}
	return v, err
}

// Find returns where in a text the value at pointer lies (of repeated keys,
// the last), so that it can be replaced while all else keeps its spelling.
func Find(text []byte, pointer string) (start, end int, ok bool) {
	path, err := tokens(pointer)
	if err != nil {
		return 0, 0, false
	}
	if _, err := Parse(text); err != nil {
		return 0, 0, false
	}
	p := parser{text: text}
	return p.find(path)
}

// find runs over a text that Parse has taken.
func (p *parser) find(path []string) (start, end int, ok bool) {
	p.space()
	if len(path) == 0 {
		start = p.at
		_, err := p.value()
		return start, p.at, err == nil
	}
	open := p.peek()
	if open != '{' && open != '[' || p.enter() != nil {
		return 0, 0, false
	}
	shut := open + 2 // '[' ']' and '{' '}' lie two apart
	for n := 0; p.peek() != shut; n++ {
		token := strconv.Itoa(n)
		if open == '{' {
			token, _ = p.key()
		}
		mark := *p
		if _, err := p.value(); err != nil {
			return 0, 0, false
		}
		if token == path[0] {
			start, end, ok = mark.find(path[1:])
		}
		if done, err := p.next(shut); done || err != nil {
			break
		}
		p.space()
	}
	return start, end, ok
}

// Replace returns the text with the value at pointer spelled as given and all
// else byte for byte as it was. It fails where there is no such value.
func Replace(text []byte, pointer string, spelled []byte) ([]byte, error) {
	start, end, ok := Find(text, pointer)
	if !ok {
		return nil, fmt.Errorf("no value at %q", pointer)
	}
	return slices.Concat(text[:start], spelled, text[end:]), nil
}

// Insert returns the text with a member added behind all others of the object
// at pointer, or before them, and all else byte for byte as it was. It fails
// where there is no such object.
func Insert(text []byte, pointer, key string, spelled []byte, first bool) ([]byte, error) {
	start, end, ok := Find(text, pointer)
	if !ok || text[start] != '{' {
		return nil, fmt.Errorf("no object at %q", pointer)
	}
	object, err := Parse(text[start:end])
	if err != nil {
		return nil, err
	}
	member := slices.Concat(Text(key).Compact(), []byte{':'}, spelled)
	switch {
	case len(object.Members) == 0:
	case first:
		member = append(member, ',')
	default:
		member = append([]byte{','}, member...)
	}
	at := end - 1
	if first {
		at = start + 1
	}
	return slices.Concat(text[:at], member, text[at:]), nil
}
