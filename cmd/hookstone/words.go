package main

import (
	"fmt"
	"strings"
)

// splitWords splits a command as a POSIX shell splits words: white space
// separates, single quotes keep everything, double quotes keep all but \" \\ \$
// \` and a backslash keeps the next character. Nothing is expanded and no
// operator is known; who wants a shell writes: sh -c '…'.
func splitWords(command string) ([]string, error) {
	var (
		words  []string
		word   strings.Builder
		inWord bool
	)
	runes := []rune(command)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; r {
		case ' ', '\t', '\n', '\r':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		case '\'':
			inWord = true
			end := i + 1
			for end < len(runes) && runes[end] != '\'' {
				end++
			}
			if end == len(runes) {
				return nil, fmt.Errorf("unclosed single quote in %q", command)
			}
			word.WriteString(string(runes[i+1 : end]))
			i = end
		case '"':
			inWord = true
			i++
			for ; i < len(runes) && runes[i] != '"'; i++ {
				if runes[i] == '\\' && i+1 < len(runes) && strings.ContainsRune("\"\\$`", runes[i+1]) {
					i++
				}
				word.WriteRune(runes[i])
			}
			if i >= len(runes) {
				return nil, fmt.Errorf("unclosed double quote in %q", command)
			}
		case '\\':
			if i+1 == len(runes) {
				return nil, fmt.Errorf("backslash at the end of %q", command)
			}
			inWord = true
			i++
			word.WriteRune(runes[i])
		default:
			inWord = true
			word.WriteRune(r)
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// quoteWord spells a word so that a POSIX shell reads it back as it is.
func quoteWord(word string) string {
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
