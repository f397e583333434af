package journal

import (
	"encoding/base64"
	"math/rand/v2"
	"testing"
)

func TestBase64(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 200 {
		for range 20 {
			b := make([]byte, n)
			for i := range b {
				b[i] = byte(rng.Uint32())
			}
			want := "before" + base64.StdEncoding.EncodeToString(b)
			if got := string(appendBase64([]byte("before"), b)); got != want {
				t.Fatalf("appendBase64(%x) = %s; want %s", b, got, want)
			}
		}
	}
}
