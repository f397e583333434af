package schedule

import (
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// Where the runtime has one thread to run on, who passes lets others go first:
// those that can run, and those for which something came.
func TestLeisure(t *testing.T) {
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	for name, l := range map[string]leisure{"platform": newLeisure(), "turns": turns{}} {
		t.Run(name, func(t *testing.T) {
			var ran atomic.Bool
			go func() {
				for range 10 {
					runtime.Gosched()
				}
				ran.Store(true)
			}()
			l.pass()
			if !ran.Load() {
				t.Error("it returned before another goroutine had its turns")
			}
			busy := make(chan bool)
			go func() {
				close(busy)
				for until := time.Now().Add(20 * promptly); time.Now().Before(until); {
				}
			}()
			if l.idle() {
				<-busy
				t.Error("it found nothing to do; another goroutine had work")
			}
			found := false
			for range 1000 {
				if found = l.idle(); found {
					break
				}
				time.Sleep(time.Millisecond)
			}
			if !found {
				t.Error("it never found nothing to do")
			}
		})
	}
}

// A pass has the runtime look for what came for files and connections.
func TestGlanceSeesWhatCame(t *testing.T) {
	l := newLeisure()
	if _, other := l.(turns); other {
		t.Skip("needs eventfd, which this platform has not")
	}
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	var came atomic.Int64
	go func() {
		var b [1]byte
		for {
			if _, err := r.Read(b[:]); err != nil {
				return
			}
			came.Add(1)
		}
	}()
	l.pass() // it reads, and waits
	for i := range 100 {
		if _, err := w.Write([]byte{1}); err != nil {
			t.Fatal(err)
		}
		// No sleep: a thread that has nothing to do would look by itself.
		for range 10 {
			l.pass()
		}
		if came.Load() != int64(i+1) {
			t.Fatalf("%d of %d bytes were read; want all, without anybody having slept", came.Load(), i+1)
		}
	}
	if !l.alone() {
		t.Error("it says that passing takes others' time, where there is one thread")
	}
}
