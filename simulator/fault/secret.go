package fault

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/jsondoc"
	"github.com/hookstone/hookstone/simulator/sign"
)

// substitute signs with another secret. It is not applicable where that is
// the configured one.
func substitute(name, key, summary string, secret func(*Draft) []byte) Fault {
	return Fault{Name: name, Summary: summary, Stage: InSigner, Apply: func(d *Draft) error {
		guess := secret(d)
		for _, configured := range d.Secrets {
			if bytes.Equal(guess, configured) {
				return notApplicable("it is the configured secret")
			}
		}
		rule := d.Contract.Signing.Key
		guessKey, err := sign.Key(rule, guess)
		// A guess that the contract's key clause cannot read serves as the
		// key's bytes.
		d.Mistakes.RawKey = err != nil
		if len(d.Secrets) > 0 && err == nil {
			if right, err := sign.Key(rule, d.Secrets[0]); err == nil && bytes.Equal(right, guessKey) {
				return notApplicable("it makes the same key as the configured secret")
			}
		}
		d.Secrets, d.Key = [][]byte{guess}, key
		return nil
	}}
}

// AnotherSecret signs with a secret of the contract's form that nobody was given.
func AnotherSecret() Fault {
	return substitute("secret.another", "another", "is signed with another secret", func(d *Draft) []byte {
		sum := sha256.Sum256([]byte("another secret for " + d.Event.ID))
		k := d.Contract.Signing.Key
		if k.Decode == "base64" {
			return []byte(k.Strip + base64.StdEncoding.EncodeToString(sum[:24]))
		}
		return []byte(k.Strip + hex.EncodeToString(sum[:24]))
	})
}

// EmptySecret signs with the empty secret, as a receiver would verify whose
// configuration is missing.
func EmptySecret() Fault {
	return substitute("secret.empty", "empty", "is signed with the empty secret", func(*Draft) []byte { return []byte{} })
}

// BlankSecret signs with a space.
func BlankSecret() Fault {
	return substitute("secret.blank", "blank", "is signed with a space", func(*Draft) []byte { return []byte(" ") })
}

// PublishedSecret signs with a secret that everybody knows: printed in a
// document, or a common placeholder.
func PublishedSecret(secret string) Fault {
	return substitute("secret.published("+secret+")", "published", "is signed with the published secret "+secret, func(*Draft) []byte { return []byte(secret) })
}

// RetiredSecret signs with a secret that was replaced.
func RetiredSecret(secret []byte) Fault {
	return substitute("secret.retired", "retired", "is signed with the retired secret", func(*Draft) []byte { return secret })
}

// CommonSecrets are placeholders that are left in configurations.
func CommonSecrets() []string { return []string{"secret", "changeme", "undefined", "null"} }

// Algorithm signs with another algorithm: hmac-sha1, hmac-sha512, hmac-md5 …,
// or a digest without a key (sha256, md5 …), which anybody can make. It is not
// applicable where it is the contract's own.
func Algorithm(name string) Fault {
	return Fault{Name: "signature.algorithm(" + name + ")", Summary: "is signed with " + name, Stage: InSigner, Apply: func(d *Draft) error {
		right, err := main(d.Contract)
		if err != nil {
			return err
		}
		if right.Algorithm == name {
			return notApplicable("%s is the contract's algorithm", name)
		}
		if !strings.HasPrefix(name, "hmac-") {
			d.Key = "none"
		}
		d.Mistakes.Algorithm = name
		return nil
	}}
}

// Encoding spells the digest in another encoding: hex, hex-upper or base64.
func Encoding(name string) Fault {
	return Fault{Name: "signature.encoding(" + name + ")", Summary: "spells the digest in " + name, Stage: InSigner, Apply: func(d *Draft) error {
		right, err := main(d.Contract)
		if err != nil {
			return err
		}
		if right.Encode == name {
			return notApplicable("%s is the contract's encoding", name)
		}
		d.Mistakes.Encode = name
		return nil
	}}
}

// Content signs other content than the contract says. It is not applicable
// where the template is the contract's own.
func Content(name string, content schemas.Template) Fault {
	return Fault{Name: "signature.content(" + name + ")", Summary: "signs other content: " + content.Text, Stage: InSigner, Apply: func(d *Draft) error {
		right, err := main(d.Contract)
		if err != nil {
			return err
		}
		if right.Content.Text == content.Text {
			return notApplicable("it is the contract's own content")
		}
		d.Mistakes.Content = &content
		return nil
	}}
}

// SignedAs signs over the body as a receiver would spell it that serialises
// the body anew in some language, and sends it as it is: it tells whether the
// receiver does. It is not applicable where the bytes are the same.
func SignedAs(style jsondoc.Style) Fault {
	return SignedOver(style.Name, func(body []byte) ([]byte, error) {
		doc, err := jsondoc.Parse(body)
		return doc.Spell(style), err
	})
}

// SignedOver signs over other bytes than the ones sent, made of them by a
// function. It is not applicable where the bytes are the same or the function
// fails.
func SignedOver(name string, alter func(body []byte) ([]byte, error)) Fault {
	return Fault{Name: "signature.over(" + name + ")", Summary: "is signed over the body altered: " + name, Stage: InSigner, Apply: func(d *Draft) error {
		body, err := alter(d.Material.Body)
		if err != nil {
			return notApplicable("%v", err)
		}
		if bytes.Equal(body, d.Material.Body) {
			return notApplicable("the bytes are the same")
		}
		d.Mistakes.Body = body
		return nil
	}}
}

// SiblingScheme signs by another contract of the same platform, with that
// contract's headers.
func SiblingScheme(other *schemas.Contract) Fault {
	return Fault{Name: "signature.sibling(" + other.Provider + ")", Summary: "is signed by a sibling contract, under its headers", Stage: InSigner, Apply: func(d *Draft) error {
		scheme, err := sign.Compile(other)
		if err != nil {
			return err
		}
		right, err := main(d.Contract)
		if err != nil {
			return err
		}
		theirs, err := main(other)
		if err != nil {
			return err
		}
		if sameRecipe(right, theirs) && sameHeaders(d.Contract, other) {
			return notApplicable("the sibling signs alike")
		}
		d.Scheme = scheme
		return nil
	}}
}

// SiblingContent signs what a sibling contract signs, under this contract's
// own headers.
func SiblingContent(other *schemas.Contract) Fault {
	return Fault{Name: "signature.sibling-content(" + other.Provider + ")", Summary: "signs what a sibling contract signs, under the right header", Stage: InSigner, Apply: func(d *Draft) error {
		right, err := main(d.Contract)
		if err != nil {
			return err
		}
		theirs, err := main(other)
		if err != nil {
			return err
		}
		if sameRecipe(right, theirs) {
			return notApplicable("the sibling signs the same content")
		}
		content := theirs.Content
		d.Mistakes.Algorithm, d.Mistakes.Encode, d.Mistakes.Content = theirs.Algorithm, theirs.Encode, &content
		if d.Contract.Time.At.Header == "" && !d.Material.TimestampSet {
			d.Material.Timestamp, d.Material.TimestampSet = string(sign.AppendTime(nil, other.Time.Form, d.Material.At)), true
		}
		return nil
	}}
}

func sameRecipe(a, b schemas.Signature) bool {
	return a.Algorithm == b.Algorithm && a.Encode == b.Encode && a.Content.Text == b.Content.Text
}

func sameHeaders(a, b *schemas.Contract) bool {
	if len(a.Signing.Headers) != len(b.Signing.Headers) {
		return false
	}
	for i, h := range a.Signing.Headers {
		if h.Name != b.Signing.Headers[i].Name || len(h.Value) != len(b.Signing.Headers[i].Value) {
			return false
		}
	}
	return true
}

// Unsigned leaves out every header that carries a signature; headers that
// carry the time or the identity alone stay.
func Unsigned() Fault {
	return Fault{Name: "signature.missing", Summary: "carries no signature", Stage: InSigner, Apply: func(d *Draft) error {
		d.Unsigned, d.Key = true, "none"
		return nil
	}}
}
