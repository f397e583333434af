package explain

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// curlLine tells a line that a transcript of curl begins with.
func curlLine(line string) bool {
	for _, mark := range []string{"* ", "> ", "< ", "== Info: ", "=> Send ", "$ curl ", "curl "} {
		if strings.HasPrefix(line, mark) {
			return true
		}
	}
	return line == ">" || line == "*"
}

// ReadCurl reads what curl -v (or --trace) wrote to stderr. The verbose form
// shows header lines and no body: it is taken from the command, where the
// transcript begins with it, or must come from elsewhere (Capture.NeedsBody).
// The form of --trace holds every byte; --trace-ascii does not and is refused.
func ReadCurl(text []byte, entry int) (Capture, error) {
	if err := bounded(text); err != nil {
		return Capture{}, err
	}
	if bytes.Contains(text, []byte("=> Send header")) {
		return readTrace(text, entry)
	}
	command, text := curlCommand(text)
	var all []Capture
	var open *Capture
	for raw := range bytes.SplitSeq(text, []byte("\n")) {
		line := string(bytes.TrimSuffix(raw, []byte("\r")))
		sent, is := strings.CutPrefix(line, ">")
		if !is {
			continue
		}
		sent = strings.TrimPrefix(sent, " ")
		if method, target, ok := requestLine(sent); ok {
			if len(all) == maxFields {
				return Capture{}, fmt.Errorf("the transcript holds more than %d requests", maxFields)
			}
			all = append(all, Capture{Form: "curl transcript", Method: method, Target: target, bodyless: true})
			open = &all[len(all)-1]
			continue
		}
		if sent == "" || open == nil {
			open = nil // the empty line ends the request's head
			continue
		}
		fields, err := headerLines([]byte(sent))
		if err != nil {
			return Capture{}, fmt.Errorf("the transcript's line %s is no header line", quoted(line))
		}
		if open.Fields = append(open.Fields, fields...); len(open.Fields) > maxFields {
			return Capture{}, fmt.Errorf("more than %d header lines", maxFields)
		}
	}
	if len(all) == 0 {
		return Capture{}, fmt.Errorf("the transcript shows no request: run curl with -v, and keep the lines that begin with >")
	}
	if command != nil {
		for i := range all {
			if all[i].Method == "POST" || len(all) == 1 {
				all[i] = all[i].WithBody(command)
			}
		}
	}
	return pick(all, entry, "transcript")
}

// curlCommand takes the command off a transcript and returns the body that it
// sends; nil where it names none, or a file.
func curlCommand(text []byte) (body, rest []byte) {
	trimmed := bytes.TrimPrefix(text, []byte("$ "))
	if !bytes.HasPrefix(trimmed, []byte("curl ")) {
		return nil, text
	}
	words, rest := shellWords(trimmed)
	for i, w := range words {
		for _, flag := range []string{"--data-raw", "--data-binary", "--data", "-d", "--json", "--data-ascii"} {
			value, ok := strings.CutPrefix(w, flag+"=")
			if !ok && w == flag && i+1 < len(words) {
				value, ok = words[i+1], true
			}
			if !ok {
				continue
			}
			if flag != "--data-raw" && strings.HasPrefix(value, "@") {
				return nil, rest
			}
			if body != nil {
				body = append(body, '&') // curl joins several so
			}
			body = append(body, value...)
		}
	}
	return body, rest
}

// shellWords splits a command as a POSIX shell does, up to the end of its line;
// within quotes, and behind a backslash, a line goes on.
func shellWords(text []byte) (words []string, rest []byte) {
	var word []byte
	inWord := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\n':
			if inWord {
				words = append(words, string(word))
			}
			return words, text[i+1:]
		case c == ' ' || c == '\t' || c == '\r':
			if inWord {
				words, word, inWord = append(words, string(word)), nil, false
			}
		case c == '\\' && i+1 < len(text):
			i++
			if text[i] == '\n' {
				continue
			}
			word, inWord = append(word, text[i]), true
		case c == '\'' || c == '"':
			inWord = true
			for i++; i < len(text) && text[i] != c; i++ {
				if c == '"' && text[i] == '\\' && i+1 < len(text) && strings.IndexByte("\"\\$`", text[i+1]) >= 0 {
					i++
				}
				word = append(word, text[i])
			}
		default:
			word, inWord = append(word, c), true
		}
	}
	if inWord {
		words = append(words, string(word))
	}
	return words, nil
}

// readTrace reads curl --trace: hex dumps under "=> Send header" and "=> Send data".
func readTrace(text []byte, entry int) (Capture, error) {
	var requests []*bytes.Buffer
	var into *bytes.Buffer
	left := 0
	for raw := range bytes.SplitSeq(text, []byte("\n")) {
		line := string(bytes.TrimSuffix(raw, []byte("\r")))
		switch {
		case strings.Contains(line, "=> Send header, "), strings.Contains(line, "=> Send data, "):
			_, after, _ := strings.Cut(line, ", ")
			n, err := strconv.Atoi(strings.Fields(after + " ?")[0])
			if err != nil || n < 0 || n > Limit {
				return Capture{}, fmt.Errorf("the trace's line %s tells no length", quoted(line))
			}
			if strings.Contains(line, "Send header") {
				requests = append(requests, &bytes.Buffer{})
			}
			if len(requests) == 0 {
				return Capture{}, fmt.Errorf("the trace sends data before a header")
			}
			into, left = requests[len(requests)-1], n
		case into != nil && left > 0:
			b, err := dumpLine(line, left)
			if err != nil {
				return Capture{}, err
			}
			into.Write(b)
			left -= len(b)
		}
	}
	var all []Capture
	for _, r := range requests {
		c, err := ReadHTTP(r.Bytes())
		if err != nil {
			return Capture{}, err
		}
		c.Form = "curl trace"
		all = append(all, c)
	}
	return pick(all, entry, "trace")
}

// dumpLine reads "0000: 50 4f 53 54 20 POST ": at most 16 bytes.
func dumpLine(line string, left int) ([]byte, error) {
	_, dump, ok := strings.Cut(line, ": ")
	var out []byte
	for ok && len(out) < min(16, left) && len(dump) >= 2 {
		b, err := hex.DecodeString(dump[:2])
		if err != nil {
			break
		}
		out = append(out, b...)
		dump = strings.TrimPrefix(dump[2:], " ")
	}
	if len(out) < min(16, left) {
		return nil, fmt.Errorf("the trace's line %s is no hex dump: write it with --trace, since --trace-ascii does not hold every byte", quoted(line))
	}
	return out, nil
}
