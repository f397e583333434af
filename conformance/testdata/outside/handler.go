// Package mine is a project of somebody else, with a receiver of its own.
package mine

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
)

// Receive takes deliveries; a careless one does not look at the signature.
func Receive(secret string, careless bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4<<20))
		if err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		want := "sha256=" + hex.EncodeToString(mac.Sum(nil))
		if !careless && !hmac.Equal([]byte(want), []byte(r.Header.Get("X-Usmewe-Signature"))) {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
}
