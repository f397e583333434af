package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// defaultPath is where a receiver started by --exec is asked when no --target
// says otherwise.
const defaultPath = "/webhooks"

// targetFlags say which receiver is meant, and which hosts may be sent to.
type targetFlags struct {
	target    string
	exec      string
	allowHost []string
	timeout   time.Duration
}

func (t *targetFlags) flags(f *pflag.FlagSet) {
	f.StringVar(&t.target, "target", "", "the receiver's `URL`; with --exec it may hold {port}")
	f.StringVar(&t.exec, "exec", "", "`command` that starts the receiver; {port} in it, and PORT in its environment, is a free port (default target: http://127.0.0.1:{port}"+defaultPath+")")
	f.StringArrayVar(&t.allowHost, "allow-host", nil, "a `host` beside loopback that may be sent to (repeatable)")
	f.DurationVar(&t.timeout, "timeout", 0, "how long to wait for a connection, and for an answer where the contract's deadline does not say (default 5s and 10s)")
}

// check finds every mistake that can be found without a packet or a process.
func (t *targetFlags) check() error {
	if t.target == "" && t.exec == "" {
		return usagef("name it: --target http://127.0.0.1:3000/webhooks  (or start it: --exec 'node app.js')",
			"no receiver: neither --target nor --exec is given")
	}
	if t.timeout < 0 {
		return usagef("", "--timeout %s is negative", t.timeout)
	}
	for _, host := range t.allowHost {
		if host == "" || strings.ContainsAny(host, "/@ ") {
			return usagef("give the host alone: --allow-host staging.example.com", "--allow-host %q is not a host name", host)
		}
	}
	if t.exec != "" {
		if words, err := splitWords(t.exec); err != nil {
			return usage(fmt.Errorf("--exec: %w", err), "")
		} else if len(words) == 0 {
			return usagef("", "--exec is empty")
		}
	}
	_, err := t.url(1)
	return err
}

// url returns the target with {port} replaced, if it may be sent to. It
// resolves no name.
func (t *targetFlags) url(port int) (*url.URL, error) {
	text := t.target
	if text == "" {
		text = "http://127.0.0.1:{port}" + defaultPath
	}
	if t.exec != "" {
		text = strings.ReplaceAll(text, "{port}", fmt.Sprint(port))
	}
	u, err := url.Parse(text)
	if err != nil {
		var parse *url.Error
		if errors.As(err, &parse) {
			err = parse.Err
		}
		return nil, usage(fmt.Errorf("--target %q: %w", text, err), "write it whole: http://127.0.0.1:3000/webhooks")
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, usagef("write it whole: http://127.0.0.1:3000/webhooks", "--target %q: the scheme is neither http nor https", text)
	case u.Hostname() == "":
		return nil, usagef("write it whole: http://127.0.0.1:3000/webhooks", "--target %q: no host", text)
	case u.User != nil:
		return nil, usagef("keep credentials in the environment: --header-env 'Authorization=VARIABLE'", "--target holds credentials")
	case u.Fragment != "":
		return nil, usagef("", "--target %q: a fragment (#%s) is never sent", text, u.Fragment)
	}
	if !loopback(u.Hostname()) && !t.allowed(u.Hostname()) {
		return nil, usagef("Hookstone sends forgeries: if the host is yours, say --allow-host "+u.Hostname(),
			"the target's host %q is not loopback and not allowed; nothing was sent", u.Hostname())
	}
	return u, nil
}

// allowed tells whether the user named the host.
func (t *targetFlags) allowed(host string) bool {
	for _, named := range t.allowHost {
		if strings.EqualFold(strings.Trim(named, "[]"), host) {
			return true
		}
	}
	return false
}

// loopback tells whether a host is this machine without asking any resolver:
// localhost and what lies below it (RFC 6761 section 6.3), and addresses that
// are loopback as they are written.
func loopback(host string) bool {
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(name)
	return err == nil && address.Unmap().IsLoopback()
}

// hostPort is where the target listens.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
