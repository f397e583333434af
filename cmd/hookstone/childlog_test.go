package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestLogHidesTheSecret cuts a log with the secret in it anywhere.
func TestLogHidesTheSecret(t *testing.T) {
	t.Parallel()
	secret := "whsec_Hyacinth7"
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Repeat("x", rapid.IntRange(0, 70<<10).Draw(t, "before")) + secret +
			rapid.SampledFrom([]string{"\n", "", "\nmore\n", secret + "\n"}).Draw(t, "after")
		path := filepath.Join(dir, "receiver.log")
		l := &childLog{secret: []byte(secret)}
		if err := l.open(path); err != nil {
			t.Fatal(err)
		}
		rest := []byte(text)
		for len(rest) > 0 {
			n := min(len(rest), rapid.IntRange(1, 40<<10).Draw(t, "piece"))
			l.add(rest[:n], false)
			rest = rest[n:]
		}
		l.add(nil, true)
		l.close()
		kept, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(kept, []byte(secret)) || strings.Contains(l.hint(), secret) {
			t.Fatal("the secret stands in the log")
		}
		if want := strings.ReplaceAll(text, secret, "[secret]"); string(kept) != want {
			t.Fatalf("the log has %d bytes; want %d", len(kept), len(want))
		}
	})
}

func TestLogIsDrainedToItsEnd(t *testing.T) {
	t.Parallel()
	l := &childLog{secret: []byte("s3cret")}
	l.drain(io.NopCloser(strings.NewReader("one\ntwo s3cret\nthree \x1b[31m")))
	got := l.hint()
	if !strings.Contains(got, "two [secret]") || !strings.Contains(got, "three \uFFFD[31m") {
		t.Errorf("hint() = %q", got)
	}
}
