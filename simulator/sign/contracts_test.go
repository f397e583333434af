package sign

import (
	"errors"
	"io"
	"os"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/hookstone/hookstone/schemas"
)

// contracts reads the test contracts.
func contracts(t testing.TB) map[string]*schemas.Contract {
	t.Helper()
	f, err := os.Open("testdata/contracts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]*schemas.Contract{}
	for d := yaml.NewDecoder(f); ; {
		c := &schemas.Contract{}
		if err := d.Decode(c); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		out[c.Provider] = c
	}
}

func scheme(t testing.TB, name string) *Scheme {
	t.Helper()
	c := contracts(t)[name]
	if c == nil {
		t.Fatalf("no test contract %q", name)
	}
	s, err := Compile(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// secretFor is a secret that the contract's key clause can read.
func secretFor(c *schemas.Contract) []byte {
	switch c.Signing.Key.Decode {
	case "base64":
		return []byte(c.Signing.Key.Strip + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	case "hex":
		return []byte(c.Signing.Key.Strip + "00ff10203040506070")
	}
	return []byte("a secret of some length: é")
}
