// Package sign interprets a contract's signing clause: it makes and checks
// signatures without knowing any provider.
package sign

import (
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/wire"
)

// Scheme is a contract's signing clause, compiled.
type Scheme struct{}

// Compile prepares the clause; it fails on an algorithm, encoding or variable
// that it does not know.
func Compile(c *schemas.Contract) (*Scheme, error) { panic("unbuilt") }

// Material is what a signature is made over.
type Material struct {
	Body     []byte
	ID, Type string
	At       time.Time // signing time; spelled by the contract's form
	// Timestamp replaces the spelling of At ("abc", "+123", milliseconds …).
	// TimestampSet tells "" from unset.
	Timestamp    string
	TimestampSet bool
}

// Mistakes are deviations inside the signer. The zero value signs rightly.
type Mistakes struct {
	Algorithm string                    // hmac-sha1, hmac-sha512, hmac-md5, sha256 (no key) …
	Encode    string                    // hex, base64, hex-upper
	Content   *schemas.Template         // other signed content
	Digest    func(right string) string // last word on every digest's text (truncate, extend, random …)
	Body      []byte                    // sign over these bytes instead of the ones sent
}

// Signed is the outcome of signing.
type Signed struct {
	Fields []wire.Field      // the signing headers, in the contract's order
	Base   []byte            // the signed content of the first signature (the signing base string)
	Digest map[string]string // text of each signature by name
	Time   string            // the timestamp as written; "" where none travels
}

// Sign signs with one secret, or with several while a secret is rotated.
func (s *Scheme) Sign(m Material, w Mistakes, secrets ...[]byte) (Signed, error) { panic("unbuilt") }

// Verify checks a delivery as the contract says: signature, then freshness
// against now. Err's text never holds the secret or the expected signature.
func (s *Scheme) Verify(fields []wire.Field, body []byte, now time.Time, secrets ...[]byte) error {
	panic("unbuilt")
}
