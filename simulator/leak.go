package simulator

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/hookstone/hookstone/simulator/fault"
	"github.com/hookstone/hookstone/simulator/wire"
)

// telling is the least length of a secret whose appearance in an answer is
// taken for a leak and not for chance.
const telling = 8

// seal notes what the answer gave away and blots it out, with every secret.
func (s *Sender) seal(a *Attempt, draft *fault.Draft, out wire.Outcome) {
	key := s.Provider.Contract.Signing.Key
	heard := heard(out)
	if len(s.Secret) >= telling && len(heard) > 0 {
		a.LeakedSecret = NewRedactor(key, s.Secret).Holds(heard)
	}
	if shown := s.shown(draft, heard); len(shown) > 0 {
		a.LeakedSignature = true
		(&Redactor{forms: tidy(shown)}).leaked(a)
	}
	redactor := s.Redactor
	if redactor == nil {
		redactor = NewRedactor(key, s.Secret)
	}
	redactor.Attempt(a)
	if draft.Key == "retired" {
		NewRedactor(key, draft.Secrets...).Attempt(a)
	}
}

// leaked blots out of what came back alone: what was sent was no secret.
func (r *Redactor) leaked(a *Attempt) {
	if a.Answer != nil {
		r.message(a.Answer)
	}
	if a.Error != nil {
		a.Error.Message = r.String(a.Error.Message)
	}
}

// heard is all text of an answer, whole or partial.
func heard(out wire.Outcome) []byte {
	var b []byte
	for _, r := range []*wire.Response{out.Response, out.Partial} {
		if r == nil {
			continue
		}
		b = append(append(b, r.Reason...), '\n')
		for _, f := range slices.Concat(r.Fields, r.Trailers) {
			b = append(append(append(append(b, f.Name...), ": "...), f.Value...), '\n')
		}
		b = append(append(b, r.Body...), '\n')
	}
	if out.Err != nil {
		b = append(b, out.Err.Error()...)
	}
	return b
}

// shown are the spellings of right signatures that the answer holds although
// the delivery did not.
func (s *Sender) shown(draft *fault.Draft, heard []byte) [][]byte {
	if len(heard) == 0 || draft.Request.Raw != nil {
		return nil
	}
	scheme, err := s.Scheme()
	if err != nil {
		return nil
	}
	digests, err := scheme.Expected(draft.Request.Fields, draft.Request.Body, s.Secret)
	if err != nil {
		// The time that a receiver needs is not there; it may have taken ours.
		m := draft.Material
		m.Body = draft.Request.Body
		if digests, err = scheme.ExpectedOf(m, s.Secret); err != nil {
			return nil
		}
	}
	var told strings.Builder
	for _, f := range draft.Request.Fields {
		told.WriteString(f.Value + "\n")
	}
	lowerTold, lowerHeard := strings.ToLower(told.String()), bytes.ToLower(heard)
	var shown [][]byte
	for _, d := range digests {
		lower := hex.EncodeToString(d)
		forms := []string{base64.RawStdEncoding.EncodeToString(d), base64.RawURLEncoding.EncodeToString(d)}
		if strings.Contains(lowerTold, lower) || slices.ContainsFunc(forms, func(f string) bool { return strings.Contains(told.String(), f) }) {
			continue
		}
		if i := bytes.Index(lowerHeard, []byte(lower)); i >= 0 {
			shown = append(shown, []byte(lower), []byte(strings.ToUpper(lower)), heard[i:i+len(lower)])
		}
		for _, f := range forms {
			if bytes.Contains(heard, []byte(f)) {
				shown = append(shown, []byte(f))
			}
		}
	}
	return shown
}
