package explain

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/sign"
)

const (
	trimFix   = "The two secrets differ only at their ends: trim the configured value, or take the line break out of its file."
	wholeFix  = "Take the whole secret for the key, its prefix included, as the contract does."
	prefixFix = "The signature's secret begins with whsec_ and the one given does not: use the same text on both sides."
	decodeFix = "Make the key of the secret's text as the document says: whether it is decoded is part of the recipe."
	quoteFix  = "Take the quotes out of the configured value: an .env file or a shell kept them."
	unsetFix  = "The secret is not configured where the signature is made: fail at start-up when it is unset."
)

// key makes a mistake of a function on the secret's text, whose result is the
// MAC's key.
func key(id string, rank int, label, fix string, alter func(secret string) (string, bool)) mistake {
	m := mistake{id: "secret." + id, label: label, fix: fix, family: ofKey, rank: rank}
	m.apply = func(_ *scene, r recipe) []recipe {
		// r.key is the contract's key of the text, or what an earlier mistake made.
		out, ok := alter(string(r.key))
		if !ok || out == string(r.key) {
			return nil
		}
		r.key = []byte(out)
		return []recipe{r}
	}
	m.fault = func(*schemas.Contract) (fault.Fault, bool) {
		return fault.Fault{Name: "explain." + m.id, Summary: "is " + label, Stage: fault.InSigner, Apply: func(d *fault.Draft) error {
			if len(d.Secrets) == 0 {
				return &fault.NotApplicable{Reason: "there is no secret"}
			}
			right, err := sign.Key(d.Contract.Signing.Key, d.Secrets[0])
			if err != nil {
				return err
			}
			out, ok := alter(string(right))
			if !ok || out == string(right) {
				return &fault.NotApplicable{Reason: "the secret leaves it nothing to change"}
			}
			d.Secrets, d.Key, d.Mistakes.RawKey = [][]byte{[]byte(out)}, "a variant of the configured one", true
			return nil
		}}, true
	}
	return m
}

// ofText makes a mistake of a function on the secret's text as it was given,
// under contracts that make the key of it by more than taking its bytes.
func ofText(id string, rank int, label, fix string, alter func(k schemas.Key, secret string) (string, bool)) mistake {
	m := mistake{id: "secret." + id, label: label, fix: fix, family: ofKey, rank: rank}
	m.apply = func(s *scene, r recipe) []recipe {
		out, ok := alter(r.contract.Signing.Key, string(s.secret))
		if !ok || out == string(r.key) {
			return nil
		}
		r.key = []byte(out)
		return []recipe{r}
	}
	m.fault = func(c *schemas.Contract) (fault.Fault, bool) {
		if decodes(c.Signing.Key) == "" && c.Signing.Key.Strip == "" {
			return fault.Fault{}, false
		}
		return fault.Fault{Name: "explain." + m.id, Summary: "is " + label, Stage: fault.InSigner, Apply: func(d *fault.Draft) error {
			if len(d.Secrets) == 0 {
				return &fault.NotApplicable{Reason: "there is no secret"}
			}
			out, ok := alter(d.Contract.Signing.Key, string(d.Secrets[0]))
			if right, err := sign.Key(d.Contract.Signing.Key, d.Secrets[0]); err != nil || !ok || out == string(right) {
				return &fault.NotApplicable{Reason: "the secret leaves it nothing to change"}
			}
			d.Secrets, d.Key, d.Mistakes.RawKey = [][]byte{[]byte(out)}, "a variant of the configured one", true
			return nil
		}}, true
	}
	return m
}

// decodes is the key clause's decoding; "" for the text's own bytes.
func decodes(k schemas.Key) string {
	if k.Decode == "utf-8" {
		return ""
	}
	return k.Decode
}

func behind(s string) func(string) (string, bool) {
	return func(secret string) (string, bool) { return secret + s, true }
}

func around(s string) func(string) (string, bool) {
	return func(secret string) (string, bool) { return s + secret + s, true }
}

func fixedKey(s string) func(string) (string, bool) {
	return func(string) (string, bool) { return s, true }
}

// stripped takes a prefix such as whsec_ off a secret.
func stripped(secret string) (string, bool) {
	i := strings.IndexByte(secret, '_')
	if i < 1 || i > 12 || i == len(secret)-1 {
		return "", false
	}
	return secret[i+1:], true
}

func fromBase64(secret string) (string, bool) {
	text := strings.TrimRight(secret, "=")
	for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if b, err := e.DecodeString(text); err == nil && len(b) > 0 {
			return string(b), true
		}
	}
	return "", false
}

func fromHex(secret string) (string, bool) {
	b, err := hex.DecodeString(secret)
	return string(b), err == nil && len(b) > 0
}

// keyMistakes sign with something made of the secret.
func keyMistakes() []mistake {
	return []mistake{
		key("newline", likely, "signed with the secret and a line break behind it", trimFix, behind("\n")),
		key("trimmed", likely, "signed with the secret without white space around it", trimFix, func(s string) (string, bool) {
			t := strings.TrimSpace(s)
			return t, t != ""
		}),
		key("stripped", likely, "signed with the secret without its prefix", wholeFix, stripped),
		key("base64", likely, "signed with the secret base64-decoded", decodeFix, fromBase64),
		key("hex", likely, "signed with the secret hex-decoded", decodeFix, fromHex),
		key("stripped-base64", likely, "signed with the secret without its prefix, base64-decoded", decodeFix, func(s string) (string, bool) {
			s, ok := stripped(s)
			if !ok {
				return "", false
			}
			return fromBase64(s)
		}),
		ofText("undecoded", likely, "signed with the secret's text as it is", decodeFix, func(_ schemas.Key, s string) (string, bool) { return s, true }),
		ofText("undecoded-stripped", likely, "signed with the secret's text without its prefix, not decoded", decodeFix, func(k schemas.Key, s string) (string, bool) {
			return strings.CutPrefix(s, k.Strip)
		}),
		ofText("prefix-decoded", rare, "signed with the secret decoded with its prefix", decodeFix, func(k schemas.Key, s string) (string, bool) {
			return fromBase64(strings.ReplaceAll(s, "_", "/"))
		}),
		key("prefixed", usual, "signed with whsec_ before the secret", prefixFix, func(s string) (string, bool) { return "whsec_" + s, !strings.HasPrefix(s, "whsec_") }),
		key("crlf", usual, "signed with the secret and CRLF behind it", trimFix, behind("\r\n")),
		key("space-behind", usual, "signed with the secret and a space behind it", trimFix, behind(" ")),
		key("space-before", usual, "signed with the secret and a space before it", trimFix, func(s string) (string, bool) { return " " + s, true }),
		key("quoted", usual, `signed with the secret within double quotes`, quoteFix, around(`"`)),
		key("single-quoted", usual, "signed with the secret within single quotes", quoteFix, around("'")),
		key("unquoted", usual, "signed with the secret without the quotes around it", quoteFix, func(s string) (string, bool) {
			if len(s) < 3 || s[0] != s[len(s)-1] || s[0] != '"' && s[0] != '\'' {
				return "", false
			}
			return s[1 : len(s)-1], true
		}),
		key("encoded-base64", rare, "signed with the secret in base64", decodeFix, func(s string) (string, bool) {
			return base64.StdEncoding.EncodeToString([]byte(s)), true
		}),
		key("encoded-hex", rare, "signed with the secret in hex", decodeFix, func(s string) (string, bool) { return hex.EncodeToString([]byte(s)), true }),
		key("upper", rare, "signed with the secret in upper case", "Keep the secret's letters as they are.", func(s string) (string, bool) { return strings.ToUpper(s), true }),
		key("lower", rare, "signed with the secret in lower case", "Keep the secret's letters as they are.", func(s string) (string, bool) { return strings.ToLower(s), true }),
		key("empty", usual, "signed with an empty secret", unsetFix, fixedKey("")),
		key("undefined", usual, "signed with the text undefined for the secret", unsetFix, fixedKey("undefined")),
		key("null", usual, "signed with the text null for the secret", unsetFix, fixedKey("null")),
		key("none", usual, "signed with the text None for the secret", unsetFix, fixedKey("None")),
		published(),
	}
}

// published signs with a secret that is printed in a document, or a placeholder.
func published() mistake {
	return mistake{id: "secret.published", label: "signed with a secret that a document prints", family: ofKey, rank: usual,
		fix: "Take the sample's secret out of the code, and configure the one that the provider issued.",
		apply: func(s *scene, r recipe) []recipe {
			var out []recipe
			texts := append(fault.CommonSecrets(), s.published...)
			for _, d := range r.contract.Documents {
				texts = append(texts, d.Secrets...)
			}
			for _, text := range texts {
				guess, err := sign.Key(r.contract.Signing.Key, []byte(text))
				if err != nil {
					guess = []byte(text)
				}
				if bytes.Equal(guess, r.key) {
					continue
				}
				c := r
				c.key = guess
				out = append(out, c)
			}
			return out
		}}
}
