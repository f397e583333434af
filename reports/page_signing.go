package reports

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookstone/hookstone/schemas"
	"github.com/hookstone/hookstone/simulator/sign"
)

// SigningSteps is the recipe of the signature, as a receiver would follow it.
func SigningSteps(c *schemas.Contract) []string {
	k := c.Signing.Key
	key := "Take the secret's bytes, whole, for the key."
	decode := k.Decode != "" && k.Decode != "utf-8"
	switch {
	case k.Strip != "" && decode:
		key = fmt.Sprintf("Take %q off the secret and decode the rest as %s: that is the key.", k.Strip, k.Decode)
	case decode:
		key = "Decode the secret as " + k.Decode + ": that is the key."
	case k.Strip != "":
		key = fmt.Sprintf("Take %q off the secret: the rest is the key.", k.Strip)
	}
	body := "Take the raw bytes of the request's body, before any parser touches them: they are {body}."
	if c.Signing.Body == "json-stringify" {
		body = "Parse the body, and spell it again as JSON.stringify does: that is {body}."
	}
	steps := []string{key, body}
	variables := map[string]bool{}
	for _, s := range c.Signing.Signatures {
		for _, v := range s.Content.Vars() {
			variables[v] = true
		}
	}
	if variables["timestamp"] {
		steps = append(steps, "Take {timestamp} as it is written at "+c.Time.At.String()+".")
	}
	if variables["id"] && len(c.Identity.ID) > 0 {
		steps = append(steps, "Take {id} as it is written at "+c.Identity.ID[0].String()+".")
	}
	if variables["type"] {
		steps = append(steps, "Take {type} as it is written at "+c.Identity.Type.String()+".")
	}
	for _, s := range c.Signing.Signatures {
		line := fmt.Sprintf("Compute %s over %s and write it as %s: that is {%s}.", s.Algorithm, s.Content.Text, s.Encode, s.Name)
		if s.Legacy {
			line += " It is kept for old receivers."
		}
		steps = append(steps, line)
	}
	for _, h := range c.Signing.Headers {
		var values []string
		for _, v := range h.Value {
			values = append(values, v.Text)
		}
		line := "Compare, in constant time, with the header " + h.Name + ": " + strings.Join(values, h.Separator)
		if !slices.ContainsFunc(c.Signing.Signatures, func(s schemas.Signature) bool { return strings.Contains(line, "{"+s.Name+"}") }) {
			line = "Expect the header " + h.Name + ": " + strings.Join(values, h.Separator)
		}
		for _, other := range h.Alternatives {
			var values []string
			for _, v := range other {
				values = append(values, v.Text)
			}
			line += " (the document can be read to send " + strings.Join(values, h.Separator) + " too)"
		}
		steps = append(steps, line)
	}
	if t := c.Time.Tolerance.Duration; t > 0 {
		steps = append(steps, fmt.Sprintf("Refuse what was signed more than %s ago.", short(t)))
	}
	return steps
}

// exampleTime is when the worked example is signed.
var exampleTime = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// exampleSecret is a secret of the contract's form that protects nothing.
func exampleSecret(k schemas.Key) string {
	switch k.Decode {
	case "base64":
		return k.Strip + "ZXhhbXBsZS1zZWNyZXQtb2Ytbm8td29ydGg="
	case "hex":
		return k.Strip + "6578616d706c652d736563726574"
	}
	return k.Strip + "example-secret-of-no-worth"
}

// signing tells the recipe and follows it once.
func signing(p *schemas.Provider) ([]Block, error) {
	c := p.Contract
	blocks := []Block{{Steps: SigningSteps(c)}, {Text: "Source: " + sourceAt(c, "/signing/signatures") + "."}}
	if s := sourceAt(c, "/signing/body"); s != sourceAt(c, "/signing/signatures") {
		blocks = append(blocks, Block{Text: "What is signed of the body: " + s + "."})
	}
	i := slices.IndexFunc(p.Events, func(e *schemas.Event) bool { return !e.Handshake && len(e.Examples) > 0 })
	if i < 0 {
		return blocks, nil
	}
	e := p.Events[i]
	scheme, err := sign.Compile(c)
	if err != nil {
		return nil, err
	}
	secret := exampleSecret(c.Signing.Key)
	m := sign.Material{Body: e.Examples[0], ID: "example-id", Type: e.Type, At: exampleTime}
	scheme.Identify(&m)
	signed, err := scheme.Sign(m, sign.Mistakes{}, []byte(secret))
	if err != nil {
		return nil, fmt.Errorf("worked example of %s: %w", e.Type, err)
	}
	var headers strings.Builder
	for _, f := range signed.Fields {
		headers.WriteString(f.Name + ": " + f.Value + "\n")
	}
	blocks = append(blocks,
		Block{Text: "A worked example, with the event " + e.Type + " and the secret " + secret + ". The body, in one line:"},
		Block{Code: string(e.Examples[0])})
	if bytes.Equal(signed.Base, e.Examples[0]) {
		blocks = append(blocks, Block{Text: fmt.Sprintf("It is the signed content, %d bytes.", len(signed.Base))})
	} else {
		blocks = append(blocks, Block{Text: fmt.Sprintf("The signed content, %d bytes:", len(signed.Base))}, Block{Code: string(signed.Base)})
	}
	blocks = append(blocks, Block{Text: "The headers:"},
		Block{Code: strings.TrimSuffix(headers.String(), "\n")})
	if s := c.Signing.Signatures[0]; strings.HasPrefix(s.Algorithm, "hmac-sha") && s.Encode == "hex" && c.Signing.Key.Decode != "base64" && c.Signing.Key.Decode != "hex" {
		key := strings.TrimPrefix(secret, c.Signing.Key.Strip)
		blocks = append(blocks,
			Block{Text: "The same digest by OpenSSL, of the signed content in a file without a line break at its end:"},
			Block{Code: "openssl dgst -" + strings.TrimPrefix(s.Algorithm, "hmac-") + " -hmac '" + key + "' signed-content"})
	}
	return blocks, nil
}
