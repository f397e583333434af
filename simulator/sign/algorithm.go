package sign

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"github.com/hookstone/hookstone/schemas"
)

type algorithm struct {
	new   func() hash.Hash
	keyed bool
}

// algorithms by name; those without a key exist as mistakes only.
var algorithms = map[string]algorithm{
	"hmac-sha256": {sha256.New, true},
	"hmac-sha384": {sha512.New384, true},
	"hmac-sha512": {sha512.New, true},
	"hmac-sha1":   {sha1.New, true},
	"hmac-md5":    {md5.New, true},
	"sha256":      {sha256.New, false},
	"sha512":      {sha512.New, false},
	"sha1":        {sha1.New, false},
	"md5":         {md5.New, false},
}

func (a algorithm) hash(key []byte) hash.Hash {
	if a.keyed {
		return hmac.New(a.new, key)
	}
	return a.new()
}

var encodings = map[string]bool{"hex": true, "hex-upper": true, "base64": true}

// DigestLength is the length of a digest's text in bytes; 0 where algorithm or
// encoding is unknown.
func DigestLength(algorithm, encode string) int {
	a, known := algorithms[algorithm]
	if !known {
		return 0
	}
	switch size := a.new().Size(); encode {
	case "hex", "hex-upper":
		return hex.EncodedLen(size)
	case "base64":
		return base64.StdEncoding.EncodedLen(size)
	}
	return 0
}

func encode(dst, sum []byte, as string) []byte {
	switch as {
	case "base64":
		return base64.StdEncoding.AppendEncode(dst, sum)
	case "hex-upper":
		for _, c := range sum {
			dst = append(dst, "0123456789ABCDEF"[c>>4], "0123456789ABCDEF"[c&15])
		}
		return dst
	}
	return hex.AppendEncode(dst, sum)
}

// Key makes the MAC's key of a secret's text as the clause says: the prefix is
// taken off where it is there, the rest decoded. Base64 may lack its padding.
// The error never holds the secret.
func Key(k schemas.Key, secret []byte) ([]byte, error) {
	text := strings.TrimPrefix(string(secret), k.Strip)
	switch k.Decode {
	case "base64":
		key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
		if err != nil {
			return nil, fmt.Errorf("the secret is not base64 behind %q, as this contract wants it", k.Strip)
		}
		return key, nil
	case "hex":
		key, err := hex.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("the secret is not hex behind %q, as this contract wants it", k.Strip)
		}
		return key, nil
	}
	return []byte(text), nil
}

// Key makes the MAC's key of a secret's text by the contract's clause.
func (s *Scheme) Key(secret []byte) ([]byte, error) { return Key(s.contract.Signing.Key, secret) }
