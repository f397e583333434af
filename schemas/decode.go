package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxExponent = 400  // beyond every float64; exact arithmetic on 1e1000001 would exhaust the validator
	maxDigits   = 1000 // of one number's literal
	maxDepth    = 512
)

// DecodeJSON decodes one JSON text (RFC 8259), numbers as json.Number. It
// refuses what a validator can be harmed with: numbers with an exponent beyond
// ±400 or more than 1000 characters, nesting beyond 512 levels; and what is no
// JSON text: invalid UTF-8, anything behind the value.
func DecodeJSON(text []byte) (any, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("not valid UTF-8")
	}
	if err := checkDepth(text); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errors.New("the JSON text ends early")
		}
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("not JSON: something follows the value at offset %d", d.InputOffset())
	}
	if err := checkNumbers(v, ""); err != nil {
		return nil, err
	}
	return v, nil
}

// checkDepth bounds the nesting before the decoder recurses.
func checkDepth(text []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return fmt.Errorf("nested deeper than %d levels", maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

func checkNumbers(v any, pointer string) error {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if err := checkNumbers(member, pointer+"/"+EscapePointer(name)); err != nil {
				return err
			}
		}
	case []any:
		for i, item := range v {
			if err := checkNumbers(item, pointer+"/"+strconv.Itoa(i)); err != nil {
				return err
			}
		}
	case json.Number:
		if err := checkNumber(string(v)); err != nil {
			return fmt.Errorf("%s: %w", pointer, err)
		}
	}
	return nil
}

func checkNumber(literal string) error {
	if len(literal) > maxDigits {
		return fmt.Errorf("number of %d characters: more than %d", len(literal), maxDigits)
	}
	if i := strings.IndexAny(literal, "eE"); i >= 0 {
		if e, err := strconv.Atoi(literal[i+1:]); err != nil || e > maxExponent || e < -maxExponent {
			return fmt.Errorf("number %s: exponent beyond ±%d", literal, maxExponent)
		}
	}
	return nil
}
