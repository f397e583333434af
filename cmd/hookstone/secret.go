package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/hookstone/hookstone/schemas"
	"github.com/spf13/pflag"
)

// The variables in which a receiver started by --exec finds the run's secret;
// the first is also where Hookstone looks when no flag names another place.
const (
	secretVariable      = "HOOKSTONE_SECRET"
	childSecretVariable = "WEBHOOK_SECRET"
)

// secretFlags say where the signing secret lies. It is never an argument.
type secretFlags struct {
	env, file string
}

func (s *secretFlags) flags(f *pflag.FlagSet) {
	f.StringVar(&s.env, "secret-env", "", "environment `variable` that holds the signing secret (default "+secretVariable+")")
	f.StringVar(&s.file, "secret-file", "", "`file` that holds the signing secret (one newline at its end is dropped)")
}

const secretHint = "put it into the environment: export " + secretVariable + "=…  (or --secret-env NAME, --secret-file FILE)"

// given returns the secret that the user named, nil where none was.
func (s *secretFlags) given() ([]byte, error) {
	switch {
	case s.env != "" && s.file != "":
		return nil, usagef("keep one of the two", "--secret-env and --secret-file are both given")
	case s.env != "":
		return fromVariable("--secret-env", s.env)
	case s.file != "":
		text, err := os.ReadFile(s.file)
		if err != nil {
			return nil, usage(fmt.Errorf("--secret-file: %w", err), secretHint)
		}
		secret := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
		if secret == "" {
			return nil, usagef(secretHint, "--secret-file %q is empty", s.file)
		}
		return []byte(secret), nil
	}
	if secret := os.Getenv(secretVariable); secret != "" {
		return []byte(secret), nil
	}
	return nil, nil
}

// needed returns the secret, and a usage error where none was named.
func (s *secretFlags) needed() ([]byte, error) {
	secret, err := s.given()
	if err == nil && secret == nil {
		err = usagef(secretHint, "no signing secret: %s is not set", secretVariable)
	}
	return secret, err
}

// reproduce spells the flags for a command that anyone may read.
func (s *secretFlags) reproduce() []string {
	switch {
	case s.env != "":
		return []string{"--secret-env", s.env}
	case s.file != "":
		return []string{"--secret-file", s.file}
	}
	return nil
}

var variableName = regexp.MustCompile(`^[A-Z_][A-Z0-9_]{0,63}$`)

// fromVariable reads a secret from an environment variable that a flag names.
// The name is quoted only where it cannot be a secret that was given by mistake.
func fromVariable(flag, name string) ([]byte, error) {
	secret := os.Getenv(name)
	switch {
	case secret != "":
		return []byte(secret), nil
	case !variableName.MatchString(name):
		return nil, usagef("give the variable's name, never the secret itself: "+flag+" NAME",
			"the environment variable that %s names is not set", flag)
	}
	return nil, usagef("set it first: export "+name+"=…", "%s: the environment variable %q is not set", flag, name)
}

// drawSecret makes a fresh secret of the form that the contract's key has.
func drawSecret(k schemas.Key) []byte {
	random := make([]byte, 32)
	rand.Read(random) // never fails (crypto/rand)
	if k.Decode == "base64" {
		return []byte(k.Strip + base64.StdEncoding.EncodeToString(random))
	}
	return []byte(k.Strip + k.Issued + hex.EncodeToString(random))
}
