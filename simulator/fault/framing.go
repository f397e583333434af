package fault

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"slices"
	"time"

	"github.com/hookstone/hookstone/simulator/wire"
)

func onWire(name, summary string, edit func(*Draft) error) Fault {
	return Fault{Name: "wire." + name, Summary: summary, Stage: OnWire, Apply: edit}
}

// Chunked sends the body by Transfer-Encoding: chunked, that many bytes a
// chunk; 0: one chunk.
func Chunked(chunkBytes int) Fault {
	return onWire(fmt.Sprintf("chunked(%d)", chunkBytes), "is sent chunked", func(d *Draft) error {
		d.drop("Content-Length")
		d.Request.Framing, d.Request.ChunkBytes = wire.Chunked, chunkBytes
		return nil
	})
}

// Slow sends the body in so many pieces with pauses that last total together.
func Slow(pieces int, total time.Duration) Fault {
	return onWire(fmt.Sprintf("slow(%d,%s)", pieces, total), fmt.Sprintf("sends its body in %d pieces over %s", pieces, total), func(d *Draft) error {
		n := min(pieces, len(d.Request.Body))
		if n < 1 {
			return notApplicable("the body is empty")
		}
		size := len(d.Request.Body) / n
		d.Request.Pieces = nil
		for i := range n {
			p := wire.Piece{Pause: total / time.Duration(n), Bytes: size}
			if i == n-1 {
				p.Bytes = 0
			}
			d.Request.Pieces = append(d.Request.Pieces, p)
		}
		return nil
	})
}

// SplitCharacter sends the body in two parts with a pause between them, split
// within its first character of several bytes.
func SplitCharacter(after time.Duration) Fault {
	return onWire(fmt.Sprintf("split-character(%s)", after), "sends its body in two parts, split within a character", func(d *Draft) error {
		at := slices.IndexFunc(d.Request.Body, func(b byte) bool { return b >= 0x80 && b < 0xC0 })
		if at < 0 {
			return notApplicable("the body holds no character of several bytes")
		}
		d.Request.Pieces = []wire.Piece{{Bytes: at}, {Pause: after}}
		return nil
	})
}

// Target asks for another path than the delivery's.
func Target(path string) Fault {
	return onWire("target("+path+")", "is sent to "+path, func(d *Draft) error { d.Request.Target = path; return nil })
}

// ExpectContinue asks with Expect: 100-continue before it sends the body.
func ExpectContinue() Fault {
	return onWire("expect-continue", "asks before it sends the body", func(d *Draft) error { d.Request.Expect = true; return nil })
}

// CutAt breaks the upload off after so many bytes of the body; negative: in
// the middle.
func CutAt(n int) Fault {
	name := fmt.Sprintf("cut(%d)", n)
	if n < 0 {
		name = "cut(middle)"
	}
	return onWire(name, "breaks off within the body", func(d *Draft) error {
		if n >= len(d.Request.Body) || len(d.Request.Body) == 0 {
			return notApplicable("the body has %d bytes", len(d.Request.Body))
		}
		d.Request.Cut, d.Request.CutAfter = true, n
		if n < 0 {
			d.Request.CutAfter = len(d.Request.Body) / 2
		}
		return nil
	})
}

// CutInCharacter breaks the upload off within the body's last character of
// several bytes.
func CutInCharacter() Fault {
	return onWire("cut(character)", "breaks off within a character", func(d *Draft) error {
		for i := len(d.Request.Body) - 1; i > 0; i-- {
			if d.Request.Body[i] >= 0x80 && d.Request.Body[i] < 0xC0 {
				d.Request.Cut, d.Request.CutAfter = true, i
				return nil
			}
		}
		return notApplicable("the body holds no character of several bytes")
	})
}

// CutLastByte breaks the upload off before the body's last byte.
func CutLastByte() Fault {
	return onWire("cut(last)", "lacks its last byte", func(d *Draft) error {
		if len(d.Request.Body) == 0 {
			return notApplicable("the body is empty")
		}
		d.Request.Cut, d.Request.CutAfter = true, len(d.Request.Body)-1
		return nil
	})
}

// Endless sends the whole body chunked, and never the chunk that ends it
// (RFC 9112, section 8: the message is incomplete).
func Endless() Fault {
	return onWire("endless", "is chunked and breaks off before the last chunk", func(d *Draft) error {
		d.drop("Content-Length")
		d.Request.Framing, d.Request.ChunkBytes = wire.Chunked, 0
		d.Request.Cut, d.Request.CutAfter = true, len(d.Request.Body)
		return nil
	})
}

// Abandon closes the connection right after the last byte, without an eye for
// the answer.
func Abandon() Fault {
	return onWire("abandon", "closes before the answer comes", func(d *Draft) error { d.Request.Abandon = true; return nil })
}

// NoLength sends a body without telling its length or end.
func NoLength() Fault {
	return onWire("no-length", "has a body of untold length", func(d *Draft) error {
		d.drop("Content-Length")
		d.Request.Framing = wire.Unframed
		return nil
	})
}

// ReadEarly takes an answer that comes while the body is still being sent, as
// large uploads need that a server refuses at once.
func ReadEarly() Fault {
	return onWire("read-early", "reads the answer while it sends", func(d *Draft) error { d.Request.ReadWhileWriting = true; return nil })
}

// ContentCoding declares a content coding. A body declared as gzip is
// compressed, after it was signed; of another coding only the name is sent.
func ContentCoding(name string) Fault {
	return onWire("content-coding("+name+")", "declares the content coding "+name, func(d *Draft) error {
		if name == "gzip" {
			var out bytes.Buffer
			w := gzip.NewWriter(&out)
			if _, err := w.Write(d.Request.Body); err != nil {
				return err
			}
			if err := w.Close(); err != nil {
				return err
			}
			d.Request.Body = out.Bytes()
		}
		return HeaderValue("Content-Encoding", name).Apply(d)
	})
}

// RawBytes replaces the whole request by bytes as they are.
func RawBytes(name string, raw []byte) Fault {
	raw = slices.Clone(raw)
	return onWire("raw("+name+")", "is no HTTP as anybody writes it: "+name, func(d *Draft) error { d.Request.Raw = raw; return nil })
}
