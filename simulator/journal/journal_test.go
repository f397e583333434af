package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator"
)

func sample(i int) *simulator.Attempt {
	return &simulator.Attempt{
		ID: fmt.Sprint("a", i), Class: simulator.Genuine, Event: simulator.EventRef{Type: "t", ID: fmt.Sprint("evt_", i)},
		Request: simulator.Message{Headers: [][2]string{{"A", "b"}}, Body: simulator.NewBytes([]byte("<body>"))},
	}
}

func readAll(t testing.TB, r *Reader) (ids []string, err error) {
	t.Helper()
	for {
		a, err := r.Next()
		if errors.Is(err, io.EOF) {
			return ids, nil
		}
		if err != nil {
			return ids, err
		}
		ids = append(ids, a.ID)
	}
}

func TestWriterKeepsEverythingInOrder(t *testing.T) {
	for _, sync := range []bool{false, true} {
		var out bytes.Buffer
		w := NewWriter(&out, Options{Sync: sync})
		for i := range 500 {
			if !w.Attempt(sample(i)) {
				t.Fatal("dropped with room to spare")
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if w.Attempt(sample(0)) {
			t.Error("a closed journal took a record")
		}
		ids, err := readAll(t, NewReader("j", &out))
		if err != nil || len(ids) != 500 || ids[0] != "a0" || ids[499] != "a499" {
			t.Errorf("sync %v: read %d records, %v; want 500 in order", sync, len(ids), err)
		}
		if s := w.Stats(); s.Written != 500 || s.Dropped != 1 {
			t.Errorf("sync %v: %+v; want 500 written, 1 dropped", sync, s)
		}
	}
}

// gated is a disk that stands still until it is opened.
type gated struct {
	mu      sync.Mutex
	open    chan struct{}
	written bytes.Buffer
}

func (g *gated) Write(p []byte) (int, error) {
	<-g.open
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.written.Write(p)
}

// A disk that stands still costs records and never a sender's time.
func TestWriterDropsRatherThanWaits(t *testing.T) {
	g := &gated{open: make(chan struct{})}
	w := NewWriter(g, Options{Buffer: 2000})
	taken := 0
	for i := range 1000 { // would never end if Append waited
		if w.Attempt(sample(i)) {
			taken++
		}
	}
	close(g.open)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s := w.Stats()
	if s.Dropped == 0 || s.Written != uint64(taken) || s.Written+s.Dropped != 1000 {
		t.Errorf("%+v, %d taken; want some dropped, the rest written", s, taken)
	}
	ids, err := readAll(t, NewReader("j", &g.written))
	if err != nil || len(ids) != taken {
		t.Errorf("read %d, %v; want %d", len(ids), err, taken)
	}
}

func TestSyncWriterWaitsRatherThanDrops(t *testing.T) {
	g := &gated{open: make(chan struct{})}
	w := NewWriter(g, Options{Buffer: 2000, Sync: true})
	var all sync.WaitGroup
	for s := range 4 {
		all.Go(func() {
			for i := range 100 {
				if !w.Attempt(sample(s*100 + i)) {
					t.Error("dropped")
				}
			}
		})
	}
	close(g.open)
	all.Wait()
	if err := w.Close(); err != nil || w.Stats().Written != 400 {
		t.Errorf("%v, %+v; want 400 written", err, w.Stats())
	}
}

// filling is a disk that fills up in the middle of a record.
type filling struct {
	bytes.Buffer
	room int
}

var errFull = errors.New("no space left on device")

func (f *filling) Write(p []byte) (int, error) {
	if len(p) > f.room {
		n, _ := f.Buffer.Write(p[:f.room])
		f.room = 0
		return n, errFull
	}
	f.room -= len(p)
	return f.Buffer.Write(p)
}

func TestFullDiskLeavesWholeRecords(t *testing.T) {
	for _, sync := range []bool{false, true} {
		disk := &filling{room: 5001}
		w := NewWriter(disk, Options{Sync: sync})
		for i := range 200 {
			w.Attempt(sample(i))
		}
		if err := w.Close(); !errors.Is(err, errFull) {
			t.Errorf("Close = %v; want %v", err, errFull)
		}
		r := NewReader("j", bytes.NewReader(disk.Bytes()))
		ids, err := readAll(t, r)
		s := w.Stats()
		if err != nil || !r.Cut() || len(ids) == 0 || uint64(len(ids)) != s.Written || s.Written+s.Dropped != 200 {
			t.Errorf("sync %v: read %d, cut %v, %v; stats %+v: want what was written, cut", sync, len(ids), r.Cut(), err, s)
		}
		if rest := disk.Bytes()[r.Whole():]; bytes.Contains(rest, []byte{'\n'}) || r.Whole() == 0 {
			t.Errorf("Whole = %d leaves %q", r.Whole(), rest)
		}
	}
}

func TestReaderNamesWhatIsWrong(t *testing.T) {
	line := func(i int) string { b, _ := json.Marshal(sample(i)); return string(b) + "\n" }
	for name, test := range map[string]struct {
		text string
		ids  int
		cut  bool
		err  string
	}{
		"empty":     {"", 0, false, ""},
		"whole":     {line(1) + "\n" + line(2), 2, false, ""},
		"cut":       {line(1) + line(2)[:40], 1, true, ""},
		"no end":    {line(1) + strings.TrimSuffix(line(2), "\n"), 1, true, ""},
		"middle":    {line(1) + line(2)[:40] + "\n" + line(3), 1, false, "j: line 2 is no attempt"},
		"other":     {line(1) + `{"id":"x"}` + "\n", 1, false, "line 2 is no attempt: it has no id or no class"},
		"members":   {`{"id":"x","class":"genuine","more":1}` + "\n", 0, false, `unknown field "more"`},
		"not lines": {strings.Repeat("x", MaxLine+100), 0, false, "longer than"},
	} {
		r := NewReader("j", strings.NewReader(test.text))
		ids, err := readAll(t, r)
		if len(ids) != test.ids || r.Cut() != test.cut || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: %d records, cut %v, %v; want %d, %v, %q", name, len(ids), r.Cut(), err, test.ids, test.cut, test.err)
		}
	}
}

func FuzzReader(f *testing.F) {
	b, _ := json.Marshal(sample(1))
	f.Add(append(b, '\n'))
	f.Add([]byte("{\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r := NewReader("j", bytes.NewReader(text))
		_, err := readAll(t, r)
		if r.Whole() > int64(len(text)) || err != nil && r.Cut() {
			t.Errorf("whole %d of %d, cut %v, %v", r.Whole(), len(text), r.Cut(), err)
		}
	})
}

func provider(t testing.TB, name string) *schemas.Provider {
	t.Helper()
	l, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.Provider(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
