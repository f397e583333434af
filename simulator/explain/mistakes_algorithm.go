package explain

import (
	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
)

const (
	algorithmFix = "Encode and compute the digest as the document says."
	contentFix   = "Build the signed content as the document says, every part and separator of it."
	stampFix     = "Sign the timestamp as it is written in the delivery, in the same unit and spelling."
)

// algorithmMistakes make the digest in another way.
func algorithmMistakes() []mistake {
	var out []mistake
	add := func(name, label string, rank int, sendable bool) {
		m := mistake{id: "algorithm." + name, label: label, fix: algorithmFix, family: ofAlgorithm, rank: rank,
			apply: func(_ *scene, r recipe) []recipe {
				if r.how == name {
					return nil
				}
				r.how = name
				return []recipe{r}
			}}
		if sendable {
			m.fault = func(c *schemas.Contract) (fault.Fault, bool) {
				s, ok := mainSignature(c)
				return fault.Algorithm(name), ok && s.Algorithm != name
			}
		}
		out = append(out, m)
	}
	add("hmac-sha1", "signed with HMAC-SHA1", usual, true)
	add("hmac-sha512", "signed with HMAC-SHA512", usual, true)
	add("hmac-sha256", "signed with HMAC-SHA256", usual, true)
	add("hmac-sha384", "signed with HMAC-SHA384", rare, true)
	add("hmac-md5", "signed with HMAC-MD5", rare, true)
	add("sha256", "signed with SHA-256 without the secret", usual, true)
	add("sha256(secret+content)", "signed with SHA-256 of the secret and the content", usual, false)
	add("sha256(content+secret)", "signed with SHA-256 of the content and the secret", usual, false)
	add("hmac-sha256(content,secret)", "signed with the secret and the content swapped", usual, false)
	add("sha1", "signed with SHA-1 without the secret", rare, true)
	add("sha512", "signed with SHA-512 without the secret", rare, true)
	add("md5", "signed with MD5 without the secret", rare, true)
	add("sha1(secret+content)", "signed with SHA-1 of the secret and the content", rare, false)
	add("md5(secret+content)", "signed with MD5 of the secret and the content", rare, false)
	return out
}
