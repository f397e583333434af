package conformance

import (
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
)

// signatureDigests: malformed and partly right digests. They run alone, as
// they upset comparisons that expect a certain length or alphabet.
func (s *subject) signatureDigests() []Case {
	partly := func(id, summary string, f fault.Fault) Case {
		return forgery(Case{ID: id, lane: exclusive, Summary: summary,
			Purpose: "A comparison that stops early, or repairs what it reads, lets a digest be guessed piece by piece.",
			probe:   forging(f)})
	}
	malformed := func(id, summary string, probe func(*prober)) Case {
		return forgery(Case{ID: id, lane: exclusive, Summary: summary,
			Purpose: "Anybody can send any header: it must be refused, not crash the receiver.",
			probe:   probe})
	}
	_, prefixed := schemePrefix(s.signingHeader())
	schemeOnly := malformed("scheme-only", "a signature header that holds its prefix and nothing behind is rejected", forging(fault.SchemeOnly()))
	schemeOnly.NotApplicable = only(prefixed, "the header holds a bare digest")
	return []Case{
		malformed("empty", "an empty signature header is rejected", forging(fault.EmptySignature())),
		malformed("blank", "a signature header of spaces is rejected", forging(fault.BlankSignature())),
		schemeOnly,
		malformed("random", "a well-formed digest that is wrong is rejected", forging(fault.RandomDigest())),
		partly("truncated/1", "the first character of the right digest is rejected", fault.Truncated(1)),
		partly("truncated/8", "the first 8 characters of the right digest are rejected", fault.Truncated(8)),
		partly("truncated/32", "the first half of the right digest is rejected", fault.Truncated(32)),
		partly("truncated/63", "the right digest without its last character is rejected", fault.Truncated(63)),
		partly("suffix", "the last part of the right digest is rejected", fault.Suffix()),
		partly("altered/head", "a digest of the right length, right in its first half, is rejected", fault.Altered("head")),
		partly("altered/tail", "a digest of the right length, right in its second half, is rejected", fault.Altered("tail")),
		partly("altered/first", "the right digest with another first character is rejected", fault.Altered("all-but-first")),
		partly("altered/last", "the right digest with another last character is rejected", fault.Altered("all-but-last")),
		partly("extended", "the right digest with more digits behind is rejected", fault.Extended()),
		partly("trailing-garbage", "the right digest with zz behind is rejected", fault.TrailingGarbage()),
		malformed("not-hex", "a digest of the right length that is not in its alphabet is rejected", forging(fault.NotHex())),
		malformed("non-ascii", "bytes above 0x7F in the digest are rejected", forging(fault.NonASCII())),
		malformed("multibyte", "a digest of 64 multi-byte characters is rejected", forging(fault.Multibyte())),
		malformed("control", "control characters in the digest are rejected", refusing(fault.Control())),
		malformed("oversized", "a digest of 8 KiB is rejected", refusing(fault.OversizedDigest())),
	}
}

// signatureSchemes: digests of other making.
func (s *subject) signatureSchemes() []Case {
	weak := func(id string, level Level, summary string, fs ...fault.Fault) Case {
		return forgery(Case{ID: id, Level: level, Summary: summary,
			Purpose: "Only the documented algorithm, over the documented bytes, in the documented encoding, is a signature.",
			Cites:   "/signing/signatures", probe: forgingEach(fs...)})
	}
	sibling := weak("other-contract", Should, "the sibling contract's signature is rejected")
	sibling.probe = probeSiblings
	// Under another header's name the delivery bears no signature of this
	// contract: it may upset a receiver as an unsigned one does.
	sibling.lane = exclusive
	sibling.NotApplicable = only(len(s.siblings) > 0, "the platform has no other contract")
	base64 := weak("base64", Should, "the right digest in another encoding is rejected", otherEncoding(s.contract))
	sha1 := weak("sha1", Should, "an HMAC-SHA1 with the right secret is rejected", fault.Algorithm("hmac-sha1"))
	sha1.NotApplicable = only(!s.hasAlgorithm("hmac-sha1"), "the contract itself signs with HMAC-SHA1")
	sha512 := weak("sha512", Should, "an HMAC-SHA512 with the right secret is rejected", fault.Algorithm("hmac-sha512"))
	sha512.NotApplicable = only(!s.hasAlgorithm("hmac-sha512"), "the contract itself signs with HMAC-SHA512")
	return []Case{
		weak("plain-sha256", Must, "a SHA-256 without a key is rejected", fault.Algorithm("sha256")),
		weak("md5", Must, "an HMAC-MD5 is rejected", fault.Algorithm("hmac-md5")),
		sha1, sha512, base64, sibling, s.algorithmName(), s.unknownScheme(),
	}
}

// algorithmName: a header that names its algorithm ("sha256=…") leaves the
// choice to the sender where the receiver believes it.
func (s *subject) algorithmName() Case {
	prefix, _ := schemePrefix(s.signingHeader())
	named := strings.TrimSuffix(prefix, "=")
	applies := only(named != prefix && strings.HasPrefix(named, "sha"), "the header names no algorithm")
	return forgery(Case{ID: "algorithm-name", Level: Should, lane: exclusive, NotApplicable: applies, Cites: "/signing/signatures",
		Summary: "digests of other algorithms under those algorithms' names are rejected",
		Purpose: "Who takes the algorithm from the delivery lets the sender pick the weakest, or one that does not exist.",
		probe: func(p *prober) {
			if !p.Control() {
				return
			}
			for _, name := range []string{"md5", "sha1", "sha512"} {
				p.Forged(name, fault.Algorithm("hmac-"+name), fault.PrefixRenamed(named, name))
			}
		}})
}

// unknownScheme: what stands before the digest decides whether anything is
// compared at all, where the receiver believes it.
func (s *subject) unknownScheme() Case {
	h := s.signingHeader()
	prefix, ok := schemePrefix(h)
	ok = ok && h.Grammar != "elements" && h.Grammar != "list" // there it is one element among others
	named := strings.TrimSuffix(prefix, "=")
	return forgery(Case{ID: "unknown-scheme", lane: exclusive, NotApplicable: only(ok && named != prefix, "nothing stands before the digest"),
		Summary: "wrong digests without the prefix, and under other prefixes, are rejected",
		Purpose: "A signature in a form that the receiver does not know must not go unchecked.",
		probe: func(p *prober) {
			if !p.Control() {
				return
			}
			for _, name := range []string{"sha999", "none", "md5", "v9"} {
				p.Forged(name+"=", fault.AnotherSecret(), fault.PrefixRenamed(named, name))
			}
			p.Forged("no name", fault.AnotherSecret(), fault.PrefixRenamed(named, ""))
			p.Forged("no prefix", fault.AnotherSecret(), fault.PrefixDropped(named))
		}})
}

func (s *subject) hasAlgorithm(name string) bool {
	for _, sig := range s.contract.Signing.Signatures {
		if sig.Algorithm == name {
			return true
		}
	}
	return false
}

// probeSiblings signs as each other contract of the platform does, with the
// run's own secret.
func probeSiblings(p *prober) {
	if !p.Control() {
		return
	}
	for _, other := range p.run.siblings() {
		p.Forged("as "+other.Provider, fault.SiblingScheme(other))
		p.Forged("over what "+other.Provider+" signs", fault.SiblingContent(other))
	}
}

// otherEncoding spells the digest in base64 where the contract says hex, and
// the other way round.
func otherEncoding(c *schemas.Contract) fault.Fault {
	for _, sig := range c.Signing.Signatures {
		if !sig.Legacy && sig.Encode == "base64" {
			return fault.Encoding("hex")
		}
	}
	return fault.Encoding("base64")
}
