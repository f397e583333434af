package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/hookstone/hookstone/simulator"
)

// MaxLine is the longest record that a Reader takes.
const MaxLine = 16 << 20

// Reader reads a journal record by record.
type Reader struct {
	name string
	in   *bufio.Reader
	line int
	good int64
	cut  bool
}

// NewReader reads a journal; the name is for messages.
func NewReader(name string, in io.Reader) *Reader {
	return &Reader{name: name, in: bufio.NewReaderSize(in, 64<<10)}
}

// Next returns the next attempt, and io.EOF behind the last whole one. A last
// record that was cut, by a full disk or a killed process, is left out and
// told by Cut; anything else that is no attempt is an error that names the
// line.
func (r *Reader) Next() (*simulator.Attempt, error) {
	for {
		text, whole, err := r.read()
		if err != nil {
			return nil, err
		}
		r.line++
		if len(bytes.TrimSpace(text)) == 0 {
			if !whole {
				return nil, io.EOF
			}
			r.good += int64(len(text))
			continue
		}
		if !whole {
			// The line end is a record's last byte: without it the record is cut.
			r.cut = true
			return nil, io.EOF
		}
		var a simulator.Attempt
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&a); err == nil && (a.ID == "" || a.Class == "") {
			err = errors.New("it has no id or no class")
			return nil, fmt.Errorf("%s: line %d is no attempt: %w", r.name, r.line, err)
		} else if err != nil {
			return nil, fmt.Errorf("%s: line %d is no attempt: %w", r.name, r.line, err)
		}
		r.good += int64(len(text))
		return &a, nil
	}
}

// read returns the next line with its end; whole tells that it has one.
func (r *Reader) read() (text []byte, whole bool, err error) {
	for {
		part, err := r.in.ReadSlice('\n')
		text = append(text, part...)
		switch {
		case err == nil:
			return text, true, nil
		case len(text) > MaxLine:
			return nil, false, fmt.Errorf("%s: line %d is longer than %d bytes", r.name, r.line+1, MaxLine)
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			if len(text) == 0 {
				return nil, false, io.EOF
			}
			return text, false, nil
		default:
			return nil, false, fmt.Errorf("%s: line %d: %w", r.name, r.line+1, err)
		}
	}
}

// Cut tells, once Next returned io.EOF, that the last record was cut.
func (r *Reader) Cut() bool { return r.cut }

// Whole is the length in bytes of what was read up to the last whole record:
// where a journal that goes on is to be continued.
func (r *Reader) Whole() int64 { return r.good }
