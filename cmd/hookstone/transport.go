package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/hookstone/hookstone/simulator/wire"
	"github.com/spf13/pflag"
	"golang.org/x/net/http/httpguts"
)

// transportFlags are what a gateway in front of a staging receiver asks for.
type transportFlags struct {
	header, headerEnv             []string
	caCert, clientCert, clientKey string
	extra                         []wire.Field
	variables                     map[string]string // header name → variable, for printed commands
	tlsConfig                     *tls.Config
}

func (t *transportFlags) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&t.header, "header", nil, "header to send with every delivery, as `'Name: value'` (repeatable)")
	f.StringArrayVar(&t.headerEnv, "header-env", nil, "the same with a value from the environment, as `'Name=VARIABLE'`")
	f.StringVar(&t.caCert, "cacert", "", "PEM `file` of certificates to trust for https, instead of the system's")
	f.StringVar(&t.clientCert, "client-cert", "", "PEM `file` with a client certificate")
	f.StringVar(&t.clientKey, "client-key", "", "PEM `file` with its key")
}

// check reads the files and variables that the flags name.
func (t *transportFlags) check() error {
	t.variables = map[string]string{}
	for _, line := range t.header {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return usagef("write --header 'Name: value'", "--header has no colon")
		}
		if err := t.add("--header", name, strings.TrimSpace(value)); err != nil {
			return err
		}
	}
	for _, line := range t.headerEnv {
		name, variable, ok := strings.Cut(line, "=")
		if !ok {
			return usagef("write --header-env 'Authorization=STAGING_TOKEN'", "--header-env %q has no equals sign", line)
		}
		value, err := fromVariable("--header-env", variable)
		if err != nil {
			return err
		}
		if err := t.add("--header-env", name, string(value)); err != nil {
			return err
		}
		t.variables[name] = variable
	}
	return t.loadTLS()
}

func (t *transportFlags) add(flag, name, value string) error {
	if !httpguts.ValidHeaderFieldName(name) {
		return usagef("", "%s: %q is not a header name", flag, name)
	}
	if !httpguts.ValidHeaderFieldValue(value) {
		return usagef("", "%s: the value of %s holds characters that a header cannot", flag, name)
	}
	t.extra = append(t.extra, wire.Field{Name: name, Value: value})
	return nil
}

func (t *transportFlags) loadTLS() error {
	if (t.clientCert == "") != (t.clientKey == "") {
		return usagef("give both", "--client-cert and --client-key belong together")
	}
	if t.caCert == "" && t.clientCert == "" {
		return nil
	}
	t.tlsConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if t.caCert != "" {
		pem, err := os.ReadFile(t.caCert)
		if err != nil {
			return usage(fmt.Errorf("--cacert: %w", err), "")
		}
		t.tlsConfig.RootCAs = x509.NewCertPool()
		if !t.tlsConfig.RootCAs.AppendCertsFromPEM(pem) {
			return usage(errors.New("--cacert "+t.caCert+": no PEM certificate in it"), "")
		}
	}
	if t.clientCert != "" {
		pair, err := tls.LoadX509KeyPair(t.clientCert, t.clientKey)
		if err != nil {
			return usage(fmt.Errorf("--client-cert %s: %w", t.clientCert, err), "")
		}
		t.tlsConfig.Certificates = []tls.Certificate{pair}
	}
	return nil
}

// reproduce spells the flags for a command that anyone may read: values of
// headers are left for the reader to fill in.
func (t *transportFlags) reproduce() []string {
	var words []string
	for _, line := range t.header {
		name, _, _ := strings.Cut(line, ":")
		words = append(words, "--header", name+": …")
	}
	for _, line := range t.headerEnv {
		words = append(words, "--header-env", line)
	}
	for _, f := range []struct{ name, value string }{
		{"--cacert", t.caCert}, {"--client-cert", t.clientCert}, {"--client-key", t.clientKey},
	} {
		if f.value != "" {
			words = append(words, f.name, f.value)
		}
	}
	return words
}
